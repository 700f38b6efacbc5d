//! Defines the errors of a stream and the ways in which it can end. [`crate::chunks`] decides which of them
//! applies; [`display`] writes their messages.

mod display;
mod excerpt;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use serde::de::Error as _;

use chatwire_types::{ChatCompletion, ErrorBody, ErrorResponse, strip_byte_order_mark};

use crate::error_envelopes::{error_in_list, read_error};
pub use chatwire_sse::EventTooLarge;

/// The number of bytes that are kept of a body that is not an event stream.
pub(crate) const KEPT: usize = 1024;

/// The keys of a chunk that are left out of an error for clients.
const CHUNK_KEYS: [&str; 8] = [
    "choices",
    "created",
    "id",
    "model",
    "provider",
    "service_tier",
    "system_fingerprint",
    "usage",
];

/// An error of the layer below, such as the HTTP client.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// An error of the layer below in a form that can be cloned.
pub type SharedError = Arc<dyn Error + Send + Sync>;

/// How a complete stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Done {
    /// The server sent `[DONE]`.
    Marker,
    /// The body ended without `[DONE]`, but every choice has a finish reason, and no event was cut off except
    /// `[DONE]` itself.
    FinishReason,
    /// The server ignored `stream` and sent a whole completion as JSON.
    WholeAnswer,
    /// The body ended without `[DONE]` and without all finish reasons, and [`EndPolicy::AllowMissingFinish`]
    /// is set.
    Allowed,
}

/// When a stream counts as complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndPolicy {
    /// The stream needs `[DONE]`, or a finish reason for every choice that has begun. Without `[DONE]`, the
    /// last event must be whole, because it may hold the usage. Otherwise the stream ends with
    /// [`StreamError::Truncated`].
    #[default]
    RequireFinishOrDone,
    /// The end of the body completes the stream if there was at least one chunk and the last event is whole.
    /// Use this for servers that send neither `[DONE]` nor finish reasons.
    AllowMissingFinish,
}

/// An error of a stream.
///
/// Earlier chunks stay valid. After [`Undecodable`](Self::Undecodable) the stream continues; every other
/// error is its last item. A clone copies the bytes that the error holds.
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
    /// The body is not an event stream.
    NotEventStream(Box<NotEventStream>),
    /// An event is not a chunk. The stream continues.
    Undecodable(Undecodable),
    /// An event is larger than the limit. The stream ends, because the answer would lack a piece.
    EventTooLarge(EventTooLarge),
    /// No byte arrived within the idle timeout, or no chunk within the chunk timeout.
    IdleTimeout(IdleTimeout),
    /// The layer below failed. This is its error.
    Transport(SharedError),
}

/// An error that the server sent as an event or as the whole body.
///
/// [`ChunkDecoder`](crate::ChunkDecoder) lists which events are errors.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The data as an error envelope. Unknown keys are in its `extra`. It is empty if the data is not a JSON
    /// object.
    pub response: ErrorResponse,
    /// The original data. If the event holds several objects, it is the line of this one. For a line
    /// `error: …` that is not a field of the format, it is the text after the colon, within the first 4 KiB
    /// of the line.
    pub raw: Vec<u8>,
}

/// A body that ended before the answer was complete.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Truncated {
    /// The number of chunks that arrived.
    pub chunks: u64,
    /// The indexes of the choices without a finish reason, in ascending order.
    pub unfinished: Vec<i64>,
    /// The original data of the last event, if it was cut off in the middle; empty otherwise. The cut may be
    /// inside a character.
    pub rest: Vec<u8>,
}

/// A body that is not an event stream, such as JSON, an HTML page of a proxy, or plain text.
///
/// A body without an event is also this error if the status is not 2xx.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotEventStream {
    /// The HTTP status, if it was set with [`ChunkDecoder::response`](crate::ChunkDecoder::response).
    pub status: Option<u16>,
    /// The content type, if it was set with [`ChunkDecoder::response`](crate::ChunkDecoder::response).
    pub content_type: Option<String>,
    /// The first bytes of the body, at most 1,024; all of it, if it reports an error as JSON.
    pub body: Vec<u8>,
}

/// An event whose data is not a JSON object, or has more than 262,144 JSON objects.
#[derive(Clone)]
#[non_exhaustive]
pub struct Undecodable {
    /// The original data. If the event holds several objects, it is the line that is not one.
    pub raw: Vec<u8>,
    /// The reason. For invalid JSON, it has line and column within the data; otherwise both are 0.
    pub source: Arc<serde_json::Error>,
}

/// Nothing arrived within the idle timeout, or no chunk within the chunk timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdleTimeout {
    /// The timeout.
    pub after: Duration,
    /// Whether bytes arrived in that time, but no chunk: only comments, say.
    pub had_bytes: bool,
}

/// A stream has more choices, or more tool calls in one choice, than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooManyParts {
    /// The number that is kept.
    pub limit: usize,
}

