//! Makes nodes of the new document, each with the place that it comes from.

use crate::load::{Entry, Node, Value};
use crate::problem::Position;

pub(super) fn text(at: &Position, text: impl Into<String>) -> Node {
    Node { at: at.clone(), value: Value::String(text.into()) }
}

pub(super) fn flag(at: &Position, value: bool) -> Node {
    Node { at: at.clone(), value: Value::Bool(value) }
}

pub(super) fn number(at: &Position, value: serde_json::Number) -> Node {
    Node { at: at.clone(), value: Value::Number(value) }
}

pub(super) fn list(at: &Position, items: Vec<Node>) -> Node {
    Node { at: at.clone(), value: Value::Array(items) }
}

pub(super) fn texts(at: &Position, items: impl IntoIterator<Item = String>) -> Node {
    list(at, items.into_iter().map(|item| text(at, item)).collect())
}

/// An object. A key that came before is left out.
pub(super) fn object<K: Into<String>>(
    at: &Position,
    entries: impl IntoIterator<Item = (K, Node)>,
) -> Node {
    let entries = entries.into_iter().map(|(key, value)| entry(key, value));
    Node { at: at.clone(), value: Value::Object(entries.collect()) }
}

pub(super) fn entry(key: impl Into<String>, value: Node) -> Entry {
    Entry { key: key.into(), at: value.at.clone(), value }
}

pub(super) fn reference(at: &Position, name: &str) -> Node {
    object(at, [("$ref", text(at, pointer(name)))])
}

/// The pointer to a schema.
pub(super) fn pointer(name: &str) -> String {
    format!("#/components/schemas/{name}")
}
