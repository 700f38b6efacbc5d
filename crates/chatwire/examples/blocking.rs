//! One question without an asynchronous runtime, as in a script:
//! `OPENAI_API_KEY=… cargo run -p chatwire --features blocking --example blocking`.

use chatwire::blocking::Client;
use chatwire::{CreateChatCompletionRequest, Message};

fn main() -> Result<(), chatwire::Error> {
    let client = Client::from_env()?;
    let messages = [Message::user("Say this is a test")];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    for chunk in client.stream(&request)? {
        print!("{}", chunk?.text().unwrap_or_default());
    }
    Ok(())
}