/// An answer needs more memory than its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerTooLarge {
    /// The limit in bytes.
    pub limit: usize,
}

/// An incomplete answer: the part that arrived, and the reason. `Debug` leaves out the part, because it is the
/// words of the model and may be long.
#[derive(Clone)]
#[non_exhaustive]
pub struct Incomplete {
    /// The completion of the chunks that arrived. It is empty after [`CompletionError::AlreadyRead`].
    pub partial: Box<ChatCompletion>,
    /// Why the answer is not complete.
    pub error: CompletionError,
}

/// The reason why a stream has no complete completion.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CompletionError {
    /// The error that ended the stream, or else the first event that is not a chunk.
    Stream(StreamError),
    /// The stream has more choices or tool calls than are kept.
    TooManyParts(TooManyParts),
    /// The answer is larger than [`ChunkDecoder::max_answer_size`](crate::ChunkDecoder::max_answer_size).
    TooLarge(AnswerTooLarge),
    /// Part of the stream was read before `completion` was called, so the completion would lack that part.
    AlreadyRead,
}

impl StreamError {
    /// Makes the error of a response that is not a stream, such as a rejected request.
    ///
    /// If the body is an error envelope with a message, this is [`Api`](Self::Api) with all of the body.
    /// Otherwise it is [`NotEventStream`](Self::NotEventStream) with the first 1,024 bytes.
    ///
    /// ```
    /// use chatwire_stream::StreamError;
    ///
    /// let body = br#"{"error":{"message":"no such model"}}"#;
    /// let error = StreamError::of_response(404, Some("application/json"), body);
    /// assert!(matches!(error, StreamError::Api(error) if error.message() == "no such model"));
    /// let error = StreamError::of_response(502, Some("text/html"), b"<html>");
    /// assert!(matches!(error, StreamError::NotEventStream(page) if page.status == Some(502)));
    /// ```
    pub fn of_response(status: u16, content_type: Option<&str>, body: &[u8]) -> Self {
        let response = ErrorResponse::from_body(body);
        match response.filter(|response| response.error_message().is_some()) {
            Some(response) => ApiError { response, raw: body.to_vec() }.into(),
            None => Self::NotEventStream(Box::new(NotEventStream {
                status: Some(status),
                content_type: content_type.map(str::to_owned),
                body: body.get(..KEPT).unwrap_or(body).to_vec(),
            })),
        }
    }

    /// Makes the error of a body that failed.
    ///
    /// A body that keeps its own idle timeout fails with an [`IdleTimeout`], or with an error that is
    /// caused by one. That becomes [`StreamError::IdleTimeout`]; everything else becomes
    /// [`Transport`](Self::Transport).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use chatwire_stream::{IdleTimeout, StreamError};
    ///
    /// let silent = StreamError::transport(IdleTimeout::new(Duration::from_secs(60)));
    /// assert!(matches!(silent, StreamError::IdleTimeout(_)));
    /// let broken = StreamError::transport("connection reset");
    /// assert!(matches!(broken, StreamError::Transport(_)));
    /// ```
    pub fn transport(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        match silence_behind(&*error) {
            Some(silence) => Self::IdleTimeout(silence),
            None => Self::Transport(error.into()),
        }
    }

    /// Whether the event holds only `null`. Some services send it for "nothing new", so the answer lacks nothing
    /// without it, and a loop over a stream may pass over this error.
    ///
    /// ```
    /// use chatwire_stream::ChunkDecoder;
    ///
    /// let mut decoder = ChunkDecoder::new();
    /// let error = decoder.next(&mut &b"data: null\n\n"[..]).unwrap().unwrap_err();
    /// assert!(error.is_null() && !error.is_terminal());
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Undecodable(event) if event.raw.trim_ascii() == b"null")
    }

    /// The same error without secrets in its bytes.
    pub(crate) fn redacted(self, redact: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Self {
        let hide = |bytes: &mut Vec<u8>| match redact(bytes) {
            Some(redacted) => {
                *bytes = redacted;
                true
            }
            None => false,
        };
        match self {
            Self::Api(mut error) => {
                if hide(&mut error.raw) {
                    let text = String::from_utf8_lossy(&error.raw).into_owned();
                    let text = text.trim();
                    error.response = error_in_list(text).unwrap_or_else(|| read_error(text));
                }
                Self::Api(error)
            }
            Self::NotEventStream(mut other) => {
                hide(&mut other.body);
                Self::NotEventStream(other)
            }
            Self::Undecodable(mut event) => {
                if hide(&mut event.raw) {
                    // The reason may quote the data.
                    event.source = Arc::new(serde_json::Error::custom("it is not a chat chunk"));
                }
                Self::Undecodable(event)
            }
            Self::Truncated(mut truncated) => {
                hide(&mut truncated.rest);
                Self::Truncated(truncated)
            }
            other => other,
        }
    }

    /// Whether this error is the last item of its stream.
    pub const fn is_terminal(&self) -> bool {
        !matches!(self, Self::Undecodable(_))
    }
}

