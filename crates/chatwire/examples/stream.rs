//! An answer that is printed while it arrives:
//! `OPENAI_API_KEY=… cargo run -p chatwire --example stream`.

use chatwire::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let messages = [Message::user("Say this is a test")];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages).temperature(0.7);
    let mut stream = client.stream(&request).await?;
    while let Some(chunk) = stream.next().await {
        print!("{}", chunk?.text().unwrap_or_default());
    }
    Ok(())
}
