//! Collects all schemas that a value at one place may have: it follows references and spreads out
//! `allOf`, `anyOf` and `oneOf`. [`super::walk`] goes from place to place.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use crate::load::{Document, Entry, Node, Value};
use crate::problem::{Position, Problem};

/// Keywords with a list of more schemas for the same value.
const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords with one more schema for the same value.
const SINGLES: [&str; 2] = ["then", "else"];
/// Keywords with the schema of list items, or a list of such schemas.
const ITEMS: [&str; 3] = ["items", "prefixItems", "contains"];
/// Keywords with the schema of the values under keys that have no name.
const MAPS: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
/// Keywords that restrict the form of a value.
const FORMS: [&str; 6] = ["properties", "patternProperties", "enum", "const", "$ref", "not"];

/// The schemas of one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Merged<'a> {
    parts: Vec<&'a Node>,
}

/// One step from a place to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// To the value of a key.
    Property(&'a str),
    /// To the items of a list.
    Item,
    /// To the values of a map.
    Value,
}

/// A place that is one step further.
#[derive(Debug)]
pub(super) struct Child<'a> {
    pub(super) step: Step<'a>,
    /// Where the key is written, once for each schema with the key.
    pub(super) written: Vec<&'a Position>,
    /// The schemas at that place.
    pub(super) schemas: Vec<&'a Node>,
}

/// A value that `enum` or `const` allows.
#[derive(Debug)]
pub(super) struct Allowed<'a> {
    pub(super) text: String,
    /// Where the schema that allows it is written.
    pub(super) written: &'a Position,
}

impl<'a> Merged<'a> {
    /// Spreads out `schemas`. References that lead nowhere go into `broken`.
    pub(super) fn new(
        document: &'a Document,
        schemas: &[&'a Node],
        broken: &mut Vec<Problem>,
    ) -> Self {
        let mut spread = Spread { document, seen: BTreeSet::new(), parts: Vec::new(), broken };
        schemas.iter().for_each(|schema| spread.add(schema));
        Self { parts: spread.parts }
    }

    /// The places one step further, in the order of the document.
    pub(super) fn children(&self) -> Vec<Child<'a>> {
        let mut children: Vec<Child<'a>> = Vec::new();
        for entry in self.property_entries() {
            let step = Step::Property(&entry.key);
            match children.iter_mut().find(|child| child.step == step) {
                Some(child) => child.add(entry),
                None => children.push(Child::of(step, entry)),
            }
        }
        for step in [Step::Item, Step::Value] {
            let schemas = self.at(step);
            if !schemas.is_empty() {
                children.push(Child { step, written: Vec::new(), schemas });
            }
        }
        children
    }

    /// The schemas one `step` further.
    pub(super) fn at(&self, step: Step<'_>) -> Vec<&'a Node> {
        match step {
            Step::Property(key) => {
                let entries = self.property_entries().filter(|entry| entry.key == key);
                entries.map(|entry| &entry.value).collect()
            }
            Step::Item => self.parts.iter().flat_map(|part| items(part)).collect(),
            Step::Value => self.parts.iter().flat_map(|part| map_values(part)).collect(),
        }
    }

    /// The allowed values; empty if any value is allowed.
    pub(super) fn allowed(&self) -> Vec<Allowed<'a>> {
        self.parts.iter().flat_map(|part| allowed(part)).collect()
    }

    /// Whether one of the schemas is of this type.
    pub(super) fn is_type(&self, name: &str) -> bool {
        self.parts.iter().any(|part| has_type(part, name))
    }

    /// Whether no schema says anything about the value.
    pub(super) fn is_free(&self) -> bool {
        let has_keys = self.property_entries().next().is_some();
        self.parts.is_empty() || (!has_keys && self.parts.iter().any(|part| is_free(part)))
    }

    /// Where the schemas with further steps are written.
    pub(super) fn structure(&self) -> impl Iterator<Item = &'a Position> {
        let leads_on =
            |part: &&&'a Node| {
                ["properties", "patternProperties"].iter().chain(&ITEMS).chain(&MAPS).any(|key| {
                    part.get(key).is_some_and(|value| value.is_object() || value.is_array())
                })
            };
        self.parts.iter().filter(leads_on).map(|part| &part.at)
    }

    /// The same place without some of the schemas.
    pub(super) fn without(mut self, unwanted: impl Fn(&Node) -> bool) -> Self {
        self.parts.retain(|part| !unwanted(part));
        self
    }

    fn property_entries(&self) -> impl Iterator<Item = &'a Entry> {
        let maps = self.parts.iter().filter_map(|part| part.get("properties"));
        maps.flat_map(|properties| properties.entries())
    }
}

