//! Finds what a real service would refuse in a request, and names the parameter. It checks the
//! JSON, because the types accept more than any one service; [`answer`](crate::answer) makes the
//! answer.

use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::strict;

/// Returns the first problem of a request body.
pub(crate) fn validate(body: &Value) -> Result<(), Problem> {
    let Value::Object(body) = body else {
        return Err(Problem::new(400, format!("The body must be an object, not {}.", kind(body))));
    };
    messages(body.get("messages"))?;
    if body.get("model").is_none_or(Value::is_null) {
        return Err(missing("model"));
    }
    for (name, rule) in PARAMETERS {
        // Many clients send `null` for an absent parameter.
        if let Some(value) = body.get(*name).filter(|value| !value.is_null()) {
            rule.check(name, value)?;
        }
    }
    relations(body)
}

/// The allowed values of one parameter.
enum Rule {
    Bool,
    Text,
    Number(f64, f64),
    Integer(i64, i64),
    Object,
    OneOf(&'static [&'static str]),
    Custom(fn(&str, &Value) -> Result<(), Problem>),
}

const PARAMETERS: &[(&str, Rule)] = &[
    ("model", Rule::Custom(name)),
    ("frequency_penalty", Rule::Number(-2.0, 2.0)),
    ("presence_penalty", Rule::Number(-2.0, 2.0)),
    ("temperature", Rule::Number(0.0, 2.0)),
    ("top_p", Rule::Number(0.0, 1.0)),
    ("n", Rule::Integer(1, 128)),
    ("max_tokens", Rule::Integer(1, i64::MAX)),
    ("max_completion_tokens", Rule::Integer(1, i64::MAX)),
    ("top_logprobs", Rule::Integer(0, 20)),
    ("seed", Rule::Integer(i64::MIN, i64::MAX)),
    ("logprobs", Rule::Bool),
    ("stream", Rule::Bool),
    ("store", Rule::Bool),
    ("parallel_tool_calls", Rule::Bool),
    ("user", Rule::Text),
    ("service_tier", Rule::Text),
    ("reasoning_effort", Rule::Text),
    ("verbosity", Rule::OneOf(&["low", "medium", "high"])),
    ("logit_bias", Rule::Custom(logit_bias)),
    ("metadata", Rule::Custom(metadata)),
    ("stream_options", Rule::Object),
    ("stop", Rule::Custom(stop)),
    ("tools", Rule::Custom(tools)),
    ("tool_choice", Rule::Custom(tool_choice)),
    ("response_format", Rule::Custom(response_format)),
];

impl Rule {
    fn check(&self, param: &str, value: &Value) -> Result<(), Problem> {
        match self {
            Self::Bool => expect(param, value, "a boolean", value.is_boolean()),
            Self::Text => expect(param, value, "a string", value.is_string()),
            Self::Object => expect(param, value, "an object", value.is_object()),
            Self::OneOf(names) => {
                expect(param, value, "a string", value.is_string())?;
                one_of(param, value.as_str().unwrap_or_default(), names)
            }
            Self::Number(low, high) => {
                let number = value.as_f64().ok_or_else(|| wrong_type(param, value, "a number"))?;
                in_range(param, value, (*low..=*high).contains(&number), low, high)
            }
            Self::Integer(low, high) => {
                // `2.0` is an integer in JSON Schema, and for most services.
                let float = value.as_f64().filter(|number| number.fract() == 0.0);
                let integer = value.as_i64().or(float.map(|number| number as i64));
                let integer = integer.ok_or_else(|| wrong_type(param, value, "an integer"))?;
                in_range(param, value, (*low..=*high).contains(&integer), low, high)
            }
            Self::Custom(check) => check(param, value),
        }
    }
}

fn messages(value: Option<&Value>) -> Result<(), Problem> {
    let value = value.filter(|value| !value.is_null()).ok_or_else(|| missing("messages"))?;
    let list = array("messages", value)?;
    if list.is_empty() {
        let text = "`messages` is empty: send at least one message.";
        return Err(Problem::param("messages", "empty_array", text));
    }
    each("messages", list, message)
}

