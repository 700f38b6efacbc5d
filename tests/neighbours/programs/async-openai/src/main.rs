//! Uses async-openai without TLS.

mod migration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let base_url = std::env::var("NEIGHBOUR_HTTP")?;
        let config = OpenAIConfig::new().with_api_base(base_url).with_api_key("sk-test");
        let message = ChatCompletionRequestUserMessageArgs::default().content("Hello").build()?;
        let request = CreateChatCompletionRequestArgs::default()
            .model("gpt-4o-mini")
            .messages([message.into()])
            .build()?;
        let completion = Client::with_config(config).chat().create(request).await?;
        println!("{:?}", completion.choices[0].message.content);
        Ok::<(), Box<dyn std::error::Error>>(())
    })?;
    #[cfg(feature = "chat")]
    chat::over_https();
    Ok(())
}
