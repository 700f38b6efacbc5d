//! Decides whether a chunk, or a body in place of an answer, reports an error. [`super`] finds what
//! the error says.

use serde_json::Value;

use super::key::{is_one_of, is_spelling_of};
use super::key_count::has_more_keys_than;
use crate::{ChatCompletionChunk, ErrorBody, ErrorObject, ErrorResponse, Extra};

/// Keys that only an error has.
const ERROR_WORDS: [&str; 5] =
    ["errormessage", "errormsg", "errmsg", "errortext", "errordescription"];

/// Keys that errors share with other messages.
const WORDS: [&str; 4] = ["message", "msg", "statusmsg", "detail"];

/// Keys that gateways add to every answer.
const BESIDE: [&str; 4] = ["path", "requestid", "timestamp", "traceid"];

/// The object in which minimax reports the status of every answer:
/// `{"status_code":0,"status_msg":""}`.
const MINIMAX_STATUS: &str = "base_resp";

/// Distinguishes the chunks of a stream from errors.
impl ChatCompletionChunk {
    /// Whether this chunk is an error or holds one: a nonempty `error`, the object type `error`, a
    /// failure status, or the message of an error without any part of an answer.
    ///
    /// ```
    /// use chatwire_types::ChatCompletionChunk;
    ///
    /// let reports_error = |json| {
    ///     serde_json::from_str(json).map(|chunk: ChatCompletionChunk| chunk.reports_error())
    /// };
    /// assert!(reports_error(r#"{"error":{"message":"no more tokens"}}"#)?);
    /// assert!(reports_error(r#"{"detail":"no more tokens"}"#)?);
    /// assert!(!reports_error(r#"{"error":null,"choices":[{"index":0}]}"#)?);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn reports_error(&self) -> bool {
        self.holds_error() || is_error_alone(self, false)
    }

    /// The same as [`reports_error`](Self::reports_error), for an event with a type of its own,
    /// such as `event: status`. A message alone does not count, because it may be about something
    /// else.
    #[must_use]
    pub fn reports_error_in_named_event(&self) -> bool {
        self.holds_error() || is_error_alone(self, true)
    }

    /// Whether this is a heartbeat instead of a chunk, such as `{"type":"ping"}`.
    #[must_use]
    pub fn is_heartbeat(&self) -> bool {
        let kind = self.extra.get("type").and_then(Value::as_str).unwrap_or_default();
        self.choices.is_none() && is_one_of(kind, &["ping", "keepalive", "heartbeat"])
    }

    fn holds_error(&self) -> bool {
        let groq = self.x_groq.as_ref().and_then(|groq| groq.extra.get("error"));
        self.error.as_ref().is_some_and(|error| error.says_something())
            || groq.is_some_and(holds_something)
            || self.object.as_ref().is_some_and(|object| object.as_str() == "error")
            || is_failure_of_minimax(&self.extra)
    }
}

impl ErrorBody {
    /// Whether this says that something went wrong. Some servers send an empty `error` with every
    /// chunk: `null`, `""`, `0`, `false`, `{}` or an object of such values.
    #[must_use]
    pub fn says_something(&self) -> bool {
        if let Self::Unknown(json) = self {
            return holds_something(json.as_json());
        }
        match self {
            Self::Text(text) => !matches!(text.as_str(), "" | "0"),
            Self::Object(error) => is_filled(error),
            // The document may give the union another form.
            _ => true,
        }
    }
}

/// Distinguishes answers from errors in place of an answer.
impl ErrorResponse {
    /// Whether this has no part of an answer (`choices`, `data`, `deleted`) and says what went
    /// wrong. A body that came with a success status is an error then.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        if ["choices", "data", "deleted"].iter().any(|key| self.has_filled(key)) {
            return false;
        }
        let has_error = self.error.as_ref().is_some_and(|error| {
            // An empty object is an error here, because nothing else stands in its place.
            matches!(error, ErrorBody::Object(_)) || error.says_something()
        });
        has_error
            || self.object.as_deref() == Some("error")
            || is_failure_of_minimax(&self.extra)
            || (!self.is_other_object() && self.error_message().is_some())
    }

    fn has_filled(&self, key: &str) -> bool {
        let is_filled = |value: &Value| !value.is_null() && value.as_array() != Some(&Vec::new());
        self.extra.get(key).is_some_and(is_filled)
    }

    /// Whether this has a key that other objects have and errors do not.
    fn is_other_object(&self) -> bool {
        let has = |key: &&str| self.extra.get(key).is_some_and(|value| !value.is_null());
        self.object.is_some() || ["created", "model", "object", "usage"].iter().any(has)
    }
}

fn is_error_alone(chunk: &ChatCompletionChunk, has_own_type: bool) -> bool {
    let extra = &chunk.extra;
    // A message with an id, or with an event type, may be about something else.
    let is_named = has_own_type || chunk.id.is_some() || extra.contains_key("id");
    !has_keys_of_answer(chunk)
        && !chunk.is_heartbeat()
        && !extra.iter().any(|(key, value)| speaks_of_success(key, value))
        && (extra.iter().any(|(key, value)| speaks_of_error(key, value))
            || (!is_named && (has_coded_words(extra) || has_words_alone(extra))))
}

/// A message beside a code that is not a success code.
fn has_coded_words(extra: &Extra) -> bool {
    let is_code = |(key, code): (&str, &Value)| is_spelling_of(key, "code") && !says_success(code);
    extra.iter().any(is_code) && extra.iter().any(|(key, value)| is_word(key) && is_text(value))
}

