//! Sends requests of native programs, over connections of hyper that are watched, or those of reqwest. The other
//! platform is in `browser.rs`.

mod body;
mod connector;
mod watched;

use std::error::Error as StdError;
use std::time::Duration;

use http_body::Body as _;
use hyper_util::client::legacy::{Client as HyperClient, Error as HyperError};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reqwest::Url;
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

use super::{AnsweredBy, BoxError, Configure, HttpResponse};
use crate::error::{Error, Failed};
pub(crate) use body::Body;
use connector::Connector;
use watched::{Watch, Watched, WatchedBody};

/// Servers close idle connections after five seconds or more. A request on a connection that is being closed
/// fails, and must then be sent again.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// The connections of one client.
#[derive(Clone)]
pub(crate) struct Transport(Connections);

#[derive(Clone)]
enum Connections {
    /// Our own connections, which are watched, so that a request without an answer can be sent again.
    Own(HyperClient<Watched<Connector>, reqwest::Body>),
    /// The connections of reqwest: the caller's own client, or one that goes through a proxy.
    Reqwest(reqwest::Client),
}

impl Transport {
    /// Connections to one server.
    pub(crate) fn new(
        base: &Url,
        connect_timeout: Option<Duration>,
        configure: Option<&Configure>,
    ) -> Result<Self, Error> {
        let is_local = is_loopback(base);
        // A proxy cannot reach the caller's own machine.
        if configure.is_some() || (!is_local && goes_through_proxy(base)) {
            return by_reqwest(base, connect_timeout, configure).map(Self::of);
        }
        let Some(connector) = connector::for_server(base)? else {
            return by_reqwest(base, connect_timeout, None).map(Self::of);
        };
        let client = HyperClient::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .build(Watched { connector, timeout: connect_timeout });
        Ok(Self(Connections::Own(client)))
    }

    /// The connections of a client of reqwest.
    pub(crate) const fn of(client: reqwest::Client) -> Self {
        Self(Connections::Reqwest(client))
    }

    /// Sends one request, without following redirects.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<HttpResponse, Failed> {
        match &self.0 {
            Connections::Own(client) => send_watched(client, request).await,
            Connections::Reqwest(client) => send_by_reqwest(client, request).await,
        }
    }
}

async fn send_by_reqwest(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> Result<HttpResponse, Failed> {
    let answer = client.execute(request).await.map_err(|error| Failed {
        is_connect: error.is_connect(),
        is_unanswered: error.is_connect(),
        is_not_http: is_not_http(&error),
        // The address may have a key in its query.
        error: error.without_url().into(),
    })?;
    let url = answer.url().clone();
    let mut response = http::Response::from(answer).map(Body::reqwest);
    response.extensions_mut().insert(AnsweredBy(url));
    Ok(response)
}

async fn send_watched(
    client: &HyperClient<Watched<Connector>, reqwest::Body>,
    request: reqwest::Request,
) -> Result<HttpResponse, Failed> {
    let url = request.url().clone();
    let request: http::Request<reqwest::Body> = request.try_into().map_err(unsent)?;
    let mut answer = client.request(request).await.map_err(failed)?;
    let mut watch = answer.extensions_mut().remove::<Watch>();
    answer.extensions_mut().insert(AnsweredBy(url));
    if answer.body().is_end_stream()
        && let Some(watch) = watch.take()
    {
        watch.answer_ended();
    }
    Ok(answer.map(|body| Body::watched(WatchedBody { body, watch })))
}

fn unsent(error: impl Into<BoxError>) -> Failed {
    Failed { error: error.into(), is_connect: false, is_unanswered: false, is_not_http: false }
}

fn failed(error: HyperError) -> Failed {
    let is_unanswered = match error.connect_info() {
        // The connection ended before the request was given to it.
        None => true,
        Some(info) => {
            let mut found = http::Extensions::new();
            info.get_extras(&mut found);
            found.get::<Watch>().is_some_and(Watch::is_unanswered)
        }
    };
    Failed {
        is_connect: error.is_connect(),
        is_unanswered,
        is_not_http: is_not_http(&error),
        error: error.into(),
    }
}

/// Whether an answer could not be parsed as HTTP.
fn is_not_http(error: &(dyn StdError + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |cause| StdError::source(*cause));
    causes.any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse))
}

/// Refuses to go on outside a tokio runtime, where connections and timers panic.
pub(crate) fn check_runtime() -> Result<(), Error> {
    match Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::config(
            "the call needs a tokio runtime, and this thread has none; make it in a function with \
             `#[tokio::main]`, or in `block_on` of a `tokio::runtime::Runtime`"
                .to_owned(),
        )),
    }
}

/// Builds requests. It sends none.
pub(crate) fn request_builder() -> Result<reqwest::Client, Error> {
    Ok(without_certificates(reqwest::Client::builder()).build()?)
}

/// Connections of reqwest, which follow the proxies of the environment, or those that the caller sets.
fn by_reqwest(
    base: &Url,
    connect_timeout: Option<Duration>,
    configure: Option<&Configure>,
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder().pool_idle_timeout(POOL_IDLE).tcp_nodelay(true);
    if let Some(timeout) = connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if base.scheme() != "https" && configure.is_none() {
        builder = without_certificates(builder);
    }
    if let Some(Configure(configure)) = configure {
        builder = configure(builder);
    }
    // The client follows redirects itself, because it must not send the key to another server.
    builder.redirect(Policy::none()).build().map_err(|error| connector::without_https(base, &error))
}

/// Reading the system's certificates takes longer than a local answer. An http:// client never needs them,
/// because redirects from http:// to https:// are not followed.
#[cfg(feature = "rustls")]
fn without_certificates(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.tls_backend_rustls().tls_certs_only([])
}

#[cfg(not(feature = "rustls"))]
fn without_certificates(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

fn goes_through_proxy(base: &Url) -> bool {
    let address = base.as_str().parse::<http::Uri>();
    address.is_ok_and(|address| Matcher::from_system().intercept(&address).is_some())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
