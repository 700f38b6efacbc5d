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

use bytes::Bytes;
use reqwest::Url;

pub(crate) use platform::{Body, Transport, check_runtime, request_builder};

/// An error of any layer below.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The head of an answer, with the body that follows.
pub type HttpResponse = http::Response<Body>;

/// The address that answered. It is an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct AnsweredBy(pub(crate) Url);

/// Changes how the client of reqwest is built.
#[derive(Clone)]
pub(crate) struct Configure(
    pub(crate) Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>,
);

impl Body {
    /// Waits for the next piece of the body.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, BoxError>> {
        poll_fn(|context| self.poll_next(context)).await
    }
}
