//! TLS for connections, if a feature brings it. [`connector`](super::connector) decides which of them need it.

use std::error::Error as StdError;

use crate::Error;

/// Opens connections, and encrypts those to `https://`.
#[cfg(feature = "rustls")]
pub(super) type Encrypted<C> = hyper_rustls::HttpsConnector<C>;
#[cfg(not(feature = "rustls"))]
pub(super) type Encrypted<C> = C;

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
pub(super) struct Tls(rustls::ClientConfig);

#[cfg(feature = "rustls")]
impl Tls {
    /// Trusts the certificates that the operating system trusts, or none. Reading them takes longer than a local
    /// answer.
    pub(super) fn new(has_certificates: bool) -> Result<Self, rustls::Error> {
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

    pub(super) fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(self.0.clone());
        connector.https_or_http().enable_http1().wrap_connector(plain)
    }
}

#[cfg(not(feature = "rustls"))]
pub(super) struct Tls;

#[cfg(not(feature = "rustls"))]
impl Tls {
    pub(super) fn new(_: bool) -> Result<Self, std::convert::Infallible> {
        Ok(Self)
    }

    pub(super) fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
        plain
    }
}
