//! Why a command failed: one line for a person, and an exit code for a script. The libraries describe
//! what went wrong on the wire, and this file adds how to fix it.

use std::error::Error as _;
use std::io;
use std::io::Write as _;

use chatwire::types::{ErrorResponse, FinishReason, terminal};
use chatwire::{ChatCompletion, Choice, Error, ErrorKind, StreamError};

use crate::args::limit_names;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The line says what went wrong, why, and how to fix it.
    Message(String),
    /// The same, about the command line or the environment.
    Usage(String),
    /// The report on stdout says it already.
    Reported,
    /// Ctrl-C.
    Interrupted,
    /// The reader of stdout closed it.
    BrokenPipe,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A failed call, with advice.
    pub(crate) fn call(error: &Error) -> Self {
        let message = with_flags(&error.to_string());
        match (asked_wait(error), advice(error)) {
            _ if error.kind() == ErrorKind::Config => Self::usage(message),
            (Some(seconds), _) => {
                Self::new(format!("{message}; the server asks to wait {seconds} s"))
            }
            (None, Some(advice)) => Self::new(format!("{message}; {advice}")),
            (None, None) => Self::new(message),
        }
    }

    /// The server returned success without any choices. The body may be an error in an unknown shape.
    pub(crate) fn no_choices(completion: &ChatCompletion) -> Self {
        let body = serde_json::to_string(completion).unwrap_or_default();
        let mut shown: String = body.chars().take(SHOWN_CHARS).collect();
        if shown.len() < body.len() {
            shown.push('…');
        }
        Self::new(format!(
            "the server returned success without any choices: {shown}; check the key, --model and \
             the base URL"
        ))
    }

    /// The errors of single answers, all on one line; `None` if no answer has one.
    pub(crate) fn in_answers(completion: &ChatCompletion) -> Option<Self> {
        let answers = completion.choices.iter().flatten();
        let errors: Vec<String> = answers.filter_map(error_in_answer).collect();
        (!errors.is_empty()).then(|| Self::new(errors.join("; ")))
    }

    /// A stream that began and failed, with the cause.
    pub(crate) fn stream(error: &Error) -> Self {
        let Some(in_stream) = error.stream_error() else { return Self::call(error) };
        match in_stream {
            StreamError::Transport(source) => Self::new(format!(
                "the answer broke off: {source}; the printed text is not complete, try again"
            )),
            StreamError::NotEventStream(body) => match body.api_error() {
                Some(error) => {
                    Self::new(format!("the server answered with an error: {}", error.message()))
                }
                None => Self::new(format!("{body}; or try --no-stream")),
            },
            _ => Self::new(with_flags(&error.to_string())),
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Message(_) | Self::Reported => 1,
            Self::Usage(_) => 2,
            Self::Interrupted => 130,
            Self::BrokenPipe => 141,
        }
    }

    pub(crate) fn report(&self) {
        // If stderr is closed too, the failure cannot be reported anywhere.
        let _ = match self {
            Self::Message(message) | Self::Usage(message) => {
                writeln!(io::stderr(), "error: {}", terminal::one_line(message))
            }
            Self::Interrupted => writeln!(io::stderr()),
            Self::Reported | Self::BrokenPipe => Ok(()),
        };
    }
}

impl From<io::Error> for Failure {
    /// An error while writing a result.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::new(format!("the output cannot be written: {error}")),
        }
    }
}

fn error_in_answer(choice: &Choice) -> Option<String> {
    let number = choice.index.unwrap_or(0).saturating_add(1);
    let mut envelope = ErrorResponse::default();
    envelope.error = choice.error.as_deref().filter(|error| error.says_something()).cloned();
    if envelope.error.is_none() {
        let ended_by_error = choice.finish_reason == Some(FinishReason::Error);
        return ended_by_error.then(|| {
            format!("answer {number} was ended by an error that the server does not describe")
        });
    }
    let body = serde_json::to_string(&envelope.error).unwrap_or_default();
    let message = envelope.error_message().unwrap_or(&body);
    let code = envelope.error_code().map(|code| format!(" (code {code})")).unwrap_or_default();
    Some(format!("the server reported an error in answer {number}: {message}{code}"))
}

/// Names the option for each setting that an error of the libraries advises to change. Other words may be the
/// server's, so they stay.
fn with_flags(message: &str) -> String {
    let mut message = message.replace("finish with `end_policy`", "finish with `--end-policy any`");
    for name in limit_names() {
        for advice in ["raise ", "longer ", "raise the decoder's "] {
            let verb = advice.trim_end_matches("the decoder's ");
            let option = format!("{verb}`--limit {name}=VALUE`");
            message = message.replace(&format!("{advice}`{name}`"), &option);
        }
    }
    message
}

/// How many seconds a server that rejected the request for now asks to wait.
fn asked_wait(error: &Error) -> Option<u64> {
    let passing = matches!(error.status(), Some(429 | 503));
    let value = error.headers()?.get("retry-after").filter(|_| passing)?;
    value.to_str().ok()?.trim().parse().ok().filter(|seconds| *seconds > 0)
}

/// Whether the body is complete, but not the documented JSON. The other errors of a body say what to do.
fn is_not_json(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<serde_json::Error>())
}

/// How much of a body is shown. It is enough to recognize the body.
const SHOWN_CHARS: usize = 600;

fn advice(error: &Error) -> Option<&'static str> {
    Some(match (error.kind(), error.status()) {
        (ErrorKind::Connect, _) if error.to_string().contains("InvalidContentType") => {
            "the server does not use TLS there; write http:// in place of https://"
        }
        (ErrorKind::Timeout, _) => "try again, or use a server that is less busy",
        (ErrorKind::Transport, _) => "try again; if it happens again, look at the server's log",
        (ErrorKind::InvalidBody, _) if is_not_json(error) => {
            "does the base URL point at a chat-completions API? most end in `/v1`"
        }
        (ErrorKind::Api, Some(401)) => "set OPENAI_API_KEY or --api-key to a key of this server",
        (ErrorKind::Api, Some(403)) => "this key does not have the permission",
        (ErrorKind::Api, Some(404 | 405)) => {
            "check --model, and that the base URL is right: most end in `/v1`"
        }
        (ErrorKind::Api, Some(429)) => "wait, or check the limits of the account",
        (ErrorKind::Api, Some(500..)) => "the problem is on the server; try again later",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_options() {
        let check = |message, expected| assert_eq!(with_flags(message), expected);
        check("no `idle_timeout`", "no `idle_timeout`");
        check(
            "silent for 5s; ask again, or set a longer `idle_timeout`",
            "silent for 5s; ask again, or set a longer `--limit idle_timeout=VALUE`",
        );
        check(
            "ended; allow a missing finish with `end_policy` if",
            "ended; allow a missing finish with `--end-policy any` if",
        );
    }
}
