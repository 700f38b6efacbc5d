//! What is wrong with a request, for those who sent it. [`super::report`] collects it.

use std::error::Error;
use std::fmt;

use crate::{ErrorBody, ErrorObject, ErrorResponse};

/// Everything that is wrong with a request.
///
/// `Display` is one line with all problems. As an [`ErrorResponse`], it is the official envelope, which has the
/// parameter and the code of the first problem.
///
/// ```
/// use chatwire_types::{CreateChatCompletionRequest, ErrorResponse};
///
/// let error = CreateChatCompletionRequest::from_body(br#"{"messages":"hi"}"#).unwrap_err();
/// assert_eq!(
///     serde_json::to_string(&ErrorResponse::from(error))?,
///     r#"{"error":{"message":"`messages`: expected a list, found a string","type":"invalid_request_error","param":"messages","code":"invalid_type"}}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRequest {
    /// Has at least one.
    problems: Vec<RequestProblem>,
}

/// One thing that is wrong with a request.
///
/// `Display` says it with the parameter: `` `temperature`: expected at most 2, found 3 ``.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestProblem {
    /// The path of the parameter, such as `messages[0].role`; `None` if the body as a whole cannot be read.
    pub param: Option<String>,
    /// The code, in the words of the official service: `invalid_type`, `missing_required_parameter`,
    /// `invalid_value`, `decimal_above_max_value`, `array_above_max_length` and so on.
    pub code: Option<&'static str>,
    message: String,
}

impl InvalidRequest {
    /// The problems: first those of single values, in the order of the document, then those between parameters.
    #[must_use]
    pub fn problems(&self) -> &[RequestProblem] {
        &self.problems
    }

    /// The error of these problems; `None` if there are none.
    pub(super) fn new(problems: Vec<RequestProblem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self { problems })
    }

    /// The error of a body that cannot be read.
    pub(crate) fn of_body(message: &str) -> Self {
        let message = crate::terminal::one_line(message).into_owned();
        Self { problems: vec![RequestProblem { param: None, code: None, message }] }
    }
}

impl RequestProblem {
    pub(super) fn new(param: String, code: &'static str, message: &str) -> Self {
        let message = format!("`{param}`: {message}");
        Self { param: Some(param), code: Some(code), message }
    }
}

impl fmt::Display for RequestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            f.write_str(if position == 0 { "" } else { "; " })?;
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl Error for InvalidRequest {}

/// The official envelope for a request with these problems. Its status is 400.
impl From<InvalidRequest> for ErrorResponse {
    fn from(invalid: InvalidRequest) -> Self {
        let mut error = ErrorObject::new(invalid.to_string()).type_("invalid_request_error");
        if let Some(first) = invalid.problems.into_iter().next() {
            error.param = first.param;
            error.code = first.code.map(|code| code.to_owned().into());
        }
        Self::default().error(ErrorBody::from(error))
    }
}
