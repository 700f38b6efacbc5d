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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::{Router, middleware, routing};
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::peers::Peers;

    #[tokio::test]
    async fn only_clients_on_this_machine_are_heard() {
        let check = async |is_local: bool, expected: u16| {
            let router = Router::new().route("/", routing::get(|| async { "fine" }));
            let router = router.layer(middleware::from_fn(by_header));
            let seat = Peers::new(1).admit(is_local).unwrap();
            let router = router.layer(Extension(seat.peer.clone()));
            let request = Request::builder().header(HEADER, "html-error=503");
            let request = request.body(Body::empty()).unwrap();
            let response = TowerToHyperService::new(router).call(request).await.unwrap();
            assert_eq!(response.status(), expected, "{is_local}");
        };
        check(true, 503).await;
        check(false, 200).await;
    }
}
