//! The lines of named schemas, and the text of a schema on one line. [`super::values`] has the text
//! of the keys that every object may have.

use serde_json::Value;

use super::values::{entries, has, items, marks, plain, reference, text};

/// The keys that [`shape`] reads.
const SHAPE: [&str; 7] = ["$ref", "allOf", "oneOf", "type", "format", "enum", "items"];

/// Adds the lines of a named schema after an empty line: its properties, values or arms, if it has
/// any.
pub(super) fn lines(name: &str, named: &Value, lines: &mut Vec<String>) {
    lines.push(String::new());
    if has(named, "oneOf") {
        union_lines(name, named, lines);
    } else if has(named, "enum") {
        enum_lines(name, named, lines);
    } else if has(named, "properties") {
        object_lines(name, named, lines);
    } else {
        lines.push(format!("type {name}: {}", schema(named)));
    }
}

fn object_lines(name: &str, object: &Value, lines: &mut Vec<String>) {
    lines.push(format!("object {name}{}", marks(object, &["type", "required", "properties"])));
    for (key, property) in entries(&object["properties"]) {
        let is_required = items(&object["required"]).any(|required| required == key);
        let required = if is_required { ", required" } else { "" };
        let marks = marks(property, &handled(property));
        lines.push(format!("  {key}: {}{required}{marks}", shape(property)));
    }
}

fn enum_lines(name: &str, named: &Value, lines: &mut Vec<String>) {
    let rust_names = &named["x-enum-names"];
    let kind = Some(text(&named["type"])).filter(|kind| *kind != "string");
    let of = kind.map(|kind| format!(" of {kind}")).unwrap_or_default();
    lines.push(format!("enum {name}{of}{}", marks(named, &["type", "enum", "x-enum-names"])));
    for value in items(&named["enum"]) {
        let rust_name = rust_names[text(value)].as_str();
        let rust_name = rust_name.map(|name| format!(" as {name}")).unwrap_or_default();
        lines.push(format!("  {}{rust_name}", plain(value)));
    }
}

fn union_lines(name: &str, union: &Value, lines: &mut Vec<String>) {
    let tag = union.pointer("/discriminator/propertyName").and_then(Value::as_str);
    let by = tag.map(|tag| format!(" by {tag}")).unwrap_or_default();
    lines.push(format!("union {name}{by}{}", marks(union, &["oneOf", "discriminator"])));
    let mapping = union.pointer("/discriminator/mapping").unwrap_or(&Value::Null);
    for arm in items(&union["oneOf"]) {
        let tags = entries(mapping)
            .filter(|(_, target)| **target == arm["$ref"])
            .map(|(value, _)| format!(", {}={value}", tag.unwrap_or_default()));
        lines.push(format!("  {}{}", schema(arm), tags.collect::<String>()));
    }
}

/// A schema on one line, such as `integer int64, minimum=0`.
pub(super) fn schema(schema: &Value) -> String {
    format!("{}{}", shape(schema), marks(schema, &handled(schema)))
}

/// The keys that [`shape`] shows.
fn handled(schema: &Value) -> Vec<&'static str> {
    let map = is_map(schema).then_some("additionalProperties");
    SHAPE.into_iter().chain(map).collect()
}

/// The form of the values, without bounds: `string`, `[Message]`, `{number}`, `"a" | "b"`.
fn shape(schema: &Value) -> String {
    let all = |key: &str| -> Vec<String> { items(&schema[key]).map(self::schema).collect() };
    if let Some(name) = reference(schema) {
        name.to_owned()
    } else if has(schema, "allOf") {
        all("allOf").join(" & ")
    } else if has(schema, "oneOf") {
        all("oneOf").join(" | ")
    } else if has(schema, "items") {
        format!("[{}]", self::schema(&schema["items"]))
    } else if is_map(schema) {
        format!("{{{}}}", self::schema(&schema["additionalProperties"]))
    } else if has(schema, "type") {
        scalar(schema)
    } else {
        "any".to_owned()
    }
}

/// A type with its format and its only values: `integer int64`, `string "function"`.
fn scalar(schema: &Value) -> String {
    let words = ["type", "format"].into_iter().filter_map(|key| schema[key].as_str());
    let values: Vec<String> = items(&schema["enum"]).map(Value::to_string).collect();
    let values = Some(values.join(" | ")).filter(|values| !values.is_empty());
    words.map(str::to_owned).chain(values).collect::<Vec<_>>().join(" ")
}

fn is_map(schema: &Value) -> bool {
    schema["additionalProperties"].is_object() && !has(schema, "properties")
}