fn message(param: &str, value: &Value) -> Result<(), Problem> {
    let message = object(param, value)?;
    let role_param = format!("{param}.role");
    let role = text(&role_param, message.get("role"))?;
    one_of(&role_param, role, ROLES)?;
    let content = message.get("content").filter(|content| !content.is_null());
    let has = |key: &str| message.get(key).is_some_and(|value| !value.is_null());
    match (role, content) {
        (_, Some(content)) => self::content(&format!("{param}.content"), content)?,
        ("assistant", None) => {
            if !["tool_calls", "function_call", "refusal", "audio"].into_iter().any(has) {
                return Err(missing(&format!("{param}.content")));
            }
        }
        ("function", None) => {}
        (_, None) => return Err(missing(&format!("{param}.content"))),
    }
    if role == "tool" {
        text(&format!("{param}.tool_call_id"), message.get("tool_call_id"))?;
    }
    Ok(())
}

fn content(param: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(_) => Ok(()),
        Value::Array(parts) if parts.is_empty() => {
            Err(Problem::param(param, "empty_array", format!("`{param}` has no parts.")))
        }
        Value::Array(parts) => each(param, parts, part),
        _ => Err(wrong_type(param, value, "a string or an array of parts")),
    }
}

fn part(param: &str, value: &Value) -> Result<(), Problem> {
    let part = object(param, value)?;
    let type_param = format!("{param}.type");
    let name = text(&type_param, part.get("type"))?;
    one_of(&type_param, name, PARTS)?;
    match name {
        "text" => text(&format!("{param}.text"), part.get("text")).map(drop),
        "image_url" => {
            let param = format!("{param}.image_url");
            let image = object(&param, part.get("image_url").unwrap_or(&Value::Null))?;
            text(&format!("{param}.url"), image.get("url")).map(drop)
        }
        _ => Ok(()),
    }
}

fn stop(param: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(_) => Ok(()),
        Value::Array(list) if list.len() > 4 => {
            let text = format!("`{param}` has {} sequences; 4 are allowed.", list.len());
            Err(Problem::param(param, "array_above_max_length", text))
        }
        Value::Array(list) => each(param, list, |param, item| Rule::Text.check(param, item)),
        _ => Err(wrong_type(param, value, "a string or an array of strings")),
    }
}

fn logit_bias(param: &str, value: &Value) -> Result<(), Problem> {
    for (token, bias) in object(param, value)? {
        Rule::Number(-100.0, 100.0).check(&format!("{param}.{token}"), bias)?;
    }
    Ok(())
}

/// Checks metadata by the official bounds: 16 pairs, 64 characters a key, 512 characters a value.
pub(crate) fn metadata(param: &str, value: &Value) -> Result<(), Problem> {
    let pairs = object(param, value)?;
    if pairs.len() > MOST_METADATA {
        let text = format!("`{param}` has {} pairs; {MOST_METADATA} are allowed.", pairs.len());
        return Err(Problem::param(param, "object_above_max_properties", text));
    }
    for (key, value) in pairs {
        let param = format!("{param}.{key}");
        Rule::Text.check(&param, value)?;
        at_most(&param, "Its key", key, LONGEST_METADATA_KEY)?;
        at_most(&param, "Its value", value.as_str().unwrap_or_default(), LONGEST_METADATA_VALUE)?;
    }
    Ok(())
}

fn at_most(param: &str, what: &str, text: &str, most: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length <= most {
        return Ok(());
    }
    let text = format!("{what} has {length} characters; {most} are allowed.");
    Err(Problem::param(param, "string_above_max_length", text))
}

const MOST_METADATA: usize = 16;
const LONGEST_METADATA_KEY: usize = 64;
const LONGEST_METADATA_VALUE: usize = 512;

