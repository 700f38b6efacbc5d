//! What a structured answer can be instead of a value. [`super`] decides which of them applies.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use chatwire_stream::CompletionError;
use chatwire_types::{ChatCompletion, FinishReason, ToolCall};

use crate::schema::SchemaError;

/// There is no value of the type. `Display` says what happened, why, and how to fix it.
///
/// Only [`Refused`](Self::Refused) shows words of the model. The others, `Debug` included, leave them to the fields,
/// because they may be long.
#[derive(Clone)]
#[non_exhaustive]
pub enum ParseError {
    /// The type has no schema for strict mode. Nothing was sent.
    Schema(SchemaError),
    /// The call failed.
    Request(chatwire_client::Error),
    /// The stream failed after it began.
    #[non_exhaustive]
    Stream {
        /// The answer as far as it arrived.
        partial: Box<ChatCompletion>,
        /// Why the rest did not.
        error: CompletionError,
    },
    /// The model refused to answer.
    #[non_exhaustive]
    Refused {
        /// The words with which it refused.
        refusal: String,
    },
    /// The answer reached the limit on its tokens.
    #[non_exhaustive]
    Cut {
        /// The text up to there.
        text: String,
    },
    /// A content filter stopped the answer.
    #[non_exhaustive]
    Filtered {
        /// The text up to there.
        text: String,
    },
    /// The answer has no text.
    #[non_exhaustive]
    Empty {
        /// Why the model stopped.
        finish_reason: Option<FinishReason>,
    },
    /// The model called tools in place of an answer.
    ToolCalls(Vec<ToolCall>),
    /// The text is not JSON.
    #[non_exhaustive]
    NotJson {
        /// The whole text.
        text: String,
        /// The reason, with its line and column in the text without a code fence.
        source: Arc<serde_json::Error>,
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
    },
}

impl ParseError {
    const fn variant(&self) -> &'static str {
        match self {
            Self::Schema(_) => "Schema",
            Self::Request(_) => "Request",
            Self::Stream { .. } => "Stream",
            Self::Refused { .. } => "Refused",
            Self::Cut { .. } => "Cut",
            Self::Filtered { .. } => "Filtered",
            Self::Empty { .. } => "Empty",
            Self::ToolCalls(_) => "ToolCalls",
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
            Self::Stream { error, .. } => error.fmt(f),
            Self::Refused { refusal } => write!(
                f,
                "the model refused to answer: {refusal}; change the prompt, or show these words"
            ),
            Self::Cut { text } => write!(
                f,
                "the answer was cut off after {} characters, because it reached the limit on its \
                 tokens; raise `max_completion_tokens`, or ask for less",
                text.chars().count()
            ),
            Self::Filtered { text } => write!(
                f,
                "a content filter stopped the answer after {} characters; change the prompt",
                text.chars().count()
            ),
            Self::Empty { finish_reason } => {
                let reason = finish_reason.as_ref().map_or("none", FinishReason::as_str);
                write!(f, "the answer has no text (finish reason: {reason}); ask again")
            }
            Self::ToolCalls(calls) => {
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
            Self::Stream { error, .. } => Some(error),
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

impl From<chatwire_client::Error> for ParseError {
    fn from(error: chatwire_client::Error) -> Self {
        Self::Request(error)
    }
}
