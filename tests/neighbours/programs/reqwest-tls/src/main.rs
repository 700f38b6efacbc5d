//! Uses reqwest with ring, and goes without TLS of chatwire.

fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("the first provider");
    let client = reqwest::Client::builder().build();
    println!("{}", client.is_ok());
    #[cfg(feature = "chat")]
    chat::over_https();
}
