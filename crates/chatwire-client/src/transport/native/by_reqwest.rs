//! Sends requests over the connections of a client of reqwest, which the caller gives or configures.
//! [`own`](super::own) has the connections of all other clients.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

use super::body::Body;
use super::{Connections, POOL_IDLE, Sending, is_loopback, is_not_http, without_https};
use crate::error::{Error, Failed};
use crate::transport::{AnsweredBy, HttpResponse};

impl Connections for Client {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(async move { answer(self.execute(request).await) })
    }
}

fn answer(answer: reqwest::Result<reqwest::Response>) -> Result<HttpResponse, Failed> {
    let answer = answer.map_err(|error| Failed {
        is_connect: error.is_connect(),
        is_unanswered: error.is_connect(),
        is_not_http: is_not_http(&error),
        proxy: None,
        // The address may have a key in its query.
        error: error.without_url().into(),
    })?;
    let url = answer.url().clone();
    let mut response = http::Response::from(answer).map(Body::reqwest);
    response.extensions_mut().insert(AnsweredBy(url));
    Ok(response)
}

/// Builds a client that follows the proxies of the environment.
pub(super) fn builder(base: &Url, connect_timeout: Option<Duration>) -> ClientBuilder {
    let mut builder = Client::builder().pool_idle_timeout(POOL_IDLE).tcp_nodelay(true);
    if let Some(timeout) = connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    // A proxy cannot reach the caller's own machine.
    if is_loopback(base) { builder.no_proxy() } else { builder }
}

/// Switches redirects off, because this crate follows them itself: it must not send the key to another server.
pub(super) fn build(builder: ClientBuilder, base: &Url) -> Result<Client, Error> {
    builder
        .redirect(Policy::none())
        .build()
        .map_err(|error| without_https(base.scheme() == "https", &error))
}
