//! Uses rustls with ring, and installs ring because chatwire brings a second crypto provider.

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

fn main() {
    ring::default_provider().install_default().expect("the first provider");
    let config = ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    println!("{:?}", config.crypto_provider());
    #[cfg(feature = "chat")]
    chat::over_https();
}
