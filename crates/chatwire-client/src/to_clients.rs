//! What a gateway tells its own clients about a failed call. [`stream_error`](crate::stream_error) converts the
//! error for a gateway that has already begun to stream.

use std::time::Duration;

use chatwire_types::{ErrorBody, ErrorObject, ErrorResponse};

use crate::{Error, ErrorKind};

/// The status for an upstream server that cannot be reached or does not answer properly.
const BAD_GATEWAY: u16 = 502;
/// The status for an upstream server that takes too long.
const GATEWAY_TIMEOUT: u16 = 504;
/// The status for an error of the gateway itself.
const INTERNAL_SERVER_ERROR: u16 = 500;

/// The answer of a gateway to its own client: [`Error::to_clients`] makes it.
///
/// With the feature `axum`, it is a response: the status, the envelope, and the headers `retry-after` and
/// `x-request-id`. A handler that returns `Result<_, GatewayError>` can use `?` on calls.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GatewayError {
    /// The status: that of the upstream server if it refused the request, 502 if it could not be reached or
    /// sent no proper answer, 504 if it took too long, and 500 if the request could not be built
    /// or there is no key for it.
    pub status: u16,
    /// How long the upstream server asks to wait, for the header `retry-after`.
    pub retry_after: Option<Duration>,
    /// The id that the upstream server gave the request, for the header `x-request-id`.
    pub request_id: Option<String>,
    /// The body: the envelope of the upstream server if it has a message, or one with our own words. It always has
    /// the key `error`, which clients look for.
    pub response: ErrorResponse,
}

impl Error {
    /// Returns what a gateway may tell its own client: status, wait, request id and body. Addresses and bodies of the
    /// upstream server are left out, except its error envelope. So is every secret.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_client::Client;
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// // Nothing listens there.
    /// let client = Client::builder().base_url("http://127.0.0.1:9").max_retries(0).build()?;
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("Hi")]);
    /// let answer = client.chat(&request).await.unwrap_err().to_clients();
    /// assert_eq!(answer.status, 502);
    /// assert_eq!(
    ///     answer.response.error_message(),
    ///     Some("the upstream server cannot be reached; send the request again"),
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_clients(&self) -> GatewayError {
        let (status, words) = self.words_for_clients();
        let said = self.response().filter(|response| response.error_message().is_some());
        let response = match said.filter(|_| self.kind() == ErrorKind::Api) {
            Some(response) => with_error(response, status),
            None => ErrorResponse::server_error(&words),
        };
        GatewayError {
            status,
            retry_after: self.retry_after(),
            request_id: self.request_id().map(str::to_owned),
            response,
        }
    }

    fn words_for_clients(&self) -> (u16, String) {
        let (status, words) = match self.kind() {
            ErrorKind::Config | ErrorKind::Request => {
                (INTERNAL_SERVER_ERROR, "the request to the upstream server cannot be built")
            }
            ErrorKind::Key => (
                INTERNAL_SERVER_ERROR,
                "there is no key for the upstream server; send the request again",
            ),
            ErrorKind::Connect | ErrorKind::Certificate => {
                (BAD_GATEWAY, "the upstream server cannot be reached; send the request again")
            }
            ErrorKind::Timeout => {
                (GATEWAY_TIMEOUT, "the upstream server took too long; send the request again")
            }
            ErrorKind::Transport => (
                BAD_GATEWAY,
                "the connection to the upstream server broke before its answer was complete; send the \
                 request again",
            ),
            ErrorKind::InvalidBody => {
                (BAD_GATEWAY, "the upstream server sent an answer that cannot be read")
            }
            ErrorKind::UnusableAnswer => {
                (BAD_GATEWAY, "the answer of the upstream server cannot be used")
            }
            ErrorKind::Api => return self.words_for_refusal(),
        };
        (status, words.to_owned())
    }

    /// An error in spite of a success, and a redirect, are errors of the upstream server.
    fn words_for_refusal(&self) -> (u16, String) {
        let upstream = self.status().unwrap_or(BAD_GATEWAY);
        // 407 is about the proxy between the two servers.
        let is_for_client = matches!(upstream, 400..=599) && upstream != 407;
        let status = if is_for_client { upstream } else { BAD_GATEWAY };
        (status, format!("the upstream server answered with status {upstream}"))
    }
}

/// Puts the message under `error`, if the upstream server has it elsewhere.
fn with_error(mut response: ErrorResponse, status: u16) -> ErrorResponse {
    if response.error.as_ref().is_some_and(ErrorBody::says_something) {
        return response;
    }
    let default = if status < 500 { "invalid_request_error" } else { "server_error" };
    let mut error = ErrorObject::new(response.error_message().unwrap_or_default());
    error = error.type_(response.error_type().unwrap_or(default));
    error.param = response.error_param();
    error.code = response.error_code().map(Into::into);
    response.error = Some(error.into());
    response
}

/// For `?` in the handlers of a gateway.
impl From<Error> for GatewayError {
    fn from(error: Error) -> Self {
        error.to_clients()
    }
}

/// The body for the client of a gateway. [`Error::to_clients`] also returns status, wait and request id.
impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        error.to_clients().response
    }
}

#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for GatewayError {
    fn into_response(self) -> axum_core::response::Response {
        use http::header::{HeaderValue, RETRY_AFTER};

        let status = http::StatusCode::from_u16(self.status);
        let status = status.unwrap_or(http::StatusCode::BAD_GATEWAY);
        let mut response = (status, self.response).into_response();
        if let Some(wait) = self.retry_after {
            // The header has whole seconds. A client that comes too early is refused again.
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if let Some(Ok(id)) = self.request_id.map(HeaderValue::try_from) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }
}
