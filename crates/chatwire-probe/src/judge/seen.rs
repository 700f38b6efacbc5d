//! What came of one request: the answer, read in every way that checks and rules need. [`check`](super::check) looks
//! into its view, which is JSON.

use chatwire_types::ErrorResponse;
use serde_json::{Map, Value, json};

use super::events::Events;
use crate::wire::{Answer, Exchange, Sent};

/// An answer, with its view:
///
/// | place | value |
/// | --- | --- |
/// | `/status`, `/headers/NAME` | the head; names in small letters |
/// | `/json`, `/text` | the body, if it is JSON, and as text |
/// | `/error` | `message`, `type`, `param` and `code` of an error, in any envelope |
/// | `/stream/events` | `event`, `data`, `id` and `retry` of each event |
/// | `/stream/chunks` | the JSON of each event but `[DONE]` |
/// | `/stream/with_choices` | the chunks that have a choice |
/// | `/stream/choices/INDEX` | the parts of one choice in their order |
/// | `/stream/usages` | each usage that is not null |
/// | `/stream/markers`, `/stream/after_marker` | how many `[DONE]` there are, and how many events after the first |
/// | `/stream/comments` | how many comments there are |
/// | `/stream/completion` | what the chunks add up to |
/// | `/ms` | how long the answer took |
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) sent: Sent,
    pub(crate) exchange: Exchange,
    /// The answer, if its head is complete.
    pub(crate) answer: Option<Answer>,
    /// Why the head cannot be read.
    pub(crate) head_error: Option<String>,
    pub(crate) events: Option<Events>,
    pub(crate) view: Value,
}

impl Seen {
    pub(crate) fn new(sent: Sent, exchange: Exchange) -> Self {
        let (answer, head_error) = match Answer::read(&exchange.received, sent.is_head) {
            Ok(answer) => (answer, None),
            Err(error) => (None, Some(error)),
        };
        let is_stream = |answer: &Answer| answer.is_event_stream() || looks_like_events(answer);
        let events = answer.as_ref().filter(|answer| is_stream(answer));
        let events = events.map(|answer| Events::read(answer, &exchange));
        let view = view(answer.as_ref(), events.as_ref(), &exchange);
        Self { sent, exchange, answer, head_error, events, view }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }

    /// The status, and what the server says about it.
    pub(crate) fn message(&self) -> String {
        let status = self.status().unwrap_or(0);
        let place = self.header("location").filter(|_| (300..400).contains(&status));
        let message = self.view.pointer("/error/message").and_then(Value::as_str);
        match (message, place) {
            (Some(message), _) => format!("{status}: {message}"),
            (None, Some(place)) => format!("{status}, a redirect to {place}"),
            (None, None) => status.to_string(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.answer.as_ref()?.header(name)
    }

    /// The body as far as it arrived.
    pub(crate) fn body(&self) -> &[u8] {
        self.answer.as_ref().map_or(&[], |answer| &answer.body.bytes)
    }
}

/// A server may name another media type.
fn looks_like_events(answer: &Answer) -> bool {
    let start = answer.body.bytes.trim_ascii_start();
    (200..300).contains(&answer.status)
        && [&b"data:"[..], b"event:", b":", b"id:"].iter().any(|field| start.starts_with(field))
}

fn view(answer: Option<&Answer>, events: Option<&Events>, exchange: &Exchange) -> Value {
    let mut view = Map::new();
    let Some(answer) = answer else { return Value::Object(view) };
    view.insert("status".to_owned(), json!(answer.status));
    let names = answer.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let headers = names.map(|name| (name.clone(), json!(answer.header(&name)))).collect();
    view.insert("headers".to_owned(), Value::Object(headers));
    let body = &answer.body.bytes;
    if let Ok(text) = std::str::from_utf8(body) {
        view.insert("text".to_owned(), json!(text));
    }
    if let Ok(json) = serde_json::from_slice(body) {
        view.insert("json".to_owned(), json);
    }
    if let Some(error) = ErrorResponse::from_body(body).filter(|_| answer.status >= 400) {
        view.insert("error".to_owned(), error_view(&error));
    }
    if let Some(events) = events {
        view.insert("stream".to_owned(), events.view.clone());
    }
    let ms = exchange.marks.last().map_or(0, |(_, time)| time.as_millis() as u64);
    view.insert("ms".to_owned(), json!(ms));
    Value::Object(view)
}

fn error_view(error: &ErrorResponse) -> Value {
    json!({
        "message": error.error_message(),
        "type": error.error_type(),
        "param": error.error_param(),
        "code": error.error_code(),
    })
}
