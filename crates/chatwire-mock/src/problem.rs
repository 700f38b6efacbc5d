//! An error answer, in the official envelope. [`validate`](crate::validate) finds what is wrong
//! with a request.

use serde_json::{Value, json};

/// An error answer: a status and the official envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    message: String,
    kind: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
}

impl Problem {
    /// A 400 that names the parameter, such as `messages[0].role`.
    pub(crate) fn param(
        param: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let mut problem = Self::new(400, message);
        problem.param = Some(param.into());
        problem.code = Some(code);
        problem
    }

    /// An error for a request with a wrong path, method or body.
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        let kind = if status < 500 { "invalid_request_error" } else { "server_error" };
        Self { status, message: message.into(), kind, param: None, code: None }
    }

    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
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
