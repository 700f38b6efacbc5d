//! Checks requests against the document: the shapes of all values, their bounds, and the rules between parameters.
//! [`crate::decode`] keeps whatever comes instead, because an answer must never be refused.
//!
//! The generated `validate_impls.rs` lists what the document says about each type. Everything on the way to it is
//! `#[inline]`, so that only programs that validate compile it; it is a third of the work of this crate.

mod bounds;
mod invalid;
mod relations;
mod report;

use serde_core::de::DeserializeOwned;

use crate::{CreateChatCompletionRequest, UpdateChatCompletionRequest, strip_byte_order_mark};
pub use bounds::{Bounds, Pattern, Validate};
pub use invalid::{InvalidRequest, RequestProblem};
pub use report::Report;

/// Checks a request before it is sent, or after it was received.
impl CreateChatCompletionRequest {
    /// Checks the request against the document, and returns all problems: bounds, lengths, and parameters that need
    /// or exclude each other.
    ///
    /// The client never calls this, because services differ. Some take a temperature of 3, which the document does
    /// not. Unknown keys, enum values and kinds of tools and parts are fine. So is any shape of a key that only
    /// some services know.
    ///
    /// # Errors
    ///
    /// Returns every parameter that has a problem, up to 32.
    ///
    /// ```
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// let request = CreateChatCompletionRequest::new("gpt-4o", [Message::user("Hi")])
    ///     .temperature(3.0)
    ///     .top_logprobs(5_u64);
    /// let error = request.validate().unwrap_err();
    /// let problems: Vec<_> = error.problems().iter().map(|problem| problem.to_string()).collect();
    /// assert_eq!(
    ///     problems,
    ///     [
    ///         "`temperature`: expected at most 2, found 3",
    ///         "`top_logprobs`: expected `logprobs: true` beside it, found none",
    ///     ],
    /// );
    /// ```
    #[inline]
    pub fn validate(&self) -> Result<(), InvalidRequest> {
        let mut report = Report::default();
        Validate::validate(self, &Bounds::ANY, &mut report);
        relations::check(self, &mut report);
        report.finish()
    }

    /// Reads a request from the body of an HTTP request, and [validates](Self::validate) it. It is meant for servers,
    /// which must say what is wrong. `serde_json::from_slice` takes the same bodies without the checks, and keeps
    /// values of a wrong shape in `extra`.
    ///
    /// # Errors
    ///
    /// Returns why the body is not a request: it is not JSON, or parameters have problems. Each problem has the path
    /// of the parameter, what was expected, and what was found.
    ///
    /// ```
    /// use chatwire_types::CreateChatCompletionRequest;
    ///
    /// let body = br#"{"model":"m","messages":[{"role":"user","content":5}],"stop":["a",null]}"#;
    /// let error = CreateChatCompletionRequest::from_body(body).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`messages[0].content`: expected a string or a list, found a number; \
    ///      `stop[1]`: expected a string, found null",
    /// );
    /// ```
    #[inline]
    pub fn from_body(body: &[u8]) -> Result<Self, InvalidRequest> {
        let request: Self = read(body)?;
        request.validate().map(|()| request)
    }
}

/// Checks a request before it is sent, or after it was received.
impl UpdateChatCompletionRequest {
    /// Checks the request against the document, and returns all problems, as
    /// [`CreateChatCompletionRequest::validate`] does.
    ///
    /// # Errors
    ///
    /// Returns every parameter that has a problem, up to 32.
    #[inline]
    pub fn validate(&self) -> Result<(), InvalidRequest> {
        let mut report = Report::default();
        Validate::validate(self, &Bounds::ANY, &mut report);
        relations::check_metadata(self.metadata.as_ref(), &mut report);
        report.finish()
    }

    /// Reads a request from the body of an HTTP request, and [validates](Self::validate) it.
    ///
    /// # Errors
    ///
    /// Returns why the body is not a request: it is not JSON, or parameters have problems.
    #[inline]
    pub fn from_body(body: &[u8]) -> Result<Self, InvalidRequest> {
        let request: Self = read(body)?;
        request.validate().map(|()| request)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, InvalidRequest> {
    serde_json::from_slice(strip_byte_order_mark(body)).map_err(|error| {
        InvalidRequest::of_body(&format!("the body of the request cannot be read: {error}"))
    })
}
