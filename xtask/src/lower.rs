//! Turns the document into one that progenitor accepts without dropping, guessing or panicking.
//! [`crate::shape`] puts back what is removed here; it reads the meaning from [`crate::model`].

use serde_json::{Map, Value, json};

use crate::model::{self, ParameterPlace, RequestMedia};
use crate::names;

/// The schema keywords for progenitor. Bounds and formats would change types or refuse values,
/// defaults would be sent, and everything else is documentation.
const SCHEMA_KEYWORDS: [&str; 9] =
    ["$ref", "type", "format", "enum", "items", "oneOf", "properties", "required", "title"];

/// The document for progenitor.
pub fn lower(document: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": document.get("info").cloned().unwrap_or_default(),
        "paths": paths(document.get("paths")),
        "components": {
            "schemas": each(document.pointer("/components/schemas"), component),
        },
    })
}

/// A parameter with the name of a variable gets another one, which progenitor then uses for the argument. The
/// `parameter_names` pass sends it under its own name.
fn paths(paths: Option<&Value>) -> Value {
    let entries = paths.and_then(Value::as_object).into_iter().flatten();
    let lowered = entries.map(|(path, item)| (with_names(path), each(Some(item), operation)));
    Value::Object(lowered.collect())
}

fn with_names(path: &str) -> String {
    let mut named = String::new();
    for (position, part) in path.split('{').enumerate() {
        match part.split_once('}').filter(|_| position > 0) {
            Some((name, rest)) => named.push_str(&format!("{{{}}}{rest}", unlike_variables(name))),
            None => named.push_str(part),
        }
    }
    named
}

fn unlike_variables(name: &str) -> String {
    let argument = names::argument(name);
    if argument == names::field(name) { name.to_owned() } else { argument }
}

fn each(object: Option<&Value>, lower: impl Fn(&Value) -> Value) -> Value {
    let entries = object.and_then(Value::as_object).into_iter().flatten();
    Value::Object(entries.map(|(key, value)| (key.clone(), lower(value))).collect())
}

/// Keeps only the success answer, because the client has one error type for all other statuses.
fn operation(operation: &Value) -> Value {
    let Some(operation) = operation.as_object() else { return operation.clone() };
    let mut lowered = Map::new();
    for (key, value) in operation {
        let value = match key.as_str() {
            // Progenitor would find the words of `checkAPIKey` in another way.
            "operationId" => names::field(value.as_str().unwrap_or_default()).into(),
            "summary" | "description" => value.clone(),
            "parameters" => parameters(value),
            "requestBody" => request_body(value),
            "responses" => responses(value),
            _ => continue,
        };
        lowered.insert(key.clone(), value);
    }
    Value::Object(lowered)
}

/// Removes deep objects, which progenitor does not support. The `deep_objects` pass adds them to the
/// methods. Headers and cookies become query parameters, because progenitor puts headers into a map of its own
/// runtime and drops cookies; the `header_parameters` pass sends them as what they are.
fn parameters(parameters: &Value) -> Value {
    let all = parameters.as_array().into_iter().flatten();
    let lowered = |parameter: &Value| {
        let mut lowered = parameter.as_object().cloned().unwrap_or_default();
        let name = unlike_variables(&model::text(parameter, "name"));
        lowered.insert("name".into(), name.into());
        if let Some(slot) = lowered.get_mut("schema") {
            *slot = schema(slot);
        }
        if [ParameterPlace::Header, ParameterPlace::Cookie].contains(&ParameterPlace::of(parameter))
        {
            lowered.insert("in".into(), "query".into());
            lowered.remove("style");
        }
        Value::Object(lowered)
    };
    all.filter(|each| !model::is_deep_object(each)).map(lowered).collect()
}

/// Progenitor knows JSON and bytes. The `request_bodies` pass makes forms and typed bytes of the latter.
fn request_body(body: &Value) -> Value {
    let content = match RequestMedia::of(Some(body)) {
        RequestMedia::Json => json_content(body),
        _ => bytes(),
    };
    json!({ "required": true, "content": content })
}

fn bytes() -> Value {
    json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
}

fn responses(responses: &Value) -> Value {
    let entries = responses.as_object().into_iter().flatten();
    let success = entries.filter(|(status, _)| status.starts_with('2'));
    let response = |response: &Value| {
        let content = response.get("content").and_then(Value::as_object);
        match content.filter(|content| !content.is_empty()) {
            None => json!({ "description": "" }),
            Some(content) if content.contains_key("application/json") => {
                json!({ "description": "", "content": json_content(response) })
            }
            Some(_) => json!({ "description": "", "content": bytes() }),
        }
    };
    Value::Object(success.map(|(status, each)| (status.clone(), response(each))).collect())
}

/// Keeps only JSON for an operation that answers with JSON or events. The `stream_methods` pass
/// adds the second method.
fn json_content(body: &Value) -> Value {
    let content = body.pointer("/content/application~1json/schema").map(schema);
    json!({ "application/json": { "schema": content } })
}

