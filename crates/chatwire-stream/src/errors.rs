//! Which objects of a stream report an error, and in which words: services and the gateways before
//! them have many envelopes. [`crate::chunks`] decides what becomes of such an
//! object.

use std::fmt;

use chatwire_types::{ChatCompletionChunk, ErrorBody, ErrorObject, ErrorResponse, Extra};
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

use crate::large_json::read_if;
use crate::object_limit::check_objects;

/// Keys under which nothing is said but what went wrong.
const ERROR_WORDS: [&str; 4] = ["errormessage", "errormsg", "errmsg", "errortext"];

/// Where minimax says with every chunk whether all is well: `{"status_code":0,"status_msg":""}`. No
/// other unknown key of a chunk with choices decides whether it reports an error.
pub(crate) const MINIMAX_STATUS: &str = "base_resp";

/// Whether a chunk is, or holds, a report of an error: `error` with something in it, the object type
/// `error`, a status that is one of failure, or the words of an error and nothing of an answer.
///
/// An event with a type of its own may bring a message that is none of an error.
pub(crate) fn reports_error(chunk: &ChatCompletionChunk, has_own_type: bool) -> bool {
    let error = chunk.error.as_ref().is_some_and(|error| says_something(error));
    let groq = chunk.x_groq.as_ref().and_then(|groq| groq.extra.get("error"));
    error
        || groq.is_some_and(holds_something)
        || chunk.object.as_ref().is_some_and(|object| object.as_str() == "error")
        || chunk.extra.get(MINIMAX_STATUS).is_some_and(is_failure_of_minimax)
        || is_error_alone(chunk, has_own_type)
}

/// The words in which an object without `error` reports one.
pub(crate) fn words(extra: &Extra) -> Option<&str> {
    let mut places = extra.iter().filter(|(key, _)| leads_to_words(key));
    places.find_map(|(_, value)| words_in(value))
}

/// Reads a text as the envelope of an error. With too many objects for one, the envelope is empty, and
/// the caller has the bytes.
pub(crate) fn read_error(text: &str) -> ErrorResponse {
    let response = check_objects(text).is_ok().then(|| read_if(text));
    response.flatten().unwrap_or_default()
}

/// Reads a text that is a list, as some services put the envelope into a list of one.
pub(crate) fn error_in_list(text: &str) -> Option<ErrorResponse> {
    if !text.starts_with('[') {
        return None;
    }
    let First(response) = read_if(text)?;
    response.filter(|response| response.error.is_some())
}

fn is_error_alone(chunk: &ChatCompletionChunk, has_own_type: bool) -> bool {
    let extra = &chunk.extra;
    has_nothing_known(chunk)
        && !is_sign_of_life(extra)
        && !extra.iter().any(|(key, value)| speaks_of_success(key, value))
        && (extra.iter().any(|(key, value)| speaks_of_error(key, value))
            || (!has_own_type && has_coded_words(extra))
            || (!has_own_type && has_words_alone(extra)))
}

/// `{"type":"ping"}` and its like.
pub(crate) fn is_sign_of_life(extra: &Extra) -> bool {
    let kind = extra.get("type").and_then(Value::as_str).unwrap_or_default();
    ["ping", "keepalive", "heartbeat"].iter().any(|name| is_spelling_of(kind, name))
}

/// Words beside a code or a type that is none of success.
fn has_coded_words(extra: &Extra) -> bool {
    let code = extra.get("code").is_some_and(|code| !says_success(code));
    code && extra.iter().any(|(key, value)| is_word(key) && is_text(value))
}

/// Words, and nothing else but what every answer of a gateway has. Other messages say what they are.
fn has_words_alone(extra: &Extra) -> bool {
    let beside = ["path", "requestid", "timestamp", "traceid"];
    let (mut words, mut others) = (0, 0);
    for (key, value) in extra {
        if is_word(key)
            && (is_text(value) || is_spelling_of(key, "detail") && holds_something(value))
        {
            words += 1;
        } else if !beside.iter().any(|name| is_spelling_of(key, name)) {
            others += 1;
        }
    }
    words > 0 && others == 0
}

/// Whether none of the keys is there that the document gives a chunk, in whatever shape.
fn has_nothing_known(chunk: &ChatCompletionChunk) -> bool {
    // All but a few chunks have one of these, and need not be compared.
    if chunk.choices.is_some() || chunk.id.is_some() || chunk.usage.is_some() {
        return false;
    }
    let misshapen = ["choices", "created", "id", "model", "object", "usage"];
    let documented = {
        let mut known = chunk.clone();
        known.extra.clear();
        known != ChatCompletionChunk::default()
    };
    !documented && !misshapen.iter().any(|key| chunk.extra.contains_key(key))
}

