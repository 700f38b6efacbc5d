//! A question about a picture:
//! `OPENAI_API_KEY=… cargo run -p chatwire --example vision photo.png`.

use chatwire::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let path = std::env::args().nth(1).ok_or("name an image file")?;
    let question = ContentPart::text("What is in this picture?");
    let messages = [Message::user([question, ContentPart::image_file(path)?])];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    println!("{}", client.chat(&request).await?.text().unwrap_or_default());
    Ok(())
}
