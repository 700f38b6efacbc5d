//! Makes the completion for a valid request: always the same one, and in the form of the official
//! service. [`text`](crate::text) makes its words, and [`schema`](crate::schema) values for
//! schemas.

use serde_json::{Value, json};

use crate::{schema, text};

/// What an answer needs besides the request.
pub(crate) struct Context<'a> {
    /// The number of the answer, counted by server.
    pub(crate) number: u64,
    /// Unix time in seconds.
    pub(crate) created: u64,
    /// The scripted text, if there is one.
    pub(crate) script: Option<&'a str>,
}

/// Answers a request that [`validate`](crate::validate) accepted.
pub(crate) fn complete(request: &Value, context: &Context<'_>) -> Value {
    let count = request.get("n").and_then(Value::as_f64).map_or(1, |n| n as u64).max(1);
    let reply = Reply::to(request, context);
    let choices: Vec<_> = (0..count).map(|index| choice(request, &reply, index)).collect();
    let written: usize = choices.iter().map(|choice| choice.tokens).sum();
    let choices: Vec<_> = choices.into_iter().map(|choice| choice.json).collect();
    json!({
        "id": format!("chatcmpl-mock{}", context.number),
        "object": "chat.completion",
        "created": context.created,
        "model": request.get("model"),
        "choices": choices,
        "usage": usage(prompt_tokens(request), written),
        "service_tier": "default",
        "system_fingerprint": "fp_mock",
    })
}

enum Reply {
    Text(String),
    Tools(Vec<Value>),
}

impl Reply {
    fn to(request: &Value, context: &Context<'_>) -> Self {
        let last = request.pointer("/messages").and_then(Value::as_array).and_then(|m| m.last());
        let prompt = last.map(message_text).unwrap_or_default();
        let from_tool = last.and_then(|last| last.get("role")).is_some_and(|role| role == "tool");
        if context.script.is_none() && !from_tool {
            let tools = called_tools(request, &prompt, context.number);
            if !tools.is_empty() {
                return Self::Tools(tools);
            }
        }
        let words = match context.script {
            Some(script) => script.to_owned(),
            None if from_tool => format!("The tool says: {prompt}"),
            None => text::reply(&prompt),
        };
        Self::Text(structured(request, words))
    }
}

struct Choice {
    json: Value,
    tokens: usize,
}

fn choice(request: &Value, reply: &Reply, index: u64) -> Choice {
    let mut message = json!({"role": "assistant", "content": null, "refusal": null});
    let mut set = |key: &str, value: Value| {
        message.as_object_mut().map(|message| message.insert(key.to_owned(), value))
    };
    let (tokens, finish_reason) = match reply {
        Reply::Tools(calls) => {
            set("tool_calls", json!(calls));
            (calls.iter().map(call_tokens).sum(), "tool_calls")
        }
        Reply::Text(words) => {
            let words = vary(request, words, index);
            let (words, tokens, finish_reason) = limit(request, &words);
            set("content", json!(words));
            (tokens, finish_reason)
        }
    };
    let json = json!({
        "index": index,
        "message": message,
        "logprobs": null,
        "finish_reason": finish_reason,
    });
    Choice { json, tokens }
}

/// What the model writes of a call: everything but its id.
fn call_tokens(call: &Value) -> usize {
    let written = call.get("function").or_else(|| call.get("custom"));
    text::tokens(&written.unwrap_or(call).to_string()).len()
}

/// Choices of one request differ, except structured ones.
fn vary(request: &Value, words: &str, index: u64) -> String {
    match index {
        0 => words.to_owned(),
        _ if format_type(request).is_some() => words.to_owned(),
        _ => format!("{words} (answer {})", index + 1),
    }
}

