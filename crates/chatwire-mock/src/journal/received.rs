//! A request as the user sees it. [`ring`](super::ring) keeps the latest ones.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use chatwire_types::CreateChatCompletionRequest;
use serde_json::Value;

/// A request that a [`MockServer`](crate::MockServer) received, valid or not.
#[derive(Clone)]
pub struct Received {
    pub(super) number: u64,
    pub(super) at: Duration,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Received {
    /// The number of the request, counted from 1 since the start of the server.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When the head of the request arrived, counted from the start of the server. The difference between two
    /// requests is the time that a client waited before it tried again.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }

    /// The method, such as `POST`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The path and the query, such as `/v1/chat/completions?limit=2`.
    #[must_use]
    pub fn target(&self) -> &str {
        self.uri.path_and_query().map_or(self.uri.path(), |target| target.as_str())
    }

    /// The first value of a header, in any case of its name. It is `None` if there is none, or if the value is
    /// not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The headers in their order, with names in small letters.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The body. It is empty if the request has none, if the server did not need it to answer, or if the server
    /// has not read all of it yet.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; `None` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as a typed chat request; `None` if it is not one.
    #[must_use]
    pub fn request(&self) -> Option<CreateChatCompletionRequest> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether it asks for a completion.
    pub(super) fn is_chat(&self) -> bool {
        self.method == Method::POST && self.uri.path().ends_with("/chat/completions")
    }
}

/// Without the headers, because they can have a key.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("number", &self.number)
            .field("at", &self.at)
            .field("method", &self.method)
            .field("target", &self.target())
            .field("body", &String::from_utf8_lossy(&self.body))
            .finish_non_exhaustive()
    }
}
