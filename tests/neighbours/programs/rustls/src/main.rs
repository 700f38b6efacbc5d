//! Uses rustls with its default features, and leaves the choice of a crypto provider to it.

use rustls::{ClientConfig, RootCertStore};

fn main() {
    let config = ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    println!("{:?}", config.crypto_provider());
    #[cfg(feature = "chat")]
    chat::over_https();
}
