//! Knows every error envelope in use: reads it, finds its message, code, type and parameter, and
//! decides whether a body or a chunk reports an error. The types of the envelope are generated.

mod key;
mod key_count;
mod place;
mod read;
mod report;

use std::borrow::Cow;

use serde_json::Value;

use crate::{ErrorBody, ErrorObject, ErrorResponse};
use key::{is_spelling_of, rank};
use place::{Entry, Place};
pub use read::FirstError;

/// Keys whose text is the message, the best first.
const MESSAGE: [&str; 12] = [
    "message",
    "detail",
    "errormessage",
    "errormsg",
    "errmsg",
    "errortext",
    "errordescription",
    "msg",
    "statusmsg",
    "faultstring",
    "description",
    "details",
];

/// Keys whose text names the kind of error. They are used if no message is found.
const HEADLINE: [&str; 3] = ["title", "reason", "statustext"];

const CODE: [&str; 4] = ["code", "errorcode", "errcode", "errno"];

/// It usually repeats the HTTP status, so any other code says more.
const STATUS_CODE: [&str; 1] = ["statuscode"];

/// AWS spells `type` as `__type`.
const TYPE: [&str; 4] = ["type", "errortype", "status", "reason"];

const PARAM: [&str; 3] = ["param", "loc", "field"];

/// Texts that say only that this is an error, not its type.
const NO_TYPE: [&str; 6] = ["error", "errors", "failed", "failure", "fail", "about:blank"];

/// LiteLLM writes this for an unknown type or parameter.
const NOTHING: &str = "None";

/// Finds what the server says about the error, in any envelope.
///
/// The official envelope is `{"error":{"message":…,"type":…,"param":…,"code":…}}`. Gateways and other
/// services use many more: `{"error":"…"}`, `{"message":…}`, `{"detail":…}`, `{"errors":[…]}`,
/// `{"code":…,"msg":…}` and so on. The object in `error` comes first, then the keys beside it, then
/// the other objects.
///
/// ```
/// use chatwire_types::ErrorResponse;
///
/// for body in [
///     r#"{"error":{"message":"no such model","code":404}}"#,
///     r#"[{"error":{"message":"no such model","code":404}}]"#,
///     r#"{"error_code":404,"error_msg":"no such model"}"#,
///     r#"{"errors":[{"code":404,"message":"no such model"}],"success":false}"#,
///     "event: error\ndata: {\"statusCode\":404,\"message\":\"no such model\"}\n\n",
/// ] {
///     let response = ErrorResponse::from_body(body.as_bytes()).expect("it is JSON");
///     assert_eq!(response.error_message(), Some("no such model"));
///     assert_eq!(response.error_code().as_deref(), Some("404"));
/// }
/// ```
impl ErrorResponse {
    /// Makes the envelope of an error of the server itself: with a message and the type `server_error`.
    ///
    /// ```
    /// use chatwire_types::ErrorResponse;
    ///
    /// let error = ErrorResponse::server_error("out of memory");
    /// assert_eq!(
    ///     serde_json::to_string(&error)?,
    ///     r#"{"error":{"message":"out of memory","type":"server_error"}}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn server_error(message: impl Into<String>) -> Self {
        let error = ErrorObject::new(message).type_("server_error");
        Self::default().error(ErrorBody::from(error))
    }

    /// The error message; `None` if the envelope has none, or a blank one.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        let root = Place::Envelope(self);
        find(root, &|entries| first_text(entries, &MESSAGE))
            .or_else(|| text_alone(root))
            .or_else(|| find(root, &|entries| first_text(entries, &HEADLINE)))
    }

    /// The error code as text, such as `invalid_api_key` or `429`: a name or a number.
    #[must_use]
    pub fn error_code(&self) -> Option<String> {
        let root = Place::Envelope(self);
        find(root, &|entries| first(entries, &CODE, code_in))
            .or_else(|| find(root, &|entries| first(entries, &STATUS_CODE, code_in)))
            .or_else(|| self.name_beside_message().map(str::to_owned))
    }

    /// The error type, such as `invalid_request_error`.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        find(Place::Envelope(self), &|entries| {
            first(entries, &TYPE, type_in).or_else(|| exception_in(entries))
        })
    }

    /// The request parameter that caused the error, such as `messages[0].role`.
    #[must_use]
    pub fn error_param(&self) -> Option<String> {
        find(Place::Envelope(self), &|entries| first(entries, &PARAM, param_in))
    }

    /// `invalid_token` of `{"error":"invalid_token","error_description":"…"}`.
    fn name_beside_message(&self) -> Option<&str> {
        let text = text_alone(Place::Envelope(self))?;
        let is_name = !text.contains(char::is_whitespace);
        (is_name && self.error_message() != Some(text)).then_some(text)
    }
}

