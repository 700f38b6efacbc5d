//! A streamed chat in ten lines: `OPENAI_API_KEY=… cargo run -p chatwire --example stream`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    use chatwire::{Client, CreateChatCompletionRequest, Message};

    let client = Client::from_env()?;
    let request =
        CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")])
            .temperature(0.7);
    let mut stream = client.stream(&request).await?;
    while let Some(chunk) = stream.next().await {
        print!("{}", chunk?.text().unwrap_or_default());
    }
    Ok(())
}
