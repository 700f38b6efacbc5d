//! The front door of chatwire: types, client and streaming in one crate.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = chatwire_mock::MockServer::start().await?;
//! # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
//! use chatwire::{Chat, CreateChatCompletionRequest, Message};
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
//! Features: `rustls`, which is on, as [`chatwire_client`] says, and `http-body` and `axum` for servers,
//! as [`chatwire_stream`] says.
//!
//! The parts can be had one by one: the types alone are `chatwire-types`, event streams without a
//! network `chatwire-stream`, the operations `chatwire-client`. The [`Chat`] trait joins the last two,
//! and is all that this crate adds.

mod client;

pub use chatwire_client::{ByteStream, Client, ClientBuilder, Error, ErrorKind, Response, Retry};
pub use chatwire_stream as stream;
pub use chatwire_stream::{Incomplete, StreamError};
pub use chatwire_types as types;
pub use chatwire_types::*;
pub use client::{Chat, ChatStream};