/// Cuts the text at the first stop sequence, then at the token limit.
fn limit<'a>(request: &Value, words: &'a str) -> (&'a str, usize, &'static str) {
    let stops = match request.get("stop") {
        Some(Value::String(stop)) => vec![stop.as_str()],
        Some(Value::Array(stops)) => stops.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let stops = stops.into_iter().filter(|stop| !stop.is_empty());
    let end = stops.filter_map(|stop| words.find(stop)).min().unwrap_or(words.len());
    let words = words.get(..end).unwrap_or(words);
    let tokens = text::tokens(words);
    let limits = ["max_completion_tokens", "max_tokens"].into_iter();
    let most = limits.filter_map(|name| request.get(name)?.as_f64()).next();
    let most = most.map_or(usize::MAX, |most| most as usize);
    if tokens.len() <= most {
        return (words, tokens.len(), "stop");
    }
    let len = tokens.iter().take(most).map(|token| token.len()).sum();
    (words.get(..len).unwrap_or(words), most, "length")
}

/// Puts the words into JSON of the requested form.
fn structured(request: &Value, words: String) -> String {
    let is_json = || matches!(serde_json::from_str(&words), Ok(Value::Object(_)));
    match format_type(request) {
        Some("json_object") if !is_json() => json!({"answer": words}).to_string(),
        Some("json_schema") if !is_json() => {
            match request.pointer("/response_format/json_schema/schema") {
                Some(schema) => schema::example(schema, &words).to_string(),
                None => json!({"answer": words}).to_string(),
            }
        }
        _ => words,
    }
}

fn format_type(request: &Value) -> Option<&str> {
    let name = request.pointer("/response_format/type")?.as_str()?;
    (name != "text").then_some(name)
}

/// The tools to call: all that the request requires, or those that the prompt names.
fn called_tools(request: &Value, prompt: &str, number: u64) -> Vec<Value> {
    let tools = request.get("tools").and_then(Value::as_array).map(Vec::as_slice);
    let tools = tools.unwrap_or_default();
    let choice = request.get("tool_choice").unwrap_or(&Value::Null);
    let wanted: Vec<&Value> = match choice.as_str() {
        Some("none") => Vec::new(),
        Some("required") => {
            let named: Vec<_> = tools.iter().filter(|tool| is_named(tool, prompt)).collect();
            if named.is_empty() { tools.iter().take(1).collect() } else { named }
        }
        _ => match forced_name(choice) {
            Some(name) => tools.iter().filter(|tool| tool_name(tool) == name).collect(),
            None => tools.iter().filter(|tool| is_named(tool, prompt)).collect(),
        },
    };
    let most = if request.get("parallel_tool_calls") == Some(&json!(false)) { 1 } else { 128 };
    let calls = wanted.into_iter().take(most).enumerate();
    calls.map(|(i, tool)| tool_call(tool, prompt, number, i)).collect()
}

fn forced_name(choice: &Value) -> Option<&str> {
    ["/function/name", "/custom/name"].into_iter().find_map(|path| choice.pointer(path)?.as_str())
}

fn tool_name(tool: &Value) -> &str {
    forced_name(tool).unwrap_or_default()
}

/// Whether the prompt has a word of the tool's name, such as "weather" for `get_weather`.
fn is_named(tool: &Value, prompt: &str) -> bool {
    let prompt = prompt.to_lowercase();
    let name = tool_name(tool).to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    prompt.contains("tool") || words.any(|word| word.len() > 3 && prompt.contains(word))
}

fn tool_call(tool: &Value, prompt: &str, number: u64, index: usize) -> Value {
    let id = format!("call_mock{number}_{index}");
    let name = tool_name(tool);
    if tool.get("custom").is_some() {
        return json!({"id": id, "type": "custom", "custom": {"name": name, "input": prompt}});
    }
    let parameters = tool.pointer("/function/parameters").unwrap_or(&Value::Null);
    let arguments = match parameters {
        Value::Object(_) => schema::example(parameters, "Paris").to_string(),
        _ => "{}".to_owned(),
    };
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

/// The text of a message. Other parts are replaced by the name of their kind.
fn message_text(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().map(part_text).collect::<Vec<_>>().join(" ").trim().to_owned()
        }
        _ => String::new(),
    }
}

fn part_text(part: &Value) -> String {
    if let Some(text) = part.get("text").and_then(Value::as_str) {
        return text.to_owned();
    }
    let url = part.pointer("/image_url/url").and_then(Value::as_str).unwrap_or_default();
    let name = part.get("type").and_then(Value::as_str).unwrap_or("part");
    match url.strip_prefix("data:").and_then(|data| data.split_once(";base64,")) {
        Some((media, data)) => format!("[{name}: {media}, {} bytes]", data.len() / 4 * 3),
        None if !url.is_empty() => format!("[{name}: {url}]"),
        None => format!("[{name}]"),
    }
}

