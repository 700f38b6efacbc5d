//! The chat-completions client, generated from one document.
//!
//! The operations are generated. The files beside them hold what the document does not describe: settings,
//! the API key, retries, timeouts and one error type. `chatwire-stream` decodes event streams, and
//! [`Client::stream`] hands out such a stream.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_client::Client;
//! use chatwire_types::{CreateChatCompletionRequest, Message};
//!
//! let client =
//!     Client::builder().base_url("http://127.0.0.1:8080/v1").max_retries(5).build()?;
//! let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hello")]);
//! let completion = client.chat(&request).await?;
//! println!("{}", completion.text().unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! `rustls` (default) is for `https://`. It uses rustls with ring and trusts the certificates that the
//! operating system trusts. Cargo switches it on for every reqwest in the program, and reqwest then has no
//! default crypto provider. A reqwest client of your own therefore panics if it is built without TLS
//! features, unless the program calls `rustls::crypto::CryptoProvider::install_default` first. Without this
//! feature, pass your own client to [`ClientBuilder::http_client`].
//!
//! # Targets
//!
//! The client is for native targets. In a browser, send the request with `fetch`, and decode the answer
//! with `chatwire-types` and `chatwire-stream`.

mod auth;
mod body;
mod chat;
mod client;
mod config;
mod describe;
mod error;
#[rustfmt::skip]
mod generated;
mod redirect;
mod refusal;
mod response;
mod retry;
mod runtime;
mod stream_error;
mod streamed_answer;
mod transport;

#[cfg(test)]
mod send_tests;

pub use chat::ChatStream;
pub use client::Client;
pub use config::ClientBuilder;
pub use error::{Error, ErrorKind};
pub use response::{ByteStream, Response};
pub use retry::Retry;

/// The HTTP client that this crate uses, for [`ClientBuilder::http_client`] and for header types.
pub use reqwest;
