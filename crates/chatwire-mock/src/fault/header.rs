//! Damages the answer to any request whose header asks for it. [`text`](super::text) reads the header.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use super::damage::damage;
use super::text::parse_list;
use crate::peers::Peer;
use crate::problem::Problem;
use crate::respond::refuse;

const HEADER: &str = "x-chatwire-fault";

/// Whether a request asks for faults.
pub(crate) fn is_in(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER)
}

/// The faults that the header names. The header of a client on another machine is not heard.
pub(crate) async fn by_header(
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(value) = request.headers().get(HEADER).filter(|_| peer.is_local) else {
        return next.run(request).await;
    };
    match parse_list(&String::from_utf8_lossy(value.as_bytes())) {
        Ok(faults) => damage(next.run(request).await, &faults, None, &peer).await,
        Err(error) => {
            let text = format!("The header `{HEADER}` cannot be read: {error}.");
            refuse(&Problem::named(HEADER, text))
        }
    }
}
