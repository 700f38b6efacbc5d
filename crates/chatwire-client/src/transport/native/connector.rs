//! Opens connections to a server, straight or through a proxy, with TLS if the address needs it and a feature
//! brings it. [`watched`](super::watched) watches what happens on them.

use std::error::Error as StdError;
#[cfg(feature = "rustls")]
use std::io;
use std::pin::Pin;

use http::Uri;
use hyper::rt::{Read, Write};
#[cfg(feature = "rustls")]
use hyper_util::client::legacy::connect;
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use reqwest::Url;
use tower_service::Service as _;

use super::proxy::{Proxy, shown};
use crate::Error;
use crate::transport::BoxError;

/// Opens connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    first: Hop,
    way: Way,
}

/// Where the first connection leads to.
#[derive(Clone)]
enum Way {
    /// To the server itself.
    Server,
    /// To a proxy that reads each request, and sends it on.
    Forward(Uri),
    /// To a proxy that passes on what is encrypted for the server.
    #[cfg(feature = "rustls")]
    Tunnel(Uri, Box<Tunnel>),
}

#[cfg(feature = "rustls")]
type Hop = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(feature = "rustls")]
type Tunnel = hyper_rustls::HttpsConnector<connect::proxy::Tunnel<Hop>>;
#[cfg(not(feature = "rustls"))]
type Hop = HttpConnector;

/// A connection of any of these kinds.
pub(super) struct Opened {
    pub(super) stream: Box<dyn Stream>,
    /// Whether the requests go to a proxy.
    pub(super) is_forwarded: bool,
}

pub(super) trait Stream: Read + Write + Connection + Unpin + Send {}

impl<S: Read + Write + Connection + Unpin + Send> Stream for S {}

pub(super) type Opening = Pin<Box<dyn Future<Output = Result<Opened, BoxError>> + Send>>;

impl Connector {
    /// Connects to this server through this proxy.
    #[cfg(feature = "rustls")]
    pub(super) fn new(server: &Url, proxy: Option<&Proxy>) -> Result<Self, Error> {
        let is_https = server.scheme() == "https";
        let settings = tls(is_https || proxy.is_some_and(Proxy::is_https))
            .map_err(|error| without_https(server, &error))?;
        let first = encrypted(settings.clone(), plain());
        let way = match proxy {
            None => Way::Server,
            Some(proxy) if is_https => {
                let (address, first) = (proxy.address.clone(), first.clone());
                let tunnel = connect::proxy::Tunnel::new(address.clone(), first);
                let tunnel = match proxy.authorization.clone() {
                    Some(value) => tunnel.with_auth(value),
                    None => tunnel,
                };
                Way::Tunnel(address, Box::new(encrypted(settings, tunnel)))
            }
            Some(proxy) => Way::Forward(proxy.address.clone()),
        };
        Ok(Self { first, way })
    }

    /// Connects to this server through this proxy, both without TLS.
    #[cfg(not(feature = "rustls"))]
    pub(super) fn new(_: &Url, proxy: Option<&Proxy>) -> Result<Self, Error> {
        let way = proxy.map_or(Way::Server, |proxy| Way::Forward(proxy.address.clone()));
        Ok(Self { first: plain(), way })
    }

    /// Opens a connection to this address of the server.
    pub(super) fn open(&self, server: Uri) -> Opening {
        let mut first = self.first.clone();
        match self.way.clone() {
            Way::Server => Box::pin(async move {
                let stream = first.call(server).await?;
                Ok(Opened { stream: Box::new(stream), is_forwarded: false })
            }),
            Way::Forward(proxy) => Box::pin(async move {
                let stream = first.call(proxy.clone()).await;
                let stream = stream.map_err(|error| by_proxy(&proxy, error))?;
                Ok(Opened { stream: Box::new(stream), is_forwarded: true })
            }),
            #[cfg(feature = "rustls")]
            Way::Tunnel(proxy, mut tunnel) => Box::pin(async move {
                // hyper-rustls returns an `io::Error` if the TLS of the server fails, behind the proxy.
                let stream =
                    tunnel.call(server).await.map_err(|error| match error.is::<io::Error>() {
                        true => error,
                        false => by_proxy(&proxy, error),
                    })?;
                Ok(Opened { stream: Box::new(stream), is_forwarded: false })
            }),
        }
    }
}

/// Connections without TLS.
fn plain() -> HttpConnector {
    let mut plain = HttpConnector::new();
    plain.set_nodelay(true);
    plain.enforce_http(false);
    plain
}

/// An error that has no causes, because the innermost cause is what a caller sees, and it does not name the proxy.
fn by_proxy(proxy: &Uri, error: impl Into<BoxError>) -> BoxError {
    let error = error.into();
    let mut cause: &dyn StdError = &*error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("{cause}, on the way through the proxy {} of the environment", shown(proxy)).into()
}

/// The error of a program without certificates.
pub(super) fn without_https(base: &Url, error: &dyn StdError) -> Error {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let message = format!(
        "https:// is not available: {cause}; install the system's CA certificates (the package \
         `ca-certificates`) or set SSL_CERT_FILE"
    );
    match base.scheme() {
        "https" => Error::config(message),
        _ => Error::config(format!("the HTTP client cannot be built: {cause}")),
    }
}

#[cfg(feature = "rustls")]
fn encrypted<C>(settings: rustls::ClientConfig, plain: C) -> hyper_rustls::HttpsConnector<C> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(settings);
    connector.https_or_http().enable_http1().wrap_connector(plain)
}

/// TLS, with the certificates that the operating system trusts or with none. Reading them takes longer than a local
/// answer.
#[cfg(feature = "rustls")]
fn tls(has_certificates: bool) -> Result<rustls::ClientConfig, rustls::Error> {
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
    Ok(trusting.with_no_client_auth())
}