fn tools(param: &str, value: &Value) -> Result<(), Problem> {
    let list = array(param, value)?;
    if list.len() > MOST_TOOLS {
        let text = format!("`{param}` has {} tools; {MOST_TOOLS} are allowed.", list.len());
        return Err(Problem::param(param, "array_above_max_length", text));
    }
    each(param, list, |param, tool| {
        let tool = object(param, tool)?;
        let type_param = format!("{param}.type");
        let kind = text(&type_param, tool.get("type"))?;
        one_of(&type_param, kind, &["function", "custom"])?;
        let param = format!("{param}.{kind}");
        let definition = object(&param, tool.get(kind).unwrap_or(&Value::Null))?;
        name(&format!("{param}.name"), definition.get("name").unwrap_or(&Value::Null))?;
        let schema = definition.get("parameters");
        strict_schema("function", definition, schema).map_err(|text| {
            let param = format!("{param}.parameters");
            Problem::param(param, "invalid_function_parameters", text)
        })
    })
}

/// Checks a schema by the rules of strict mode, if the definition around it asks for that.
fn strict_schema(
    what: &str,
    definition: &Map<String, Value>,
    schema: Option<&Value>,
) -> Result<(), String> {
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
fn name(param: &str, value: &Value) -> Result<(), Problem> {
    let name = text(param, Some(value).filter(|value| !value.is_null()))?;
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let text = format!("`{param}` has {} bytes; {LONGEST_NAME} are allowed.", name.len());
    Err(Problem::param(param, "string_above_max_length", text))
}

fn tool_choice(param: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(name) => one_of(param, name, &["none", "auto", "required"]),
        Value::Object(choice) => {
            let type_param = format!("{param}.type");
            let kind = text(&type_param, choice.get("type"))?;
            one_of(&type_param, kind, &["function", "custom", "allowed_tools"])?;
            object(&format!("{param}.{kind}"), choice.get(kind).unwrap_or(&Value::Null)).map(drop)
        }
        _ => Err(wrong_type(param, value, "a string or an object")),
    }
}

fn response_format(param: &str, value: &Value) -> Result<(), Problem> {
    let format = object(param, value)?;
    let type_param = format!("{param}.type");
    let kind = text(&type_param, format.get("type"))?;
    one_of(&type_param, kind, &["text", "json_object", "json_schema"])?;
    if kind == "json_schema" {
        let param = format!("{param}.json_schema");
        let schema = object(&param, format.get("json_schema").unwrap_or(&Value::Null))?;
        text(&format!("{param}.name"), schema.get("name"))?;
        if let Some(schema) = schema.get("schema").filter(|schema| !schema.is_null()) {
            object(&format!("{param}.schema"), schema)?;
        }
        // The official service names the parameter as a whole here, and sends no code.
        strict_schema("response_format", schema, schema.get("schema"))
            .map_err(|text| Problem::named("response_format", text))?;
    }
    Ok(())
}

/// Checks what depends on two parameters.
fn relations(body: &Map<String, Value>) -> Result<(), Problem> {
    let set = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    let is_true = |name: &str| body.get(name) == Some(&Value::Bool(true));
    let refuse = |param: &str, text: &str| Err(Problem::param(param, "invalid_value", text));
    if set("stream_options") && !is_true("stream") {
        return refuse("stream_options", "`stream_options` needs `stream: true`.");
    }
    if set("top_logprobs") && !is_true("logprobs") {
        return refuse("top_logprobs", "`top_logprobs` needs `logprobs: true`.");
    }
    let names_a_tool = set("tool_choice") && body.get("tool_choice") != Some(&"none".into());
    if names_a_tool && !set("tools") {
        return refuse("tool_choice", "`tool_choice` needs `tools`.");
    }
    Ok(())
}

fn each(
    param: &str,
    list: &[Value],
    check: impl Fn(&str, &Value) -> Result<(), Problem>,
) -> Result<(), Problem> {
    list.iter().enumerate().try_for_each(|(i, item)| check(&format!("{param}[{i}]"), item))
}

fn object<'a>(param: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Problem> {
    value.as_object().ok_or_else(|| wrong_type(param, value, "an object"))
}

fn array<'a>(param: &str, value: &'a Value) -> Result<&'a Vec<Value>, Problem> {
    value.as_array().ok_or_else(|| wrong_type(param, value, "an array"))
}

