//! Reads schemas of OpenAPI 3.0 and 3.1 into shapes: types in lists, `const`, `$ref` with siblings, null as
//! a form, `allOf`. [`super::union`] finds out later how the forms of a union can be told apart.

use serde_json::Number;

use super::shape::{Kind, Property, Shape};
use crate::load::{Document, Entry, Node, Value, escape_step};
use crate::problem::Problem;

/// How often a `$ref` may lead to another within one schema, so that a circle ends.
const DEEPEST: usize = 24;
/// Keys that say something about the values of a schema, and not only about the schema.
const STRUCTURE: [&str; 14] = [
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "allOf",
    "format",
    "additionalProperties",
    "patternProperties",
    "prefixItems",
    "$ref",
];
const SCHEMAS: &str = "#/components/schemas/";

/// Reads the schemas of a document.
pub(super) struct Reader<'a> {
    /// The document.
    pub document: &'a Document,
    /// References that lead nowhere, and what has no meaning.
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// The schema of this name.
    pub(super) fn component(&self, name: &str) -> Option<&'a Node> {
        self.document.node_at(&format!("{SCHEMAS}{}", escape_step(name)))
    }

    /// Reads a schema.
    pub(super) fn read(&mut self, node: &'a Node) -> Shape {
        self.read_at(node, 0)
    }

    fn read_at(&mut self, node: &'a Node, depth: usize) -> Shape {
        let any = Shape::new(&node.at, Kind::Any);
        if !node.is_object() || depth > DEEPEST {
            return any;
        }
        let mut parts = Vec::new();
        if node.get("$ref").is_some() {
            parts.push(self.reference(node, depth));
        }
        for part in node.get("allOf").map(Node::items).unwrap_or_default() {
            parts.push(self.read_at(part, depth + 1));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(forms) = node.entry(key).filter(|entry| !entry.value.items().is_empty()) {
                parts.extend(self.forms(node, forms, depth));
            }
        }
        if let Some(own) = self.own(node, depth) {
            parts.push(own);
        }
        let mut shape = match parts.len() {
            0 => any,
            _ => self.all_of(parts, depth),
        };
        shape.at = node.at.clone();
        shape.noted(node)
    }

    /// What a `$ref` leads to.
    fn reference(&mut self, node: &'a Node, depth: usize) -> Shape {
        let target = match self.document.resolve_once(node) {
            Ok(target) => target,
            Err(problem) => {
                self.problems.push(problem);
                return Shape::new(&node.at, Kind::Any);
            }
        };
        let pointer = node.get("$ref").and_then(Node::as_str).unwrap_or_default();
        match pointer.strip_prefix(SCHEMAS) {
            Some(name) if !name.contains('/') => {
                let name = name.replace("~1", "/").replace("~0", "~");
                Shape::new(&node.at, Kind::Component(name))
            }
            _ => self.read_at(target, depth + 1),
        }
    }

    /// The forms of a `oneOf` or `anyOf`. `None` if they only say which keys go together.
    fn forms(&mut self, node: &'a Node, forms: &'a Entry, depth: usize) -> Option<Shape> {
        let says_something = |form: &&Node| {
            form.entries().iter().any(|entry| entry.key != "required" && entry.key != "not")
                || form.entries().is_empty()
        };
        let forms_left: Vec<&Node> = forms.value.items().iter().filter(says_something).collect();
        if forms_left.is_empty() {
            return None;
        }
        let shapes = forms_left.into_iter().map(|form| self.read_at(form, depth + 1)).collect();
        let tag = node.get("discriminator").and_then(|each| each.get("propertyName"));
        let tag = tag.and_then(Node::as_str).map(str::to_owned);
        Some(Shape::new(&forms.at, Kind::Union(shapes, tag)))
    }

    /// What the keys of the schema itself say. `None` if they say nothing.
    fn own(&mut self, node: &'a Node, depth: usize) -> Option<Shape> {
        if let Some(value) = node.get("const") {
            return Some(Shape::new(&node.at, value_kind(value)));
        }
        let types = types(node);
        if let Some(values) = node.get("enum").filter(|values| !values.items().is_empty()) {
            return Some(values_shape(values));
        }
        let mut shapes: Vec<Shape> =
            types.iter().map(|name| self.typed(node, name, depth)).collect();
        match shapes.len() {
            0 => None,
            1 => shapes.pop(),
            _ => Some(Shape::new(&node.at, Kind::Union(shapes, None))),
        }
    }

    fn typed(&mut self, node: &'a Node, name: &str, depth: usize) -> Shape {
        let bound = |key: &str| match node.get(key).map(|bound| &bound.value) {
            Some(Value::Number(number)) => Some(number.clone()),
            _ => None,
        };
        let (minimum, maximum) = (bound("minimum"), bound("maximum"));
        let kind = match name {
            "null" => Kind::Null,
            "string" => Kind::Text {
                format: node.get("format").and_then(Node::as_str).map(str::to_owned),
                values: Vec::new(),
            },
            "integer" => Kind::Integer {
                minimum: minimum.filter(Number::is_i64),
                maximum: maximum.filter(Number::is_i64),
            },
            "number" => Kind::Number { minimum, maximum },
            "boolean" => Kind::Flag,
            "array" => Kind::List(Box::new(match node.get("items") {
                Some(items) => self.read_at(items, depth + 1),
                None => Shape::new(&node.at, Kind::Any),
            })),
            "object" => self.object(node, depth),
            _ => {
                self.problems.push(unknown_type(name, node));
                Kind::Any
            }
        };
        Shape::new(&node.at, kind)
    }

    fn object(&mut self, node: &'a Node, depth: usize) -> Kind {
        let properties = node.get("properties").map(Node::entries).unwrap_or_default();
        if properties.is_empty() {
            let values = node.get("additionalProperties").filter(|values| values.is_object());
            return Kind::Map(Box::new(match values {
                Some(values) => self.read_at(values, depth + 1),
                None => Shape::new(&node.at, Kind::Any),
            }));
        }
        let required = node.get("required").map(Node::items).unwrap_or_default();
        let is_required = |key: &str| required.iter().any(|name| name.as_str() == Some(key));
        let properties = properties.iter().map(|entry| Property {
            key: entry.key.clone(),
            shape: self.read_at(&entry.value, depth + 1),
            required: is_required(&entry.key),
        });
        Kind::Object(properties.collect())
    }

    /// Joins what must all hold.
    fn all_of(&mut self, parts: Vec<Shape>, depth: usize) -> Shape {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else {
            return Shape::new(&crate::problem::Position::start_of(""), Kind::Any);
        };
        parts.fold(first, |whole, part| self.both(whole, part, depth))
    }

    /// A value that is both.
    fn both(&mut self, one: Shape, other: Shape, depth: usize) -> Shape {
        let nullable = match (&one.kind, &other.kind) {
            (Kind::Any, _) => other.nullable,
            (_, Kind::Any) => one.nullable,
            _ => one.nullable && other.nullable,
        };
        let notes =
            if other.notes.description.is_some() { other.notes.clone() } else { one.notes.clone() };
        let at = one.at.clone();
        let kind = match (one.kind, other.kind) {
            (Kind::Any, kind) | (kind, Kind::Any) => kind,
            (Kind::Component(a), Kind::Component(b)) if a == b => Kind::Component(a),
            (Kind::Component(name), kind) | (kind, Kind::Component(name)) if depth < DEEPEST => {
                // A type beside a `$ref`, which the component has anyway.
                if says_only_its_type(&kind) {
                    Kind::Component(name)
                } else {
                    let whole = self.component(&name).map(|node| self.read_at(node, depth + 4));
                    let whole = whole.unwrap_or_else(|| Shape::new(&at, Kind::Any));
                    self.both(whole, Shape::new(&at, kind), depth + 1).kind
                }
            }
            (Kind::Object(a), Kind::Object(b)) => Kind::Object(self.joined(a, b, depth)),
            (Kind::Object(a), Kind::Map(_)) | (Kind::Map(_), Kind::Object(a)) => Kind::Object(a),
            (Kind::Union(forms, tag), kind) | (kind, Kind::Union(forms, tag)) => {
                let forms = forms.into_iter().map(|form| {
                    let nullable = form.nullable;
                    let name = form.notes.clone();
                    let mut both = self.both(form, Shape::new(&at, kind.clone()), depth + 1);
                    both.nullable = nullable;
                    both.notes.title = name.title;
                    both
                });
                Kind::Union(forms.collect(), tag)
            }
            (Kind::Null, kind) | (kind, Kind::Null) => kind,
            (kind, _) => kind,
        };
        Shape { at, nullable, notes, kind }
    }

    /// The properties of two objects. A property of both is what both say.
    fn joined(&mut self, one: Vec<Property>, other: Vec<Property>, depth: usize) -> Vec<Property> {
        let mut joined = one;
        for property in other {
            match joined.iter().position(|known| known.key == property.key) {
                None => joined.push(property),
                Some(position) => {
                    let known = joined.remove(position);
                    let shape = match depth < DEEPEST {
                        true => self.both(known.shape, property.shape, depth + 1),
                        false => known.shape,
                    };
                    let required = known.required || property.required;
                    joined.insert(position, Property { key: known.key, shape, required });
                }
            }
        }
        joined
    }
}

