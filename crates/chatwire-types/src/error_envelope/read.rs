//! Reads an error envelope from a body: JSON, a list, or an event stream. [`super`] finds what the
//! envelope says, and [`super::report`] decides what reports an error.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::ErrorResponse;
use crate::byte_order_mark::strip_byte_order_mark;
use crate::json::replace_halves;

/// Keys of answers. Every successful answer has one of them.
const ANSWERS: [&str; 3] = ["\"choices\"", "\"data\"", "\"deleted\""];

/// Keys that can report an error beside one of those.
const ERRORS: [&str; 2] = ["\"error\"", "\"base_resp\""];

/// Reads envelopes from bytes.
impl ErrorResponse {
    /// Reads the body of a failed request: a JSON object, the first object of a list, or the first
    /// line `data: {…}` or `error: {…}` of an event stream. A byte order mark is skipped.
    ///
    /// Returns `None` if the body has none of these objects. It does not check whether the object
    /// reports an error, because the status of the answer says so.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Option<Self> {
        let body = strip_byte_order_mark(body);
        from_json(body).or_else(|| body.split(|byte| *byte == b'\n').find_map(from_line))
    }

    /// Reads the error in a body that came with a success status, such as 200. Returns `None` if
    /// the body is an answer, or has no envelope that [`from_body`](Self::from_body) finds.
    ///
    /// The envelope counts only if it [is a failure](Self::is_failure).
    ///
    /// ```
    /// use chatwire_types::ErrorResponse;
    ///
    /// let error = ErrorResponse::from_success(br#"{"code":1211,"msg":"no such model"}"#);
    /// assert_eq!(error.as_ref().and_then(|error| error.error_message()), Some("no such model"));
    /// assert_eq!(ErrorResponse::from_success(br#"{"choices":[{"index":0}]}"#), None);
    /// ```
    #[must_use]
    pub fn from_success(body: &[u8]) -> Option<Self> {
        let text = str::from_utf8(body).ok()?;
        let has = |keys: &[&str]| keys.iter().any(|key| text.contains(key));
        // Answers are long, so this checks for an answer before it decodes anything.
        if has(&ANSWERS) && !has(&ERRORS) {
            return None;
        }
        Self::from_body(body).filter(Self::is_failure)
    }
}

fn from_line(line: &[u8]) -> Option<ErrorResponse> {
    let value = line.strip_prefix(b"data:").or_else(|| line.strip_prefix(b"error:"))?;
    from_json(value)
}

/// Reads an object or a list. Halves of surrogate pairs are replaced, because some servers cut a message between
/// them.
fn from_json(json: &[u8]) -> Option<ErrorResponse> {
    parse(json).or_else(|| parse(replace_halves(str::from_utf8(json).ok()?)?.0.as_bytes()))
}

fn parse(json: &[u8]) -> Option<ErrorResponse> {
    match json.trim_ascii_start().first()? {
        b'[' => serde_json::from_slice(json).ok().and_then(|FirstError(response)| response),
        b'{' => serde_json::from_slice(json).ok(),
        _ => None,
    }
}

/// The first item of a list of envelopes. The others are skipped and not kept. Another crate with
/// its own JSON reader can also decode this.
pub struct FirstError(pub Option<ErrorResponse>);

impl<'de> Deserialize<'de> for FirstError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FirstErrorVisitor)
    }
}

struct FirstErrorVisitor;

impl<'de> Visitor<'de> for FirstErrorVisitor {
    type Value = FirstError;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of error envelopes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FirstError, A::Error> {
        let first = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FirstError(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_found_in_every_wrapping() {
        for body in [
            r#" {"message":"m"} "#,
            "\u{feff}{\"message\":\"m\"}",
            r#"[{"message":"m"},5]"#,
            "id:1\r\nevent:error\r\n:HTTP_STATUS/400\r\ndata:{\"message\":\"m\"}\r\n\r\n",
            "data: [DONE]\ndata: [{\"message\":\"m\"}]",
            "error: {\"message\":\"m\"}\n",
        ] {
            let found = ErrorResponse::from_body(body.as_bytes());
            assert_eq!(found, Some(ErrorResponse::default().message("m")), "{body}");
        }
        for body in ["", "data: [DONE]\n\n", "<html>", "[]", "null", "5", "\"m\"", "[5]", "{"] {
            assert_eq!(ErrorResponse::from_body(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn an_error_with_status_200_is_told_from_an_answer() {
        let is_error = |body: &str| ErrorResponse::from_success(body.as_bytes()).is_some();
        for error in [
            r#"{"error":{"message":"m"}}"#,
            r#"{"error":"m","id":"x"}"#,
            r#"[{"error":{"message":"m"}}]"#,
            "\u{feff}{\"error\":{}}",
            r#"{"id":"a","choices":[],"error":{"message":"m"}}"#,
            r#"{"object":"error","message":"m","code":40}"#,
            r#"{"message":"m"}"#,
            r#"{"detail":"m"}"#,
            r#"{"errors":["m"]}"#,
            r#"{"code":1211,"msg":"m"}"#,
            r#"{"error_code":336,"error_msg":"m"}"#,
            r#"{"throttlingException":{"message":"m"}}"#,
            r#"{"choices":null,"base_resp":{"status_code":1004,"status_msg":"m"}}"#,
            "data: {\"error\":{\"message\":\"m\"}}\n\ndata: [DONE]\n\n",
        ] {
            assert!(is_error(error), "{error}");
        }
        for answer in [
            r#"["error"]"#,
            r#"{"error":null,"choices":[]}"#,
            r#"{"error":false,"id":"a"}"#,
            r#"{"choices":[{"error":{}}]}"#,
            r#""error" <html>"#,
            r#"{"choices":[{"message":{"content":"\"error\""}}],"message":"m"}"#,
            r#"{"choices":[{}],"base_resp":{"status_code":0,"status_msg":""}}"#,
            r#"{"choices":[],"object":"chat.completion"}"#,
            r#"{"object":"chat.completion.deleted","id":"c1","deleted":true,"message":"gone"}"#,
            r#"{"model":"m","message":{"content":"Hi"},"done":true}"#,
            r#"{"object":"list","data":[]}"#,
            "{}",
        ] {
            assert!(!is_error(answer), "{answer}");
        }
    }
}
