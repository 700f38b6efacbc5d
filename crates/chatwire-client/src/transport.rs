//! The HTTP client below: connections, TLS and redirects. Which headers go through it is decided in
//! [`config`](crate::config), and how often in [`retry`](crate::retry).

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};

use crate::Error;

/// An HTTP client for one server. It sets no total timeout: an answer may take as long as it
/// takes.
pub(crate) fn http_client(
    base: &Url,
    connect_timeout: Option<Duration>,
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::custom(follow_on_the_same_server))
        .tcp_nodelay(true);
    if let Some(timeout) = connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    if is_loopback(base) {
        // No proxy can reach the caller's own machine for them.
        builder = builder.no_proxy();
    }
    Ok(tls::configure(builder, base)?.build()?)
}

/// Follows what keeps method, body and server; anything else could hand the key to a stranger or
/// turn a POST into a GET, so it comes back as an error that names the new place.
fn follow_on_the_same_server(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let keeps_method =
        matches!(attempt.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let origin = |url: &Url| url.origin();
    let same_server = attempt.previous().last().map(origin) == Some(origin(attempt.url()));
    if keeps_method && same_server && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

const MOST_REDIRECTS: usize = 5;

#[cfg(feature = "rustls")]
mod tls {
    use std::sync::Arc;

    use rustls::crypto::CryptoProvider;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::BuilderVerifierExt;

    use super::{Error, Url};

    /// Brings its own TLS settings, so that no process-wide default has to be installed.
    pub(super) fn configure(
        builder: reqwest::ClientBuilder,
        base: &Url,
    ) -> Result<reqwest::ClientBuilder, Error> {
        let config = config(base).map_err(|error| {
            Error::config(format!(
                "https:// is not available: {error}; install the system's CA certificates \
                 (the package `ca-certificates`) or set SSL_CERT_FILE"
            ))
        })?;
        Ok(builder.tls_backend_preconfigured(config))
    }

    fn config(base: &Url) -> Result<ClientConfig, rustls::Error> {
        let provider: Arc<CryptoProvider> = rustls::crypto::ring::default_provider().into();
        let versions =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        // Reading the system's certificates takes longer than a local answer; and redirects never
        // lead from http:// to https://.
        let trusting = if base.scheme() == "https" {
            versions.with_platform_verifier()?
        } else {
            versions.with_root_certificates(RootCertStore::empty())
        };
        Ok(trusting.with_no_client_auth())
    }
}

#[cfg(not(feature = "rustls"))]
mod tls {
    use super::{Error, Url};

    /// Whatever TLS somebody else switched on in `reqwest`, or none.
    pub(super) fn configure(
        builder: reqwest::ClientBuilder,
        _base: &Url,
    ) -> Result<reqwest::ClientBuilder, Error> {
        Ok(builder)
    }
}
