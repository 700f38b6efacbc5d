//! Lists the models of a service: `GET /models` and `GET /models/{model}`. The chat itself is in `chatwire`.
//!
//! The client is that of [`chatwire_client`], so the address, the key, the limits, the retries and the errors are
//! those of your chats.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_models::Client;
//!
//! # let server = chatwire_mock::MockServer::start().await?;
//! # let chat = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
//! let models = Client::new(chat).list_models().await?;
//! for model in models.data.iter().flatten() {
//!     println!("{}", model.id.as_deref().unwrap_or_default());
//! }
//! # assert_eq!(models.data.iter().flatten().count(), 1);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[rustfmt::skip]
mod generated;

use chatwire_client::{reqwest, runtime};
#[cfg(feature = "schemars")]
use chatwire_types::json_schema;
use chatwire_types::{Nulls, decode, encode, unknown, validate};

pub use chatwire_client::{Error, Response};
pub use chatwire_types::{Extra, OrderedMap, Unknown, UnknownValue, UnknownVariant};
pub use generated::*;

/// Lists models: a method for each operation of the document.
///
/// A clone is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Client {
    baseurl: String,
    inner: chatwire_client::Client,
}

impl Client {
    /// Sends requests with this client, which has the address, the key, the limits and the retries.
    ///
    /// ```
    /// use chatwire_models::Client;
    ///
    /// let chat = chatwire_client::Client::builder().base_url("http://127.0.0.1:8080/v1").build()?;
    /// let client = Client::new(chat);
    /// # Ok::<(), chatwire_client::Error>(())
    /// ```
    #[must_use]
    pub fn new(inner: chatwire_client::Client) -> Self {
        Self { baseurl: inner.base_url().to_owned(), inner }
    }

    async fn send(
        &self,
        request: reqwest::Request,
        operation: &runtime::OperationInfo,
    ) -> Result<runtime::HttpResponse, Error> {
        self.inner.send(request, operation).await
    }
}