/// A message, and otherwise only what gateways add to every answer. Other objects have a type.
fn has_words_alone(extra: &Extra) -> bool {
    let (mut words, mut others) = (0, 0);
    for (key, value) in extra {
        if is_word(key)
            && (is_text(value) || is_spelling_of(key, "detail") && holds_something(value))
        {
            words += 1;
        } else if !is_one_of(key, &BESIDE) {
            others += 1;
        }
    }
    words > 0 && others == 0
}

/// Whether the chunk has a documented key of chunks, with a value of any shape. The id does not
/// count, because some services also put one into errors.
fn has_keys_of_answer(chunk: &ChatCompletionChunk) -> bool {
    // Nearly all chunks have one of these, so the other keys are seldom searched.
    if chunk.choices.is_some() || chunk.usage.is_some() || chunk.model.is_some() {
        return true;
    }
    let misshapen = ["choices", "created", "model", "object", "usage"];
    let allowed = chunk.extra.len() + usize::from(chunk.id.is_some());
    misshapen.iter().any(|key| chunk.extra.contains_key(key)) || has_more_keys_than(chunk, allowed)
}

/// A code, a status or a flag that reports success.
fn speaks_of_success(key: &str, value: &Value) -> bool {
    let is_code = is_one_of(key, &["code", "errorcode", "status", "statuscode"]);
    let is_error = is_one_of(key, &["error", "errors"]);
    (is_spelling_of(key, "success") && *value == Value::Bool(true))
        || (is_code && !value.is_null() && says_success(value))
        || (is_error && !holds_something(value))
}

fn speaks_of_error(key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(said) => !said && is_spelling_of(key, "success"),
        Value::Number(number) => {
            let is_status = is_one_of(key, &["status", "statuscode"]);
            is_spelling_of(key, "errorcode") || (is_status && number.as_u64() >= Some(400))
        }
        Value::String(text) if text.is_empty() => false,
        Value::String(_) if key == "__type" => true,
        Value::String(text) if is_spelling_of(key, "type") => {
            text.to_ascii_lowercase().contains("error")
        }
        Value::String(text) if is_spelling_of(key, "status") => {
            is_one_of(text, &["error", "failed", "failure"])
                || text.parse().is_ok_and(|status: u16| (400..600).contains(&status))
        }
        Value::String(_) => {
            is_one_of(key, &ERROR_WORDS) || is_one_of(key, &["errorcode", "errors"])
        }
        Value::Array(list) => !list.is_empty() && is_spelling_of(key, "errors"),
        Value::Object(object) if is_spelling_of(key, "response") => {
            object.keys().any(|key| is_spelling_of(key, "error"))
        }
        Value::Object(object) => super::key::holds_error(key) && !object.is_empty(),
        Value::Null => false,
    }
}

/// Whether a code or a status reports success, or is empty.
fn says_success(code: &Value) -> bool {
    match code {
        Value::Number(number) => matches!(number.as_u64(), Some(0 | 200)),
        Value::String(text) => {
            is_one_of(text, &["200", "ok", "success"]) || text.bytes().all(|byte| byte == b'0')
        }
        other => !holds_something(other),
    }
}

fn is_failure_of_minimax(extra: &Extra) -> bool {
    let code = extra.get(MINIMAX_STATUS).and_then(|status| status.get("status_code"));
    code.is_some_and(|code| !says_success(code))
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// Keys whose text may say what went wrong, or something else.
fn is_word(key: &str) -> bool {
    is_one_of(key, &WORDS) || is_one_of(key, &ERROR_WORDS)
}

fn is_filled(error: &ErrorObject) -> bool {
    // Checked first, because the message may be long and the JSON is a copy.
    let words = [&error.message, &error.type_, &error.param];
    if words.into_iter().flatten().any(|text| !text.is_empty()) {
        return true;
    }
    let json = serde_json::to_value(error).unwrap_or_default();
    json.as_object().is_some_and(|object| object.values().any(holds_something))
}

/// Whether a value is more than a placeholder. Some servers send `"error":0` with every chunk.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(json: &str) -> ChatCompletionChunk {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_error_is_told_from_a_chunk() {
        for error in [
            r#"{"error":{"code":5},"choices":[{"index":0}]}"#,
            r#"{"x_groq":{"error":"m"},"choices":[]}"#,
            r#"{"object":"error"}"#,
            r#"{"id":"c1","base_resp":{"status_code":1004}}"#,
            r#"{"message":"m","request_id":"r1"}"#,
            r#"{"fault":{"faultstring":"m"}}"#,
            r#"{"error_code":336,"error_msg":"m","id":"c1"}"#,
        ] {
            assert!(chunk(error).reports_error(), "{error}");
        }
        for other in [
            "{}",
            r#"{"error":{"message":"","code":0}}"#,
            r#"{"message":"m","id":"c1"}"#,
            r#"{"message":"m","obfuscation":"x"}"#,
            r#"{"message":"m","model":5}"#,
            r#"{"message":"m","kind":"status"}"#,
            r#"{"type":"ping","message":"m"}"#,
            r#"{"code":0,"message":"m"}"#,
        ] {
            assert!(!chunk(other).reports_error(), "{other}");
        }
    }

    #[test]
    fn words_alone_do_not_count_in_a_named_event() {
        let reports = |json| chunk(json).reports_error_in_named_event();
        assert!(!reports(r#"{"message":"m"}"#));
        assert!(!reports(r#"{"code":"searching","message":"m"}"#));
        assert!(reports(r#"{"status":500,"message":"m"}"#));
    }
}
