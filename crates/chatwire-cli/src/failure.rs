//! Why a command did not succeed: one line for a person, and an exit code for a script. What went
//! wrong on the wire is described by the libraries; this file adds how to fix it.

use std::error::Error as _;
use std::io;
use std::io::Write as _;

use chatwire::types::terminal;
use chatwire::{ChatCompletion, Error, ErrorKind, Incomplete, StreamError};

/// The end of a command that did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong; the line says what, why and how to fix it.
    Message(String),
    /// The report on stdout has said it already.
    Reported,
    /// Ctrl-C.
    Interrupted,
    /// Whoever read stdout is gone.
    BrokenPipe,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }

    /// A failed call, with what usually helps.
    pub(crate) fn call(error: &Error) -> Self {
        Self::new(match (asked_wait(error), advice(error)) {
            (Some(seconds), _) => format!("{error}; the server asks to wait {seconds} s"),
            (None, Some(advice)) => format!("{error}; {advice}"),
            (None, None) => error.to_string(),
        })
    }

    /// A success that holds no answer, such as an error in a shape that nobody else uses.
    pub(crate) fn no_choices(completion: &ChatCompletion) -> Self {
        let body = serde_json::to_string(completion).unwrap_or_default();
        let mut shown: String = body.chars().take(SHOWN_CHARS).collect();
        if shown.len() < body.len() {
            shown.push('…');
        }
        Self::new(format!(
            "the server said yes and gave no answer, its body has no choices: {shown}; check the \
             key, --model and the base URL"
        ))
    }

    /// A stream that began and went wrong, down to the cause.
    pub(crate) fn stream(error: &StreamError) -> Self {
        match error {
            StreamError::Transport(source) => Self::new(format!(
                "the answer broke off: {source}; what was printed is not all of it, try again"
            )),
            StreamError::NotEventStream(body) => match body.api_error() {
                Some(error) => {
                    Self::new(format!("the server answered with an error: {}", error.message()))
                }
                None => Self::new(format!("{body}; or try --no-stream")),
            },
            error => Self::new(error.to_string()),
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Message(_) | Self::Reported => 1,
            Self::Interrupted => 130,
            Self::BrokenPipe => 141,
        }
    }

    pub(crate) fn report(&self) {
        // There is nobody left to tell if stderr is closed too.
        let _ = match self {
            Self::Message(message) => {
                writeln!(io::stderr(), "error: {}", terminal::one_line(message))
            }
            Self::Interrupted => writeln!(io::stderr()),
            Self::Reported | Self::BrokenPipe => Ok(()),
        };
    }
}

impl From<io::Error> for Failure {
    /// Of writing a result.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::new(format!("the output cannot be written: {error}")),
        }
    }
}

/// The seconds that a server asks for which turned the request down for now.
fn asked_wait(error: &Error) -> Option<u64> {
    let passing = matches!(error.status(), Some(429 | 503));
    let value = error.headers()?.get("retry-after").filter(|_| passing)?;
    value.to_str().ok()?.trim().parse().ok().filter(|seconds| *seconds > 0)
}

fn is_compressed(error: &Error) -> bool {
    error.to_string().contains(", but content-encoding ")
}

/// Whether the server answered with an event stream that is not complete.
fn is_stream(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<Incomplete>())
}

/// Enough of a body to see what it is.
const SHOWN_CHARS: usize = 600;

fn advice(error: &Error) -> Option<&'static str> {
    Some(match (error.kind(), error.status()) {
        (ErrorKind::Connect, _) if error.to_string().contains("InvalidContentType") => {
            "the server does not speak TLS there: write http:// in place of https://"
        }
        (ErrorKind::Connect, _) => "is the server running, and is the base URL right?",
        (ErrorKind::Timeout, _) => "try again, or ask a server that is less busy",
        (ErrorKind::Transport, _) => "try again; if it stays, look at the server's log",
        // It says itself what to do.
        (ErrorKind::InvalidBody, _) if is_compressed(error) || is_stream(error) => return None,
        (ErrorKind::InvalidBody, _) => {
            "does the base URL point at a chat-completions API? most end in `/v1`"
        }
        (ErrorKind::Api, Some(401)) => "set OPENAI_API_KEY or --api-key to a key of this server",
        (ErrorKind::Api, Some(403)) => "the key is not allowed to do this",
        (ErrorKind::Api, Some(404 | 405)) => {
            "check --model, and that the base URL is right: most end in `/v1`"
        }
        (ErrorKind::Api, Some(429)) => "wait a little, or check the account's limits",
        (ErrorKind::Api, Some(500..)) => "the server has a problem of its own; try again later",
        _ => return None,
    })
}
