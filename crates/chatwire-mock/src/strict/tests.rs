//! Schemas that strict mode accepts, and the rule that each other one breaks.

use serde_json::{Value, json};

use super::check;

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
fn refused(schema: Value, expected: &str) {
    let problem = check(&schema).unwrap_err().to_string();
    assert!(problem.contains(expected), "{problem}");
}

/// A closed object with these properties, all of them required.
#[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
fn object(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

#[test]
fn accepted() {
    let mut list = object(json!({
        "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        "kind": {"$ref": "#/$defs/kind"},
        "tags": {"type": ["array", "null"], "items": {"type": "string", "format": "date"}},
        "size": {"type": "number", "minimum": 1, "description": "In metres."},
    }));
    list["$defs"] = json!({"kind": {"type": "string", "enum": ["a", "b"]}});
    list["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    assert_eq!(check(&list), Ok(()));
    let inside = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "string"});
    refused(object(json!({"a": inside})), "'$schema' is not permitted");
}

#[test]
fn roots() {
    refused(json!(true), "got 'type: None'");
    refused(json!({"type": "array", "items": {"type": "string"}}), r#"got 'type: "array"'"#);
    refused(json!({"type": ["object", "null"]}), "got 'type: [");
    refused(json!({"anyOf": [object(json!({}))]}), "at the top level");
    refused(json!({"$ref": "#/$defs/a", "$defs": {"a": object(json!({}))}}), "got 'type: None'");
}

#[test]
fn objects() {
    refused(json!({"type": "object"}), "'additionalProperties' is required");
    let inner = object(json!({"a": {"type": "object", "additionalProperties": true}}));
    refused(inner, "In context=('properties', 'a'), 'additionalProperties'");
    let mut optional = object(json!({"a": {"type": "null"}, "b": {"type": "null"}}));
    optional["required"] = json!(["a"]);
    refused(optional.clone(), "Missing 'b'");
    optional["required"] = json!(["a", "b", "c"]);
    refused(optional, "Extra required key 'c'");
}

#[test]
fn inner_schemas() {
    let inner = |schema: Value| object(json!({"a": schema}));
    refused(inner(json!(true)), "must be an object");
    refused(inner(json!({})), "In context=('properties', 'a'), schema must have a 'type' key");
    refused(inner(json!({"type": "text"})), "not a valid type");
    refused(inner(json!({"type": "array"})), "missing items");
    refused(inner(json!({"type": "array", "items": {}})), "('properties', 'a', 'items'), schema");
    refused(inner(json!({"type": "string", "minLength": 1})), "'minLength' is not permitted");
    refused(inner(json!({"type": "string", "default": "x"})), "'default' is not permitted");
    refused(inner(json!({"type": "string", "format": "uri"})), "not a valid format");
    refused(inner(json!({"oneOf": [{"type": "string"}]})), "'oneOf' is not permitted");
    refused(inner(json!({"anyOf": []})), "'anyOf' must be");
    refused(inner(json!({"anyOf": [{"type": "string"}, {}]})), "('properties', 'a', 'anyOf', '1')");
    refused(inner(json!({"type": "string", "enum": []})), "at least one value");
    refused(inner(json!({"$ref": "#/$defs/none"})), "not found");
    refused(inner(json!({"$ref": "#", "description": "x"})), "$ref cannot have keywords");
    refused(inner(json!({"type": "string", "$defs": {}})), "'$defs' is not permitted");
}

#[test]
fn limits() {
    let nested = |levels: usize| {
        (1..levels).fold(object(json!({})), |inner, _| object(json!({"inner": inner})))
    };
    assert_eq!(check(&nested(10)), Ok(()));
    refused(nested(11), "11 levels of nesting exceeds limit of 10");

    let wide: Value = (0..5001).map(|i| (format!("p{i}"), json!({"type": "null"}))).collect();
    refused(object(wide), "5001 object properties");
    let values = |count: usize, length: usize| {
        let values: Vec<_> = (0..count).map(|i| format!("{i:0length$}")).collect();
        object(json!({"a": {"type": "string", "enum": values}}))
    };
    refused(values(1001, 4), "1001 enum values");
    refused(values(251, 60), "15060 characters in an enum");
    refused(values(240, 600), "144001 characters");
}

/// A chain of references ends, and so does a cycle.
#[test]
fn references() {
    let next = |i: usize| (format!("d{i}"), json!({"$ref": format!("#/$defs/d{}", i + 1)}));
    let mut chain: serde_json::Map<_, _> = (0..5000).map(next).collect();
    chain.insert("d5000".to_owned(), json!({"type": "null"}));
    let mut schema = object(json!({"a": {"$ref": "#/$defs/d0"}}));
    schema["$defs"] = Value::Object(chain);
    refused(schema, "levels of nesting");
    let mut cycle = object(json!({"a": {"$ref": "#/$defs/a"}}));
    cycle["$defs"] = json!({"a": {"$ref": "#/$defs/a"}});
    assert_eq!(check(&cycle), Ok(()));
}
