//! Makes the completion for a valid request: always the same one, and in the form of the official
//! service. [`text`](crate::text) makes its words, and [`calls`](crate::calls) its tool calls.

use serde_json::{Map, Value, json};

use crate::limits::LARGEST_ANSWER;
use crate::problem::Problem;
use crate::prompt::{message_text, prompt_tokens};
use crate::said::Said;
use crate::schema::Examples;
use crate::{calls, logprobs, text};

/// What an answer needs besides the request.
pub(crate) struct Context<'a> {
    /// The number of the answer, counted by server.
    pub(crate) number: u64,
    /// Unix time in seconds.
    pub(crate) created: u64,
    /// What the user wants the answer to say.
    pub(crate) said: Option<&'a Said>,
}

/// An answer that is not written out yet, because its choices repeat its text.
pub(crate) struct Answer {
    number: u64,
    created: u64,
    model: String,
    reply: Reply,
    /// Keys that replace those of the computed usage.
    usage: Map<String, Value>,
    /// How many alternatives to each token the request asks for.
    top_logprobs: Option<usize>,
    choices: u64,
    /// Choices of one request differ, except structured ones and those that the user has written.
    is_same: bool,
    stops: Vec<String>,
    most_tokens: usize,
    prompt_tokens: usize,
}

/// What a choice says.
struct Reply {
    text: Option<String>,
    calls: Vec<Value>,
    reasoning: Option<String>,
    refusal: Option<String>,
    /// Further keys of the message.
    message: Map<String, Value>,
    logprobs: Option<Value>,
    finish_reason: Option<String>,
}

impl Answer {
    /// Plans the answer to a request that [`validate`](crate::validate) accepted.
    pub(crate) fn plan(request: &Value, context: &Context<'_>) -> Result<Self, Problem> {
        let choices = request.get("n").and_then(Value::as_f64).map_or(1, |n| n as u64).max(1);
        let reply = Reply::to(request, context)?;
        let answer = Self {
            number: context.number,
            created: context.created,
            model: request.get("model").and_then(Value::as_str).unwrap_or_default().to_owned(),
            stops: stops(request, &reply),
            reply,
            usage: context.said.map(|said| said.usage.clone()).unwrap_or_default(),
            top_logprobs: top_logprobs(request),
            choices,
            is_same: format_type(request).is_some()
                || context.said.is_some_and(|said| said.is_exact),
            most_tokens: most_tokens(request),
            prompt_tokens: prompt_tokens(request),
        };
        if answer.size() > LARGEST_ANSWER { Err(too_large(answer.size())) } else { Ok(answer) }
    }

    /// About the bytes that the answer takes, as JSON or in memory.
    pub(crate) fn size(&self) -> usize {
        const BESIDE_THE_TEXT: usize = 4096;
        let logprobs = |top| self.reply.texts().map(|text| logprobs::size(text, top)).sum();
        let logprobs: usize = self.top_logprobs.map_or(0, logprobs);
        let each = BESIDE_THE_TEXT + self.reply.size() + logprobs;
        let stops: usize = self.stops.iter().map(String::len).sum();
        each.saturating_mul(usize::try_from(self.choices).unwrap_or(usize::MAX)) + stops
    }

    /// Whether the text has a word so long that it must be cut inside.
    pub(crate) fn has_long_words(&self) -> bool {
        let is_long = |text: &str| text.split(' ').any(|word| word.len() > LONGEST_WORD);
        self.reply.written().any(is_long)
    }

    /// Writes the answer out as a completion.
    pub(crate) fn completion(&self) -> Value {
        let choices: Vec<_> = (0..self.choices).map(|index| self.choice(index)).collect();
        let written: usize = choices.iter().map(|choice| choice.tokens).sum();
        let reasoning = self.reply.reasoning_tokens().saturating_mul(choices.len());
        let choices = choices.into_iter().map(|choice| choice.json).collect();
        // `json!` would copy the choices.
        Value::from_iter([
            ("id", json!(format!("chatcmpl-mock{}", self.number))),
            ("object", json!("chat.completion")),
            ("created", json!(self.created)),
            ("model", json!(self.model)),
            ("choices", choices),
            ("usage", self.usage(written, reasoning)),
            ("service_tier", json!("default")),
            ("system_fingerprint", json!("fp_mock")),
        ])
    }

