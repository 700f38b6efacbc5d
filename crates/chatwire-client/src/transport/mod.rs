//! Sends requests: the connections, TLS, and whether a failed request may be sent again. Redirects are decided
//! in [`redirect`](crate::redirect), and retries in [`retry`](crate::retry).
//!
//! `native` has connections of hyper and of reqwest, and `browser` those of `fetch`.

#[cfg(target_family = "wasm")]
#[path = "browser.rs"]
mod platform;
#[cfg(not(target_family = "wasm"))]
#[path = "native/mod.rs"]
mod platform;

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;

use crate::Error;
pub(crate) use platform::{Body, Transport, check_runtime};

/// An error of any layer below.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The head of an answer, with the body that follows.
pub type HttpResponse = http::Response<Body>;

/// The address that answered. It is an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct AnsweredBy(pub(crate) Url);

/// Builds the transport that the caller configured. It is a closure, so that the linker leaves out the connections of
/// reqwest of programs that configure none.
#[derive(Clone)]
pub(crate) struct TransportFactory(Arc<BuildTransport>);

type BuildTransport = dyn Fn(&Url, Option<Duration>) -> Result<Transport, Error> + Send + Sync;

impl TransportFactory {
    /// Over the connections of this client of reqwest.
    pub(crate) fn from_client(client: reqwest::Client) -> Self {
        Self(Arc::new(move |_, _| Ok(Transport::of(client.clone()))))
    }

    /// Over the connections of a client of reqwest that is built so.
    pub(crate) fn from_builder(
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |base, timeout| Transport::of_builder(base, timeout, &configure)))
    }

    /// The transport to this server. Each connection is made within this time.
    pub(crate) fn build(&self, base: &Url, timeout: Option<Duration>) -> Result<Transport, Error> {
        self.0(base, timeout)
    }
}

impl Body {
    /// Waits for the next piece of the body.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, BoxError>> {
        poll_fn(|context| self.poll_next(context)).await
    }
}