impl<'a> Child<'a> {
    fn of(step: Step<'a>, entry: &'a Entry) -> Self {
        Self { step, written: vec![&entry.at], schemas: vec![&entry.value] }
    }

    fn add(&mut self, entry: &'a Entry) {
        self.schemas.push(&entry.value);
        if !self.written.contains(&&entry.at) {
            self.written.push(&entry.at);
        }
    }
}

/// The state of the spreading. Each schema is taken once, so that cycles end.
struct Spread<'a, 'p> {
    document: &'a Document,
    seen: BTreeSet<&'a Position>,
    parts: Vec<&'a Node>,
    broken: &'p mut Vec<Problem>,
}

impl<'a> Spread<'a, '_> {
    fn add(&mut self, schema: &'a Node) {
        if !schema.is_object() || !self.seen.insert(&schema.at) {
            return;
        }
        if let Some(reference) = schema.get("$ref") {
            self.follow(reference);
        }
        self.parts.push(schema);
        for key in LISTS {
            schema.get(key).map(Node::items).unwrap_or_default().iter().for_each(|s| self.add(s));
        }
        for schema in SINGLES.iter().filter_map(|key| schema.get(key)) {
            self.add(schema);
        }
        for entry in schema.get("dependentSchemas").map(Node::entries).unwrap_or_default() {
            self.add(&entry.value);
        }
        self.add_mapped(schema);
    }

    fn follow(&mut self, reference: &'a Node) {
        match target(self.document, reference) {
            Ok(target) => self.add(target),
            Err(problem) => self.broken.push(problem),
        }
    }

    /// Only the mapping of a discriminator names the children of a base class.
    fn add_mapped(&mut self, schema: &'a Node) {
        let mapping = schema.get("discriminator").and_then(|by| by.get("mapping"));
        for entry in mapping.map(Node::entries).unwrap_or_default() {
            let name = entry.value.as_str().unwrap_or_default();
            let by_name = || self.document.node_at(&format!("#/components/schemas/{name}"));
            if let Some(target) = self.document.node_at(name).or_else(by_name) {
                self.add(target);
            }
        }
    }
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

fn items<'a>(part: &'a Node) -> Vec<&'a Node> {
    let found = ITEMS.iter().filter_map(|key| part.get(key));
    let each = |node: &'a Node| match &node.value {
        Value::Array(list) => list.iter().collect(),
        _ => vec![node],
    };
    found.flat_map(each).collect()
}

fn map_values(part: &Node) -> Vec<&Node> {
    let typed = |node: &&Node| !node.entries().is_empty();
    let mut found: Vec<_> = MAPS.iter().filter_map(|key| part.get(key)).filter(typed).collect();
    let patterns = part.get("patternProperties").map(Node::entries).unwrap_or_default();
    found.extend(patterns.iter().map(|entry| &entry.value));
    found
}

fn allowed(part: &Node) -> Vec<Allowed<'_>> {
    let listed = part.get("enum").map(Node::items).unwrap_or_default();
    let mut texts = Vec::new();
    for text in listed.iter().chain(part.get("const")).filter_map(text_of) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.into_iter().map(|text| Allowed { text, written: &part.at }).collect()
}

/// Returns a value as reports write it. `null` is left out because it only says that a value may be
/// absent.
fn text_of(value: &Node) -> Option<String> {
    match &value.value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        _ => Some(value.to_json().to_string()),
    }
}

fn has_type(part: &Node, name: &str) -> bool {
    let Some(types) = part.get("type") else { return false };
    types.as_str() == Some(name) || types.items().iter().any(|one| one.as_str() == Some(name))
}

fn is_free(part: &Node) -> bool {
    let says = |key: &str| part.get(key).is_some();
    if FORMS.iter().chain(&LISTS).chain(&SINGLES).chain(&ITEMS).any(|key| says(key)) {
        return false;
    }
    part.get("type").is_none() || (has_type(part, "object") && map_values(part).is_empty())
}