/// A code, a status or a flag that says that all is well.
fn speaks_of_success(key: &str, value: &Value) -> bool {
    let codes = ["code", "errorcode", "status", "statuscode"];
    let is_nothing = |name| is_spelling_of(key, name) && !holds_something(value);
    (is_spelling_of(key, "success") && *value == Value::Bool(true))
        || (codes.iter().any(|name| is_spelling_of(key, name))
            && !value.is_null()
            && says_success(value))
        || is_nothing("error")
        || is_nothing("errors")
}

fn speaks_of_error(key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(said) => !said && is_spelling_of(key, "success"),
        Value::Number(number) => {
            let is_status = is_spelling_of(key, "status") || is_spelling_of(key, "statuscode");
            is_spelling_of(key, "errorcode") || (is_status && number.as_u64() >= Some(400))
        }
        Value::String(text) if text.is_empty() => false,
        Value::String(_) if key == "__type" => true,
        Value::String(text) if is_spelling_of(key, "type") => {
            text.to_ascii_lowercase().contains("error")
        }
        Value::String(text) if is_spelling_of(key, "status") => {
            ["error", "failed", "failure"].iter().any(|name| is_spelling_of(text, name))
        }
        Value::String(_) => {
            ERROR_WORDS.iter().chain(&["errorcode"]).any(|name| is_spelling_of(key, name))
        }
        Value::Array(list) => !list.is_empty() && is_spelling_of(key, "errors"),
        Value::Object(object) => {
            let is_error = is_spelling_of(key, "error")
                || is_spelling_of(key, "errors")
                || key.ends_with("Exception");
            is_error && !object.is_empty()
        }
        Value::Null => false,
    }
}

/// Whether a code or a status is one of success, or of none at all.
fn says_success(code: &Value) -> bool {
    match code {
        Value::Number(number) => matches!(number.as_u64(), Some(0 | 200)),
        Value::String(text) => {
            let known = ["200", "ok", "success"].iter().any(|name| is_spelling_of(text, name));
            known || text.bytes().all(|byte| byte == b'0')
        }
        other => !holds_something(other),
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_failure_of_minimax(status: &Value) -> bool {
    status.get("status_code").is_some_and(|code| !says_success(code))
}

/// Keys under which a text says what went wrong, or something else.
fn is_word(key: &str) -> bool {
    let known = ["message", "msg", "statusmsg", "detail"];
    known.iter().chain(&ERROR_WORDS).any(|name| is_spelling_of(key, name))
}

fn leads_to_words(key: &str) -> bool {
    let known = ["error", "errors", "baseresp", "xgroq"];
    is_word(key) || key.ends_with("Exception") || known.iter().any(|name| is_spelling_of(key, name))
}

/// The text itself, or that of the first object that has one.
fn words_in(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
        Value::Array(list) => words_in(list.first()?),
        Value::Object(object) => {
            let mut places = object.iter().filter(|(key, _)| leads_to_words(key));
            places.find_map(|(_, value)| words_in(value))
        }
        _ => None,
    }
}

/// Whether a key is this one, however it is written: `errorMessage`, `error_message`.
fn is_spelling_of(key: &str, name: &str) -> bool {
    let letters = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(name.bytes())
}

pub(crate) fn says_something(error: &ErrorBody) -> bool {
    match error {
        ErrorBody::Text(text) => !matches!(text.as_str(), "" | "0"),
        ErrorBody::Object(error) => is_filled(error),
        ErrorBody::Unknown(json) => holds_something(json.as_json()),
        _ => true,
    }
}

/// Whether an error has something in one of its places.
fn is_filled(error: &ErrorObject) -> bool {
    // The words of an error may be long, and need no copy.
    let words = [&error.message, &error.type_, &error.param];
    if words.into_iter().flatten().any(|text| !text.is_empty()) {
        return true;
    }
    let json = serde_json::to_value(error).unwrap_or_default();
    json.as_object().is_some_and(|object| object.values().any(holds_something))
}

/// Whether a value is more than a place for one: careful servers send `"error":0` with every chunk.
fn holds_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
    }
}

/// The first item of a list. The others are passed over, as nothing is made of them.
struct First(Option<ErrorResponse>);

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FirstVisitor)
    }
}

struct FirstVisitor;

impl<'de> Visitor<'de> for FirstVisitor {
    type Value = First;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of error envelopes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First, A::Error> {
        let first = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(First(first))
    }
}