/// Lowers a component. An object keeps its unknown keys, and the branches of a union are named by
/// position, so that progenitor neither merges nor renames them.
///
/// An enum becomes a text, because the `open_enums` pass writes all of it, and typify refuses values whose names
/// it cannot tell apart.
fn component(source: &Value) -> Value {
    let mut lowered = schema(source);
    if let Some(keywords) = lowered.as_object_mut() {
        keywords.remove("enum");
    }
    if let Some(branches) = lowered.get_mut("oneOf").and_then(Value::as_array_mut) {
        for (position, branch) in branches.iter_mut().enumerate() {
            *branch = json!({ "title": format!("Arm{position}"), "allOf": [branch.clone()] });
        }
    }
    lowered
}

fn schema(source: &Value) -> Value {
    if let Some(name) = model::reference(source) {
        return json!({ "$ref": format!("#/components/schemas/{name}") });
    }
    let mut lowered = keep_keywords(source);
    let is_object = model::text(source, "type") == "object";
    if is_object && source.get("properties").is_none() {
        lowered.insert("additionalProperties".into(), additional_properties(source));
    } else if is_object {
        lowered.insert("additionalProperties".into(), json!({}));
        drop_constants(source, &mut lowered);
    }
    if let Some(format) = integer_format(source) {
        lowered.insert("format".into(), format.into());
    } else {
        lowered.remove("format");
    }
    Value::Object(lowered)
}

fn keep_keywords(source: &Value) -> Map<String, Value> {
    let entries = source.as_object().into_iter().flatten();
    let known = entries.filter(|(key, _)| SCHEMA_KEYWORDS.contains(&key.as_str()));
    let lowered = |key: &str, value: &Value| match key {
        "items" => schema(value),
        "properties" => each(Some(value), schema),
        "oneOf" => value.as_array().into_iter().flatten().map(schema).collect(),
        _ => value.clone(),
    };
    known.map(|(key, value)| (key.clone(), lowered(key, value))).collect()
}

fn additional_properties(source: &Value) -> Value {
    match source.get("additionalProperties") {
        Some(values) if values.is_object() => schema(values),
        _ => json!({}),
    }
}

/// Removes a property with only one value, which does not become a field. The `serde_impls` pass
/// writes and reads it.
fn drop_constants(source: &Value, lowered: &mut Map<String, Value>) {
    let properties = source.get("properties").and_then(Value::as_object).into_iter().flatten();
    for (key, property) in properties {
        if model::constant(property).is_none() {
            continue;
        }
        if let Some(kept) = lowered.get_mut("properties").and_then(Value::as_object_mut) {
            kept.remove(key);
        }
        if let Some(required) = lowered.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name != key);
        }
    }
}

/// Counts are unsigned, and every other integer may be negative.
fn integer_format(source: &Value) -> Option<&'static str> {
    let integer = model::text(source, "type") == "integer";
    let from_zero = source.get("minimum").and_then(Value::as_f64).is_some_and(|least| least >= 0.0);
    integer.then_some(if from_zero { "uint64" } else { "int64" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[allow(clippy::needless_pass_by_value, reason = "a call reads better without references")]
    fn check(source: Value, expected: Value) {
        assert_eq!(schema(&source), expected);
    }

    #[test]
    fn bounds_and_documentation_go() {
        check(
            json!({"type": "number", "minimum": 0, "maximum": 2, "description": "d", "x-services": ["a"]}),
            json!({"type": "number"}),
        );
        check(
            json!({"type": "string", "format": "uri", "nullable": true}),
            json!({"type": "string"}),
        );
    }

    #[test]
    fn counts_are_unsigned() {
        check(
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "integer", "format": "uint64"}),
        );
        check(
            json!({"type": "integer", "format": "int64"}),
            json!({"type": "integer", "format": "int64"}),
        );
    }

    #[test]
    fn wrapped_references_are_unwrapped() {
        check(
            json!({"allOf": [{"$ref": "#/components/schemas/Usage"}], "description": "d"}),
            json!({"$ref": "#/components/schemas/Usage"}),
        );
    }

    #[test]
    fn objects_keep_unknown_keys_and_lose_constants() {
        check(
            json!({"type": "object", "required": ["role", "name"], "properties": {
                "role": {"type": "string", "enum": ["tool"]}, "name": {"type": "string"}}}),
            json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}},
                "additionalProperties": {}}),
        );
    }

    #[test]
    fn maps_keep_their_values() {
        check(
            json!({"type": "object", "additionalProperties": {"type": "integer", "maximum": 100}}),
            json!({"type": "object", "additionalProperties": {"type": "integer", "format": "int64"}}),
        );
    }

    #[test]
    fn an_operation_keeps_its_json_answer() {
        let lowered = operation(&json!({"operationId": "o", "responses": {
            "200": {"description": "d", "headers": {}, "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/A"}},
                "text/event-stream": {"schema": {"$ref": "#/components/schemas/B"}}}},
            "400": {"$ref": "#/components/responses/BadRequest"}}}));
        assert_eq!(
            lowered,
            json!({"operationId": "o", "responses": {"200": {"description": "", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}})
        );
    }
}
