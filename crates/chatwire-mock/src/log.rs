//! Watches each answer until it has ended, and tells the user what it came to. [`note`](crate::note) has
//! what others learn about the request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use chatwire_stream::ChunkDecoder;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::exchange::{Exchange, OnExchange};
use crate::note::Note;
use crate::respond::{Refused, is_event_stream};

/// Answers a request, and tells the user when the answer has ended.
pub(crate) async fn log(
    Shared(on_exchange): Shared<OnExchange>,
    mut request: Request,
    next: Next,
) -> Response {
    let note = Note::new();
    request.extensions_mut().insert(note.clone());
    let mut entry = Entry::new(on_exchange, note, &request);
    let mut response = next.run(request).await;
    entry.begin(&mut response);
    response.map(|body| Body::new(Watched { body, entry }))
}

/// A line of the log. It is told when it is dropped, because a client may leave at any time.
struct Entry {
    exchange: Exchange,
    begin: Instant,
    note: Note,
    usage: UsageReader,
    /// The length that the head of the answer announces.
    length: Option<u64>,
    on_exchange: OnExchange,
}

impl Entry {
    fn new(on_exchange: OnExchange, note: Note, request: &Request) -> Self {
        let exchange = Exchange {
            at: SystemTime::now(),
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            model: None,
            status: None,
            prompt_tokens: None,
            completion_tokens: None,
            duration: std::time::Duration::ZERO,
            bytes: 0,
            rule: None,
            recording: None,
            error: None,
            is_complete: false,
        };
        // An answer to such a request has no body.
        let length = (request.method() == Method::HEAD).then_some(0);
        let (begin, usage) = (Instant::now(), UsageReader::Done);
        Self { exchange, begin, note, usage, length, on_exchange }
    }

    fn begin(&mut self, response: &mut Response) {
        self.exchange.status = Some(response.status().as_u16());
        if let Some(Refused(message)) = response.extensions_mut().remove() {
            self.note.write(|noted| noted.error = Some(message));
        }
        self.length = self.length.or_else(|| content_length(response.headers()));
        if self.note.read().completion_tokens.is_none() {
            self.usage = UsageReader::of(response.headers());
        }
        self.exchange.is_complete = response.body().is_end_stream() || self.length == Some(0);
    }

    fn push(&mut self, bytes: &Bytes) {
        self.exchange.bytes += bytes.len() as u64;
        // The connection does not ask what comes after the last byte.
        self.exchange.is_complete = self.length.is_some_and(|length| self.exchange.bytes >= length);
        self.usage.push(bytes, &self.note);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.usage.finish(&self.note);
        let noted = self.note.read();
        let exchange = &mut self.exchange;
        exchange.duration = self.begin.elapsed();
        exchange.model = noted.model;
        exchange.rule = noted.rule;
        exchange.recording = noted.recording;
        exchange.error = noted.error;
        exchange.prompt_tokens = noted.prompt_tokens;
        exchange.completion_tokens = noted.completion_tokens;
        (self.on_exchange.0)(exchange);
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The body of an answer.
struct Watched {
    body: Body,
    entry: Entry,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        match &frame {
            None => this.entry.exchange.is_complete = true,
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    this.entry.push(bytes);
                }
                this.entry.exchange.is_complete |= this.body.is_end_stream();
            }
            Some(Err(_)) => this.entry.exchange.is_complete = false,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Looks for the usage in an answer that the server has not made.
enum UsageReader {
    Stream(Box<ChunkDecoder>),
    Whole { pieces: Vec<Bytes>, bytes: usize },
    Done,
}

impl UsageReader {
    fn of(headers: &HeaderMap) -> Self {
        if is_event_stream(headers) {
            return Self::Stream(Box::default());
        }
        let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match media.is_some_and(|media| media.starts_with("application/json")) {
            true => Self::Whole { pieces: Vec::new(), bytes: 0 },
            false => Self::Done,
        }
    }

    fn push(&mut self, piece: &Bytes, note: &Note) {
        match self {
            Self::Stream(decoder) => {
                let mut input = piece.as_ref();
                while let Some(chunk) = decoder.next(&mut input) {
                    if let Ok(chunk) = chunk
                        && let Some(usage) = &chunk.usage
                    {
                        note.write(|noted| {
                            noted.prompt_tokens = usage.prompt_tokens;
                            noted.completion_tokens = usage.completion_tokens;
                        });
                    }
                }
            }
            Self::Whole { bytes, .. } if *bytes + piece.len() > LARGEST => *self = Self::Done,
            Self::Whole { pieces, bytes } => {
                *bytes += piece.len();
                pieces.push(piece.clone());
            }
            Self::Done => {}
        }
    }

    fn finish(&mut self, note: &Note) {
        if let Self::Whole { pieces, .. } = self
            && let Ok(completion) = serde_json::from_slice(&pieces.concat())
        {
            note.completion(&completion);
        }
        *self = Self::Done;
    }
}

/// A longer answer is passed on without a look at its usage.
const LARGEST: usize = 256 << 10;
