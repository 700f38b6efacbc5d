//! The words of errors: for a person, for a programmer, and for the clients of a gateway. What the
//! errors are is said in [`super`].

use std::fmt;

use chatwire_types::{ErrorBody, ErrorObject, ErrorResponse};

use super::excerpt::{short_line, short_words, split_between_characters, split_start, visible};
use super::{
    ApiError, CompletionError, IdleTimeout, Incomplete, KEPT, NotEventStream, StreamError,
    TooManyParts, Truncated, Undecodable,
};

/// The longest text of an error that is taken for words.
const MAX_WORDS: usize = 300;

/// How many bytes of a body or event are shown to a programmer: all of a body that is no event stream.
const SHOWN: usize = KEPT;

/// What a server says of its error: in one of the places for it, or as a line of words that is all there
/// is. Anything else may be a page or a record of what its clients need not know.
pub(super) fn of_server(error: &ApiError) -> Option<String> {
    let only_line = || {
        let text = str::from_utf8(&error.raw).ok()?.trim();
        let is_line = text.len() <= MAX_WORDS && !text.contains('\n');
        (is_line && !text.starts_with(['<', '{', '['])).then_some(text)
    };
    let words = error.words().or_else(only_line).filter(|words| !words.trim().is_empty());
    words.map(str::to_owned)
}

/// An envelope with these words.
pub(super) fn server_error(message: &str) -> ErrorResponse {
    let mut error = ErrorObject::default();
    error.message = Some(message.to_owned());
    error.type_ = Some("server_error".to_owned());
    let mut response = ErrorResponse::default();
    response.error = Some(ErrorBody::from(error));
    response
}

/// What the clients of a gateway are told, who need not know which server is behind it and cannot set
/// anything.
pub(super) fn for_clients(error: &StreamError) -> String {
    let said = match error {
        StreamError::Transport(_) => return error.to_string(),
        StreamError::Api(_) => {
            "the server behind this one reported an error and did not say which; send the request again"
        }
        StreamError::Truncated(_) => "the stream ended early; send the request again",
        StreamError::NotEventStream(_) => "the server behind this one sent no event stream",
        StreamError::Undecodable(_) => "the server behind this one sent an event that is no chunk",
        StreamError::EventTooLarge(_) => {
            "the server behind this one sent an event that is too large"
        }
        StreamError::IdleTimeout(_) => {
            "the server behind this one was silent for too long; send the request again"
        }
    };
    said.to_owned()
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Truncated(error) => error.fmt(f),
            Self::NotEventStream(error) => error.fmt(f),
            Self::Undecodable(error) => error.fmt(f),
            Self::EventTooLarge(error) => error.fmt(f),
            Self::IdleTimeout(error) => error.fmt(f),
            Self::Transport(_) => f.write_str(
                "the connection failed while the stream was open; send the request again",
            ),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match short_message(self).as_str() {
            "" => f.write_str(
                "the server reported an error in the stream and did not say which; send the request \
                 again",
            ),
            message => {
                write!(f, "the server reported an error in the stream: {}", visible(message))
            }
        }
    }
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.chunks == 1 { "" } else { "s" };
        write!(f, "the stream ended after {} chunk{plural} without `[DONE]`", self.chunks)?;
        match self.unfinished.as_slice() {
            [] => {}
            [index] => write!(f, " and without a finish reason for choice {index}")?,
            indexes => write!(f, " and without a finish reason for choices {indexes:?}")?,
        }
        if !self.rest.is_empty() {
            return f.write_str(", in the middle of an event; send the request again");
        }
        f.write_str("; send the request again")?;
        if self.chunks == 0 {
            return Ok(());
        }
        f.write_str(", or allow a missing finish with `end_policy` if this server never sends one")
    }
}

impl fmt::Display for NotEventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.api_error() {
            f.write_str("the server answered with an error")?;
            if let Some(status) = self.status {
                write!(f, ", status {status}")?;
            }
            return write!(f, ": {}", visible(&short_message(&error)));
        }
        f.write_str("the answer is not an event stream")?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(content_type) = &self.content_type {
            write!(f, ", content type {}", visible(content_type))?;
        }
        let body = short_line(&self.body);
        write!(
            f,
            ": {body}; check the address, that the request has `\"stream\": true`, and that the server \
             supports it"
        )
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = visible(&self.source.to_string());
        write!(
            f,
            "an event of the stream is no chunk: {source}: {}; check that the server speaks this API",
            short_line(&self.raw)
        )
    }
}

impl fmt::Display for IdleTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the stream was silent for {:?}; send the request again, or set a longer `idle_timeout`",
            self.after
        )
    }
}

impl fmt::Display for TooManyParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the stream has more than {} choices, or tool calls in one choice, as no real answer has; \
             check that the server is the one you mean",
            self.limit
        )
    }
}

impl fmt::Display for CompletionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::TooManyParts(error) => error.fmt(f),
            Self::AlreadyRead => f.write_str(
                "some of the stream was read before its completion was asked for, so the completion would \
                 lack it; push each chunk into an `Accumulator` as it is read",
            ),
        }
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// [`ApiError::message`], which may be as long as an event, or how it begins.
fn short_message(error: &ApiError) -> String {
    match error.words() {
        Some(words) => short_words(words.trim()),
        None => short_words(String::from_utf8_lossy(split_start(&error.raw).0).trim()),
    }
}

/// Bytes as text, which is what they nearly always are; of many, how they begin and their number.
struct AsText<'a>(&'a [u8]);

impl fmt::Debug for AsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, rest) = split_between_characters(self.0, SHOWN);
        String::from_utf8_lossy(start).fmt(f)?;
        if rest.is_empty() { Ok(()) } else { write!(f, "… ({} bytes)", self.0.len()) }
    }
}

/// Of a long error, the message stands for all that was read of it.
impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { response, raw } = self;
        let mut shown = f.debug_struct("ApiError");
        if raw.len() <= SHOWN {
            return shown.field("response", response).field("raw", &AsText(raw)).finish();
        }
        shown.field("message", &short_message(self)).field("raw", &AsText(raw));
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chunks, unfinished, rest } = self;
        f.debug_struct("Truncated")
            .field("chunks", chunks)
            .field("unfinished", unfinished)
            .field("rest", &AsText(rest))
            .finish()
    }
}

impl fmt::Debug for NotEventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, content_type, body } = self;
        f.debug_struct("NotEventStream")
            .field("status", status)
            .field("content_type", content_type)
            .field("body", &AsText(body))
            .finish()
    }
}

impl fmt::Debug for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { raw, source } = self;
        f.debug_struct("Undecodable").field("raw", &AsText(raw)).field("source", source).finish()
    }
}
