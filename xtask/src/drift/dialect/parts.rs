//! Takes the schemas of one value apart: its component, forms, properties and items, with `null` and
//! wrappers removed. [`super`] writes them down in our dialect.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::load::{Document, Node};

/// More schemas than hold for any one value.
const MOST_SCHEMAS: usize = 256;
/// The bounds that our dialect has.
pub(in crate::drift) const BOUNDS: [&str; 9] = [
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

/// A key of an object.
#[derive(Debug, Default)]
pub(super) struct Property<'a> {
    pub(super) schemas: Vec<&'a Node>,
    pub(super) required: bool,
}

/// The parts of one value.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// The name of the component that it refers to.
    pub(super) component: Option<String>,
    /// Whether several schemas describe it, so that no component alone does.
    is_composite: bool,
    pub(super) nullable: bool,
    pub(super) deprecated: bool,
    /// The schemas that all hold for it.
    pub(super) schemas: Vec<&'a Node>,
    /// The forms of a union; fewer than two if it is none.
    pub(super) forms: Vec<&'a Node>,
    pub(super) values: Vec<String>,
    /// The keys of an object, in the order of the document.
    pub(super) properties: Vec<(String, Property<'a>)>,
    pub(super) items: Vec<&'a Node>,
    pub(super) map_values: Vec<&'a Node>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(document: &'a Document, schemas: &[&'a Node]) -> Self {
        let mut parts = Self::default();
        let mut waiting: Vec<&'a Node> = schemas.iter().rev().copied().collect();
        let mut seen = BTreeSet::new();
        while let Some(schema) = waiting.pop() {
            if seen.insert(&schema.at) && seen.len() <= MOST_SCHEMAS {
                let next = parts.add(document, schema);
                waiting.extend(next.into_iter().rev());
            }
        }
        parts
    }

    /// The type, if there is one.
    pub(super) fn kind(&self) -> &'a str {
        let said = self.schemas.iter().filter_map(|schema| schema.get("type"));
        let one = said.flat_map(|kind| std::iter::once(kind).chain(kind.items()));
        let mut named = one.filter_map(Node::as_str).filter(|name| *name != "null");
        match named.next() {
            Some(kind) => kind,
            None if !self.properties.is_empty() || !self.map_values.is_empty() => "object",
            None if !self.items.is_empty() => "array",
            None if !self.values.is_empty() => "string",
            None => "",
        }
    }

    /// Takes one schema, and returns those that hold for the same value.
    fn add(&mut self, document: &'a Document, schema: &'a Node) -> Vec<&'a Node> {
        self.deprecated |= is_set(schema, "deprecated");
        self.nullable |= is_set(schema, "nullable") || names_null(schema);
        let mut next = Vec::new();
        if let Some(target) = schema.get("$ref").and_then(Node::as_str) {
            let name = target.strip_prefix("#/components/schemas/").map(str::to_owned);
            self.component = self.component.take().or(name.filter(|_| !self.is_composite));
            next.extend(document.node_at(target));
        }
        let all = schema.get("allOf").map(Node::items).unwrap_or_default();
        self.is_composite |= all.len() > 1 || schema.get("properties").is_some();
        next.extend(all);
        for key in ["anyOf", "oneOf"] {
            let forms = schema.get(key).map(Node::items).unwrap_or_default();
            self.nullable |= forms.iter().any(is_null);
            let mut forms: Vec<_> = forms.iter().filter(|form| !is_null(form)).collect();
            if is_open_enum(&forms) {
                // The generator makes every enum open.
                forms.retain(|form| form.get("enum").is_some());
            }
            match forms.as_slice() {
                [only] => next.push(*only),
                _ => self.forms.extend(forms),
            }
        }
        self.schemas.push(schema);
        self.contents(schema);
        next
    }

    fn contents(&mut self, schema: &'a Node) {
        let required = schema.get("required").map(Node::items).unwrap_or_default();
        let required: BTreeSet<_> = required.iter().filter_map(Node::as_str).collect();
        for entry in schema.get("properties").map(Node::entries).unwrap_or_default() {
            let is_new = self.properties.iter().all(|(key, _)| *key != entry.key);
            if is_new {
                self.properties.push((entry.key.clone(), Property::default()));
            }
            let property = self.properties.iter_mut().find(|(key, _)| *key == entry.key);
            if let Some((_, property)) = property {
                property.schemas.push(&entry.value);
                property.required |= required.contains(entry.key.as_str());
            }
        }
        self.items.extend(schema.get("items"));
        let map = schema.get("additionalProperties").filter(|values| !values.entries().is_empty());
        self.map_values.extend(map);
        let values = schema.get("enum").map(Node::items).unwrap_or_default();
        let texts = values.iter().chain(schema.get("const")).filter_map(Node::as_str);
        let new: Vec<_> = texts.filter(|text| !self.values.iter().any(|old| old == text)).collect();
        self.values.extend(new.into_iter().map(str::to_owned));
    }
}

/// Whether a schema is nothing but null.
fn is_null(schema: &Node) -> bool {
    schema.get("type").and_then(Node::as_str) == Some("null")
}

/// Whether the types or values of a schema name null beside others.
fn names_null(schema: &Node) -> bool {
    let types = schema.get("type").map(Node::items).unwrap_or_default();
    let values = schema.get("enum").map(Node::items).unwrap_or_default();
    types.iter().any(|kind| kind.as_str() == Some("null"))
        || values.iter().any(|value| matches!(value.value, crate::load::Value::Null))
}

/// Whether the forms are the known values and any other text.
fn is_open_enum(forms: &[&Node]) -> bool {
    let is_text = |form: &&&Node| form.get("type").and_then(Node::as_str) == Some("string");
    forms.len() == 2
        && forms.iter().all(|form| is_text(&form))
        && forms.iter().filter(|form| form.get("enum").is_some()).count() == 1
}

fn is_set(schema: &Node, key: &str) -> bool {
    schema.get(key).and_then(Node::as_bool) == Some(true)
}

/// The key and the only value that tell this form from others.
pub(super) fn only_tag(document: &Document, form: &Node) -> Option<(String, String)> {
    let parts = Parts::of(document, &[form]);
    let tag = |key: &str| {
        let (_, property) = parts.properties.iter().find(|(name, _)| name == key)?;
        match Parts::of(document, &property.schemas).values.as_slice() {
            [only] => Some((key.to_owned(), only.clone())),
            _ => None,
        }
    };
    ["role", "type"].into_iter().find_map(tag)
}

/// A scalar with its bounds. Formats that our dialect does not have are left out.
pub(super) fn plain_type(kind: &str, schemas: &[&Node]) -> Map<String, Value> {
    let mut written = super::object([("type", kind.into())]);
    if kind == "integer" {
        written.insert("format".to_owned(), "int64".into());
    }
    written.extend(bounds(schemas).into_iter().filter(|(_, value)| {
        // A bound that is not a 64-bit integer says nothing about one.
        kind != "integer" || value.as_i64().is_some()
    }));
    written
}

/// The bounds of a value. The first schema with a keyword counts.
pub(super) fn bounds(schemas: &[&Node]) -> Map<String, Value> {
    let value = |keyword: &str| schemas.iter().find_map(|schema| schema.get(keyword));
    let found = BOUNDS.iter().filter_map(|keyword| Some((*keyword, value(keyword)?.to_json())));
    found.map(|(keyword, value)| (keyword.to_owned(), value)).collect()
}
