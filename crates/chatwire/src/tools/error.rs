//! Why a chat with tools ended without an answer. Errors of single tools go to the model instead.

use std::error::Error as StdError;
use std::fmt;

use chatwire_client::{Error, ErrorKind};

use super::Conversation;
use crate::schema::SchemaError;

/// A chat with tools has no answer. Each error but the first holds the conversation up to there, so that it can go on.
/// [`chatwire::Error`](crate::Error) takes it, so `?` works in a function that returns that.
///
/// `Debug` leaves out the words of the conversation.
#[derive(Clone)]
#[non_exhaustive]
pub enum ToolsError {
    /// Strict mode cannot express the arguments of a tool. Nothing was sent.
    Schema(SchemaError),
    /// A request failed, or the stream of its answer. The error has the answer as far as it arrived, which is not a part
    /// of the conversation.
    #[non_exhaustive]
    Request {
        /// The error of the call.
        error: Error,
        /// The conversation, with the results of all tools that ran.
        conversation: Box<Conversation>,
    },
    /// The answer calls tools, but was cut off or filtered, so its calls may be incomplete. None of them ran.
    #[non_exhaustive]
    Cut {
        /// The conversation up to the answer. The answer itself is its `completion`.
        conversation: Box<Conversation>,
    },
    /// The model has given as many answers as it may, and still calls tools. The calls of the last answer have their
    /// results.
    #[non_exhaustive]
    TooManyTurns {
        /// The conversation. To go on, send its request again.
        conversation: Box<Conversation>,
    },
}

impl ToolsError {
    /// The conversation up to the error.
    pub fn conversation(&self) -> Option<&Conversation> {
        match self {
            Self::Schema(_) => None,
            Self::Request { conversation, .. }
            | Self::Cut { conversation }
            | Self::TooManyTurns { conversation } => Some(conversation),
        }
    }
}

impl fmt::Debug for ToolsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variant = match self {
            Self::Schema(_) => "Schema",
            Self::Request { .. } => "Request",
            Self::Cut { .. } => "Cut",
            Self::TooManyTurns { .. } => "TooManyTurns",
        };
        f.debug_struct(variant).field("message", &self.to_string()).finish_non_exhaustive()
    }
}

impl fmt::Display for ToolsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(error) => error.fmt(f),
            Self::Request { error, .. } => error.fmt(f),
            Self::Cut { .. } => f.write_str(
                "the answer calls tools, but was cut off, so its calls may be incomplete; raise \
                 `max_completion_tokens`, or change the prompt",
            ),
            Self::TooManyTurns { conversation } => write!(
                f,
                "the model still calls tools after {} turns; raise `max_turns`, or send the request of \
                 the conversation to go on",
                conversation.turns
            ),
        }
    }
}

impl StdError for ToolsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Schema(error) => Some(error),
            Self::Request { error, .. } => Some(error),
            Self::Cut { .. } | Self::TooManyTurns { .. } => None,
        }
    }
}

/// A chat whose requests succeeded has the kind [`UnusableAnswer`](ErrorKind::UnusableAnswer), and the [`ToolsError`] is its
/// [source](StdError::source).
impl From<ToolsError> for Error {
    fn from(error: ToolsError) -> Self {
        match error {
            ToolsError::Request { error, .. } => error,
            ToolsError::Schema(error) => error.into(),
            ToolsError::Cut { .. } | ToolsError::TooManyTurns { .. } => {
                let response =
                    error.conversation().and_then(|conversation| conversation.response.clone());
                let error = Self::new(ErrorKind::UnusableAnswer, error);
                match response {
                    Some(response) => error.with_response(&response),
                    None => error,
                }
            }
        }
    }
}
