//! TLS for connections, if a feature brings it. [`connector`](super::connector) decides which of them need it.

use std::error::Error as StdError;

#[cfg(feature = "rustls-no-provider")]
pub(super) use with_rustls::{Encrypted, Tls};
#[cfg(not(feature = "rustls-no-provider"))]
pub(super) use without::{Encrypted, Tls};

use crate::Error;

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

#[cfg(feature = "rustls-no-provider")]
mod with_rustls {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls::crypto::CryptoProvider;
    use rustls_platform_verifier::BuilderVerifierExt as _;

    use super::without_https;
    use crate::Error;

    /// Opens connections, and encrypts those to `https://`.
    pub(in super::super) type Encrypted<C> = hyper_rustls::HttpsConnector<C>;

    /// How connections are encrypted.
    pub(in super::super) struct Tls(ClientConfig);

    impl Tls {
        /// Trusts the certificates that the operating system trusts, or none. Reading them takes longer than a local
        /// answer.
        pub(in super::super) fn new(has_certificates: bool) -> Result<Self, Error> {
            let provider = crypto_provider()?;
            config(provider, has_certificates)
                .map(Self)
                .map_err(|error| without_https(has_certificates, &error))
        }

        pub(in super::super) fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
            let connector =
                hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(self.0.clone());
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
                       call for example `rustls::crypto::ring::default_provider().install_default()` before, or \
                       enable the feature `rustls`";
            Error::config(why.to_owned())
        })
    }
}

#[cfg(not(feature = "rustls-no-provider"))]
mod without {
    use crate::Error;

    pub(in super::super) type Encrypted<C> = C;

    pub(in super::super) struct Tls;

    impl Tls {
        pub(in super::super) fn new(_: bool) -> Result<Self, Error> {
            Ok(Self)
        }

        pub(in super::super) fn encrypted<C>(&self, plain: C) -> Encrypted<C> {
            plain
        }
    }
}

#[cfg(all(test, feature = "rustls-no-provider", not(feature = "rustls")))]
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
