//! Sends requests of native programs, over connections of hyper that are watched, or those of reqwest. The other
//! platform is in `browser.rs`.

mod body;
mod by_reqwest;
mod connector;
mod own;
mod proxy;
mod route;
#[cfg(feature = "rustls-no-provider")]
mod tls;
#[cfg(not(feature = "rustls-no-provider"))]
#[path = "without_tls.rs"]
mod tls;
mod watched;

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use tokio::runtime::Handle;

use super::HttpResponse;
use crate::error::{Error, Failed};
pub(crate) use body::Body;
use own::OwnConnections;
use proxy::Proxy;

/// Servers close idle connections after five seconds or more. A request on a connection that is being closed
/// fails, and must then be sent again.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// The connections of one client.
#[derive(Clone)]
pub(crate) struct Transport(Arc<dyn Connections>);

/// Connections to one server. This is a trait, because the linker then leaves out those of reqwest where a program
/// does not ask for them.
trait Connections: Send + Sync {
    /// Sends one request, without following redirects.
    fn send(&self, request: reqwest::Request) -> Sending<'_>;
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, Failed>> + Send + 'a>>;

impl Transport {
    /// Connections to one server, through the proxy that the environment names for it.
    pub(crate) fn new(base: &Url, connect_timeout: Option<Duration>) -> Result<Self, Error> {
        // Another crate of the program may have switched on TLS in reqwest.
        #[cfg(not(feature = "rustls-no-provider"))]
        if base.scheme() == "https" {
            return Self::of_builder(base, connect_timeout, |builder| builder);
        }
        // A proxy cannot reach the caller's own machine.
        let proxy = if is_loopback(base) { None } else { Proxy::of_environment(base)? };
        #[cfg(not(feature = "rustls-no-provider"))]
        if proxy.as_ref().is_some_and(Proxy::is_https) {
            return Self::of_builder(base, connect_timeout, |builder| builder);
        }
        Ok(Self(Arc::new(OwnConnections::new(base, proxy.as_ref(), connect_timeout)?)))
    }

    /// The connections of a client of reqwest.
    pub(crate) fn of(client: reqwest::Client) -> Self {
        Self(Arc::new(client))
    }

    /// The connections of a client of reqwest that `configure` changes.
    pub(crate) fn of_builder(
        base: &Url,
        connect_timeout: Option<Duration>,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, Error> {
        let builder = configure(by_reqwest::builder(base, connect_timeout));
        by_reqwest::build(builder, base).map(Self::of)
    }

    /// Sends one request, without following redirects.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<HttpResponse, Failed> {
        self.0.send(request).await
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

/// The error of a program that cannot encrypt connections.
fn without_https(has_certificates: bool, error: &dyn StdError) -> Error {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Error::config(match has_certificates {
        true => format!(
            "https:// is not available: {cause}; install the system's CA certificates (the package \
             `ca-certificates`) or set SSL_CERT_FILE"
        ),
        false => format!("the HTTP client cannot be built: {cause}"),
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
