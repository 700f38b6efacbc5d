//! TLS for connections, by rustls. [`connector`](super::connector) decides which of them need it, and
//! `without_tls.rs` stands here in programs that do not have it.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::without_https;
use crate::Error;

/// Opens connections, and encrypts those to `https://`.
pub(super) type Encrypted<C> = hyper_rustls::HttpsConnector<C>;

/// How connections are encrypted.
pub(super) struct Tls(ClientConfig);

impl Tls {
    /// Trusts the certificates that the operating system trusts, or none. Reading them takes longer than a local
    /// answer.
    pub(super) fn new(has_certificates: bool) -> Result<Self, Error> {
        let config = config(crypto_provider()?, has_certificates);
        config.map(Self).map_err(|error| without_https(has_certificates, &error))
    }

    pub(super) fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(self.0.clone());
        connector.https_or_http().enable_http1().wrap_connector(plain)
    }
}

fn config(
    provider: Arc<CryptoProvider>,
    has_certificates: bool,
) -> Result<ClientConfig, rustls::Error> {
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let trusting = match has_certificates {
        true => versions.with_platform_verifier()?,
        false => versions.with_root_certificates(rustls::RootCertStore::empty()),
    };
    Ok(trusting.with_no_client_auth())
}

/// The provider that the program has chosen, or the default of rustls.
fn crypto_provider() -> Result<Arc<CryptoProvider>, Error> {
    let chosen = CryptoProvider::get_default().cloned();
    #[cfg(feature = "rustls")]
    let chosen = chosen.or_else(|| Some(rustls::crypto::aws_lc_rs::default_provider().into()));
    chosen.ok_or_else(|| {
        let why = "the feature `rustls-no-provider` needs a crypto provider, and the program has installed none; \
                   call for example `rustls::crypto::ring::default_provider().install_default()` before, or enable \
                   the feature `rustls`";
        Error::config(why.to_owned())
    })
}

#[cfg(all(test, not(feature = "rustls")))]
mod tests {
    #[test]
    fn a_program_without_a_provider_is_told() {
        let built = crate::Client::builder().base_url("https://chat.test/v1").build();
        assert_eq!(
            built.unwrap_err().to_string(),
            "the feature `rustls-no-provider` needs a crypto provider, and the program has installed none; call for \
             example `rustls::crypto::ring::default_provider().install_default()` before, or enable the feature \
             `rustls`"
        );
    }
}
