//! An answer as a Rust type: `OPENAI_API_KEY=… cargo run -p chatwire --features schemars --example structured_output`.

use std::error::Error;

use chatwire::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Debug, Deserialize, JsonSchema)]
struct CalendarEvent {
    name: String,
    date: String,
    participants: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&Client::from_env()?).await
}

pub(crate) async fn run(client: &Client) -> Result<(), Box<dyn Error>> {
    let messages = [
        Message::system("Extract the event information."),
        Message::user("Alice and Bob are going to a science fair on Friday."),
    ];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    let event = client.parse::<CalendarEvent>(&request).await?;
    println!("{} on {} with {:?}", event.name, event.date, event.participants);
    Ok(())
}
