//! Code of yours, and a test for it that needs no network:
//! `cargo run -p chatwire --example testing`.

use chatwire::prelude::*;
use chatwire_mock::MockServer;

async fn summarize(client: &Client, text: &str) -> Result<String, chatwire::Error> {
    let messages = [Message::system("Summarize the text."), Message::user(text)];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    Ok(client.chat(&request).await?.text().unwrap_or_default().into_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = MockServer::builder().answer("A short text.").start().await?;
    let client = Client::builder().base_url(server.base_url()).build()?;
    assert_eq!(summarize(&client, "A long text").await?, "A short text.");
    let sent = server.requests().remove(0).messages;
    assert_eq!(sent.and_then(|mut sent| sent.pop()), Some(Message::user("A long text")));
    Ok(())
}
