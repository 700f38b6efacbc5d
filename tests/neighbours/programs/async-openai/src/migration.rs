//! What the page `from_async_openai` of chatwire says about async-openai: the example and the names. A test compares
//! them with the page. This file is compiled and not run.

#![allow(dead_code, unused_imports, reason = "the names only have to exist")]

use async_openai::Client;
use async_openai::config::{AzureConfig, OpenAIConfig};
use async_openai::error::{ApiError, OpenAIError};
use async_openai::types::chat::{
    ChatChoice, ChatChoiceLogprobs, ChatChoiceStream, ChatCompletionAudio,
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCallChunk,
    ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessageArgs,
    ChatCompletionRequestDeveloperMessageArgs, ChatCompletionRequestMessage,
    ChatCompletionRequestMessageContentPartImageArgs, ChatCompletionRequestSystemMessageArgs,
    ChatCompletionRequestToolMessageArgs, ChatCompletionRequestUserMessageArgs,
    ChatCompletionRequestUserMessageContent, ChatCompletionRequestUserMessageContentPart,
    ChatCompletionResponseMessage, ChatCompletionResponseStream, ChatCompletionStreamOptions,
    ChatCompletionStreamResponseDelta, ChatCompletionTool, ChatCompletionToolChoiceOption,
    ChatCompletionTools, CompletionUsage, CreateChatCompletionRequestArgs,
    CreateChatCompletionResponse, CreateChatCompletionStreamResponse, CustomToolChatCompletions,
    FunctionObjectArgs, PredictionContent, ResponseFormat, ResponseModalities, StopConfiguration,
    ToolChoiceOptions,
};

async fn chat() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new();
    let message =
        ChatCompletionRequestUserMessageArgs::default().content("Say this is a test").build()?;
    let request = CreateChatCompletionRequestArgs::default()
        .model("gpt-4o-mini")
        .messages([message.into()])
        .build()?;
    let completion = client.chat().create(request).await?;
    println!("{}", completion.choices[0].message.content.as_deref().unwrap_or_default());
    Ok(())
}

async fn calls(
    config: OpenAIConfig,
    azure: AzureConfig,
    request: async_openai::types::chat::CreateChatCompletionRequest,
    update: async_openai::types::chat::UpdateChatCompletionRequest,
) -> Result<(), OpenAIError> {
    let config = config.with_api_base("").with_api_key("").with_org_id("").with_project_id("");
    let config = config.with_header("name", "value")?;
    let _ = Client::with_config(azure);
    let client = Client::with_config(config);
    let _ = Client::<OpenAIConfig>::with_http_client;
    client.chat().create_stream(request).await?;
    client.chat().list().await?;
    client.chat().retrieve("id").await?;
    client.chat().update("id", update).await?;
    client.chat().delete("id").await?;
    client.chat().messages("id").await?;
    Ok(())
}
