//! Turns the document into one that progenitor accepts without dropping, guessing or panicking.
//! [`crate::shape`] puts back what is removed here; it reads the meaning from [`crate::model`].

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::load::{Entry, Node};
use crate::model::{self, AnswerMedia, Model, Operation, Parameter, ParameterPlace, RequestMedia};
use crate::names;

/// The schema keywords for progenitor. Bounds and formats would change types or refuse values,
/// defaults would be sent, and everything else is documentation.
const SCHEMA_KEYWORDS: [&str; 9] =
    ["$ref", "type", "format", "enum", "items", "oneOf", "properties", "required", "title"];

/// The document for progenitor.
pub fn lower(model: &Model) -> Value {
    let components = model.components.iter();
    let schemas = components.map(|each| (each.name.to_owned(), component(each.schema)));
    json!({
        "openapi": "3.0.3",
        "info": model.document.root.get("info").map(Node::to_json).unwrap_or_default(),
        "paths": paths(model),
        "components": { "schemas": Value::Object(schemas.collect()) },
    })
}

/// A parameter with the name of a variable gets another one, which progenitor then uses for the argument. The
/// `parameter_names` pass sends it under its own name.
fn paths(model: &Model) -> Value {
    let mut paths = Map::new();
    for each in &model.operations {
        let item = paths.entry(with_names(each.path)).or_insert_with(|| json!({}));
        if let Some(methods) = item.as_object_mut() {
            methods.insert(each.method.to_owned(), operation(each));
        }
    }
    Value::Object(paths)
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

/// Keeps only the success answer, because the client has one error type for all other statuses.
fn operation(operation: &Operation) -> Value {
    let mut lowered = Map::new();
    // Progenitor would find the words of `checkAPIKey` in another way.
    lowered.insert("operationId".into(), operation.method_name.as_str().into());
    lowered.insert("summary".into(), operation.summary.into());
    lowered.insert("description".into(), operation.description.into());
    lowered.insert("parameters".into(), parameters(operation));
    if let Some(body) = operation.node.get("requestBody") {
        lowered.insert("requestBody".into(), request_body(body, operation));
    }
    lowered.insert("responses".into(), responses(operation));
    Value::Object(lowered)
}

/// Removes deep objects, which progenitor does not support. The `deep_objects` pass adds them to the
/// methods.
fn parameters(operation: &Operation) -> Value {
    let plain = operation.parameters.iter().filter(|parameter| !parameter.is_deep_object);
    plain.map(parameter).collect()
}

/// Headers and cookies become query parameters, because progenitor puts headers into a map of its own runtime and
/// drops cookies; the `header_parameters` pass sends them as what they are.
fn parameter(parameter: &Parameter) -> Value {
    let entries = parameter.node.entries().iter();
    let lowered = |entry: &Entry| match entry.key.as_str() {
        "schema" => schema(&entry.value),
        _ => entry.value.to_json(),
    };
    let mut lowered: Map<_, _> = entries.map(|entry| (entry.key.clone(), lowered(entry))).collect();
    lowered.insert("name".into(), unlike_variables(parameter.name).into());
    if [ParameterPlace::Header, ParameterPlace::Cookie].contains(&parameter.place) {
        lowered.insert("in".into(), "query".into());
        lowered.remove("style");
    }
    Value::Object(lowered)
}

/// Progenitor knows JSON and bytes. The `request_bodies` pass makes forms and typed bytes of the latter.
fn request_body(body: &Node, operation: &Operation) -> Value {
    let content = match operation.request_media {
        RequestMedia::Json => json_content(body),
        _ => bytes(),
    };
    json!({ "required": true, "content": content })
}

fn bytes() -> Value {
    json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
}

fn responses(operation: &Operation) -> Value {
    let all = model::entries(operation.node, "responses").iter();
    let success = all.filter(|answer| answer.key.starts_with('2'));
    let response = |answer: &Node| match AnswerMedia::of(answer) {
        AnswerMedia::Nothing => json!({ "description": "" }),
        AnswerMedia::Json => json!({ "description": "", "content": json_content(answer) }),
        AnswerMedia::Bytes => json!({ "description": "", "content": bytes() }),
    };
    Value::Object(success.map(|each| (each.key.clone(), response(&each.value))).collect())
}

/// Keeps only JSON for an operation that answers with JSON or events. The `stream_methods` pass
/// adds the second method.
fn json_content(body: &Node) -> Value {
    json!({ "application/json": { "schema": model::json_schema(body).map(schema) } })
}

/// Lowers a component. An object keeps its unknown keys, and the branches of a union are named by
/// position, so that progenitor neither merges nor renames them.
///
/// An enum becomes a text, because the `open_enums` pass writes all of it, and typify refuses values whose names
/// it cannot tell apart.
fn component(source: &Node) -> Value {
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

fn schema(source: &Node) -> Value {
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

fn keep_keywords(source: &Node) -> Map<String, Value> {
    let known = source.entries().iter();
    let known = known.filter(|entry| SCHEMA_KEYWORDS.contains(&entry.key.as_str()));
    let lowered = |entry: &Entry| match entry.key.as_str() {
        "items" => schema(&entry.value),
        "properties" => {
            let properties = entry.value.entries().iter();
            Value::Object(properties.map(|each| (each.key.clone(), schema(&each.value))).collect())
        }
        "oneOf" => entry.value.items().iter().map(schema).collect(),
        _ => entry.value.to_json(),
    };
    known.map(|entry| (entry.key.clone(), lowered(entry))).collect()
}

fn additional_properties(source: &Node) -> Value {
    match source.get("additionalProperties") {
        Some(values) if values.is_object() => schema(values),
        _ => json!({}),
    }
}

/// Removes a property with only one value, which does not become a field. The `serde_impls` pass
/// writes and reads it.
fn drop_constants(source: &Node, lowered: &mut Map<String, Value>) {
    let properties = model::entries(source, "properties").iter();
    let constants = properties.filter(|entry| model::constant(&entry.value).is_some());
    let constants: HashSet<&str> = constants.map(|entry| entry.key.as_str()).collect();
    if let Some(kept) = lowered.get_mut("properties").and_then(Value::as_object_mut) {
        kept.retain(|key, _| !constants.contains(key.as_str()));
    }
    if let Some(required) = lowered.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !name.as_str().is_some_and(|name| constants.contains(name)));
    }
}

/// Counts are unsigned, and every other integer may be negative.
fn integer_format(source: &Node) -> Option<&'static str> {
    let integer = model::text(source, "type") == "integer";
    let from_zero = source.get("minimum").and_then(|least| least.as_number()?.as_f64());
    let is_unsigned = from_zero.is_some_and(|least| least >= 0.0);
    integer.then_some(if is_unsigned { "uint64" } else { "int64" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Document;

    #[track_caller]
    #[allow(clippy::needless_pass_by_value, reason = "a call reads better without references")]
    fn check(source: Value, expected: Value) {
        let document = Document::parse("a.yaml", &source.to_string()).unwrap();
        assert_eq!(schema(&document.root), expected);
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
        let document = json!({"paths": {"/a": {"get": {"operationId": "o", "responses": {
            "200": {"description": "d", "headers": {}, "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/A"}},
                "text/event-stream": {"schema": {"$ref": "#/components/schemas/B"}}}},
            "400": {"$ref": "#/components/responses/BadRequest"}}}}}});
        let document = Document::parse("a.yaml", &document.to_string()).unwrap();
        let lowered = lower(&Model::read(&document));
        assert_eq!(
            lowered["paths"]["/a"]["get"]["responses"],
            json!({"200": {"description": "", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}})
        );
    }
}