/// A message costs three tokens in addition to its text.
fn prompt_tokens(request: &Value) -> usize {
    let messages = request.get("messages").and_then(Value::as_array);
    let each = messages.into_iter().flatten().map(|m| 3 + text::tokens(&message_text(m)).len());
    3 + each.sum::<usize>()
}

fn usage(prompt: usize, completion: usize) -> Value {
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn ask(prompt: &str, extra: Value) -> Value {
        let mut request = json!({"model": "m", "messages": [{"role": "user", "content": prompt}]});
        for (key, value) in extra.as_object().unwrap() {
            request[key] = value.clone();
        }
        crate::validate::validate(&request).unwrap();
        complete(&request, &Context { number: 1, created: 2, script: None })
    }

    /// The content and the finish reason of the first choice.
    #[track_caller]
    fn check(prompt: &str, extra: Value, content: &str, finish_reason: &str) {
        let completion = ask(prompt, extra);
        assert_eq!(completion["choices"][0]["message"]["content"], content);
        assert_eq!(completion["choices"][0]["finish_reason"], finish_reason);
    }

    #[test]
    fn limits() {
        check("Say this is a test", json!({}), "This is a test!", "stop");
        check("Say this is a test", json!({"max_tokens": 2}), "This is", "length");
        check("Say this is a test", json!({"max_completion_tokens": 5}), "This is a test!", "stop");
        check("Say this is a test", json!({"stop": "a "}), "This is ", "stop");
        check("Say this is a test", json!({"stop": ["x", " is", "This is a"]}), "", "stop");
    }

    #[test]
    fn structured_answers() {
        let format = json!({"type": "json_object"});
        check("Say hi", json!({"response_format": format}), r#"{"answer":"Hi!"}"#, "stop");
        let schema = json!({"type": "object", "properties": {"ok": {"type": "boolean"}}});
        let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema}});
        check("Say hi", json!({"response_format": format}), r#"{"ok":true}"#, "stop");
    }

    #[test]
    fn choices_and_usage() {
        let completion = ask("Say this is a test", json!({"n": 3}));
        let text = |i: usize| completion["choices"][i]["message"]["content"].clone();
        assert_eq!([text(0), text(2)], ["This is a test!", "This is a test! (answer 3)"]);
        assert_eq!(completion["choices"].as_array().unwrap().len(), 3);
        let usage = &completion["usage"];
        assert_eq!((&usage["prompt_tokens"], &usage["total_tokens"]), (&json!(11), &json!(34)));
    }

    fn tools() -> Value {
        let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        json!([
            {"type": "function", "function": {"name": "get_weather", "parameters": parameters}},
            {"type": "custom", "custom": {"name": "run_code"}},
        ])
    }

    fn calls(prompt: &str, mut extra: Value) -> Vec<String> {
        extra["tools"] = tools();
        let completion = ask(prompt, extra);
        let calls = completion["choices"][0]["message"]["tool_calls"].as_array();
        let name = |call: &Value| forced_name(call).unwrap().to_owned();
        calls.into_iter().flatten().map(name).collect()
    }

    #[test]
    fn tools_are_called_when_asked_for() {
        assert_eq!(calls("Hi", json!({})), [""; 0]);
        assert_eq!(calls("What is the weather?", json!({})), ["get_weather"]);
        assert_eq!(calls("Use the tools", json!({})), ["get_weather", "run_code"]);
        assert_eq!(calls("Use the tools", json!({"parallel_tool_calls": false})), ["get_weather"]);
        assert_eq!(calls("weather", json!({"tool_choice": "none"})), [""; 0]);
        assert_eq!(calls("Hi", json!({"tool_choice": "required"})), ["get_weather"]);
        let choice = json!({"type": "custom", "custom": {"name": "run_code"}});
        assert_eq!(calls("Hi", json!({"tool_choice": choice})), ["run_code"]);
        let completion = ask("weather?", json!({"tools": tools()}));
        let call = &completion["choices"][0]["message"]["tool_calls"][0];
        assert_eq!(call["function"]["arguments"], r#"{"city":"Paris"}"#);
        assert_eq!(completion["choices"][0]["finish_reason"], "tool_calls");
    }

    #[test]
    fn images_are_named() {
        let image =
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
        let text = json!({"type": "text", "text": "See"});
        let message = json!({"role": "user", "content": [text, image]});
        assert_eq!(message_text(&message), "See [image_url: image/png, 3 bytes]");
    }
}
