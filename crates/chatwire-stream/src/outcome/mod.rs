//! How a stream of chunks ends, and everything that can go wrong on the way, as types.
//! Which of them it is, [`crate::chunks`] decides; [`display`] writes them for people.

mod display;
mod excerpt;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ErrorBody, ErrorResponse, strip_byte_order_mark,
};

use crate::error_envelopes::{error_in_list, read_error};
pub use chatwire_sse::EventTooLarge;

/// How many bytes of a body that is not an event stream are kept.
pub(crate) const KEPT: usize = 1024;

/// What a chunk has beside an error in it.
const OF_CHUNK: [&str; 8] = [
    "choices",
    "created",
    "id",
    "model",
    "provider",
    "service_tier",
    "system_fingerprint",
    "usage",
];

/// An error of the layer that the bytes come from.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The same where it is kept, so that errors can be cloned.
pub type SharedError = Arc<dyn Error + Send + Sync>;

/// A stream that ended well, and by what it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Done {
    /// The server sent `[DONE]`.
    Marker,
    /// The body ended without `[DONE]`, every choice had a finish reason, and the last event was
    /// whole. Of a last event that was cut off in the middle of `[DONE]`, nothing is missed.
    FinishReason,
    /// The server ignored `stream` and sent a whole completion as JSON.
    WholeAnswer,
    /// The body ended with neither, and [`EndPolicy::AllowMissingFinish`] allows that.
    Allowed,
}

/// What a stream needs at its end to count as complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndPolicy {
    /// `[DONE]`, or a finish reason on every choice that was seen and no event that is cut off: it
    /// may hold the usage. Anything else is [`StreamError::Truncated`].
    #[default]
    RequireFinishOrDone,
    /// For servers that never send either: the end of the body completes the stream, provided that
    /// at least one chunk arrived and the last event is whole.
    AllowMissingFinish,
}

/// What went wrong in a stream.
///
/// Chunks that were handed out before stay valid. After [`Undecodable`](Self::Undecodable) the
/// stream goes on; every other error is its last item. A clone costs a copy of the bytes that the error
/// holds.
///
/// ```
/// use chatwire_stream::StreamError;
///
/// /// Whether sending the request again may help.
/// fn is_worth_a_retry(error: &StreamError) -> bool {
///     match error {
///         StreamError::Api(error) => !error.message().contains("quota"),
///         StreamError::NotEventStream(other) => matches!(other.status, Some(429 | 500..)),
///         StreamError::Truncated(_) | StreamError::IdleTimeout(_) | StreamError::Transport(_) => true,
///         _ => false,
///     }
/// }
///
/// let mut stream = chatwire_stream::ChunkReader::new(&b"data: {\"choices\":[{\"delta\":{}}]}\n\n"[..]);
/// assert!(stream.next_chunk().is_some_and(|chunk| chunk.is_ok()));
/// let Some(Err(error)) = stream.next_chunk() else { panic!("it was cut off") };
/// assert!(is_worth_a_retry(&error));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The server reported an error inside the stream.
    Api(Box<ApiError>),
    /// The body ended before the answer was complete.
    Truncated(Truncated),
    /// The body is something else than an event stream.
    NotEventStream(Box<NotEventStream>),
    /// One event is no chunk. The stream goes on.
    Undecodable(Undecodable),
    /// One event is larger than the bound. The answer would lack it, so the stream ends.
    EventTooLarge(EventTooLarge),
    /// No byte came for the time that was allowed.
    IdleTimeout(IdleTimeout),
    /// The layer below failed, as its own error.
    Transport(SharedError),
}

/// An error that the server sent as an event, or as a body of its own: `{"error":…}`, alone or in a
/// list, `{"detail":…}`, `{"message":…}` and other words of an error with nothing of a chunk beside
/// them, or anything under the type `error`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The data as an error envelope. Whatever the envelope does not know is in its `extra`;
    /// it is empty when the data is no JSON object.
    pub response: ErrorResponse,
    /// The data as it came, byte for byte; of an event with several objects on its lines, the line. Of
    /// a line that is no field, what stands after `error:`, of the first 4 KiB of the line.
    pub raw: Vec<u8>,
}

