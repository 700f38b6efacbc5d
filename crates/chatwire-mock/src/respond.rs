//! Turns values and problems into responses. [`routes`](crate::routes) decides which.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use crate::budget::Lease;
use crate::problem::Problem;

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        refuse(&self)
    }
}

/// Why a request was refused, for a log. It is an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct Refused(pub(crate) String);

pub(crate) fn refuse(problem: &Problem) -> Response {
    let mut response = json(problem.status, &problem.envelope(), None);
    response.extensions_mut().insert(Refused(problem.message().to_owned()));
    if problem.status == StatusCode::UNAUTHORIZED {
        // RFC 9110, section 15.5.2, requires it.
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    if problem.closes {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The lease is held until the connection has sent the body.
pub(crate) fn json(status: StatusCode, body: &Value, lease: Option<Lease>) -> Response {
    json_text(status, body.to_string(), lease)
}

/// Like [`json`], for what is JSON already.
pub(crate) fn json_text(status: StatusCode, text: String, lease: Option<Lease>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], held(text.into(), lease)).into_response()
}

/// A body that holds the lease until the connection has sent it.
pub(crate) fn held(body: Bytes, lease: Option<Lease>) -> Bytes {
    Bytes::from_owner(Held { body, _lease: lease })
}

struct Held {
    body: Bytes,
    _lease: Option<Lease>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    media.is_some_and(|media| media.starts_with(b"text/event-stream"))
}
