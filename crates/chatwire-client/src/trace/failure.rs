//! What a span says about an error: a short type (`error.type`) and a description. The errors themselves are in
//! [`error`](crate::error) and in `chatwire-stream`.

use chatwire_stream::{CompletionError, StreamError};

use crate::describe::shown;
use crate::{Error, ErrorKind};

/// The longest code of a server that counts as a type.
const LONGEST_TYPE: usize = 64;

/// Why a call failed.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    /// A short name from a small set.
    pub(super) error_type: String,
    /// What people read.
    pub(super) description: String,
}

impl Failure {
    /// `has_content` says whether the words of the server may be shown. They may quote the request.
    pub(super) fn of_call(error: &Error, has_content: bool) -> Self {
        let description = match (error.kind(), error.answer()) {
            _ if has_content => error.to_string(),
            (ErrorKind::Api, Some(answer)) => {
                format!("the server answered with {}", shown(answer.status))
            }
            (ErrorKind::Api | ErrorKind::InvalidBody, _) => {
                "the answer is not what the operation documents".to_owned()
            }
            (ErrorKind::Key, _) => "the key provider failed".to_owned(),
            // These are our own words.
            _ => error.to_string(),
        };
        Self { error_type: type_of_call(error), description }
    }

    pub(super) fn of_stream(error: &StreamError, has_content: bool) -> Self {
        if let StreamError::Transport(source) = error
            && let Some(error) = source.downcast_ref::<Error>()
        {
            return Self::of_call(error, has_content);
        }
        let (error_type, words) = match error {
            StreamError::Api(error) => {
                let named = [error.response.error_code(), error.error_type().map(str::to_owned)];
                let named = named.into_iter().flatten().find(|name| is_type(name));
                return Self {
                    error_type: named.unwrap_or_else(|| "api".to_owned()),
                    description: match has_content {
                        true => error.message().to_owned(),
                        false => "the server reported an error inside the stream".to_owned(),
                    },
                };
            }
            StreamError::NotEventStream(other) => {
                let status = other.status.map(|status| status.to_string());
                return Self {
                    error_type: status.unwrap_or_else(|| "not_event_stream".to_owned()),
                    description: "the body is not an event stream".to_owned(),
                };
            }
            StreamError::Truncated(_) => ("truncated", "the body ended before the answer"),
            StreamError::Undecodable(_) => ("undecodable", "an event is not a chat chunk"),
            StreamError::EventTooLarge(_) => ("event_too_large", "an event is too large"),
            StreamError::IdleTimeout(_) => ("timeout", "no part of the answer came in time"),
            StreamError::Transport(_) => ("transport", "the connection broke"),
            _ => ("_OTHER", "the stream failed"),
        };
        Self { error_type: error_type.to_owned(), description: words.to_owned() }
    }

    /// Returns `None` for a completion that was asked for too late, because the call itself did not fail.
    pub(super) fn of_completion(error: &CompletionError, has_content: bool) -> Option<Self> {
        let (error_type, words) = match error {
            CompletionError::Stream(error) => return Some(Self::of_stream(error, has_content)),
            CompletionError::AlreadyRead => return None,
            CompletionError::TooManyParts(_) => {
                ("too_many_parts", "the answer has too many choices or tool calls")
            }
            CompletionError::TooLarge(_) => ("answer_too_large", "the answer is too large"),
            _ => ("_OTHER", "the answer is not complete"),
        };
        Some(Self { error_type: error_type.to_owned(), description: words.to_owned() })
    }
}

/// The code of the server, its type, the status, or else our kind.
pub(super) fn type_of_call(error: &Error) -> String {
    let named = [error.code(), error.error_type()].into_iter().flatten().find(|name| is_type(name));
    let status = || match error.kind() {
        ErrorKind::Api => error.status().map(|status| status.to_string()),
        _ => None,
    };
    named.or_else(status).unwrap_or_else(|| kind_name(error.kind()).to_owned())
}

/// Whether a code is a short name and not a sentence.
fn is_type(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (1..=LONGEST_TYPE).contains(&name.len()) && name.chars().all(is_part)
}

const fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Config => "config",
        ErrorKind::Request => "request",
        ErrorKind::Key => "key",
        ErrorKind::Connect => "connect",
        ErrorKind::Certificate => "certificate",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Transport => "transport",
        ErrorKind::Api => "api",
        ErrorKind::InvalidBody => "invalid_body",
        ErrorKind::UnusableAnswer => "unusable_answer",
    }
}
