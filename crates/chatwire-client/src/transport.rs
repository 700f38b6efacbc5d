//! Builds the HTTP client: connections and TLS. The headers are set in [`config`](crate::config), and
//! redirects are decided in [`redirect`](crate::redirect).

use std::time::Duration;

use reqwest::Url;
use reqwest::redirect::Policy;

use crate::Error;
use crate::redirect::follow_on_the_same_server;

/// An HTTP client for one server. It has no total timeout, because an answer may take any time.
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
        // A proxy cannot reach the caller's own machine.
        builder = builder.no_proxy();
    }
    Ok(tls::configure(builder, base)?.build()?)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(feature = "rustls")]
mod tls {
    use std::sync::Arc;

    use rustls::crypto::CryptoProvider;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::BuilderVerifierExt;

    use super::{Error, Url};

    /// Uses TLS settings of its own, so that the program does not have to install a process-wide default.
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
        // Reading the system's certificates takes longer than a local answer. An http:// client never
        // needs them, because redirects from http:// to https:// are not followed.
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

    /// Keeps the TLS backend that the program switched on in `reqwest`, if there is one.
    pub(super) fn configure(
        builder: reqwest::ClientBuilder,
        _base: &Url,
    ) -> Result<reqwest::ClientBuilder, Error> {
        Ok(builder)
    }
}
