//! The keywords of strict mode, and what each of their values may be. The module above walks from schema to
//! schema.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// The tables of definitions, which only the root may have.
pub(super) const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// The dialect of a schema. Generators of schemas write it at the root, such as the one of the official client for
/// JavaScript.
const DIALECT: &str = "$schema";

const PERMITTED: [&str; 19] = [
    "additionalProperties",
    "anyOf",
    "const",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
];

const FORMATS: [&str; 9] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

pub(super) fn is_permitted(key: &str, is_root: bool) -> bool {
    PERMITTED.contains(&key) || (is_root && (key == DIALECT || DEFINITIONS.contains(&key)))
}

/// The types that a schema names.
pub(super) fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let (one, several) = match object.get("type") {
        Some(Value::String(name)) => (Some(name.as_str()), None),
        Some(Value::Array(names)) => (None, Some(names)),
        _ => (None, None),
    };
    one.into_iter().chain(several.into_iter().flatten().filter_map(Value::as_str))
}

/// The schema that a reference names.
pub(super) fn target<'a>(root: &'a Value, reference: &Value) -> Option<&'a Value> {
    root.pointer(reference.as_str()?.strip_prefix('#')?)
}

/// Checks the values of keywords that hold no schema.
pub(super) fn check_values(object: &Map<String, Value>) -> Result<(), String> {
    check_type(object.get("type"))?;
    if let Some(format) = object.get("format")
        && !FORMATS.into_iter().any(|known| format == known)
    {
        return Err(format!("{format} is not a valid format."));
    }
    match object.get("enum") {
        Some(Value::Array(values)) if values.is_empty() => {
            Err("'enum' must have at least one value.".to_owned())
        }
        Some(Value::Array(_)) | None => Ok(()),
        Some(_) => Err("'enum' must be an array.".to_owned()),
    }
}

fn check_type(value: Option<&Value>) -> Result<(), String> {
    let is_name = |value: &Value| TYPES.into_iter().any(|known| value == known);
    let fits = match value {
        None => true,
        Some(Value::Array(names)) => !names.is_empty() && names.iter().all(is_name),
        Some(name) => is_name(name),
    };
    match value {
        Some(value) if !fits => Err(format!("{value} is not a valid type.")),
        _ => Ok(()),
    }
}

/// Every property is required, and nothing else is.
pub(super) fn check_required(
    object: &Map<String, Value>,
    properties: &Map<String, Value>,
) -> Result<(), String> {
    let names = object.get("required").and_then(Value::as_array);
    let required: HashSet<&str> = names.into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(missing) = properties.keys().find(|name| !required.contains(name.as_str())) {
        return Err(format!(
            "'required' is required to be supplied and to be an array including every key in \
             properties. Missing '{missing}'."
        ));
    }
    let mut names = names.into_iter().flatten().filter_map(Value::as_str);
    match names.find(|name| !properties.contains_key(*name)) {
        Some(extra) => Err(format!("Extra required key '{extra}' supplied.")),
        None => Ok(()),
    }
}
