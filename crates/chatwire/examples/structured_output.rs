//! An answer as a Rust type: `OPENAI_API_KEY=…
//! cargo run -p chatwire --features schemars --example structured_output`.

use chatwire::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct CalendarEvent {
    name: String,
    date: String,
    participants: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let system = Message::system("Extract the event information.");
    let user = Message::user("Alice and Bob are going to a science fair on Friday.");
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", [system, user]);
    let event = client.parse::<CalendarEvent>(&request).await?;
    println!("{} on {} with {}", event.name, event.date, event.participants.join(", "));
    Ok(())
}
