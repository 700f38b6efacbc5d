//! Finds all schemas that hold for the same value: it follows references and spreads out `allOf`,
//! `anyOf` and `oneOf`. [`super::merged`] says what they add up to.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use crate::load::{Document, Entry, Node};
use crate::problem::{Position, Problem};

/// Keywords with a list of more schemas for the same value.
pub(super) const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords with one more schema for the same value.
pub(super) const SINGLES: [&str; 2] = ["then", "else"];
/// Returns `schemas` and everything behind them. References that lead nowhere go into `broken`.
pub(super) fn spread<'a>(
    document: &'a Document,
    schemas: &[&'a Node],
    broken: &mut Vec<Problem>,
) -> Vec<&'a Node> {
    let (seen, waiting, parts) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut spread = Spread { document, seen, waiting, parts, broken };
    spread.all(schemas);
    spread.parts
}

/// Returns the value that a `$ref` points to, and follows no further reference.
pub(super) fn target<'a>(document: &'a Document, reference: &'a Node) -> Result<&'a Node, Problem> {
    let pointer = reference.as_str().unwrap_or_default();
    let decoded = percent_decode_str(pointer).decode_utf8_lossy();
    let found = decoded.starts_with('#').then(|| document.node_at(&decoded)).flatten();
    found.ok_or_else(|| {
        Problem::error("dangling-ref", format!("`$ref` to `{pointer}`, which is not in this file"))
            .why("its target cannot be compared")
            .fix("put everything that the document refers to into one file")
            .at(&reference.at)
    })
}

/// The state of the spreading. Each schema is taken once, so that cycles end.
struct Spread<'a, 'p> {
    document: &'a Document,
    seen: BTreeSet<&'a Position>,
    /// The schemas that are still to be taken, the next one last. A list instead of recursion,
    /// because a document can have a chain of references of any length.
    waiting: Vec<&'a Node>,
    parts: Vec<&'a Node>,
    broken: &'p mut Vec<Problem>,
}

impl<'a> Spread<'a, '_> {
    fn all(&mut self, schemas: &[&'a Node]) {
        self.waiting.extend(schemas.iter().rev());
        while let Some(schema) = self.waiting.pop() {
            if schema.is_object() && self.seen.insert(&schema.at) {
                self.parts.push(schema);
                let next = self.behind(schema);
                self.waiting.extend(next.into_iter().rev());
            }
        }
    }

    /// The schemas that hold for the same value.
    fn behind(&mut self, schema: &'a Node) -> Vec<&'a Node> {
        let mut next = Vec::new();
        if let Some(reference) = schema.get("$ref") {
            match target(self.document, reference) {
                Ok(target) => next.push(target),
                Err(problem) => self.broken.push(problem),
            }
        }
        for key in LISTS {
            next.extend(schema.get(key).map(Node::items).unwrap_or_default());
        }
        next.extend(SINGLES.iter().filter_map(|key| schema.get(key)));
        let dependent = schema.get("dependentSchemas").map(Node::entries).unwrap_or_default();
        next.extend(dependent.iter().map(|entry| &entry.value));
        next.extend(self.mapped(schema));
        next
    }

    /// Only the mapping of a discriminator names the children of a base class.
    fn mapped(&self, schema: &'a Node) -> Vec<&'a Node> {
        let mapping = schema.get("discriminator").and_then(|by| by.get("mapping"));
        let target = |entry: &Entry| {
            let name = entry.value.as_str().unwrap_or_default();
            let by_name = || self.document.node_at(&format!("#/components/schemas/{name}"));
            self.document.node_at(name).or_else(by_name)
        };
        mapping.map(Node::entries).unwrap_or_default().iter().filter_map(target).collect()
    }
}
