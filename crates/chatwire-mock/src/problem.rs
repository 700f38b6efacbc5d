//! An error answer, in the official envelope. [`validate`](crate::validate) finds what is wrong
//! with a request.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An error answer: a status and the official envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    message: String,
    kind: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
    /// Whether the connection ends with the answer, because a part of the request may be unread.
    pub(crate) closes: bool,
}

impl Problem {
    /// A 400 that names the parameter, such as `messages[0].role`.
    pub(crate) fn param(
        param: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::named(param, message).with_code(code)
    }

    /// A 400 that names the parameter, and has no code.
    pub(crate) fn named(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, message).about(param)
    }

    /// Names the parameter.
    pub(crate) fn about(mut self, param: impl Into<String>) -> Self {
        self.param = Some(shorten(param.into()));
        self
    }

    /// An error for a request with a wrong path, method or body.
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        let kind = if status < 500 { "invalid_request_error" } else { "server_error" };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let message = shorten(message.into());
        Self { status, message, kind, param: None, code: None, closes: false }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// The body. All four keys are always present, because clients expect them.
    pub(crate) fn envelope(&self) -> Value {
        json!({"error": {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }})
    }
}

/// Shortens a text that quotes the request.
fn shorten(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// The characters of a message.
const LONGEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_shortened() {
        let problem = Problem::param("a".repeat(9999), "code", "é".repeat(9999));
        let text = problem.envelope().to_string();
        assert!(text.chars().count() < 2200 && text.contains("é…"), "{text}");
    }
}
