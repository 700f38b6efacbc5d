//! Reads the keywords of one schema that say something about its value, in 3.0 and in 3.1.
//! [`super::facts`] adds up the schemas of one place.

use crate::load::{Node, Value};

/// Keywords that bound a value, or say how it is written.
const BOUNDS: [&str; 16] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "style",
];

/// The types that a schema names or implies, without `null`.
pub(super) fn types(part: &Node) -> Vec<String> {
    let said = part.get("type");
    let one = said.and_then(Node::as_str).into_iter();
    let many = said.map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str);
    let said: Vec<_> = one.chain(many).map(str::to_owned).collect();
    if !said.is_empty() {
        return said.into_iter().filter(|name| name != "null").collect();
    }
    let has = |key: &str| part.get(key).is_some();
    let mut implied = Vec::new();
    if has("properties") || has("additionalProperties") {
        implied.push("object".to_owned());
    }
    if has("items") {
        implied.push("array".to_owned());
    }
    let listed = part.get("enum").map(Node::items).unwrap_or_default();
    implied.extend(listed.iter().chain(part.get("const")).filter_map(type_of).map(str::to_owned));
    implied
}

fn type_of(value: &Node) -> Option<&'static str> {
    Some(match &value.value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

/// Whether a schema allows `null`.
pub(super) fn is_nullable(part: &Node) -> bool {
    let is_null = |node: &Node| matches!(node.value, Value::Null);
    let names_null = |node: &Node| node.as_str() == Some("null") || is_null(node);
    let types = part.get("type");
    let values = part.get("enum").map(Node::items).unwrap_or_default();
    flag(part, "nullable")
        || types.is_some_and(|kind| names_null(kind) || kind.items().iter().any(names_null))
        || values.iter().chain(part.get("const")).any(is_null)
}

/// Whether a schema takes any text.
pub(super) fn is_plain_text(part: &Node) -> bool {
    let is_text = types(part).iter().any(|name| name == "string");
    is_text && ["enum", "const", "$ref", "allOf"].iter().all(|key| part.get(key).is_none())
}

/// The bounds of one schema, in the form of OpenAPI 3.1: `exclusiveMinimum` is a number.
pub(super) fn bounds(part: &Node) -> Vec<(&'static str, String)> {
    let excludes = |keyword: &str| match keyword {
        "minimum" => flag(part, "exclusiveMinimum"),
        "maximum" => flag(part, "exclusiveMaximum"),
        _ => false,
    };
    let mut found = Vec::new();
    for keyword in BOUNDS {
        let Some(value) = part.get(keyword) else { continue };
        let name = match keyword {
            "minimum" if excludes(keyword) => "exclusiveMinimum",
            "maximum" if excludes(keyword) => "exclusiveMaximum",
            _ => keyword,
        };
        match &value.value {
            Value::Null => {}
            Value::Bool(_) if keyword.starts_with("exclusive") => {}
            Value::Bool(false) if keyword == "uniqueItems" => {}
            Value::Array(_) | Value::Object(_) => {}
            // It may be prose, which is not a fact.
            Value::String(text) if keyword == "default" && text.contains(char::is_whitespace) => {}
            _ => found.push((name, bound_text(value))),
        }
    }
    found
}

/// The value of a bound as text. `2.0` and `2` are the same.
fn bound_text(value: &Node) -> String {
    /// Above, a float has no exact integer.
    const MOST_EXACT: f64 = 9e15;
    let json = value.to_json();
    match (value.as_str(), json.as_f64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) if number.fract() == 0.0 && number.abs() < MOST_EXACT => {
            format!("{number:.0}")
        }
        _ => json.to_string(),
    }
}

/// Whether a key is `true`.
pub(super) fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}
