//! The chat-completions wire protocol for Rust: a client, typed streams, tools and structured output.
//!
//! chatwire talks to every service that answers `POST /v1/chat/completions`. It keeps the keys, values, roles and tool
//! calls that only one service knows, and a stream that breaks off is an error that holds what arrived.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = chatwire_mock::MockServer::start().await?;
//! # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
//! use chatwire::prelude::*;
//!
//! # /*
//! let client = Client::from_env()?;
//! # */
//! let messages = [Message::user("Say this is a test")];
//! let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
//!
//! let completion = client.chat(&request).await?;
//! println!("{}", completion.text().unwrap_or_default());
//!
//! let mut stream = client.stream(&request).await?;
//! while let Some(chunk) = stream.next().await {
//!     print!("{}", chunk?.text().unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Cookbook
//!
//! Each task is a whole program:
//!
//! | task | what it uses |
//! | --- | --- |
//! | [Ask a question](cookbook#chat) | [`Client::chat`] |
//! | [Print an answer as it arrives](cookbook#stream) | [`Client::stream`], [`ChatStream`] |
//! | [Ask about a picture](cookbook#vision) | [`ContentPart`] |
//! | [Let the model call functions](cookbook#tools) | [`Tools`](tools::Tools), [`chat_with_tools`](tools::ChatWithTools::chat_with_tools) |
//! | [Get an answer as a Rust type](cookbook#structured-output) | [`parse`](parse::ParseClient::parse) |
//! | [Hold a conversation](cookbook#conversation) | [`push`](CreateChatCompletionRequest::push), [`extend`](CreateChatCompletionRequest#method.extend) |
//! | [Use Azure and other services](cookbook#azure-and-other-services) | [`Client::azure`], [`ClientBuilder::base_url`] |
//! | [Pass requests and answers on](cookbook#gateway) | [`EventBody`](stream::encode::EventBody), [`GatewayError`], [`validate`](CreateChatCompletionRequest::validate) |
//! | [Send many requests](cookbook#batch) | [`Client`], which is cheap to clone |
//! | [Test without a network](cookbook#testing) | the crate `chatwire-mock` |
//!
//! If you know another library, read [From async-openai](from_async_openai) or
//! [From openai-python](from_openai_python).
//!
//! # Types
//!
//! Every type of the protocol is at the root of this crate, as `chatwire::Message`. The module [`types`] lists all of
//! them in groups. These are the ones to start with:
//!
//! | group | types |
//! | --- | --- |
//! | [request](types#request) | [`CreateChatCompletionRequest`], [`Message`], [`Content`], [`ContentPart`], [`ResponseFormat`], [`ReasoningEffort`], [`StreamOptions`] |
//! | [response](types#response) | [`ChatCompletion`], [`Choice`], [`ResponseMessage`], [`FinishReason`], [`Usage`], [`Logprobs`] |
//! | [chunk](types#chunk) | [`ChatCompletionChunk`], [`ChunkChoice`], [`Delta`], [`ToolCallDelta`] |
//! | [tools](types#tools) | [`Tool`], [`FunctionDefinition`], [`ToolChoice`], [`ToolCall`] |
//! | [errors](types#errors) | [`ErrorResponse`]; for calls [`Error`] and [`ErrorKind`], for streams [`StreamError`] and [`Incomplete`] |
//! | [stored](types#stored-completions) | [`ChatCompletionList`], [`StoredMessage`], [`UpdateChatCompletionRequest`]; [`ListChatCompletions`] for the parameters of a list, [`Items`] for all pages |
//! | [what is not documented](types#what-is-not-documented) | [`Extra`], [`UnknownValue`], [`UnknownVariant`] |
//!
//! # The crates below
//!
//! You can depend on each part alone: `chatwire-types` for the types, `chatwire-stream` for event streams without a
//! network, and `chatwire-client` for the client. This crate adds structured output ([`parse`], [`schema`]) and
//! [`tools`].
//!
//! # Features
//!
//! - `schemars` adds structured output and tools: a Rust type is the schema of an answer, or of the arguments of a
//!   function. The module [`prelude`] lists the methods for that.
//! - `blocking` adds the module `blocking`, a client for programs without an asynchronous runtime.
//! - `rustls` (default), `rustls-no-provider`, `gzip`, `brotli` and `tracing` are described in [`chatwire_client`]. The
//!   example `traces` is not a task of the cookbook, because it shows an exporter around the call of any other task.
//! - `http-body` and `axum` are for servers: see [`EventBody`](stream::encode::EventBody), the extractors of
//!   [`CreateChatCompletionRequest`] and [`GatewayError`].
//!
//! Cargo joins the features that all crates of a program ask for. What this changes for reqwest and rustls is
//! described in [`chatwire_client`], and what it changes for serde_json in [`types`].

// The pages link to what this feature adds.
#![cfg_attr(not(feature = "schemars"), allow(rustdoc::broken_intra_doc_links))]

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// Pages without code, which only the documentation needs.
#[cfg(any(doc, doctest))]
pub mod cookbook;
#[cfg(any(doc, doctest))]
pub mod from_async_openai;
#[cfg(any(doc, doctest))]
pub mod from_openai_python;

#[cfg(feature = "schemars")]
pub mod parse;
pub mod prelude;
#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(feature = "schemars")]
pub mod tools;

#[cfg(all(feature = "blocking", not(target_family = "wasm")))]
pub use chatwire_client::blocking;
pub use chatwire_client::{
    BoxError, ByteStream, ChatStream, Client, ClientBuilder, Error, ErrorKind, GatewayError,
    GetChatCompletionMessages, Items, KeyProvider, ListChatCompletions, RateLimit, RateLimits,
    Response, Retry, reqwest,
};
#[doc(inline)]
pub use chatwire_stream as stream;
pub use chatwire_stream::{Incomplete, StreamError};
#[doc(inline)]
pub use chatwire_types as types;
// The page of `types` lists them in groups.
#[doc(no_inline)]
pub use chatwire_types::*;
#[cfg(feature = "schemars")]
pub use schemars;
