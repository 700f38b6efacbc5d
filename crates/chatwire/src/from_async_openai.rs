//! For programs that use async-openai: its names beside those of chatwire, and what differs.
//!
//! The names on the left are those of async-openai 0.43. The [`cookbook`](crate::cookbook) has whole programs.
//!
//! A chat with async-openai:
//!
//! ```ignore
//! let client = Client::new();
//! let message =
//!     ChatCompletionRequestUserMessageArgs::default().content("Say this is a test").build()?;
//! let request = CreateChatCompletionRequestArgs::default()
//!     .model("gpt-4o-mini")
//!     .messages([message.into()])
//!     .build()?;
//! let completion = client.chat().create(request).await?;
//! println!("{}", completion.choices[0].message.content.as_deref().unwrap_or_default());
//! ```
//!
//! The same chat with chatwire:
//!
//! ```no_run
//! # use chatwire::prelude::*;
//! # async fn chat() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let messages = [Message::user("Say this is a test")];
//! let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
//! let completion = client.chat(&request).await?;
//! println!("{}", completion.text().unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! # The client
//!
//! | async-openai | chatwire |
//! | --- | --- |
//! | `Client::new()` | [`Client::from_env`](crate::Client::from_env) |
//! | `Client::with_config` | [`Client::builder`](crate::Client::builder) |
//! | `OpenAIConfig::with_api_base` | [`base_url`](crate::ClientBuilder::base_url) |
//! | `OpenAIConfig::with_api_key` | [`api_key`](crate::ClientBuilder::api_key), or [`key_provider`](crate::ClientBuilder::key_provider) for keys that change |
//! | `OpenAIConfig::with_org_id` | [`organization`](crate::ClientBuilder::organization) |
//! | `OpenAIConfig::with_project_id` | [`project`](crate::ClientBuilder::project) |
//! | `OpenAIConfig::with_header` | [`header`](crate::ClientBuilder::header); [`with_header`](crate::Client::with_header) for a call, which checks the name and the value |
//! | `AzureConfig` | [`Client::azure`](crate::Client::azure) |
//! | `Client::with_http_client` | [`configure_http`](crate::ClientBuilder::configure_http), [`http_client`](crate::ClientBuilder::http_client) |
//!
//! # Calls
//!
//! Calls are methods of the client, and borrow the request.
//!
//! | async-openai | chatwire |
//! | --- | --- |
//! | `client.chat().create(request)` | [`client.chat(&request)`](crate::Client::chat) |
//! | `client.chat().create_stream(request)` | [`client.stream(&request)`](crate::Client::stream) |
//! | `client.chat().list()` | [`list_chat_completions`](crate::Client::list_chat_completions), [`list_chat_completions_all`](crate::Client::list_chat_completions_all) |
//! | `client.chat().retrieve(id)` | [`get_chat_completion`](crate::Client::get_chat_completion) |
//! | `client.chat().update(id, request)` | [`update_chat_completion`](crate::Client::update_chat_completion) |
//! | `client.chat().delete(id)` | [`delete_chat_completion`](crate::Client::delete_chat_completion) |
//! | `client.chat().messages(id)` | [`get_chat_completion_messages`](crate::Client::get_chat_completion_messages) |
//! | `create_byot` | `extra` of every struct, [`with_extra`](crate::Client::with_extra) |
//!
//! chatwire has no operations beside chat completions.
//!
//! # Requests
//!
//! The builders that end with `Args` become `new` with what every service needs, and setters. No `build` can fail.
//!
//! | async-openai | chatwire |
//! | --- | --- |
//! | `CreateChatCompletionRequestArgs` | [`CreateChatCompletionRequest::new`](crate::CreateChatCompletionRequest::new) |
//! | `ChatCompletionRequestMessage` | [`Message`](crate::Message) |
//! | `ChatCompletionRequestDeveloperMessageArgs` | [`Message::developer`](crate::Message::developer) |
//! | `ChatCompletionRequestSystemMessageArgs` | [`Message::system`](crate::Message::system) |
//! | `ChatCompletionRequestUserMessageArgs` | [`Message::user`](crate::Message::user) |
//! | `ChatCompletionRequestAssistantMessageArgs` | [`Message::assistant`](crate::Message::assistant) |
//! | `ChatCompletionRequestToolMessageArgs` | [`Message::tool`](crate::Message::tool) |
//! | `ChatCompletionRequestUserMessageContent` | [`Content`](crate::Content) |
//! | `ChatCompletionRequestUserMessageContentPart` | [`ContentPart`](crate::ContentPart) |
//! | `ChatCompletionRequestMessageContentPartImageArgs` | [`ContentPart::image_url`](crate::ContentPart::image_url), [`image_file`](crate::ContentPart::image_file) |
//! | `StopConfiguration` | [`Stop`](crate::Stop) |
//! | `ChatCompletionStreamOptions` | [`StreamOptions`](crate::StreamOptions) |
//! | `ResponseModalities` | [`Modality`](crate::Modality) |
//! | `ChatCompletionAudio` | [`AudioOutput`](crate::AudioOutput) |
//! | `PredictionContent` | [`Prediction`](crate::Prediction) |
//! | `ResponseFormat` | [`ResponseFormat`](crate::ResponseFormat), or [`parse`](crate::parse) for a Rust type |
//!
//! # Tools
//!
//! [`parse`](crate::parse) and [`tools`](crate::tools) need the feature `schemars` of chatwire, and the crates schemars
//! and serde with `derive`.
//!
//! | async-openai | chatwire |
//! | --- | --- |
//! | `ChatCompletionTools` | [`Tool`](crate::Tool) |
//! | `ChatCompletionTool` | [`FunctionTool`](crate::FunctionTool) |
//! | `FunctionObjectArgs` | [`FunctionDefinition`](crate::FunctionDefinition), or [`Tool::function`](crate::tools::TypedTool::function) for a Rust type |
//! | `CustomToolChatCompletions` | [`CustomTool`](crate::CustomTool) |
//! | `ChatCompletionToolChoiceOption` | [`ToolChoice`](crate::ToolChoice) |
//! | `ToolChoiceOptions` | [`ToolChoiceMode`](crate::ToolChoiceMode) |
//! | `ChatCompletionMessageToolCalls` | [`ToolCall`](crate::ToolCall) |
//! | `ChatCompletionMessageToolCall` | [`FunctionToolCall`](crate::FunctionToolCall) |
//! | parsing the arguments of a call yourself | [`call.parse_arguments()`](crate::ToolCall::parse_arguments) |
//! | a loop of your own | [`Tools`](crate::tools::Tools), [`chat_with_tools`](crate::tools::ChatWithTools::chat_with_tools) |
//!
//! # Answers and streams
//!
//! | async-openai | chatwire |
//! | --- | --- |
//! | `CreateChatCompletionResponse` | [`ChatCompletion`](crate::ChatCompletion), in a [`Response`](crate::Response) with its headers |
//! | `ChatChoice` | [`Choice`](crate::Choice) |
//! | `ChatCompletionResponseMessage` | [`ResponseMessage`](crate::ResponseMessage) |
//! | `CompletionUsage` | [`Usage`](crate::Usage) |
//! | `ChatChoiceLogprobs` | [`Logprobs`](crate::Logprobs) |
//! | `response.choices[0].message.content` | [`completion.text()`](crate::ChatCompletion::text) |
//! | `ChatCompletionResponseStream` | [`ChatStream`](crate::ChatStream) |
//! | `CreateChatCompletionStreamResponse` | [`ChatCompletionChunk`](crate::ChatCompletionChunk) |
//! | `ChatChoiceStream` | [`ChunkChoice`](crate::ChunkChoice) |
//! | `ChatCompletionStreamResponseDelta` | [`Delta`](crate::Delta) |
//! | `ChatCompletionMessageToolCallChunk` | [`ToolCallDelta`](crate::ToolCallDelta) |
//! | joining deltas yourself | [`ChatStream::completion`](crate::ChatStream::completion), [`ChatEvents`](crate::stream::ChatEvents) |
//!
//! # Errors
//!
//! | async-openai | chatwire |
//! | --- | --- |
//! | `OpenAIError` of a call | [`Error`](crate::Error), with its [`kind`](crate::Error::kind) and [`status`](crate::Error::status) |
//! | `ApiError` | [`Error::response`](crate::Error::response), [`code`](crate::Error::code), [`param`](crate::Error::param) |
//! | `OpenAIError` of a stream | [`StreamError`](crate::StreamError) |
//!
//! # What differs
//!
//! - Every key of an answer is an `Option`, because services leave keys out. The methods of
//!   [`ChatCompletion`](crate::ChatCompletion), such as `text` and `tool_calls`, do without them.
//! - Every enum has an arm for unknown values, and every struct keeps unknown keys in `extra`, so an answer of another
//!   service is not an error.
//! - A stream that ends without a finish reason is an error, and
//!   [`Incomplete`](crate::Incomplete) holds what arrived.
//! - You need no `StreamExt` to read a stream, because [`ChatStream::next`](crate::ChatStream::next) is a method.
