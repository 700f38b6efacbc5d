//! Connects to a server, with TLS if the address needs it and a feature brings it. [`route`](super::route) leads to
//! the server, and [`watched`](super::watched) watches what happens on the connection.

use std::error::Error as StdError;

use reqwest::Url;

use super::proxy::Proxy;
use super::route::{Route, plain};
use crate::Error;

/// Opens connections, and encrypts those to `https://`.
#[cfg(feature = "rustls")]
pub(super) type Encrypted<C> = hyper_rustls::HttpsConnector<C>;
#[cfg(not(feature = "rustls"))]
pub(super) type Encrypted<C> = C;

/// Opens connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) encrypted: Encrypted<Route>,
    /// Whether the requests go to a proxy, which must see the whole address.
    pub(super) is_forwarded: bool,
}

impl Connector {
    /// Connects to this server through this proxy. Without the feature `rustls`, neither may be `https://`.
    pub(super) fn new(server: &Url, proxy: Option<&Proxy>) -> Result<Self, Error> {
        let is_https = server.scheme() == "https";
        let has_certificates = is_https || proxy.is_some_and(Proxy::is_https);
        let tls =
            Tls::new(has_certificates).map_err(|error| without_https(has_certificates, &error))?;
        let route = match proxy {
            None => Route::Direct(plain()),
            Some(proxy) => Route::through(proxy, tls.encrypted(plain()), is_https),
        };
        let is_forwarded = route.is_forwarded();
        Ok(Self { encrypted: tls.encrypted(route), is_forwarded })
    }
}

/// The error of a program that cannot encrypt connections.
pub(super) fn without_https(has_certificates: bool, error: &dyn StdError) -> Error {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Error::config(match has_certificates {
        true => format!(
            "https:// is not available: {cause}; install the system's CA certificates (the package \
             `ca-certificates`) or set SSL_CERT_FILE"
        ),
        false => format!("the HTTP client cannot be built: {cause}"),
    })
}

/// How connections are encrypted.
#[cfg(feature = "rustls")]
struct Tls(rustls::ClientConfig);

#[cfg(feature = "rustls")]
impl Tls {
    /// Trusts the certificates that the operating system trusts, or none. Reading them takes longer than a local
    /// answer.
    fn new(has_certificates: bool) -> Result<Self, rustls::Error> {
        use rustls::crypto::{CryptoProvider, aws_lc_rs};
        use rustls_platform_verifier::BuilderVerifierExt as _;

        // The provider that the program has chosen, or the default of rustls.
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| aws_lc_rs::default_provider().into());
        let versions = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?;
        let trusting = match has_certificates {
            true => versions.with_platform_verifier()?,
            false => versions.with_root_certificates(rustls::RootCertStore::empty()),
        };
        Ok(Self(trusting.with_no_client_auth()))
    }

    fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(self.0.clone());
        connector.https_or_http().enable_http1().wrap_connector(plain)
    }
}

#[cfg(not(feature = "rustls"))]
struct Tls;

#[cfg(not(feature = "rustls"))]
impl Tls {
    fn new(_: bool) -> Result<Self, std::convert::Infallible> {
        Ok(Self)
    }

    fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
        plain
    }
}
