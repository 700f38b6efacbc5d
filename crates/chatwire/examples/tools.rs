//! Functions that the model calls:
//! `OPENAI_API_KEY=… cargo run -p chatwire --features schemars --example tools`.

use chatwire::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

/// Get the current weather in a city.
#[derive(Deserialize, JsonSchema)]
struct GetWeather {
    city: String,
}

async fn get_weather(args: GetWeather) -> String {
    format!("It is 18 °C in {}.", args.city)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let tools = Tools::new().with("get_weather", get_weather);
    let messages = [Message::user("What is the weather like in Paris?")];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    let conversation = client.chat_with_tools(request, &tools).await?;
    println!("{}", conversation.text().unwrap_or_default());
    Ok(())
}
