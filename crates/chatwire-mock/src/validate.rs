//! Finds what a real service would refuse in a request, and names the parameter. The types check what the document
//! says; this module adds what the official service alone refuses, and works on the JSON, because the types accept
//! more than any one service.

use chatwire_types::{
    CreateChatCompletionRequest, FindingKind, InvalidRequest, Path, Unknown as _,
    UpdateChatCompletionRequest,
};
use serde_core::Deserialize as _;
use serde_json::Value;

use crate::problem::Problem;
use crate::strict;

/// Returns the first problem of a request body.
pub(crate) fn validate(body: &Value) -> Result<(), Problem> {
    let request =
        CreateChatCompletionRequest::deserialize(body).map_err(|error| no_request(&error))?;
    request.validate().map_err(|invalid| first(&invalid))?;
    official(body)?;
    known_values(&request)
}

/// Returns the first problem of a request body that changes a stored completion.
pub(crate) fn validate_update(body: &Value) -> Result<(), Problem> {
    let request =
        UpdateChatCompletionRequest::deserialize(body).map_err(|error| no_request(&error))?;
    request.validate().map_err(|invalid| first(&invalid))
}

/// The types keep a value or a form that the document does not have, and the official service refuses it.
fn known_values(request: &CreateChatCompletionRequest) -> Result<(), Problem> {
    let mut unknown = None;
    request.visit_unknown(&mut Path::new(), &mut |path, finding| {
        let is_wrong =
            matches!(finding.kind, FindingKind::UnknownValue | FindingKind::UnknownVariant);
        if unknown.is_none() && is_wrong {
            let value = finding.text.map(str::to_owned);
            let value = value.or_else(|| finding.json.map(Value::to_string)).unwrap_or_default();
            unknown = Some((path.to_string(), shortened(value)));
        }
    });
    let Some((param, value)) = unknown else { return Ok(()) };
    let text = format!("Invalid value for '{param}': '{value}'. The document has others.");
    Err(Problem::param(&param, "invalid_value", text))
}

fn shortened(mut value: String) -> String {
    if value.chars().count() > LONGEST_SHOWN {
        value = value.chars().take(LONGEST_SHOWN).chain(['…']).collect();
    }
    value
}

fn no_request(error: &serde_json::Error) -> Problem {
    Problem::new(400, format!("The body is not a request: {error}."))
}

/// The official service reports one problem.
fn first(invalid: &InvalidRequest) -> Problem {
    let problem = invalid.problems().first();
    let problem = problem.map(|first| (first.to_string(), first.param.clone(), first.code));
    let (text, param, code) = problem.unwrap_or_default();
    let problem = Problem::new(400, format!("{text}."));
    let problem = param.into_iter().fold(problem, Problem::about);
    code.into_iter().fold(problem, Problem::with_code)
}

/// Checks what the document leaves open: the forms, values and lengths that only other services take.
fn official(body: &Value) -> Result<(), Problem> {
    let Some(body) = body.as_object() else { return Ok(()) };
    let set = |name: &str| body.get(name).filter(|value| !value.is_null());
    each(
        "messages",
        set("messages").and_then(Value::as_array).map_or(&[], Vec::as_slice),
        message,
    )?;
    name("model", set("model"))?;
    for param in ["max_tokens", "max_completion_tokens"] {
        if set(param).and_then(Value::as_f64).is_some_and(|most| most < 1.0) {
            let text = format!("Invalid '{param}': it must be at least 1.");
            return Err(Problem::param(param, "integer_below_min_value", text));
        }
    }
    if let Some(verbosity) = set("verbosity").and_then(Value::as_str) {
        one_of("verbosity", verbosity, &["low", "medium", "high"])?;
    }
    set("tools").map_or(Ok(()), |value| tools("tools", value))?;
    set("tool_choice").map_or(Ok(()), |value| tool_choice("tool_choice", value))?;
    set("response_format").map_or(Ok(()), |value| response_format("response_format", value))?;
    set("prediction").map_or(Ok(()), prediction)?;
    let names_a_tool = set("tool_choice").is_some_and(|choice| choice != "none");
    if names_a_tool && set("tools").is_none() {
        return Err(Problem::param("tool_choice", "invalid_value", "`tool_choice` needs `tools`."));
    }
    Ok(())
}

