//! Sends requests with the `fetch` of a browser, by way of reqwest. The other platform is in `native`.
//!
//! The browser follows redirects, undoes the compression, and says nothing about a connection that failed. So a
//! call is not sent again after that.
//!
//! What JavaScript hands out stays on its thread. It is wrapped, because a call can then be `Send` on every
//! platform.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use reqwest::Url;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, USER_AGENT};
use send_wrapper::SendWrapper;

use super::{AnsweredBy, BoxError, HttpResponse};
use crate::error::{Error, Failed};

/// Headers that only the browser may set.
const FROM_BROWSER: [HeaderName; 2] = [ACCEPT_ENCODING, USER_AGENT];

/// Headers about the bytes before the browser has undone their compression.
const ABOUT_COMPRESSED: [HeaderName; 2] = [CONTENT_ENCODING, CONTENT_LENGTH];

/// The connections of the browser.
#[derive(Clone)]
pub(crate) struct Transport(reqwest::Client);

impl Transport {
    /// The browser limits the time to connect, so `connect_timeout` is not used.
    pub(crate) fn new(base: &Url, connect_timeout: Option<Duration>) -> Result<Self, Error> {
        Self::of_builder(base, connect_timeout, |builder| builder)
    }

    /// The connections of a client of reqwest.
    pub(crate) const fn of(client: reqwest::Client) -> Self {
        Self(client)
    }

    /// The connections of a client of reqwest that `configure` changes.
    pub(crate) fn of_builder(
        _: &Url,
        _connect_timeout: Option<Duration>,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, Error> {
        let client = configure(reqwest::Client::builder())
            .build()
            .map_err(|error| Error::config(format!("the HTTP client cannot be built: {error}")))?;
        Ok(Self::of(client))
    }

    /// Sends one request.
    pub(crate) async fn send(&self, mut request: reqwest::Request) -> Result<HttpResponse, Failed> {
        for name in FROM_BROWSER {
            request.headers_mut().remove(name);
        }
        SendWrapper::new(fetch(&self.0, request)).await
    }
}

async fn fetch(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> Result<HttpResponse, Failed> {
    let mut answer = client.execute(request).await.map_err(failed)?;
    let mut response = HttpResponse::default();
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    for name in ABOUT_COMPRESSED {
        response.headers_mut().remove(name);
    }
    response.extensions_mut().insert(AnsweredBy(answer.url().clone()));
    *response.body_mut() = Body(Some(SendWrapper::new(Box::pin(answer.bytes_stream()))));
    Ok(response)
}

fn failed(error: reqwest::Error) -> Failed {
    Failed {
        is_connect: false,
        is_unanswered: false,
        is_not_http: false,
        proxy: None,
        // The address may have a key in its query.
        error: error.without_url().into(),
    }
}

/// A browser runs every call.
pub(crate) fn check_runtime() -> Result<(), Error> {
    Ok(())
}

/// The body of an answer, in the pieces that the browser made of it. Dropping it closes the connection.
#[derive(Default)]
pub struct Body(Option<SendWrapper<Pieces>>);

type Pieces = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>>>>;

impl Body {
    /// The number of bytes that the server announced, which the browser does not say.
    pub(crate) const fn announced(&self) -> Option<u64> {
        None
    }

    /// The next piece of the body.
    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        match &mut self.0 {
            Some(pieces) => {
                pieces.as_mut().poll_next(context).map_err(|error| error.without_url().into())
            }
            None => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}
