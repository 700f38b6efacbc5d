//! Bodies: reads them with bounds and finds the error that a server put into one. What a whole
//! answer means is decided in [`response`](crate::response) and [`error`](crate::error).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;
use crate::auth::Secret;
use crate::error::media_type;

/// What the reader of a body has to know of the client that sent the request; it travels with the
/// response.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyContext {
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) secret: Option<Secret>,
    /// The caller brought the HTTP client, so redirects are that client's business.
    pub(crate) foreign_http_client: bool,
}

impl BodyContext {
    pub(crate) fn of(response: &reqwest::Response) -> Self {
        response.extensions().get::<Self>().cloned().unwrap_or_default()
    }
}

/// Reads the whole body of a success.
pub(crate) async fn read(mut response: reqwest::Response) -> Result<Bytes, Error> {
    let context = BodyContext::of(&response);
    let mut body = BytesMut::new();
    while let Some(part) = next_part(&mut response, context.idle_timeout).await? {
        if body.len() + part.len() > LARGEST_BODY {
            return Err(Error::transport(format!("the answer is over {LARGEST_BODY} bytes long")));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

/// Reads what it can of the body of an error, without the API key in it.
pub(crate) async fn read_error(mut response: reqwest::Response) -> Bytes {
    let context = BodyContext::of(&response);
    let mut body = BytesMut::new();
    while body.len() < LARGEST_ERROR_BODY {
        match next_part(&mut response, context.idle_timeout).await {
            Ok(Some(part)) => body.extend_from_slice(&part),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(LARGEST_ERROR_BODY);
    match context.secret {
        Some(secret) => secret.redact(body.freeze()),
        None => body.freeze(),
    }
}

async fn next_part(
    response: &mut reqwest::Response,
    idle: Option<Duration>,
) -> Result<Option<Bytes>, Error> {
    match idle {
        None => Ok(response.chunk().await?),
        Some(idle) => match tokio::time::timeout(idle, response.chunk()).await {
            Ok(part) => Ok(part?),
            Err(_) => Err(idle_error(idle)),
        },
    }
}

pub(crate) fn idle_error(idle: Duration) -> Error {
    Error::timeout(format!("the server sent nothing for {idle:?} in the middle of its answer"))
}

/// Decodes a body. A byte order mark before it means nothing (RFC 8259, section 8.1).
pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body))
}

/// The JSON of a body under a status of failure. Some services send it as the one event of a stream.
pub(crate) fn error_json(body: &[u8]) -> Option<Value> {
    let data = |line: &[u8]| from_json(line.strip_prefix(b"data:")?).ok();
    from_json(body).ok().or_else(|| body.split(|byte| *byte == b'\n').find_map(data))
}

/// Whether a body with a success status is an error all the same: nothing that a successful answer
/// carries is there, and `error` is set or something else says what went wrong.
pub(crate) fn is_error_envelope(body: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(body) else { return false };
    let names = |keys: &[&str]| keys.iter().any(|key| text.contains(&format!("\"{key}\"")));
    if names(&ANSWERS) && !names(&["error", "base_resp"]) {
        return false;
    }
    let Ok(json) = from_json::<Value>(body) else { return false };
    let object = unwrap_list(&json);
    let has = |key: &str| object.get(key).is_some_and(|value| !value.is_null());
    let is_empty = |key: &str| object.get(key).is_some_and(|value| *value == Value::Array(vec![]));
    if ANSWERS.into_iter().any(|key| has(key) && !is_empty(key)) {
        return false;
    }
    has("error") || is_failure(object)
}

/// Whether an object without an answer and without `error` says what went wrong.
fn is_failure(json: &Value) -> bool {
    let has = |key: &str| json.get(key).is_some_and(|value| !value.is_null());
    let is_other = ["created", "model", "object", "usage"].into_iter().any(has);
    let status = json.pointer("/base_resp/status_code").and_then(Value::as_i64);
    json.get("object").is_some_and(|object| object == "error")
        || status.is_some_and(|status| status != 0)
        || (!is_other && error_message(json).is_some())
}

/// The words of an error, whichever of the shapes in use carries them.
pub(crate) fn error_message(json: &Value) -> Option<&str> {
    let json = unwrap_list(json);
    let error = json.get("error").filter(|error| !error.is_null());
    let mut entries = json.as_object().into_iter().flatten();
    let exception = entries.find(|(key, _)| key.ends_with("Exception"));
    let places = [
        error.and_then(|error| error.get("message")),
        error,
        json.get("message"),
        json.get("detail"),
        json.pointer("/detail/0/msg"),
        json.pointer("/detail/message"),
        json.get("title"),
        json.pointer("/errors/0/message"),
        json.pointer("/errors/0"),
        json.get("error_description"),
        json.get("error_msg"),
        json.get("msg"),
        json.pointer("/base_resp/status_msg"),
        exception.and_then(|(_, exception)| exception.get("message")),
    ];
    let text = places.into_iter().flatten().find_map(Value::as_str);
    text.filter(|text| !text.trim().is_empty())
}

/// `type`, `code` or `param` of an error, as text.
pub(crate) fn error_detail(json: &Value, key: &str) -> Option<String> {
    let json = unwrap_list(json);
    let value = match json.get("error") {
        Some(Value::Object(error)) => error.get(key),
        _ => json.get(key),
    };
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Some services put the envelope into a list of one.
pub(crate) fn unwrap_list(json: &Value) -> &Value {
    match json {
        Value::Array(list) => list.first().unwrap_or(json),
        _ => json,
    }
}

/// What a body is, for an error that has no better words: its type, its size and how it begins.
pub(crate) fn describe_media(headers: &HeaderMap, body: &Bytes) -> String {
    if body.is_empty() {
        return "the body is empty".to_owned();
    }
    if let Some(encoding) = compression(headers) {
        return format!(
            "{} bytes that cannot be read, because content-encoding {encoding} is not supported",
            body.len()
        );
    }
    let media = media_type(headers).unwrap_or("no content type");
    let start = String::from_utf8_lossy(body.get(..SHOWN_BYTES).unwrap_or(body));
    format!("{media}, {} bytes: {}", body.len(), one_line(&start))
}

/// The compression of a body that reached the client still compressed; names that mean none, or
/// that some servers put there by mistake, count as none.
pub(crate) fn compression(headers: &HeaderMap) -> Option<&'static str> {
    let all = headers.get_all(CONTENT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut names = all.flat_map(|value| value.split(',')).map(str::trim);
    names.find_map(|name| {
        COMPRESSIONS.into_iter().find(|compression| name.eq_ignore_ascii_case(compression))
    })
}

/// One line of visible characters, not too long.
pub(crate) fn one_line(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let mut line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(SHOWN_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Bigger than any answer of a real service; a bound on what a broken one can cost.
const LARGEST_BODY: usize = 256 << 20;
const LARGEST_ERROR_BODY: usize = 1 << 20;
/// Keys of which every successful answer has one.
const ANSWERS: [&str; 3] = ["choices", "data", "deleted"];
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const SHOWN_BYTES: usize = 160;
const SHOWN_CHARS: usize = 600;
const COMPRESSIONS: [&str; 7] =
    ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, message: Option<&str>, code: Option<&str>) {
        let json: Value = serde_json::from_str(json).unwrap();
        assert_eq!(error_message(&json), message, "{json}");
        assert_eq!(error_detail(&json, "code").as_deref(), code, "{json}");
    }

    #[test]
    fn finds_the_words_in_every_shape() {
        check(r#"{"error":{"message":"m","code":"c"}}"#, Some("m"), Some("c"));
        check(r#"{"error":{"message":"m","code":400}}"#, Some("m"), Some("400"));
        check(r#"[{"error":{"message":"m","code":400}}]"#, Some("m"), Some("400"));
        check(r#"{"error":"m"}"#, Some("m"), None);
        check(r#"{"object":"error","message":"m","code":40001}"#, Some("m"), Some("40001"));
        check(r#"{"detail":"m"}"#, Some("m"), None);
        check(r#"{"detail":[{"loc":["body"],"msg":"m"}]}"#, Some("m"), None);
        check(r#"{"title":"m","status":400}"#, Some("m"), None);
        check(r#"{"error":{"message":null}}"#, None, None);
        check("[]", None, None);
        check("null", None, None);
    }

    #[test]
    fn an_error_may_be_an_event() {
        let message = |body: &str| {
            let json = error_json(body.as_bytes())?;
            error_message(&json).map(str::to_owned)
        };
        assert_eq!(message(r#"{"message":"m"}"#).as_deref(), Some("m"));
        let event = "id:1\r\nevent:error\r\n:HTTP_STATUS/400\r\ndata:{\"message\":\"m\"}\r\n\r\n";
        assert_eq!(message(event).as_deref(), Some("m"));
        assert_eq!(message("data: [DONE]\n\n"), None);
        assert_eq!(message("<html>"), None);
    }

    #[test]
    fn an_envelope_in_a_success_is_told_from_an_answer() {
        assert!(is_error_envelope(br#"{"error":{"message":"m"}}"#));
        assert!(is_error_envelope(br#"{"error":"m","id":"x"}"#));
        assert!(is_error_envelope(br#"[{"error":{"message":"m"}}]"#));
        assert!(is_error_envelope("\u{feff}{\"error\":{}}".as_bytes()));
        assert!(is_error_envelope(br#"{"id":"a","choices":[],"error":{"message":"m"}}"#));
        assert!(!is_error_envelope(br#"["error"]"#));
        assert!(!is_error_envelope(br#"{"error":null,"choices":[]}"#));
        assert!(!is_error_envelope(br#"{"choices":[{"error":{}}]}"#));
        assert!(!is_error_envelope(b"\"error\" <html>"));
    }

    #[test]
    fn an_error_in_a_success_needs_no_envelope() {
        for error in [
            r#"{"object":"error","message":"m","code":40}"#,
            r#"{"message":"m"}"#,
            r#"{"detail":"m"}"#,
            r#"{"errors":["m"]}"#,
            r#"{"code":1211,"msg":"m"}"#,
            r#"{"error_code":336,"error_msg":"m"}"#,
            r#"{"throttlingException":{"message":"m"}}"#,
            r#"{"choices":null,"base_resp":{"status_code":1004,"status_msg":"m"}}"#,
        ] {
            assert!(is_error_envelope(error.as_bytes()), "{error}");
            let json = serde_json::from_str(error).unwrap();
            assert_eq!(error_message(&json), Some("m"), "{error}");
        }
        for answer in [
            r#"{"choices":[{"message":{"content":"\"error\""}}],"message":"m"}"#,
            r#"{"choices":[{}],"base_resp":{"status_code":0,"status_msg":""}}"#,
            r#"{"choices":[],"object":"chat.completion"}"#,
            r#"{"object":"chat.completion.deleted","id":"c1","deleted":true,"message":"gone"}"#,
            r#"{"model":"m","message":{"content":"Hi"},"done":true}"#,
            r#"{"object":"list","data":[]}"#,
            "{}",
        ] {
            assert!(!is_error_envelope(answer.as_bytes()), "{answer}");
        }
    }

    #[test]
    fn compressed_bodies_are_told_by_their_header() {
        let check = |value: &str, expected: Option<&str>| {
            let headers = HeaderMap::from_iter([(CONTENT_ENCODING, value.parse().unwrap())]);
            assert_eq!(compression(&headers), expected, "{value}");
        };
        check("gzip", Some("gzip"));
        check("identity, GZip", Some("gzip"));
        check("br", Some("br"));
        check("identity", None);
        check("utf-8", None);
        check("", None);
    }

    #[test]
    fn a_described_body_is_one_short_line() {
        let body = Bytes::from(format!("<html>\n\t<h1>é\u{1b}[31m{}", "x".repeat(5000)));
        let text = describe_media(&HeaderMap::new(), &body);
        assert!(text.starts_with("no content type, 5019 bytes: <html> <h1>é [31mxxx"), "{text}");
        assert!(text.len() < 400 && !text.contains('\n'), "{text}");
    }
}