fn message(param: &str, message: &Value) -> Result<(), Problem> {
    let role = text(message, "role");
    one_of(&format!("{param}.role"), role, ROLES)?;
    let calls = message.get("tool_calls").and_then(Value::as_array);
    each(&format!("{param}.tool_calls"), calls.map_or(&[], Vec::as_slice), tool_call)?;
    let param = format!("{param}.content");
    let has = |key: &str| message.get(key).is_some_and(|value| !value.is_null());
    if !has("content") {
        let other = ["tool_calls", "function_call", "refusal", "audio"];
        let needs_content = match role {
            "assistant" => !other.into_iter().any(has),
            "function" => false,
            _ => true,
        };
        return if needs_content { Err(missing(&param)) } else { Ok(()) };
    }
    match message.get("content").and_then(Value::as_array) {
        Some(parts) if parts.is_empty() => {
            Err(Problem::param(&param, "empty_array", format!("`{param}` has no parts.")))
        }
        Some(parts) => each(&param, parts, |param, part| {
            one_of(&format!("{param}.type"), text(part, "type"), PARTS)
        }),
        None => Ok(()),
    }
}

/// The document leaves these keys out of what is required, because some services do.
fn tool_call(param: &str, call: &Value) -> Result<(), Problem> {
    let kind = text(call, "type");
    for key in ["id", "type", kind] {
        if call.get(key).is_none_or(Value::is_null) {
            return Err(missing(&format!("{param}.{key}")));
        }
    }
    Ok(())
}

fn tools(param: &str, value: &Value) -> Result<(), Problem> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    if list.len() > MOST_TOOLS {
        let text = format!("`{param}` has {} tools; {MOST_TOOLS} are allowed.", list.len());
        return Err(Problem::param(param, "array_above_max_length", text));
    }
    each(param, list, |param, tool| {
        let kind = text(tool, "type");
        one_of(&format!("{param}.type"), kind, &["function", "custom"])?;
        let param = format!("{param}.{kind}");
        let definition = tool.get(kind).unwrap_or(&Value::Null);
        name(&format!("{param}.name"), definition.get("name"))?;
        strict_schema("function", definition, definition.get("parameters")).map_err(|text| {
            let param = format!("{param}.parameters");
            Problem::param(param, "invalid_function_parameters", text)
        })
    })
}

/// Checks a schema by the rules of strict mode, if the definition around it asks for that.
fn strict_schema(what: &str, definition: &Value, schema: Option<&Value>) -> Result<(), String> {
    let is_strict = definition.get("strict") == Some(&Value::Bool(true));
    let Some(schema) = schema.filter(|schema| is_strict && !schema.is_null()) else {
        return Ok(());
    };
    strict::check(schema).map_err(|problem| {
        let name = definition.get("name").and_then(Value::as_str).unwrap_or_default();
        format!("Invalid schema for {what} '{name}': {problem}")
    })
}

/// A name, which answers repeat.
fn name(param: &str, value: Option<&Value>) -> Result<(), Problem> {
    let name = value.and_then(Value::as_str).ok_or_else(|| missing(param))?;
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let text = format!("`{param}` has {} bytes; {LONGEST_NAME} are allowed.", name.len());
    Err(Problem::param(param, "string_above_max_length", text))
}

fn tool_choice(param: &str, value: &Value) -> Result<(), Problem> {
    match value.as_str() {
        Some(name) => one_of(param, name, &["none", "auto", "required"]),
        None => {
            let kinds = ["function", "custom", "allowed_tools"];
            one_of(&format!("{param}.type"), text(value, "type"), &kinds)
        }
    }
}

fn response_format(param: &str, value: &Value) -> Result<(), Problem> {
    let kind = text(value, "type");
    one_of(&format!("{param}.type"), kind, &["text", "json_object", "json_schema"])?;
    let Some(format) = value.get("json_schema").filter(|_| kind == "json_schema") else {
        return Ok(());
    };
    name(&format!("{param}.json_schema.name"), format.get("name"))?;
    // The official service names the parameter as a whole here, and sends no code.
    strict_schema("response_format", format, format.get("schema"))
        .map_err(|text| Problem::named("response_format", text))
}

/// A prediction only has text.
fn prediction(value: &Value) -> Result<(), Problem> {
    let parts = value.get("content").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    each("prediction.content", parts, |param, part| {
        one_of(&format!("{param}.type"), text(part, "type"), &["text"])
    })
}

fn each(
    param: &str,
    list: &[Value],
    check: impl Fn(&str, &Value) -> Result<(), Problem>,
) -> Result<(), Problem> {
    list.iter().enumerate().try_for_each(|(i, item)| check(&format!("{param}[{i}]"), item))
}

