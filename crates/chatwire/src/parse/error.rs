//! What a structured answer can be instead of a value. [`super`] decides which of them applies.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use chatwire_client::{Error, ErrorKind, Response};
use chatwire_types::{ChatCompletion, FinishReason, ToolCall};

#[cfg(doc)]
use super::{ParseClient, ParseStream};
use crate::schema::SchemaError;

/// The completion of an answer that is not a value: the usage, the request id and the rest.
type Whole = Option<Box<Response<ChatCompletion>>>;

/// The answer gives no value of the type. `Display` says what happened, why, and how to fix it.
/// [`chatwire::Error`](crate::Error) takes it, so `?` works in a function that returns that.
///
/// Only [`Refused`](Self::Refused) shows words of the model. The others, `Debug` included, leave them to the fields,
/// because they may be long.
#[derive(Clone)]
#[non_exhaustive]
pub enum ParseError {
    /// The type has no schema for strict mode. Nothing was sent.
    Schema(SchemaError),
    /// The call failed, or its stream after it began. The error has the answer as far as it arrived.
    Request(Error),
    /// The model refused to answer.
    #[non_exhaustive]
    Refused {
        /// The words with which it refused.
        refusal: String,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
    /// The answer reached the limit on its tokens.
    #[non_exhaustive]
    Cut {
        /// The text up to there.
        text: String,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
    /// A content filter stopped the answer.
    #[non_exhaustive]
    Filtered {
        /// The text up to there.
        text: String,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
    /// The answer has no text.
    #[non_exhaustive]
    Empty {
        /// Why the model stopped.
        finish_reason: Option<FinishReason>,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
    /// The model called tools in place of an answer.
    #[non_exhaustive]
    ToolCalls {
        /// The calls.
        calls: Vec<ToolCall>,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
    /// The text is not JSON.
    #[non_exhaustive]
    NotJson {
        /// The whole text.
        text: String,
        /// The reason, with its line and column in the text without a code fence.
        source: Arc<serde_json::Error>,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
    /// The text is JSON, but not a value of the type.
    #[non_exhaustive]
    WrongShape {
        /// The whole text.
        text: String,
        /// The place in the JSON, such as `participants[0].name`; `.` for all of it.
        path: String,
        /// The reason.
        source: Arc<serde_json::Error>,
        /// The whole answer, if it came from [`ParseClient::parse`] or [`ParseStream::finish`].
        completion: Whole,
    },
}

impl ParseError {
    /// The completion that the error is about, with its usage and its request id. It is `None` if the call failed, and
    /// if a completion of yours was [parsed](super::ParseAnswer::parse).
    pub fn completion(&self) -> Option<&Response<ChatCompletion>> {
        match self {
            Self::Schema(_) | Self::Request(_) => None,
            Self::Refused { completion, .. }
            | Self::Cut { completion, .. }
            | Self::Filtered { completion, .. }
            | Self::Empty { completion, .. }
            | Self::ToolCalls { completion, .. }
            | Self::NotJson { completion, .. }
            | Self::WrongShape { completion, .. } => completion.as_deref(),
        }
    }

    pub(super) fn about(mut self, answer: Response<ChatCompletion>) -> Self {
        match &mut self {
            Self::Schema(_) | Self::Request(_) => {}
            Self::Refused { completion, .. }
            | Self::Cut { completion, .. }
            | Self::Filtered { completion, .. }
            | Self::Empty { completion, .. }
            | Self::ToolCalls { completion, .. }
            | Self::NotJson { completion, .. }
            | Self::WrongShape { completion, .. } => *completion = Some(Box::new(answer)),
        }
        self
    }

    const fn variant(&self) -> &'static str {
        match self {
            Self::Schema(_) => "Schema",
            Self::Request(_) => "Request",
            Self::Refused { .. } => "Refused",
            Self::Cut { .. } => "Cut",
            Self::Filtered { .. } => "Filtered",
            Self::Empty { .. } => "Empty",
            Self::ToolCalls { .. } => "ToolCalls",
            Self::NotJson { .. } => "NotJson",
            Self::WrongShape { .. } => "WrongShape",
        }
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.to_string();
        f.debug_struct(self.variant()).field("message", &message).finish_non_exhaustive()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Refused { refusal, .. } => write!(
                f,
                "the model refused to answer: {refusal}; change the prompt, or show these words"
            ),
            Self::Cut { text, .. } => write!(
                f,
                "the answer was cut off after {} characters, because it reached the limit on its \
                 tokens; raise `max_completion_tokens`, or ask for less",
                text.chars().count()
            ),
            Self::Filtered { text, .. } => write!(
                f,
                "a content filter stopped the answer after {} characters; change the prompt",
                text.chars().count()
            ),
            Self::Empty { finish_reason, .. } => {
                let reason = finish_reason.as_ref().map_or("none", FinishReason::as_str);
                write!(f, "the answer has no text (finish reason: {reason}); ask again")
            }
            Self::ToolCalls { calls, .. } => {
                let name = calls.first().and_then(ToolCall::name).unwrap_or("without a name");
                write!(
                    f,
                    "the model called the tool {name} in place of an answer; send the result of the \
                     call, or set `tool_choice` to `none`"
                )
            }
            Self::NotJson { source, .. } => write!(
                f,
                "the answer is not JSON: {source}; ask for JSON in the prompt, because the service \
                 may not follow `response_format`"
            ),
            Self::WrongShape { path, source, .. } => write!(
                f,
                "the answer does not fit the type at `{path}`: {source}; make the type accept it, or \
                 describe the field in its doc comment"
            ),
        }
    }
}

impl StdError for ParseError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Schema(error) => Some(error),
            Self::Request(error) => Some(error),
            Self::NotJson { source, .. } | Self::WrongShape { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

impl From<SchemaError> for ParseError {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error)
    }
}

impl From<Error> for ParseError {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}

/// An answer that is not a value has the kind [`UnusableAnswer`](ErrorKind::UnusableAnswer), and the [`ParseError`] is its
/// [source](StdError::source).
impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Request(error) => error,
            ParseError::Schema(error) => error.into(),
            error => {
                let completion = error.completion().cloned();
                let error = Self::new(ErrorKind::UnusableAnswer, error);
                match completion {
                    Some(completion) => error.with_response(&completion),
                    None => error,
                }
            }
        }
    }
}