type Find<'f, 'a, T> = &'f dyn Fn(&[Entry<'a>]) -> Option<T>;

/// Searches the object in `error` first, then the keys of this object, then its other objects that
/// may hold an error.
fn find<'a, T>(place: Place<'a>, own: Find<'_, 'a, T>) -> Option<T> {
    let entries = place.entries();
    let inside = |leads: fn(&str) -> bool| {
        let mut places = entries.iter().filter(|(key, _)| leads(key));
        places.find_map(|(_, value)| value.items().into_iter().find_map(|item| find(item, own)))
    };
    inside(|key| is_spelling_of(key, "error"))
        .or_else(|| own(&entries))
        .or_else(|| inside(key::leads_to_error))
}

/// A text instead of an object: `{"error":"…"}`, `{"errors":["…"]}`.
fn text_alone(place: Place<'_>) -> Option<&str> {
    find(place, &|entries| {
        let mut places = entries.iter().filter(|(key, _)| key::holds_error(key));
        places.find_map(|(_, value)| value.text()).filter(|text| *text != "0")
    })
}

fn first_text<'a>(entries: &[Entry<'a>], names: &[&str]) -> Option<&'a str> {
    first(entries, names, |place| place.text())
}

/// The first result of these keys. Keys earlier in `names` come first.
fn first<'a, T>(
    entries: &[Entry<'a>],
    names: &[&str],
    read: impl Fn(Place<'a>) -> Option<T>,
) -> Option<T> {
    let found = entries.iter().filter_map(|(key, place)| Some((rank(key, names)?, read(*place)?)));
    found.min_by_key(|(rank, _)| *rank).map(|(_, value)| value)
}

/// Zero is a success code, and has no meaning in an error.
fn code_in(place: Place<'_>) -> Option<String> {
    place.text_or_number().filter(|text| text != "0").map(Cow::into_owned)
}

fn type_in(place: Place<'_>) -> Option<&str> {
    let text = place.text()?;
    // AWS writes a namespace before the name: `com.amazon.coral.service#AccessDeniedException`.
    let name = text.split_once('#').map_or(text, |(_, name)| name);
    let name = if text.contains("://") { text } else { name };
    let says_nothing = name == NOTHING
        || NO_TYPE.iter().any(|word| name.eq_ignore_ascii_case(word))
        || name.bytes().all(|byte| byte.is_ascii_digit());
    (!says_nothing).then_some(name)
}

/// `throttlingException` of `{"throttlingException":{"message":…}}`.
fn exception_in<'a>(entries: &[Entry<'a>]) -> Option<&'a str> {
    let mut exceptions = entries.iter().filter(|(key, _)| key::is_exception(key));
    exceptions.find(|(_, value)| value.is_object()).map(|(key, _)| *key)
}

fn param_in(place: Place<'_>) -> Option<String> {
    match place.list() {
        Some(path) => Some(path_text(path)).filter(|path| !path.is_empty()),
        None => place.text_or_number().filter(|text| text != NOTHING).map(Cow::into_owned),
    }
}

/// Builds `messages[0].role` from FastAPI's `["body", "messages", 0, "role"]`.
fn path_text(path: &[Value]) -> String {
    let mut text = String::new();
    let path = match path {
        [Value::String(first), rest @ ..] if first == "body" => rest,
        _ => path,
    };
    for step in path {
        match step {
            Value::String(name) if text.is_empty() => text.push_str(name),
            Value::String(name) => text.extend([".", name]),
            other => text.extend(["[", &other.to_string(), "]"]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_found_where_nothing_is_said() {
        for body in [
            "{}",
            r#"{"error":null}"#,
            r#"{"error":{"message":" ","code":0,"type":"","param":null}}"#,
            r#"{"error":"0","type":"error","status":"error"}"#,
            r#"{"errors":[],"detail":[{"loc":["body"]}]}"#,
            r#"{"title":5,"status":400}"#,
        ] {
            let found: ErrorResponse = serde_json::from_str(body).unwrap();
            assert_eq!((found.error_message(), found.error_code()), (None, None), "{body}");
            assert_eq!((found.error_type(), found.error_param()), (None, None), "{body}");
        }
    }
}