/// The idle timeout that an error is, or is caused by.
fn silence_behind(error: &(dyn Error + 'static)) -> Option<IdleTimeout> {
    match error.downcast_ref::<IdleTimeout>() {
        Some(silence) => Some(*silence),
        None => silence_behind(error.source()?),
    }
}

impl ApiError {
    /// The server's message: the one in the envelope, or under another key that servers use (`message`,
    /// `detail`, `msg`, `errors` and others). If there is none, all of the data.
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
        self.known_message().map_or_else(raw, str::to_owned)
    }

    /// The server's error code as text. It may be a name or a number, such as `rate_limit_exceeded` or `429`.
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

    /// The server's error type, such as `invalid_request_error`.
    pub fn error_type(&self) -> Option<&str> {
        self.response.error_type()
    }

    /// The request parameter that caused the error, such as `messages[0].role`.
    pub fn param(&self) -> Option<String> {
        self.response.error_param()
    }

    /// The message, if it is under a key that servers use for it.
    fn known_message(&self) -> Option<&str> {
        self.response.error_message()
    }
}

/// Converts an error of an upstream server to the envelope for your own clients.
///
/// - The server's envelope is kept. If it came beside the choices of a chunk, the keys of the chunk are
///   removed.
/// - If there is nothing under the key `error`, the message is put there, with the type `server_error`.
/// - The bodies and events of the upstream server are left out. They are in the message of the
///   [`StreamError`], which you can log.
impl From<StreamError> for ErrorResponse {
    fn from(error: StreamError) -> Self {
        let default_message = display::message_for_clients(&error);
        let api_error = match error {
            StreamError::Api(error) => Some(*error),
            StreamError::NotEventStream(other) => other.api_error(),
            _ => None,
        };
        let message = api_error.as_ref().and_then(display::server_message);
        let mut response = api_error.map(|error| error.response).unwrap_or_default();
        if response.extra.contains_key("choices") {
            response.extra.retain(|key, _| !CHUNK_KEYS.contains(&key));
            response.object = response.object.filter(|object| object == "error");
        }
        if !response.error.as_ref().is_some_and(ErrorBody::says_something) {
            response.error = ErrorResponse::server_error(message.unwrap_or(default_message)).error;
        }
        response
    }
}

/// Makes an error of an envelope, for a server that reports it in its own stream.
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

/// Converts the reason of an incomplete answer to the envelope for your own clients.
impl From<Incomplete> for ErrorResponse {
    fn from(incomplete: Incomplete) -> Self {
        match incomplete.error {
            CompletionError::Stream(error) => error.into(),
            CompletionError::TooManyParts(_)
            | CompletionError::TooLarge(_)
            | CompletionError::AlreadyRead => {
                ErrorResponse::server_error("the answer of the upstream server is not complete")
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

impl IdleTimeout {
    /// The error of a body on which nothing came for this long.
    pub const fn new(after: Duration) -> Self {
        Self { after, had_bytes: false }
    }
}

impl NotEventStream {
    /// The first bytes of the body as text. Invalid UTF-8 is replaced by U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The error that the body reports, in any envelope. Returns `None` if it reports none.
    ///
    /// ```
    /// use chatwire_stream::{ChunkReader, StreamError};
    ///
    /// let body = &br#"{"error":{"message":"no such model"}}"#[..];
    /// let Some(Err(StreamError::NotEventStream(other))) = ChunkReader::new(body).next() else {
    ///     panic!("the body is not an event stream");
    /// };
    /// assert_eq!(other.api_error().map(|error| error.message()).as_deref(), Some("no such model"));
    /// ```
    pub fn api_error(&self) -> Option<ApiError> {
        let body = strip_byte_order_mark(&self.body);
        let response = ErrorResponse::from_success(body)?;
        Some(ApiError { response, raw: body.to_vec() })
    }
}

impl Error for StreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Transport(source) => Some(&**source),
            // The messages of the others include their sources.
            _ => None,
        }
    }
}

impl Error for ApiError {}
impl Error for Truncated {}
impl Error for NotEventStream {}
impl Error for IdleTimeout {}
impl Error for TooManyParts {}
impl Error for AnswerTooLarge {}
impl Error for CompletionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Stream(error) => error.source(),
            _ => None,
        }
    }
}
impl Error for Undecodable {}

impl From<StreamError> for CompletionError {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

impl From<TooManyParts> for CompletionError {
    fn from(error: TooManyParts) -> Self {
        Self::TooManyParts(error)
    }
}

impl From<AnswerTooLarge> for CompletionError {
    fn from(error: AnswerTooLarge) -> Self {
        Self::TooLarge(error)
    }
}

impl Error for Incomplete {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