/// A body that ended too early.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Truncated {
    /// How many chunks arrived.
    pub chunks: u64,
    /// Indexes of the choices that were begun and had no finish reason, in order.
    pub unfinished: Vec<i64>,
    /// Data of a last event that was cut off in the middle, byte for byte, even inside a character;
    /// empty when there was none.
    pub rest: Vec<u8>,
}

/// A body that is not an event stream: a JSON answer, a proxy's HTML page, plain text; or one that
/// ended without an event, under a status other than 2xx.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotEventStream {
    /// The HTTP status, when the decoder was told.
    pub status: Option<u16>,
    /// The content type, when the decoder was told.
    pub content_type: Option<String>,
    /// The first bytes of the body, at most 1,024.
    pub body: Vec<u8>,
}

/// The data of one event that is no chunk: no JSON, JSON that is no object, or more than 262,144
/// objects, which are not parsed since they could take hundreds of times their size.
#[derive(Clone)]
#[non_exhaustive]
pub struct Undecodable {
    /// The data as it came, byte for byte; of an event with several objects on its lines, the line.
    pub raw: Vec<u8>,
    /// Why it is no chunk; of broken JSON, with line and column within the data, otherwise with 0 for
    /// both.
    pub source: Arc<serde_json::Error>,
}

/// A stream on which nothing came for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdleTimeout {
    /// The time that was allowed between two reads.
    pub after: Duration,
}

/// A stream with more choices, or more tool calls in one choice, than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooManyParts {
    /// How many are kept.
    pub limit: usize,
}

/// An answer that is not complete: what arrived of it, and why there is no more.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Incomplete {
    /// Everything that arrived, as the completion that it would have become; an empty completion with
    /// [`CompletionError::AlreadyRead`].
    pub partial: Box<ChatCompletion>,
    /// Why the answer is not complete.
    pub error: CompletionError,
}

/// Why a stream gives no completion.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CompletionError {
    /// The error that ended the stream, or else the first event that is not a chunk.
    Stream(StreamError),
    /// The stream has more choices or tool calls than are kept, so the completion would lack some.
    TooManyParts(TooManyParts),
    /// Some of the stream was read before its completion was asked for, so the completion would lack it.
    AlreadyRead,
}

impl StreamError {
    /// Whether this is an event of `null`, which carries nothing that could be missed.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Undecodable(event) if event.raw.trim_ascii() == b"null")
    }

    /// True when nothing follows on this stream.
    pub const fn is_terminal(&self) -> bool {
        !matches!(self, Self::Undecodable(_))
    }
}

impl ApiError {
    /// What the server says happened: the envelope's message, or the place where this server puts
    /// it (`message`, `detail`, `msg`, `errors` and others), or all of the data.
    ///
    /// ```
    /// use chatwire_stream::{ChunkReader, StreamError};
    ///
    /// for body in [
    ///     "data: {\"error\":{\"message\":\"too many requests\",\"code\":429}}\n\n",
    ///     "event: error\ndata: too many requests\n\n",
    ///     "data: {\"detail\":\"too many requests\"}\n\n",
    /// ] {
    ///     let Some(Err(StreamError::Api(error))) = ChunkReader::new(body.as_bytes()).next() else {
    ///         panic!("the server has sent an error");
    ///     };
    ///     assert_eq!(error.message(), "too many requests");
    /// }
    /// ```
    pub fn message(&self) -> String {
        let raw = || String::from_utf8_lossy(&self.raw).into_owned();
        self.words().map_or_else(raw, str::to_owned)
    }

    /// The server's code for the failure, such as `rate_limit_exceeded` or `429`: a name or a number, as
    /// text.
    ///
    /// ```
    /// use chatwire_stream::{ChunkReader, StreamError};
    ///
    /// let body = &b"data: {\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\",\"code\":529}}\n\n"[..];
    /// let Some(Err(StreamError::Api(error))) = ChunkReader::new(body).next() else {
    ///     panic!("the server has sent an error");
    /// };
    /// assert_eq!(error.code().as_deref(), Some("529"));
    /// assert_eq!(error.error_type(), Some("overloaded_error"));
    /// assert_eq!(error.param(), None);
    /// ```
    pub fn code(&self) -> Option<String> {
        self.response.error_code()
    }

