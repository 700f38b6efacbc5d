//! Makes the completion for a valid request: always the same one, and in the form of the official
//! service. [`text`](crate::text) makes its words, and [`calls`](crate::calls) its tool calls.

use serde_json::{Value, json};

use crate::limits::LARGEST_ANSWER;
use crate::problem::Problem;
use crate::prompt::{message_text, prompt_tokens};
use crate::schema::Examples;
use crate::{calls, text};

/// What an answer needs besides the request.
pub(crate) struct Context<'a> {
    /// The number of the answer, counted by server.
    pub(crate) number: u64,
    /// Unix time in seconds.
    pub(crate) created: u64,
    /// The scripted text, if there is one.
    pub(crate) script: Option<&'a str>,
}

/// An answer that is not written out yet, because its choices repeat its text.
pub(crate) struct Answer {
    number: u64,
    created: u64,
    model: String,
    reply: Reply,
    choices: u64,
    /// Choices of one request differ, except structured ones.
    is_structured: bool,
    stops: Vec<String>,
    most_tokens: usize,
    prompt_tokens: usize,
}

enum Reply {
    Text(String),
    Tools(Vec<Value>),
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
            choices,
            is_structured: format_type(request).is_some(),
            most_tokens: most_tokens(request),
            prompt_tokens: prompt_tokens(request),
        };
        if answer.size() > LARGEST_ANSWER { Err(too_large(answer.size())) } else { Ok(answer) }
    }

    /// About the bytes that the answer takes, as JSON or in memory.
    pub(crate) fn size(&self) -> usize {
        const BESIDE_THE_TEXT: usize = 4096;
        let each = BESIDE_THE_TEXT + self.reply.size();
        let stops: usize = self.stops.iter().map(String::len).sum();
        each.saturating_mul(usize::try_from(self.choices).unwrap_or(usize::MAX)) + stops
    }

    /// Whether the text has a word so long that it must be cut inside.
    pub(crate) fn has_long_words(&self) -> bool {
        let is_long = |text: &str| text.split(' ').any(|word| word.len() > LONGEST_WORD);
        match &self.reply {
            Reply::Text(text) => is_long(text),
            Reply::Tools(calls) => calls.iter().filter_map(calls::written).any(is_long),
        }
    }

    /// Writes the answer out as a completion.
    pub(crate) fn completion(&self) -> Value {
        let choices: Vec<_> = (0..self.choices).map(|index| self.choice(index)).collect();
        let written: usize = choices.iter().map(|choice| choice.tokens).sum();
        let choices = choices.into_iter().map(|choice| choice.json).collect();
        // `json!` would copy the choices.
        Value::from_iter([
            ("id", json!(format!("chatcmpl-mock{}", self.number))),
            ("object", json!("chat.completion")),
            ("created", json!(self.created)),
            ("model", json!(self.model)),
            ("choices", choices),
            ("usage", usage(self.prompt_tokens, written)),
            ("service_tier", json!("default")),
            ("system_fingerprint", json!("fp_mock")),
        ])
    }

    fn choice(&self, index: u64) -> Choice {
        let mut message = vec![("role", json!("assistant"))];
        let (tokens, finish_reason) = match &self.reply {
            Reply::Tools(calls) => {
                message.extend([("content", Value::Null), ("refusal", Value::Null)]);
                message.push(("tool_calls", Value::Array(calls.clone())));
                (calls.iter().map(calls::tokens).sum(), "tool_calls")
            }
            Reply::Text(words) => {
                let mut words = words.clone();
                if index > 0 && !self.is_structured {
                    words += &format!(" (answer {})", index + 1);
                }
                let (length, tokens, finish_reason) = self.limit(&words);
                words.truncate(length);
                message.extend([("content", Value::String(words)), ("refusal", Value::Null)]);
                (tokens, finish_reason)
            }
        };
        let json = Value::from_iter([
            ("index", json!(index)),
            ("message", Value::from_iter(message)),
            ("logprobs", Value::Null),
            ("finish_reason", json!(finish_reason)),
        ]);
        Choice { json, tokens }
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
        if context.script.is_none() && !from_tool {
            let tools = calls::called_tools(request, &prompt, context.number)?;
            if !tools.is_empty() {
                return Ok(Self::Tools(tools));
            }
        }
        let words = match context.script {
            Some(script) => script.to_owned(),
            None if from_tool => format!("The tool says: {prompt}"),
            None => text::reply(&prompt),
        };
        structured(request, words).map(Self::Text)
    }

    fn size(&self) -> usize {
        match self {
            Self::Text(text) => escaped_len(text),
            Self::Tools(calls) => {
                let texts = calls.iter().filter_map(calls::written).map(escaped_len);
                texts.map(|length| BESIDE_A_CALL + length).sum()
            }
        }
    }
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
    let Reply::Text(text) = reply else { return Vec::new() };
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
        let context = Context { number: 1, created: 2, script: None };
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
