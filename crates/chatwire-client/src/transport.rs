//! Builds the HTTP client: connections and TLS. The headers are set in [`config`](crate::config), and
//! redirects are decided in [`redirect`](crate::redirect).

use std::time::Duration;

use reqwest::Url;
use reqwest::redirect::Policy;

use crate::Error;

/// Servers close idle connections after five seconds or more. A request on a connection that is being closed
/// fails, and it cannot be repeated, because the server may have read it.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// An HTTP client for one server. It has no total timeout, because an answer may take any time.
pub(crate) fn http_client(
    base: &Url,
    connect_timeout: Option<Duration>,
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        // The client follows redirects itself, because it must not send the key to another server.
        .redirect(Policy::none())
        .pool_idle_timeout(POOL_IDLE)
        .tcp_nodelay(true);
    if let Some(timeout) = connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    if is_loopback(base) {
        // A proxy cannot reach the caller's own machine.
        builder = builder.no_proxy();
    }
    tls::configure(builder, base).build().map_err(|error| tls::describe(base, error))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(feature = "rustls")]
mod tls {
    use std::error::Error as _;

    use super::{Error, Url};

    pub(super) fn configure(builder: reqwest::ClientBuilder, base: &Url) -> reqwest::ClientBuilder {
        // Another crate of the program may switch on native-tls, which then is reqwest's default.
        let builder = builder.tls_backend_rustls();
        if base.scheme() == "https" {
            return builder;
        }
        // Reading the system's certificates takes longer than a local answer. An http:// client never
        // needs them, because redirects from http:// to https:// are not followed.
        builder.tls_certs_only([])
    }

    /// Names the cause. The settings above are valid, so only the system's certificates can be missing.
    pub(super) fn describe(base: &Url, error: reqwest::Error) -> Error {
        if base.scheme() != "https" {
            return error.into();
        }
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        Error::config(format!(
            "https:// is not available: {cause}; install the system's CA certificates \
             (the package `ca-certificates`) or set SSL_CERT_FILE"
        ))
    }
}

#[cfg(not(feature = "rustls"))]
mod tls {
    use super::{Error, Url};

    /// Keeps the TLS backend that the program switched on in `reqwest`, if there is one.
    pub(super) fn configure(
        builder: reqwest::ClientBuilder,
        _base: &Url,
    ) -> reqwest::ClientBuilder {
        builder
    }

    pub(super) fn describe(_base: &Url, error: reqwest::Error) -> Error {
        error.into()
    }
}
