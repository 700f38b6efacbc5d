//! A valid chat request, as the sources of replies see it. [`chat`](crate::chat) asks them.

use axum::http::HeaderMap;
use serde_json::Value;

/// A valid chat request.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Value,
    pub(crate) headers: &'a HeaderMap,
}
