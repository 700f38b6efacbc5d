//! An answer that is not written out yet, and how it becomes a response. [`chat`](crate::chat) asks the
//! sources for one.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chatwire_stream::encode::SplitText;
use serde_json::Value;

use crate::answer::{Answer, LONGEST_WORD};
use crate::budget::Lease;
use crate::events::{Events, Frame, Frames};
use crate::fault::Fault;
use crate::note::Note;
use crate::peers::Answering;
use crate::problem::Problem;
use crate::respond::{self, is_event_stream};
use crate::stored::{Draft, Store};

/// What a client gets.
pub(crate) struct Planned {
    pub(crate) content: Content,
    pub(crate) status: StatusCode,
    /// They replace those that the content has by default.
    pub(crate) headers: HeaderMap,
    /// The wait before the head.
    pub(crate) delay: Duration,
    /// The wait before each event, if it differs from that of the server.
    pub(crate) chunk_delay: Option<Duration>,
    pub(crate) faults: Vec<Fault>,
    /// The error that a fault sends.
    pub(crate) fault_error: Option<Value>,
    /// The name of what made the answer, such as a rule of a script.
    pub(crate) rule: Option<String>,
}

pub(crate) enum Content {
    /// A completion that the mock makes, in the form that the request asks for.
    Answer(Box<Answer>),
    /// A completion that the user has written, in the form that the request asks for.
    Completion(Value),
    /// A body of this type. An event stream has a frame for each event, other bodies have one frame.
    Bytes { media: HeaderValue, frames: Vec<Frame> },
}

/// What a request says about the form of its answer.
pub(crate) struct Form {
    is_stream: bool,
    include_usage: bool,
    /// What the request leaves for the stored completion, if it asks for one.
    draft: Option<Draft>,
}

impl Form {
    pub(crate) fn of(request: &Value) -> Self {
        let is_true = |path: &str| request.pointer(path) == Some(&Value::Bool(true));
        Self {
            is_stream: is_true("/stream"),
            include_usage: is_true("/stream_options/include_usage"),
            draft: Draft::of(request),
        }
    }
}

impl Planned {
    /// An answer with this content, and nothing else that is special.
    pub(crate) fn new(content: Content) -> Self {
        Self {
            content,
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            delay: Duration::ZERO,
            chunk_delay: None,
            faults: Vec::new(),
            fault_error: None,
            rule: None,
        }
    }

    /// About the bytes that the answer takes. Bytes that the server holds anyway count nothing.
    pub(crate) fn size(&self) -> usize {
        match &self.content {
            Content::Answer(answer) => answer.size(),
            Content::Completion(completion) => completion.to_string().len(),
            Content::Bytes { .. } => 0,
        }
    }

    pub(crate) fn write(
        self,
        form: Form,
        stored: &Store,
        note: &Note,
        delay: Duration,
        lease: Lease,
        answering: Answering,
    ) -> Result<Response, Problem> {
        let (media, body) = match self.content.write(form, stored, note)? {
            Written::Whole(media, body) => (media, respond::held(body, Some(lease)).into()),
            Written::Events(media, frames) => {
                (media, Body::from_stream(Events::new(frames, delay, lease, answering)))
            }
        };
        let mut response = (self.status, [(header::CONTENT_TYPE, media)], body).into_response();
        if is_event_stream(response.headers()) {
            let cache = HeaderValue::from_static("no-cache");
            response.headers_mut().insert(header::CACHE_CONTROL, cache);
        }
        // `extend` replaces the headers that are there, and keeps several of one name.
        response.headers_mut().extend(self.headers);
        if let Some(rule) = self.rule.and_then(|rule| HeaderValue::try_from(rule).ok()) {
            response.headers_mut().insert(RULE, rule);
        }
        Ok(response)
    }
}

/// The header that names the rule that made an answer.
const RULE: HeaderName = HeaderName::from_static("x-chatwire-rule");

/// The body of a response.
enum Written {
    Whole(HeaderValue, Bytes),
    Events(HeaderValue, Frames),
}

impl Content {
    fn write(self, form: Form, stored: &Store, note: &Note) -> Result<Written, Problem> {
        let (completion, split) = match self {
            Self::Bytes { media, frames } if media.as_bytes().starts_with(EVENTS) => {
                return Ok(Written::Events(media, Frames::List(frames)));
            }
            Self::Bytes { media, frames } => return Ok(Written::Whole(media, join(frames))),
            Self::Completion(completion) => (completion, SplitText::Words),
            Self::Answer(answer) => {
                let long = SplitText::Characters(LONGEST_WORD);
                let split = if answer.has_long_words() { long } else { SplitText::Words };
                (answer.completion(), split)
            }
        };
        note.completion(&completion);
        if let Some(draft) = form.draft {
            stored.push(draft, &completion);
        }
        if !form.is_stream {
            let media = HeaderValue::from_static("application/json");
            return Ok(Written::Whole(media, completion.to_string().into()));
        }
        let completion = serde_json::from_value(completion).map_err(|error| {
            Problem::new(500, format!("The answer cannot be streamed: {error}."))
        })?;
        let media = HeaderValue::from_static("text/event-stream; charset=utf-8");
        let include_usage = form.include_usage;
        Ok(Written::Events(media, Frames::Chunks { completion, split, include_usage }))
    }
}

/// The start of the type of an event stream.
const EVENTS: &[u8] = b"text/event-stream";

/// A body of one frame is not copied.
fn join(frames: Vec<Frame>) -> Bytes {
    let frames: Vec<Bytes> = frames.into_iter().map(|frame| frame.bytes).collect();
    match <[Bytes; 1]>::try_from(frames) {
        Ok([body]) => body,
        Err(frames) => frames.concat().into(),
    }
}