/// Whether a kind beside a reference adds nothing to it.
fn says_only_its_type(kind: &Kind) -> bool {
    match kind {
        Kind::Map(values) | Kind::List(values) => matches!(values.kind, Kind::Any),
        Kind::Text { values, .. } => values.is_empty(),
        Kind::Integer { .. } | Kind::Number { .. } | Kind::Flag | Kind::Null => true,
        _ => false,
    }
}

/// The types that a schema names, or that its keys imply.
fn types(node: &Node) -> Vec<String> {
    match node.get("type").map(|kind| &kind.value) {
        Some(Value::String(name)) => return vec![name.clone()],
        Some(Value::Array(names)) => {
            return names.iter().filter_map(Node::as_str).map(str::to_owned).collect();
        }
        _ => {}
    }
    let implied = [
        ("properties", "object"),
        ("additionalProperties", "object"),
        ("patternProperties", "object"),
        ("items", "array"),
        ("prefixItems", "array"),
    ];
    let kinds = implied.iter().filter(|(key, _)| node.get(key).is_some());
    let is_told = ["$ref", "allOf", "oneOf", "anyOf"].iter().any(|key| node.get(key).is_some());
    let mut kinds = kinds.filter(|(key, _)| !is_told || *key != "additionalProperties");
    kinds.next().map(|(_, kind)| (*kind).to_owned()).into_iter().collect()
}

