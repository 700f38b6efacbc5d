//! What a gateway tells its own clients about a failed call. [`stream_error`](crate::stream_error) converts the
//! error for a gateway that streams.

use std::time::Duration;

use chatwire_types::ErrorResponse;

use crate::retry::asked_delay;
use crate::{Error, ErrorKind, time};

/// The status for an upstream server that cannot be reached or does not answer properly.
const BAD_GATEWAY: u16 = 502;
/// The status for an upstream server that takes too long.
const GATEWAY_TIMEOUT: u16 = 504;
/// The status for an error of the gateway itself.
const INTERNAL_SERVER_ERROR: u16 = 500;

/// The answer of a gateway to its own client: [`Error::pass_on`] makes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PassedOn {
    /// The status: that of the upstream server if it refused the request, 502 if it could not be reached or
    /// sent no proper answer, 504 if it took too long, and 500 if the request could not be built
    /// or there is no key for it.
    pub status: u16,
    /// How long the upstream server asks to wait, for the header `retry-after`.
    pub retry_after: Option<Duration>,
    /// The body: the envelope of the upstream server if it has a message, or one with our own words.
    pub response: ErrorResponse,
}

impl Error {
    /// Returns what a gateway may tell its own client: status, wait and body. Addresses and bodies of the
    /// upstream server are left out, except its error envelope.
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
    /// let passed_on = client.chat(&request).await.unwrap_err().pass_on();
    /// assert_eq!(passed_on.status, 502);
    /// assert_eq!(
    ///     passed_on.response.error_message(),
    ///     Some("the upstream server cannot be reached; send the request again"),
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn pass_on(&self) -> PassedOn {
        let retry_after = asked_delay(self, time::now());
        let said = self.response().filter(|response| response.error_message().is_some());
        let is_refusal = self.kind() == ErrorKind::Api;
        let (status, words) = self.words_for_clients();
        let response = match said {
            Some(response) if is_refusal => response,
            _ => ErrorResponse::server_error(&words),
        };
        PassedOn { status, retry_after, response }
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
                (BAD_GATEWAY, "the answer of the upstream server is not a chat completion")
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

/// The body for the client of a gateway. [`Error::pass_on`] also returns status and wait.
impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        error.pass_on().response
    }
}
