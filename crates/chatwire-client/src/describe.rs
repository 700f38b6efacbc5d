//! Describes headers and bodies for the message of an [`Error`](crate::Error). `chatwire-types` reads the
//! error envelopes in bodies.

use bytes::Bytes;
use chatwire_types::terminal;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// Describes a body that has no error message: its type, its size and its first bytes.
pub(crate) fn describe_media(headers: &HeaderMap, body: &Bytes) -> String {
    if body.is_empty() {
        return "the body is empty".to_owned();
    }
    let media = media_type(headers).unwrap_or("no content type");
    let media: String = media.chars().take(SHOWN_MEDIA).collect();
    let start = String::from_utf8_lossy(body.get(..SHOWN_BYTES).unwrap_or(body));
    format!("{}, {} bytes: {}", one_line(&media), body.len(), one_line(&start))
}

/// The content type without its parameters, such as `text/html`.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim).filter(|value| !value.is_empty())
}

/// The id that the server, or the proxy before it, gave the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-request-id", "request-id", "apim-request-id", "x-amzn-requestid", "cf-ray"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
}

/// The parts of an address that are safe to print: scheme, host and port.
pub(crate) fn server_name(url: &reqwest::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

/// A status with its name, if it has one: `404 Not Found`, but only `529`.
pub(crate) fn shown(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Makes a short line of a text, safe for a terminal.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(SHOWN_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    terminal::one_line(&line).into_owned()
}

const SHOWN_BYTES: usize = 160;
const SHOWN_MEDIA: usize = 100;
const SHOWN_CHARS: usize = 600;
