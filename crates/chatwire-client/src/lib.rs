//! The chat-completions client, generated from one document.
//!
//! The operations are generated; the files beside them hold what no document says: settings, the
//! API key, retries, timeouts and one error type. Reading an event stream is the job of
//! `chatwire-stream`, and the `chatwire` crate puts both together.
//!
//! # Features
//!
//! `rustls`, which is on, is for `https://`: rustls with ring, trusting the certificates that the operating
//! system trusts. Cargo switches it on for every reqwest in the program, and that one has no default
//! provider then: a reqwest client of your own that is built without TLS features panics, unless the
//! program installs a provider with `rustls::crypto::CryptoProvider::install_default`. Without this
//! feature, give a client of your own to [`ClientBuilder::http_client`].
//!
//! The client is for native targets. In a browser, send the request with `fetch`, and read what it
//! answers with `chatwire-types` and `chatwire-stream`.
//!
//! ```no_run
//! # async fn run() -> Result<(), chatwire_client::Error> {
//! let client = chatwire_client::Client::builder()
//!     .base_url("http://127.0.0.1:8080/v1")
//!     .max_retries(5)
//!     .build()?;
//! # let _ = client;
//! # Ok(())
//! # }
//! ```

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

/// The HTTP client below this one, for [`ClientBuilder::http_client`] and for header types.
pub use reqwest;