    fn choice(&self, index: u64) -> Choice {
        let reply = &self.reply;
        let mut tokens =
            reply.calls.iter().map(calls::tokens).sum::<usize>() + reply.reasoning_tokens();
        let mut finish_reason = "stop";
        let text = reply.text.as_ref().map(|text| {
            let mut text = text.clone();
            if index > 0 && !self.is_same {
                text += &format!(" (answer {})", index + 1);
            }
            let (length, count, reason) = self.limit(&text);
            text.truncate(length);
            tokens += count;
            finish_reason = reason;
            text
        });
        tokens += reply.refusal.as_deref().map_or(0, |refusal| text::tokens(refusal).count());
        if !reply.calls.is_empty() {
            finish_reason = "tool_calls";
        }
        let finish_reason = reply.finish_reason.as_deref().unwrap_or(finish_reason);
        let logprobs = self.logprobs(text.as_deref());
        let json = Value::from_iter([
            ("index", json!(index)),
            ("message", reply.message(text)),
            ("logprobs", logprobs),
            ("finish_reason", json!(finish_reason)),
        ]);
        Choice { json, tokens }
    }

    /// Like the official service, it has none for tool calls.
    fn logprobs(&self, text: Option<&str>) -> Value {
        let reply = &self.reply;
        if let Some(logprobs) = &reply.logprobs {
            return logprobs.clone();
        }
        match self.top_logprobs {
            Some(top) if text.is_some() || reply.refusal.is_some() => {
                let entries = |text| logprobs::entries(text, top);
                json!({
                    "content": text.map(entries),
                    "refusal": reply.refusal.as_deref().map(entries),
                })
            }
            _ => Value::Null,
        }
    }

    fn usage(&self, completion: usize, reasoning: usize) -> Value {
        let usage = with(usage(self.prompt_tokens, completion, reasoning), &self.usage);
        let parts = ["prompt_tokens", "completion_tokens"].map(|key| usage.get(key)?.as_u64());
        match parts {
            [Some(prompt), Some(completion)] if !self.usage.contains_key("total_tokens") => {
                let total = json!(prompt.saturating_add(completion));
                with(usage, &Map::from_iter([("total_tokens".to_owned(), total)]))
            }
            _ => usage,
        }
    }

    /// Cuts the text at the first stop sequence, then at the token limit. Returns its length in
    /// bytes and in tokens.
    fn limit(&self, words: &str) -> (usize, usize, &'static str) {
        let end = self.stops.iter().filter_map(|stop| words.find(stop)).min();
        let words = end.and_then(|end| words.get(..end)).unwrap_or(words);
        let (mut length, mut count) = (0, 0);
        for token in text::tokens(words) {
            if count == self.most_tokens {
                return (length, count, "length");
            }
            length += token.len();
            count += 1;
        }
        (length, count, "stop")
    }
}

struct Choice {
    json: Value,
    tokens: usize,
}

impl Reply {
    fn to(request: &Value, context: &Context<'_>) -> Result<Self, Problem> {
        let last = request.pointer("/messages").and_then(Value::as_array).and_then(|m| m.last());
        let prompt = last.map(message_text).unwrap_or_default();
        if prompt.len() > LARGEST_ANSWER {
            // The answer would quote it.
            return Err(too_large(prompt.len()));
        }
        let from_tool = last.and_then(|last| last.get("role")).is_some_and(|role| role == "tool");
        let has_words = context.said.is_some_and(Said::has_words);
        let may_call = match context.said.filter(|_| has_words) {
            Some(said) => said.is_plain() && calls::must_call(request),
            None => !from_tool,
        };
        if may_call {
            let calls = calls::called_tools(request, &prompt, context.number)?;
            if !calls.is_empty() {
                return Ok(Self { text: None, calls, ..Self::said(request, context)? });
            }
        }
        let said = Self::said(request, context)?;
        if has_words {
            return Ok(said);
        }
        let text =
            if from_tool { format!("The tool says: {prompt}") } else { text::reply(&prompt) };
        Ok(Self { text: Some(structured(request, text)?), ..said })
    }

    /// What the user wants, or nothing.
    fn said(request: &Value, context: &Context<'_>) -> Result<Self, Problem> {
        let said = context.said.cloned().unwrap_or_default();
        let calls = (0..).zip(&said.calls).map(|(index, call)| {
            calls::said(call, || format!("call_mock{}_{index}", context.number))
        });
        let calls = calls.collect();
        let text = match said.text {
            Some(text) if !said.is_exact => Some(structured(request, text)?),
            text => text,
        };
        Ok(Self {
            text,
            calls,
            reasoning: said.reasoning,
            refusal: said.refusal,
            message: said.message,
            logprobs: said.logprobs,
            finish_reason: said.finish_reason,
        })
    }

