//! Formats errors: as a message, for debugging, and for the clients of a gateway. [`super`] defines the errors.

use std::fmt;

use super::excerpt::{cut_message, short_line, split_between_characters, split_start, visible};
use super::{
    AnswerTooLarge, ApiError, CompletionError, IdleTimeout, Incomplete, KEPT, NotEventStream,
    StreamError, TooManyParts, Truncated, Undecodable,
};

/// The maximum length of an error without an envelope that is passed on as its message.
const MAX_PASSED_ON: usize = 300;

/// The number of bytes that `Debug` shows of a body or event. It shows all that is kept of a body.
const DEBUG_BYTES: usize = KEPT;

/// The message of a server's error: the one in its envelope, or the whole data if that is one line of text.
/// Other data may be a page or a log that clients should not see.
pub(super) fn server_message(error: &ApiError) -> Option<String> {
    let only_line = || {
        let text = str::from_utf8(&error.raw).ok()?.trim();
        let is_line = text.len() <= MAX_PASSED_ON && !text.contains('\n');
        (is_line && !text.starts_with(['<', '{', '['])).then_some(text)
    };
    let message = error.known_message().or_else(only_line);
    message.filter(|message| !message.trim().is_empty()).map(str::to_owned)
}

/// The message for the clients of a gateway. It contains no details of the upstream server and no advice about
/// settings, because clients can change none.
pub(super) fn message_for_clients(error: &StreamError) -> String {
    let message = match error {
        StreamError::Transport(_) => {
            "the connection to the upstream server failed; send the request again"
        }
        StreamError::Api(_) => {
            "the upstream server reported an error without a message; send the request again"
        }
        StreamError::Truncated(_) => "the stream ended early; send the request again",
        StreamError::NotEventStream(other) => match other.status {
            Some(status) if !matches!(status, 200..=299) => {
                return format!("the upstream server answered with status {status}");
            }
            _ => "the upstream server did not send an event stream",
        },
        StreamError::Undecodable(_) => "the upstream server sent an event that is not a chat chunk",
        StreamError::EventTooLarge(_) => "the upstream server sent an event that is too large",
        StreamError::IdleTimeout(_) => {
            "the upstream server was silent for too long; send the request again"
        }
    };
    message.to_owned()
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
            Self::Transport(source) => {
                let source = visible(&cut_message(&source.to_string()));
                write!(f, "the connection failed: {source}; send the request again")
            }
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match short_message(self).as_str() {
            "" => f.write_str(
                "the server reported an error in the stream without a message; send the request again",
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
            "the stream sent an event that is not a chat chunk: {source}: {}; check that the server \
             supports this API",
            short_line(&self.raw)
        )
    }
}

impl fmt::Display for IdleTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.had_bytes {
            return write!(
                f,
                "the stream brought no chunk for {:?}, only comments or lines without meaning; send the \
                 request again, or set a longer `chunk_timeout`",
                self.after
            );
        }
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
            "the stream has more than {0} choices, or more than {0} tool calls in one choice; check \
             the address of the server",
            self.limit
        )
    }
}

impl fmt::Display for AnswerTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the answer needs more than {} bytes; check the address of the server, or raise \
             `max_answer_size`",
            self.limit
        )
    }
}

impl fmt::Display for CompletionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::TooManyParts(error) => error.fmt(f),
            Self::TooLarge(error) => error.fmt(f),
            Self::AlreadyRead => f.write_str(
                "part of the stream was read before `completion` was called, so the completion would lack \
                 that part; push each chunk into an `Accumulator` instead",
            ),
        }
    }
}

impl fmt::Debug for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incomplete").field("error", &self.error).finish_non_exhaustive()
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// The beginning of [`ApiError::message`], which may be as long as an event.
fn short_message(error: &ApiError) -> String {
    match error.known_message() {
        Some(message) => cut_message(message.trim()),
        None => cut_message(String::from_utf8_lossy(split_start(&error.raw).0).trim()),
    }
}

/// Shows bytes as text, because they nearly always are. Shows the beginning and the size of long data.
struct AsText<'a>(&'a [u8]);

impl fmt::Debug for AsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, rest) = split_between_characters(self.0, DEBUG_BYTES);
        String::from_utf8_lossy(start).fmt(f)?;
        if rest.is_empty() { Ok(()) } else { write!(f, "… ({} bytes)", self.0.len()) }
    }
}

/// Shows only the message of a long error, because the envelope holds the whole data again.
impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { response, raw } = self;
        let mut shown = f.debug_struct("ApiError");
        if raw.len() <= DEBUG_BYTES {
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
