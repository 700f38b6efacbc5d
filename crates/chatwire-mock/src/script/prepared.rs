//! Checks a reply when the server starts, and makes it ready to be sent. [`reply`](super::reply) has what
//! the user has written.

use std::fs;
use std::path::Path;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};

use super::reply::Reply;
use crate::event_text::events;
use crate::events::Frame;
use crate::fault::Fault;
use crate::planned::{Content, Planned};
use crate::said::Said;

/// A reply without mistakes.
pub(crate) struct Prepared {
    pub(crate) content: Prepare,
    status: StatusCode,
    headers: HeaderMap,
    delay: Duration,
    chunk_delay: Option<Duration>,
    faults: Vec<Fault>,
    fault_error: Option<Value>,
}

pub(crate) enum Prepare {
    /// What the model says; `None` if the user leaves it to the server.
    Said(Option<Box<Said>>),
    Completion(Value),
    /// A body of this type. An event stream has a frame for each event, other bodies have one frame.
    Bytes(HeaderValue, Vec<Frame>),
}

impl Prepared {
    /// Returns an error that says what is wrong with the reply, and how to fix it.
    pub(super) fn new(reply: Reply) -> Result<Self, String> {
        one_kind(&reply)?;
        let error_status = reply.error.as_ref().map(|(status, _)| *status);
        let code = reply.status.or(error_status).unwrap_or(200);
        let status = StatusCode::from_u16(code).ok().filter(|status| status.as_u16() >= 200);
        let status = status.ok_or_else(|| {
            format!("{code} is not the status of an answer: write one from 200 to 999")
        })?;
        let headers = headers(&reply.headers)?;
        let media = headers.get(header::CONTENT_TYPE).cloned();
        Ok(Self {
            status,
            headers,
            delay: reply.delay,
            chunk_delay: reply.chunk_delay,
            fault_error: reply.fault_error.clone().map(|error| envelope(500, error)).transpose()?,
            faults: reply.faults.clone(),
            content: Prepare::new(reply, media)?,
        })
    }

    /// The answer with this content.
    pub(crate) fn plan(&self, content: Content, rule: String) -> Planned {
        Planned {
            content,
            status: self.status,
            headers: self.headers.clone(),
            delay: self.delay,
            chunk_delay: self.chunk_delay,
            faults: self.faults.clone(),
            fault_error: self.fault_error.clone(),
            rule: Some(rule),
        }
    }
}

impl Prepare {
    /// `media` is the content type if a header sets it.
    fn new(reply: Reply, media: Option<HeaderValue>) -> Result<Self, String> {
        let json = media.clone().unwrap_or(HeaderValue::from_static("application/json"));
        Ok(match reply {
            Reply { completion: Some(completion), .. } => Self::Completion(completion),
            Reply { error: Some((status, error)), .. } => {
                with_frames(json, envelope(status, error)?.to_string().into())
            }
            Reply { json: Some(value), .. } => with_frames(json, value.to_string().into()),
            Reply { bytes: Some((own, bytes)), .. } => {
                let own = HeaderValue::try_from(&own).map_err(|_| {
                    format!("'{own}' is not a content type: write one such as 'text/plain'")
                })?;
                with_frames(media.unwrap_or(own), bytes)
            }
            Reply { file: Some(path), .. } => {
                let bytes = fs::read(&path)
                    .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
                with_frames(media.unwrap_or_else(|| media_of(&path)), bytes.into())
            }
            Reply { said, .. } => Self::Said(said.map(Box::new)),
        })
    }
}

/// A frame for each event of a stream, and otherwise one.
fn with_frames(media: HeaderValue, bytes: Bytes) -> Prepare {
    let is_stream = media.as_bytes().starts_with(b"text/event-stream");
    let pieces = if is_stream { events(bytes) } else { vec![bytes] };
    let frames = pieces.into_iter().map(|bytes| Frame { pause: Duration::ZERO, bytes });
    Prepare::Bytes(media, frames.collect())
}

fn one_kind(reply: &Reply) -> Result<(), String> {
    let kinds = [
        ("what the model says", reply.said.is_some()),
        ("a completion", reply.completion.is_some()),
        ("an error", reply.error.is_some()),
        ("JSON", reply.json.is_some()),
        ("bytes", reply.bytes.is_some()),
        ("a file", reply.file.is_some()),
    ];
    let mut found = kinds.into_iter().filter_map(|(name, is_there)| is_there.then_some(name));
    match (found.next(), found.next()) {
        (Some(one), Some(other)) => Err(format!(
            "it has {one} and {other}, and an answer can have only one of them: keep one, or write \
             two replies"
        )),
        _ => Ok(()),
    }
}

fn headers(list: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        let header = HeaderName::try_from(name).map_err(|_| {
            format!("'{name}' is not the name of a header: write one such as 'retry-after'")
        })?;
        let value = HeaderValue::try_from(value).map_err(|_| {
            format!("the header `{name}` has a value with control characters: leave them out")
        })?;
        if OF_THE_BODY.contains(&header) {
            return Err(format!(
                "the header `{name}` belongs to the connection, which sets it: leave it out"
            ));
        }
        headers.append(header, value);
    }
    Ok(headers)
}

/// A wrong value of these would break the connection in ways that no fault names.
const OF_THE_BODY: [HeaderName; 2] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

/// An error in the official envelope.
fn envelope(status: u16, error: Value) -> Result<Value, String> {
    let (kind, code) = match status {
        401 => ("invalid_request_error", json!("invalid_api_key")),
        429 => ("requests", json!("rate_limit_exceeded")),
        500.. => ("server_error", Value::Null),
        _ => ("invalid_request_error", Value::Null),
    };
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut envelope = json!({
        "message": reason.unwrap_or("The script answers with this error."),
        "type": kind,
        "param": null,
        "code": code,
    });
    match (error, &mut envelope) {
        (Value::Null, _) => {}
        (Value::String(message), envelope) => envelope["message"] = message.into(),
        (Value::Object(keys), Value::Object(envelope)) => envelope.extend(keys),
        (error, _) => {
            return Err(format!(
                "the error is {error}: write its message, or an object with the key `message`"
            ));
        }
    }
    Ok(json!({"error": envelope}))
}

fn media_of(path: &Path) -> HeaderValue {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    HeaderValue::from_static(match end {
        "sse" => "text/event-stream; charset=utf-8",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}