    /// The message, with this text.
    fn message(&self, text: Option<String>) -> Value {
        let mut message = vec![("role", json!("assistant"))];
        message.push(("content", text.map_or(Value::Null, Value::String)));
        message.push(("refusal", json!(self.refusal)));
        if let Some(reasoning) = &self.reasoning {
            message.push(("reasoning_content", json!(reasoning)));
        }
        if !self.calls.is_empty() {
            message.push(("tool_calls", Value::Array(self.calls.clone())));
        }
        with(Value::from_iter(message), &self.message)
    }

    /// The texts that log-probabilities are about.
    fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.text, &self.refusal].into_iter().flatten().map(String::as_str)
    }

    /// All that the model writes.
    fn written(&self) -> impl Iterator<Item = &str> {
        let calls = self.calls.iter().filter_map(calls::written);
        self.texts().chain(self.reasoning.as_deref()).chain(calls)
    }

    fn reasoning_tokens(&self) -> usize {
        self.reasoning.as_deref().map_or(0, |reasoning| text::tokens(reasoning).count())
    }

    fn size(&self) -> usize {
        let written: usize = self.written().map(escaped_len).sum();
        let json =
            [&Value::Object(self.message.clone()), self.logprobs.as_ref().unwrap_or_default()];
        let json: usize = json.into_iter().map(|json| json.to_string().len()).sum();
        written + json + BESIDE_A_CALL * self.calls.len()
    }
}

/// The object with these keys in place of its own.
fn with(mut object: Value, keys: &Map<String, Value>) -> Value {
    if let Value::Object(object) = &mut object {
        object.extend(keys.clone());
    }
    object
}

/// The bytes by which the text of a choice differs from the others.
const MOST_VARIED: usize = " (answer 128)".len();

/// A longer word is cut inside when it is streamed.
pub(crate) const LONGEST_WORD: usize = 4096;

/// The bytes that a call takes in memory beside its text.
const BESIDE_A_CALL: usize = 2048;

/// The length of a text in JSON.
fn escaped_len(text: &str) -> usize {
    let len = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(len).sum()
}

pub(crate) fn too_large(size: usize) -> Problem {
    let text = format!(
        "The answer would have about {size} bytes, and the mock makes at most {LARGEST_ANSWER}, \
         because it holds the answer in memory: lower `n`, or shorten the prompt or the script."
    );
    Problem::new(400, text).with_code("answer_too_large")
}

