//! Uses rustls with ring as the only crypto provider, which rustls installs, and chatwire with the same one.

use rustls::{ClientConfig, RootCertStore};

fn main() {
    let config = ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    println!("{:?}", config.crypto_provider());
    #[cfg(feature = "chat")]
    chat::over_https();
}
