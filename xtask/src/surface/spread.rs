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
/// Keywords with a list of forms.
const UNIONS: [&str; 2] = ["anyOf", "oneOf"];

/// Returns `schemas` and everything behind them. References that lead nowhere go into `broken`.
pub(super) fn spread<'a>(
    document: &'a Document,
    schemas: &[&'a Node],
    broken: &mut Vec<Problem>,
) -> Vec<Part<'a>> {
    let (seen, waiting, parts) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut spread = Spread { document, seen, waiting, parts, forms: 0, broken };
    spread.all(schemas);
    spread.parts
}

/// A schema of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) node: &'a Node,
    /// The number of the form that it belongs to. All schemas of a form hold for the value, and the
    /// forms of a union have different numbers.
    pub(super) form: usize,
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
    waiting: Vec<Part<'a>>,
    parts: Vec<Part<'a>>,
    /// How many forms there are so far.
    forms: usize,
    broken: &'p mut Vec<Problem>,
}

impl<'a> Spread<'a, '_> {
    fn all(&mut self, schemas: &[&'a Node]) {
        let mut first: Vec<_> = schemas.iter().map(|schema| self.new_form(schema)).collect();
        first.reverse();
        self.waiting = first;
        while let Some(part) = self.waiting.pop() {
            if part.node.is_object() && self.seen.insert(&part.node.at) {
                self.parts.push(part);
                let next = self.behind(part);
                self.waiting.extend(next.into_iter().rev());
            }
        }
    }

    fn new_form(&mut self, node: &'a Node) -> Part<'a> {
        self.forms += 1;
        Part { node, form: self.forms }
    }

    /// The schemas behind a part: those that hold as well, and the forms of a union.
    fn behind(&mut self, part: Part<'a>) -> Vec<Part<'a>> {
        let schema = part.node;
        let same: Vec<_> = self.as_well(schema);
        let mut next: Vec<_> = same.into_iter().map(|node| Part { node, ..part }).collect();
        for key in UNIONS {
            let forms = schema.get(key).map(Node::items).unwrap_or_default();
            next.extend(forms.iter().map(|form| self.new_form(form)));
        }
        next.extend(
            self.mapped(schema).into_iter().map(|form| self.new_form(form)).collect::<Vec<_>>(),
        );
        next
    }

    /// The schemas that hold for the same value in the same form.
    fn as_well(&mut self, schema: &'a Node) -> Vec<&'a Node> {
        let mut next = Vec::new();
        if let Some(reference) = schema.get("$ref") {
            match target(self.document, reference) {
                Ok(target) => next.push(target),
                Err(problem) => self.broken.push(problem),
            }
        }
        next.extend(schema.get("allOf").map(Node::items).unwrap_or_default());
        next.extend(SINGLES.iter().filter_map(|key| schema.get(key)));
        let dependent = schema.get("dependentSchemas").map(Node::entries).unwrap_or_default();
        next.extend(dependent.iter().map(|entry| &entry.value));
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