/// The stop sequences that are not longer than the text of a choice.
fn stops(request: &Value, reply: &Reply) -> Vec<String> {
    let Some(text) = &reply.text else { return Vec::new() };
    let longest = text.len() + MOST_VARIED;
    let stops = match request.get("stop") {
        Some(Value::String(stop)) => vec![stop.as_str()],
        Some(Value::Array(stops)) => stops.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let can_match = |stop: &&str| (1..=longest).contains(&stop.len());
    stops.into_iter().filter(can_match).map(str::to_owned).collect()
}

fn most_tokens(request: &Value) -> usize {
    let limits = ["max_completion_tokens", "max_tokens"].into_iter();
    let most = limits.filter_map(|name| request.get(name)?.as_f64()).next();
    most.map_or(usize::MAX, |most| most as usize)
}

fn top_logprobs(request: &Value) -> Option<usize> {
    let is_asked = request.get("logprobs") == Some(&Value::Bool(true));
    let top = request.get("top_logprobs").and_then(Value::as_f64).unwrap_or(0.0);
    is_asked.then_some(top as usize)
}

/// Puts the words into JSON of the requested form.
fn structured(request: &Value, words: String) -> Result<String, Problem> {
    let is_json = || matches!(serde_json::from_str(&words), Ok(Value::Object(_)));
    match format_type(request) {
        Some("json_object") if !is_json() => Ok(json!({"answer": words}).to_string()),
        Some("json_schema") if !is_json() => {
            match request.pointer("/response_format/json_schema/schema") {
                Some(schema) => {
                    let param = "response_format.json_schema.schema";
                    Ok(Examples::new().make(param, schema, &words)?.to_string())
                }
                None => Ok(json!({"answer": words}).to_string()),
            }
        }
        _ => Ok(words),
    }
}

fn format_type(request: &Value) -> Option<&str> {
    let name = request.pointer("/response_format/type")?.as_str()?;
    (name != "text").then_some(name)
}

fn usage(prompt: usize, completion: usize, reasoning: usize) -> Value {
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::said::Call;

    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn ask(prompt: &str, extra: Value) -> Value {
        let mut request = json!({"model": "m", "messages": [{"role": "user", "content": prompt}]});
        for (key, value) in extra.as_object().unwrap() {
            request[key] = value.clone();
        }
        crate::validate::validate(&request).unwrap();
        let context = Context { number: 1, created: 2, said: None };
        Answer::plan(&request, &context).unwrap().completion()
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

    /// The first choice of an answer that says this.
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn say(said: Said, extra: Value) -> Value {
        let mut request =
            json!({"model": "m", "messages": [{"role": "user", "content": "weather"}]});
        for (key, value) in extra.as_object().unwrap() {
            request[key] = value.clone();
        }
        let context = Context { number: 1, created: 2, said: Some(&said) };
        Answer::plan(&request, &context).unwrap().completion()
    }

    #[test]
    fn what_the_user_wants_is_said() {
        let call = Call {
            id: Some("call_1".to_owned()),
            name: "get_weather".to_owned(),
            input: "{}".to_owned(),
            is_custom: false,
        };
        let said = Said {
            text: Some("Wait.".to_owned()),
            reasoning: Some("It asks for weather.".to_owned()),
            calls: vec![call],
            usage: Map::from_iter([("prompt_tokens".to_owned(), json!(100))]),
            message: Map::from_iter([("name".to_owned(), json!("bot"))]),
            ..Said::default()
        };
        let completion = say(said.clone(), json!({}));
        let choice = &completion["choices"][0];
        let expected = json!({
            "role": "assistant",
            "content": "Wait.",
            "refusal": null,
            "reasoning_content": "It asks for weather.",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}},
            ],
            "name": "bot",
        });
        assert_eq!(
            (&choice["message"], &choice["finish_reason"]),
            (&expected, &json!("tool_calls"))
        );
        let usage = &completion["usage"];
        assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 6);
        let completion_tokens = usage["completion_tokens"].as_u64().unwrap();
        assert_eq!(usage["total_tokens"], 100 + completion_tokens);
        let completion =
            say(Said { finish_reason: Some("length".to_owned()), ..said }, json!({"n": 2}));
        assert_eq!(completion["choices"][1]["finish_reason"], "length");
    }

    #[test]
    fn log_probabilities_are_made_up() {
        let completion = ask("Say hi there", json!({"logprobs": true, "top_logprobs": 2}));
        let content = &completion["choices"][0]["logprobs"]["content"];
        assert_eq!(
            (&content[1]["token"], &content[1]["top_logprobs"][0]["token"]),
            (&json!(" there"), &json!(" there"))
        );
        assert_eq!(content[1]["top_logprobs"].as_array().unwrap().len(), 2);
        assert_eq!(ask("Say hi", json!({}))["choices"][0]["logprobs"], Value::Null);
        let refusal = Said { refusal: Some("No.".to_owned()), ..Said::default() };
        let completion = say(refusal, json!({"logprobs": true}));
        let logprobs = &completion["choices"][0]["logprobs"];
        assert_eq!(
            (&logprobs["content"], &logprobs["refusal"][0]["token"]),
            (&Value::Null, &json!("No"))
        );
        assert_eq!(completion["choices"][0]["message"]["content"], Value::Null);
    }

    #[test]
    fn a_text_does_not_replace_a_call_that_must_be() {
        let check = |choice: Value, expected: &str| {
            let extra = json!({"tools": tools(), "tool_choice": choice});
            let completion = say(Said::text("Sunny."), extra);
            let message = &completion["choices"][0]["message"];
            assert_eq!(message["content"].is_null(), !expected.is_empty(), "{message}");
            let name = message["tool_calls"][0]
                .as_object()
                .and_then(|_| calls::forced_name(&message["tool_calls"][0]));
            assert_eq!(name.unwrap_or_default(), expected);
        };
        check(json!("auto"), "");
        check(json!("required"), "get_weather");
        check(json!({"type": "custom", "custom": {"name": "run_code"}}), "run_code");
        let code = json!([{"type": "custom", "custom": {"name": "run_code"}}]);
        let allowed =
            |mode| json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": code}});
        check(allowed("auto"), "");
        check(allowed("required"), "run_code");
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
        let name = |call: &Value| calls::forced_name(call).unwrap().to_owned();
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
}