fn text<'a>(param: &str, value: Option<&'a Value>) -> Result<&'a str, Problem> {
    let value = value.ok_or_else(|| missing(param))?;
    value.as_str().ok_or_else(|| wrong_type(param, value, "a string"))
}

fn one_of(param: &str, value: &str, names: &[&str]) -> Result<(), Problem> {
    if names.contains(&value) {
        return Ok(());
    }
    let names = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let text = format!("Invalid value for '{param}': '{value}'. Supported values are {names}.");
    Err(Problem::param(param, "invalid_value", text))
}

fn expect(param: &str, value: &Value, expected: &str, fits: bool) -> Result<(), Problem> {
    if fits { Ok(()) } else { Err(wrong_type(param, value, expected)) }
}

fn in_range(
    param: &str,
    value: &Value,
    fits: bool,
    low: &dyn std::fmt::Display,
    high: &dyn std::fmt::Display,
) -> Result<(), Problem> {
    if fits {
        return Ok(());
    }
    let text = format!("Invalid '{param}': {value} is not from {low} to {high}.");
    Err(Problem::param(param, "out_of_range", text))
}

fn missing(param: &str) -> Problem {
    let text = format!("Missing required parameter: '{param}'.");
    Problem::param(param, "missing_required_parameter", text)
}

fn wrong_type(param: &str, value: &Value, expected: &str) -> Problem {
    let text = format!("Invalid type for '{param}': expected {expected}, got {}.", kind(value));
    Problem::param(param, "invalid_type", text)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

const MOST_TOOLS: usize = 128;
const LONGEST_NAME: usize = 256;
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
        let tool = json!({"role": "tool", "content": "x"});
        check(json!({"messages": [tool]}), Some(("messages[0].tool_call_id", missing)));
        let part = json!({"role": "user", "content": [{"type": "text"}]});
        check(json!({"messages": [part]}), Some(("messages[0].content[0].text", missing)));
        let part = json!({"role": "user", "content": [{"type": "smell"}]});
        check(json!({"messages": [part]}), Some(("messages[0].content[0].type", "invalid_value")));
    }

    #[test]
    fn parameters_are_checked() {
        check(json!({"model": null}), Some(("model", "missing_required_parameter")));
        check(json!({"model": 4}), Some(("model", "invalid_type")));
        check(json!({"temperature": "hot"}), Some(("temperature", "invalid_type")));
        check(json!({"temperature": 2.5}), Some(("temperature", "out_of_range")));
        check(json!({"temperature": null, "n": 2.0}), None);
        check(json!({"n": 0}), Some(("n", "out_of_range")));
        check(json!({"n": 1.5}), Some(("n", "invalid_type")));
        check(json!({"stream": "yes"}), Some(("stream", "invalid_type")));
        check(json!({"stop": ["a", 1]}), Some(("stop[1]", "invalid_type")));
        check(json!({"stop": ["", "", "", "", ""]}), Some(("stop", "array_above_max_length")));
        check(json!({"logit_bias": {"1": 101}}), Some(("logit_bias.1", "out_of_range")));
        check(json!({"verbosity": "loud"}), Some(("verbosity", "invalid_value")));
        check(json!({"tools": [{"type": "x"}]}), Some(("tools[0].type", "invalid_value")));
        check(
            json!({"tools": [{"type": "function"}]}),
            Some(("tools[0].function", "invalid_type")),
        );
        check(json!({"tool_choice": "maybe"}), Some(("tool_choice", "invalid_value")));
        let tool = json!({"type": "custom", "custom": {"name": "x".repeat(257)}});
        check(json!({"tools": [tool]}), Some(("tools[0].custom.name", "string_above_max_length")));
        check(json!({"model": "m".repeat(257)}), Some(("model", "string_above_max_length")));
        check(json!({"tools": vec![1; 129]}), Some(("tools", "array_above_max_length")));
        let format = json!({"type": "json_schema"});
        let param = "response_format.json_schema";
        check(json!({"response_format": format}), Some((param, "invalid_type")));
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
