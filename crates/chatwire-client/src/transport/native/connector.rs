//! Opens connections, with TLS if the address needs it and a feature brings it. [`super::watched`] watches what
//! happens on them.

use std::error::Error as StdError;

use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Url;

use crate::Error;

#[cfg(feature = "rustls")]
pub(super) type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "rustls"))]
pub(super) type Connector = HttpConnector;

/// Connections to one server; `None` if they need TLS and no feature of this crate brings it. Another crate
/// may have switched it on in reqwest.
pub(super) fn for_server(base: &Url) -> Result<Option<Connector>, Error> {
    let mut plain = HttpConnector::new();
    plain.set_nodelay(true);
    plain.enforce_http(false);
    with_tls(plain, base)
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
fn with_tls(plain: HttpConnector, base: &Url) -> Result<Option<Connector>, Error> {
    let settings = tls(base).map_err(|error| without_https(base, &error))?;
    let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(settings);
    Ok(Some(connector.https_or_http().enable_http1().wrap_connector(plain)))
}

#[cfg(not(feature = "rustls"))]
fn with_tls(plain: HttpConnector, base: &Url) -> Result<Option<Connector>, Error> {
    Ok((base.scheme() != "https").then_some(plain))
}

/// TLS with the certificates that the operating system trusts.
#[cfg(feature = "rustls")]
fn tls(base: &Url) -> Result<rustls::ClientConfig, rustls::Error> {
    use rustls::crypto::{CryptoProvider, aws_lc_rs};
    use rustls_platform_verifier::BuilderVerifierExt as _;

    // The provider that the program has chosen, or the default of rustls.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| aws_lc_rs::default_provider().into());
    let versions = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?;
    // An http:// client needs no certificates, and reading them takes longer than a local answer.
    let trusting = match base.scheme() {
        "https" => versions.with_platform_verifier()?,
        _ => versions.with_root_certificates(rustls::RootCertStore::empty()),
    };
    Ok(trusting.with_no_client_auth())
}