    /// The server's class of the failure, such as `invalid_request_error`.
    pub fn error_type(&self) -> Option<&str> {
        self.response.error_type()
    }

    /// The request parameter that the server objects to, such as `messages[0].role`.
    pub fn param(&self) -> Option<String> {
        self.response.error_param()
    }

    /// The message, if it is in one of its places.
    fn words(&self) -> Option<&str> {
        self.response.error_message()
    }
}

/// The envelope to send to one's own clients, without the chunk that the error came beside. Where it has
/// nothing under `error`, where clients look, the message is put there with the type `server_error`; an
/// error without an envelope gets one. Of the server behind, clients are told its own words and keys, and
/// nothing else: what its body was, and what the operator can do, is in the words of the
/// [`StreamError`], for a log.
impl From<StreamError> for ErrorResponse {
    fn from(error: StreamError) -> Self {
        let said = display::for_clients(&error);
        let api_error = match error {
            StreamError::Api(error) => Some(*error),
            StreamError::NotEventStream(other) => other.api_error(),
            _ => None,
        };
        let message = api_error.as_ref().and_then(display::of_server);
        let mut response = api_error.map(|error| error.response).unwrap_or_default();
        if response.extra.contains_key("choices") {
            response.extra.retain(|key, _| !OF_CHUNK.contains(&key));
            response.object = response.object.filter(|object| object == "error");
        }
        if !response.error.as_ref().is_some_and(ErrorBody::says_something) {
            response.error = display::server_error(&message.unwrap_or(said)).error;
        }
        response
    }
}

/// An error that a server reports in its own stream.
impl From<ErrorResponse> for StreamError {
    fn from(response: ErrorResponse) -> Self {
        let raw = serde_json::to_vec(&response).unwrap_or_default();
        Self::Api(Box::new(ApiError { response, raw }))
    }
}

impl From<ApiError> for StreamError {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

/// The envelope to send to one's own clients when an answer is not complete.
impl From<Incomplete> for ErrorResponse {
    fn from(incomplete: Incomplete) -> Self {
        match incomplete.error {
            CompletionError::Stream(error) => error.into(),
            CompletionError::TooManyParts(_) | CompletionError::AlreadyRead => {
                display::server_error("the answer of the server behind this one is not complete")
            }
        }
    }
}

impl From<std::io::Error> for StreamError {
    fn from(error: std::io::Error) -> Self {
        Self::Transport(Arc::new(error))
    }
}

/// For streams that cannot fail.
impl From<Infallible> for StreamError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl NotEventStream {
    /// The first bytes of the body as text, invalid UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The error that the body reports, in one of the envelopes that an event could have, or as
    /// `{"error":…}` in a list; `None` when it reports none, or is longer than what was kept.
    ///
    /// ```
    /// use chatwire_stream::{ChunkReader, StreamError};
    ///
    /// let body = &br#"{"error":{"message":"no such model"}}"#[..];
    /// let Some(Err(StreamError::NotEventStream(other))) = ChunkReader::new(body).next() else {
    ///     panic!("that is no event stream");
    /// };
    /// assert_eq!(other.api_error().map(|error| error.message()).as_deref(), Some("no such model"));
    /// ```
    pub fn api_error(&self) -> Option<ApiError> {
        let body = strip_byte_order_mark(&self.body);
        let text = str::from_utf8(body).ok()?.trim();
        let response = match serde_json::from_str::<ChatCompletionChunk>(text) {
            Ok(chunk) => chunk.reports_error().then(|| read_error(text)),
            Err(_) => error_in_list(text),
        }?;
        Some(ApiError { response, raw: body.to_vec() })
    }
}

impl Error for StreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Transport(source) => Some(&**source),
            // What is behind the others is in their words.
            _ => None,
        }
    }
}

impl Error for ApiError {}
impl Error for Truncated {}
impl Error for NotEventStream {}
impl Error for IdleTimeout {}
impl Error for TooManyParts {}
impl Error for CompletionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Stream(error) => error.source(),
            _ => None,
        }
    }
}
impl Error for Undecodable {}

impl Error for Incomplete {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
