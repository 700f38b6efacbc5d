//! The example `chat` of chatwire with ring in place of aws-lc.

use chatwire::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "installed twice")?;
    let client = Client::from_env()?;
    let messages = [Message::user("Say this is a test")];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    let completion = client.chat(&request).await?;
    println!("{}", completion.text().unwrap_or_default());
    Ok(())
}
