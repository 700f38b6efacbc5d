//! Reads values of the document, and writes the keys that need no line of their own as marks:
//! `, nullable, minimum=0`. [`super::schemas`] writes the keys that say which form a value has.

use serde_json::Value;

/// Keys for people, which the wire does not depend on.
const PROSE: [&str; 9] = [
    "description",
    "summary",
    "tags",
    "example",
    "examples",
    "externalDocs",
    "externalValue",
    "value",
    "x-enum-descriptions",
];

/// Keys whose value is a reason in words, so that only the key shows.
const REASONS: [&str; 1] = ["x-wire-optional"];

/// Keys that come first and mean the same if they are false and if they are absent.
const FIRST: [&str; 3] = ["required", "nullable", "deprecated"];

/// The keys of an object as marks, each after a comma. Leaves out prose and the keys in `without`.
pub(super) fn marks(object: &Value, without: &[&str]) -> String {
    let first = FIRST.into_iter().filter(|key| flag(object, key) && !without.contains(key));
    let first: String = first.map(|key| format!(", {key}")).collect();
    let rest = entries(object).filter(|(key, value)| {
        let is_shown = FIRST.contains(key) && value.is_boolean();
        !without.contains(key) && !PROSE.contains(key) && !is_shown
    });
    first + &rest.map(|(key, value)| mark(key, value)).collect::<String>()
}

fn mark(key: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => format!(", {key}"),
        _ if REASONS.contains(&key) => format!(", {key}"),
        _ => format!(", {key}={}", plain(value)),
    }
}

/// A value on one line, without quotes around words, and a pointer as the name that it ends in.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with("#/components/") => last_step(text).to_owned(),
        Value::String(text) if is_word(text) => text.clone(),
        Value::Array(list) => {
            format!("[{}]", list.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, value)| format!("{key}: {}", plain(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        _ => value.to_string(),
    }
}

/// Whether a text cannot be mistaken for another value or for punctuation.
fn is_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
    let is_value = matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok();
    !text.is_empty() && text.chars().all(is_plain) && !is_value
}

/// The name that a reference ends in.
pub(super) fn reference(value: &Value) -> Option<&str> {
    value["$ref"].as_str().map(last_step)
}

fn last_step(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

/// The entries of an object, in order; none if it is not an object.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The items of a list; none if it is not a list.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Whether an object has the key.
pub(super) fn has(value: &Value, key: &str) -> bool {
    value.get(key).is_some()
}

/// Whether a key is `true`.
pub(super) fn flag(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

/// A string; empty if it is not one.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
