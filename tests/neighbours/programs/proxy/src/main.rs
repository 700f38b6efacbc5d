//! Sends a chat through the proxy of the environment, and one through that of the caller's own reqwest.

use chatwire_client::reqwest::{self, Proxy, redirect};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let proxy = Proxy::all(std::env::var("NEIGHBOUR_PROXY")?)?;
    let http =
        reqwest::Client::builder().proxy(proxy).redirect(redirect::Policy::none()).build()?;
    // Only the proxy of the check can find this host.
    let settings = chatwire_client::Client::builder().base_url("https://chat.test/v1");
    chat::with(settings.clone());
    chat::with(settings.http_client(http));
    Ok(())
}