/// The text under a key, whose shape was checked; empty if it is missing.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn one_of(param: &str, value: &str, names: &[&str]) -> Result<(), Problem> {
    if names.contains(&value) {
        return Ok(());
    }
    let names = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let text = format!("Invalid value for '{param}': '{value}'. Supported values are {names}.");
    Err(Problem::param(param, "invalid_value", text))
}

fn missing(param: &str) -> Problem {
    let text = format!("Missing required parameter: '{param}'.");
    Problem::param(param, "missing_required_parameter", text)
}

const MOST_TOOLS: usize = 128;
const LONGEST_NAME: usize = 256;
/// The characters of a wrong value that a message shows.
const LONGEST_SHOWN: usize = 60;
const ROLES: &[&str] = &["developer", "system", "user", "assistant", "tool", "function"];
const PARTS: &[&str] = &["text", "image_url", "input_audio", "file", "refusal"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Adds `extra` to a valid request. `expected` is the parameter and the code of the problem.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn check(extra: Value, expected: Option<(&str, &str)>) {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        let problem = validate(&body).err().map(|problem| problem.envelope()["error"].clone());
        let actual = problem.as_ref().map(|p| (p["param"].as_str(), p["code"].as_str()));
        assert_eq!(actual, expected.map(|(param, code)| (Some(param), Some(code))), "{extra}");
    }

    #[test]
    fn messages_are_checked() {
        let missing = "missing_required_parameter";
        check(json!({}), None);
        check(json!({"messages": null}), Some(("messages", missing)));
        check(json!({"messages": []}), Some(("messages", "empty_array")));
        check(json!({"messages": "hi"}), Some(("messages", "invalid_type")));
        check(json!({"messages": ["hi"]}), Some(("messages[0]", "invalid_type")));
        check(json!({"messages": [{"content": "x"}]}), Some(("messages[0].role", missing)));
        let robot = json!({"role": "robot", "content": "x"});
        check(json!({"messages": [robot]}), Some(("messages[0].role", "invalid_value")));
        check(json!({"messages": [{"role": "user"}]}), Some(("messages[0].content", missing)));
        check(json!({"messages": [{"role": "assistant", "tool_calls": []}]}), None);
        let call = |call: Value| json!({"messages": [{"role": "assistant", "tool_calls": [call]}]});
        let function = json!({"name": "f", "arguments": "{}"});
        check(call(json!({"id": "1", "type": "function", "function": function})), None);
        let param = "messages[0].tool_calls[0]";
        for (call, key) in [
            (call(json!({"type": "function", "function": function})), "id"),
            (call(json!({"id": "1", "type": null, "function": function})), "type"),
            (call(json!({"id": "1", "type": "custom", "function": function})), "custom"),
        ] {
            check(call, Some((&format!("{param}.{key}"), missing)));
        }
        let tool = json!({"role": "tool", "content": "x"});
        check(json!({"messages": [tool]}), Some(("messages[0].tool_call_id", missing)));
        let part = json!({"role": "user", "content": [{"type": "text"}]});
        check(json!({"messages": [part]}), Some(("messages[0].content[0].text", missing)));
        let part = json!({"role": "user", "content": [{"type": "smell"}]});
        check(json!({"messages": [part]}), Some(("messages[0].content[0].type", "invalid_value")));
    }

    #[test]
    fn values_of_the_document() {
        let invalid = |param| Some((param, "invalid_value"));
        check(json!({"service_tier": "default", "my_own": {"key": 1}}), None);
        check(json!({"service_tier": "golden"}), invalid("service_tier"));
        check(json!({"prompt_cache_retention": "AAA"}), invalid("prompt_cache_retention"));
        let custom = json!({"name": "run", "format": {"type": "AAA"}});
        let tools = json!([{"type": "custom", "custom": custom}]);
        check(json!({"tools": tools}), invalid("tools[0].custom.format"));
        check(json!({"my_own": 7, "chat_template_kwargs": 7}), None);
    }

    #[test]
    fn parameters_are_checked() {
        check(json!({"model": null}), Some(("model", "missing_required_parameter")));
        check(json!({"model": 4}), Some(("model", "invalid_type")));
        check(json!({"temperature": "hot"}), Some(("temperature", "invalid_type")));
        check(json!({"temperature": 2.5}), Some(("temperature", "decimal_above_max_value")));
        check(json!({"temperature": null, "n": 2.0}), None);
        check(json!({"n": 0}), Some(("n", "integer_below_min_value")));
        check(json!({"n": 1.5}), Some(("n", "invalid_type")));
        check(json!({"stream": "yes"}), Some(("stream", "invalid_type")));
        check(json!({"stop": ["a", 1]}), Some(("stop[1]", "invalid_type")));
        check(json!({"stop": ["", "", "", "", ""]}), Some(("stop", "array_above_max_length")));
        check(json!({"logit_bias": {"1": 101}}), Some(("logit_bias.1", "integer_above_max_value")));
        check(json!({"verbosity": "loud"}), Some(("verbosity", "invalid_value")));
        check(json!({"tools": [{"type": "x"}]}), Some(("tools[0].type", "invalid_value")));
        check(
            json!({"tools": [{"type": "function"}]}),
            Some(("tools[0].function", "missing_required_parameter")),
        );
        check(json!({"tool_choice": "maybe"}), Some(("tool_choice", "invalid_value")));
        let tool = json!({"type": "custom", "custom": {"name": "x".repeat(257)}});
        check(json!({"tools": [tool]}), Some(("tools[0].custom.name", "string_above_max_length")));
        check(json!({"model": "m".repeat(257)}), Some(("model", "string_above_max_length")));
        let tool = json!({"type": "function", "function": {"name": "f"}});
        check(json!({"tools": vec![tool; 129]}), Some(("tools", "array_above_max_length")));
        let format = json!({"type": "json_schema"});
        let param = "response_format.json_schema";
        check(json!({"response_format": format}), Some((param, "missing_required_parameter")));
        check(json!({"max_tokens": 0}), Some(("max_tokens", "integer_below_min_value")));
        check(json!({"some_new_parameter": 1}), None);
    }

    #[test]
    fn strict_schemas_are_checked() {
        let open = json!({"type": "object", "properties": {}, "required": []});
        let format = |strict: Value, schema: &Value| {
            let schema = json!({"name": "event", "strict": strict, "schema": schema});
            json!({"response_format": {"type": "json_schema", "json_schema": schema}})
        };
        check(format(json!(false), &open), None);
        check(format(Value::Null, &open), None);
        let mut body = format(json!(true), &open);
        body["model"] = json!("m");
        body["messages"] = json!([{"role": "user", "content": "hi"}]);
        let problem = validate(&body).unwrap_err().envelope()["error"].clone();
        assert_eq!(
            (&problem["param"], &problem["code"]),
            (&"response_format".into(), &Value::Null)
        );
        let text = problem["message"].as_str().unwrap();
        assert!(
            text.starts_with("Invalid schema for response_format 'event': In context=(), 'add")
        );

        let tool = |strict: bool| {
            let function = json!({"name": "f", "strict": strict, "parameters": open});
            json!({"tools": [{"type": "function", "function": function}]})
        };
        check(tool(false), None);
        let param = "tools[0].function.parameters";
        check(tool(true), Some((param, "invalid_function_parameters")));
    }

    #[test]
    fn relations_are_checked() {
        check(json!({"stream_options": {}}), Some(("stream_options", "invalid_value")));
        check(json!({"stream_options": {}, "stream": true}), None);
        check(json!({"top_logprobs": 2}), Some(("top_logprobs", "invalid_value")));
        check(json!({"tool_choice": "required"}), Some(("tool_choice", "invalid_value")));
        check(json!({"tool_choice": "auto"}), Some(("tool_choice", "invalid_value")));
    }

    #[test]
    fn a_prediction_is_text() {
        let prediction =
            |part: Value| json!({"prediction": {"type": "content", "content": [part]}});
        check(prediction(json!({"type": "text", "text": "x"})), None);
        let image = json!({"type": "image_url", "image_url": {"url": "x"}});
        let param = "prediction.content[0].type";
        check(prediction(image), Some((param, "invalid_value")));
    }

    #[test]
    fn metadata_is_bounded() {
        let pairs = |count: usize| (0..count).map(|i| (i.to_string(), "")).collect::<Value>();
        check(json!({"metadata": pairs(16)}), None);
        let code = "object_above_max_properties";
        check(json!({"metadata": pairs(17)}), Some(("metadata", code)));
        check(json!({"metadata": {"a": 1}}), Some(("metadata.a", "invalid_type")));
        let code = "string_above_max_length";
        check(json!({"metadata": {"a": "é".repeat(512), "é".repeat(64): ""}}), None);
        check(json!({"metadata": {"a": "é".repeat(513)}}), Some(("metadata.a", code)));
        let long = "k".repeat(65);
        let param = format!("metadata.{long}");
        check(json!({"metadata": {long: ""}}), Some((param.as_str(), code)));
    }

    #[test]
    fn a_body_that_is_no_object() {
        assert!(validate(&json!([])).is_err());
    }
}
