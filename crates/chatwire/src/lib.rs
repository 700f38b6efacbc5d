//! The front door of chatwire: types, client and streaming in one crate.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = chatwire_mock::MockServer::start().await?;
//! # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
//! use chatwire::{CreateChatCompletionRequest, Message};
//!
//! # /*
//! let client = chatwire::Client::from_env()?;
//! # */
//! let request =
//!     CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")]);
//! let mut stream = client.stream(&request).await?;
//! while let Some(chunk) = stream.next().await {
//!     print!("{}", chunk?.text().unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! If you do not need the chunks, call [`Client::chat`], or [`completion`](stream::ChunkStream::completion)
//! on the stream.
//!
//! You can also depend on each part alone: `chatwire-types` for the types, `chatwire-stream` for event streams without
//! a network, and `chatwire-client` for the client. This crate adds structured output and tools.
//!
//! # Structured output and tools
//!
//! With the feature `schemars`, a Rust type is the schema of an answer, or of the arguments of a function. The module
//! `prelude` lists the methods for that.
//!
//! # Features
//!
//! - `schemars` adds structured output and tools.
//! - `rustls` (default), `gzip`, `brotli` and `tracing` are described in [`chatwire_client`].
//! - `http-body` and `axum` are for servers and are described in [`chatwire_stream`].
//!
//! Cargo joins the features that all crates of a program ask for. What this changes for reqwest and rustls is
//! described in [`chatwire_client`], and what it changes for serde_json in [`chatwire_types`].

// The pages link to what this feature adds.
#![cfg_attr(not(feature = "schemars"), allow(rustdoc::broken_intra_doc_links))]

#[cfg(feature = "schemars")]
pub mod parse;
pub mod prelude;
#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(feature = "schemars")]
pub mod tools;

pub use chatwire_client::{
    BoxError, ByteStream, ChatStream, Client, ClientBuilder, Error, ErrorKind,
    GetChatCompletionMessages, Items, KeyProvider, ListChatCompletions, PassedOn, RateLimit,
    RateLimits, Response, Retry, reqwest,
};
pub use chatwire_stream as stream;
pub use chatwire_stream::{Incomplete, StreamError};
pub use chatwire_types as types;
pub use chatwire_types::*;
#[cfg(feature = "schemars")]
pub use schemars;
