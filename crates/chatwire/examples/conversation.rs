//! A chat that remembers what was said; each line of the input is a turn:
//! `OPENAI_API_KEY=… cargo run -p chatwire --example conversation`.

use chatwire::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let mut request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::system("Rhyme.")]);
    for line in std::io::stdin().lines() {
        request.push(Message::user(line?));
        let completion = client.chat(&request).await?;
        println!("{}", completion.text().unwrap_or_default());
        request.extend(completion.message().cloned());
    }
    Ok(())
}
