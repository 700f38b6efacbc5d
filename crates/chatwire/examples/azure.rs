//! The same question to a deployment of Azure OpenAI, and to another service:
//!
//! ```sh
//! export AZURE_OPENAI_ENDPOINT=https://NAME.openai.azure.com
//! export AZURE_OPENAI_API_KEY=… OPENAI_BASE_URL=http://localhost:11434/v1
//! cargo run -p chatwire --example azure
//! ```

use std::env::var;

use chatwire::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let azure = Client::azure(&var("AZURE_OPENAI_ENDPOINT")?, "my-deployment", "2024-10-21");
    let azure = azure.api_key(var("AZURE_OPENAI_API_KEY")?).build()?;
    let other = Client::from_env()?;
    for (client, model) in [(azure, "my-deployment"), (other, "llama3.2")] {
        let request = CreateChatCompletionRequest::new(model, [Message::user("Say hello")]);
        println!("{}", client.chat(&request).await?.text().unwrap_or_default());
    }
    Ok(())
}
