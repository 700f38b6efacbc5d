//! The keys of a file with a script, and what each accepts. [`file`](super::file) reads the file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chatwire_types::ChatCompletion;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use super::conditions::Conditions;
use super::pattern::Pattern;
use super::reply::Reply;
use crate::fault::{Fault, parse_list};
use crate::said::{Call, Said};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptKeys {
    pub(super) rules: Vec<Spanned<RuleKeys>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleKeys {
    pub(super) name: Option<String>,
    pub(super) when: Option<When>,
    pub(super) reply: Option<Spanned<ReplyKeys>>,
    pub(super) replies: Option<Vec<Spanned<ReplyKeys>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct When {
    model: Option<Pattern>,
    last_message: Option<Pattern>,
    last_role: Option<String>,
    tools: Vec<Pattern>,
    headers: BTreeMap<String, Pattern>,
    body: Option<Value>,
    nth: Numbers,
}

impl When {
    pub(super) fn conditions(self) -> (Conditions, Vec<u64>) {
        let Self { model, last_message, last_role, tools, headers, body, nth } = self;
        let headers = headers.into_iter().collect();
        (Conditions { model, last_message, last_role, tools, headers, body }, nth.0)
    }
}

/// A reply, or its text.
pub(super) enum ReplyKeys {
    Text(String),
    Keys(Box<Keys>),
}

impl ReplyKeys {
    pub(super) fn reply(self) -> Reply {
        match self {
            Self::Text(text) => Reply::new().text(text),
            Self::Keys(keys) => keys.reply(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Keys {
    text: Option<String>,
    reasoning: Option<String>,
    refusal: Option<String>,
    tool_calls: Vec<CallKeys>,
    logprobs: Option<Value>,
    finish_reason: Option<String>,
    usage: Map<String, Value>,
    message: Map<String, Value>,
    completion: Option<Completion>,
    error: Option<ErrorKeys>,
    #[serde(deserialize_with = "any_json")]
    json: Option<Value>,
    bytes: Option<Bytes>,
    file: Option<PathBuf>,
    status: Option<Status>,
    headers: BTreeMap<String, Values>,
    delay: Option<Time>,
    chunk_delay: Option<Time>,
    fault: Faults,
    error_after: Option<ErrorAfter>,
}

impl Keys {
    fn reply(self) -> Reply {
        let said = Said {
            is_exact: self.text.is_some(),
            text: self.text,
            reasoning: self.reasoning,
            refusal: self.refusal,
            calls: self.tool_calls.into_iter().map(|call| call.0).collect(),
            message: self.message,
            logprobs: self.logprobs,
            finish_reason: self.finish_reason,
            usage: self.usage,
        };
        let headers = self.headers.into_iter().flat_map(|(name, values)| {
            values.0.into_iter().map(move |value| (name.clone(), value))
        });
        let mut reply = Reply {
            said: (said != Said::default()).then_some(said),
            completion: self.completion.map(|completion| completion.0),
            error: self.error.map(|error| (error.status, error.error)),
            json: self.json,
            bytes: self.bytes.map(|bytes| (bytes.content_type, bytes.text.into())),
            file: self.file,
            status: self.status.map(|status| status.0),
            headers: headers.collect(),
            delay: self.delay.map_or(Duration::ZERO, |delay| delay.0),
            chunk_delay: self.chunk_delay.map(|delay| delay.0),
            faults: self.fault.0,
            fault_error: None,
        };
        if let Some(ErrorAfter { chunks, error }) = self.error_after {
            reply = reply.error_after(chunks, error);
        }
        reply
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bytes {
    content_type: String,
    text: String,
}

/// Defines a type that is read from JSON by a function, which says what is wrong with a value.
macro_rules! read_by {
    ($($read:ident: $type:ident),* $(,)?) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $read(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )*};
}

read_by! {
    pattern: Pattern,
    numbers: Numbers,
    values: Values,
    status: Status,
    time: Time,
    faults: Faults,
    call: CallKeys,
    completion: Completion,
    error: ErrorKeys,
    error_after: ErrorAfter,
}

#[derive(Default)]
struct Numbers(Vec<u64>);
struct Values(Vec<String>);
struct Status(u16);
struct Time(Duration);
#[derive(Default)]
struct Faults(Vec<Fault>);
struct CallKeys(Call);
struct Completion(Value);
struct ErrorKeys {
    status: u16,
    error: Value,
}
struct ErrorAfter {
    chunks: u64,
    error: Value,
}

fn pattern(value: &Value) -> Result<Pattern, String> {
    if let Some(text) = scalar(value) {
        return Ok(Pattern::from(text));
    }
    match value.as_object().map(|object| (object.len(), object.get("regex"))) {
        Some((1, Some(Value::String(regex)))) => {
            Pattern::regex(regex).map_err(|error| error.to_string())
        }
        _ => {
            Err(format!("{value} is not a pattern: write a text such as `gpt-*`, or `regex: TEXT`"))
        }
    }
}

fn numbers(value: &Value) -> Result<Numbers, String> {
    let items = if let Value::Array(items) = value { items } else { &vec![value.clone()] };
    let numbers = items.iter().map(|item| item.as_u64().filter(|number| *number > 0));
    let numbers: Option<Vec<u64>> = numbers.collect();
    let wrong = || format!("{value} is not the number of a request: write one from 1, or a list");
    numbers.map(Numbers).ok_or_else(wrong)
}

fn values(value: &Value) -> Result<Values, String> {
    let items = if let Value::Array(items) = value { items } else { &vec![value.clone()] };
    let values: Option<Vec<String>> = items.iter().map(scalar).collect();
    let wrong =
        || format!("{value} is not the value of a header: write a text, or a list of texts");
    values.map(Values).ok_or_else(wrong)
}

fn status(value: &Value) -> Result<Status, String> {
    let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
    status.map(Status).ok_or_else(|| format!("{value} is not a status: write a number such as 503"))
}

fn time(value: &Value) -> Result<Time, String> {
    let time = value.as_str().and_then(|text| humantime::parse_duration(text).ok());
    let time = time.or_else(|| (*value == 0).then_some(Duration::ZERO));
    time.map(Time)
        .ok_or_else(|| format!("{value} is not a time: write one such as `250ms` or `2s`"))
}

fn faults(value: &Value) -> Result<Faults, String> {
    let Some(text) = value.as_str() else {
        return Err(format!("{value} is not a fault: write a text such as `cut-after-chunks=2`"));
    };
    parse_list(text).map(Faults).map_err(|error| error.to_string())
}

fn call(value: &Value) -> Result<CallKeys, String> {
    let Value::Object(keys) = value else {
        return Err(format!("{value} is not a call: write an object with `name` and `arguments`"));
    };
    let mut keys = keys.clone();
    let mut text = |key: &str| match keys.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(value) => Err(format!("the `{key}` of the call is {value}: write a text")),
    };
    let (id, name, input) = (text("id")?, text("name")?, text("input")?);
    let arguments = keys.remove("arguments");
    if let Some((key, _)) = keys.iter().next() {
        return Err(format!("a call has no `{key}`, only `name`, `arguments`, `input` and `id`"));
    }
    let name = name.ok_or("the call has no `name`: name the tool")?;
    let is_custom = input.is_some();
    let input = match (input, arguments) {
        (Some(_), Some(_)) => {
            return Err(format!(
                "the call of '{name}' has `input` and `arguments`: keep `input` for a custom tool, and \
                 `arguments` for a function"
            ));
        }
        (Some(text), None) | (None, Some(Value::String(text))) => text,
        (None, Some(value)) => value.to_string(),
        (None, None) => "{}".to_owned(),
    };
    Ok(CallKeys(Call { id, name, input, is_custom }))
}

fn completion(value: &Value) -> Result<Completion, String> {
    match ChatCompletion::deserialize(value) {
        Ok(_) => Ok(Completion(value.clone())),
        Err(error) => Err(format!("this is not a completion: {error}")),
    }
}

fn error(value: &Value) -> Result<ErrorKeys, String> {
    if value.is_number() {
        return Ok(ErrorKeys { status: status(value)?.0, error: Value::Null });
    }
    let Value::Object(keys) = value else {
        return Err(format!("{value} is not an error: write a status, or an object with `status`"));
    };
    let mut keys = keys.clone();
    let code = keys.remove("status").ok_or("the error has no `status`: write one such as 503")?;
    Ok(ErrorKeys { status: status(&code)?.0, error: Value::Object(keys) })
}

fn error_after(value: &Value) -> Result<ErrorAfter, String> {
    let Value::Object(keys) = value else {
        return Err(format!("{value} is not an object: write one with `chunks` and `message`"));
    };
    let mut keys = keys.clone();
    let chunks = keys.remove("chunks").and_then(|chunks| chunks.as_u64());
    let chunks = chunks.ok_or("write the number of chunks before the error as `chunks`")?;
    if keys.contains_key("status") {
        return Err("an error in a stream has no status of its own: leave out `status`".to_owned());
    }
    Ok(ErrorAfter { chunks, error: Value::Object(keys) })
}

/// The text of a value that is none of its parts.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A null is JSON, too.
fn any_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for ReplyKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReplyVisitor)
    }
}

struct ReplyVisitor;

impl<'de> Visitor<'de> for ReplyVisitor {
    type Value = ReplyKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or an object with keys such as `text` or `error`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ReplyKeys, E> {
        Ok(ReplyKeys::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReplyKeys, A::Error> {
        Keys::deserialize(MapAccessDeserializer::new(map)).map(Box::new).map(ReplyKeys::Keys)
    }
}