/// The kind of one value.
fn value_kind(value: &Node) -> Kind {
    match &value.value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Flag,
        Value::Number(number) if number.is_f64() => Kind::Number { minimum: None, maximum: None },
        Value::Number(_) => Kind::Integer { minimum: None, maximum: None },
        Value::String(text) => Kind::Text { format: None, values: vec![text.clone()] },
        Value::Array(_) => Kind::List(Box::new(Shape::new(&value.at, Kind::Any))),
        Value::Object(_) => Kind::Map(Box::new(Shape::new(&value.at, Kind::Any))),
    }
}

/// The shape of an `enum`: texts stay an enum, and any other value only has its kind.
fn values_shape(values: &Node) -> Shape {
    let texts = values.items().iter().filter_map(Node::as_str).map(str::to_owned);
    let mut texts: Vec<String> = texts.collect();
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    let others = values.items().iter().filter(|value| value.as_str().is_none());
    let mut forms: Vec<Shape> =
        others.map(|value| Shape::new(&value.at, value_kind(value))).collect();
    if !texts.is_empty() {
        forms.push(Shape::new(&values.at, Kind::Text { format: None, values: texts }));
    }
    match forms.len() {
        1 => forms.remove(0),
        _ => Shape::new(&values.at, Kind::Union(forms, None)),
    }
}

/// Whether a schema says anything about its values.
pub(super) fn has_structure(node: &Node) -> bool {
    STRUCTURE.iter().any(|key| node.get(key).is_some())
}

fn unknown_type(name: &str, node: &Node) -> Problem {
    Problem::error("type", format!("`type: {name}`"))
        .why("neither OpenAPI nor JSON Schema has this type")
        .fix("write one of string, number, integer, boolean, array, object")
        .at(node.get("type").map_or(&node.at, |kind| &kind.at))
}
