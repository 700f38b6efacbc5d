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
//!
//! let mut stream = client.stream(&request).await?;
//! while let Some(chunk) = stream.next().await {
//!     print!("{}", chunk?.text().unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Lists
//!
//! An operation that lists something has three methods: `list_chat_completions` returns the first page,
//! `list_chat_completions_with` takes the optional parameters, and `list_chat_completions_all` goes through all
//! pages; see [`Items`].
//!
//! # Keys and services
//!
//! [`ClientBuilder::api_key`] sets a fixed key, and [`ClientBuilder::key_provider`] a source of keys that change.
//! The base URL chooses the service; [`Client::azure`] is for deployments of Azure OpenAI. A key is never shown in
//! errors, not even if the server repeats it.
//!
//! # Features
//!
//! `rustls` (default) is for `https://`, with your own client of reqwest, too: TLS by rustls, cryptography by
//! aws-lc, and the certificates that the operating system trusts. A C compiler is enough to build it. If the
//! program installs a process-wide crypto provider, the client uses that one.
//!
//! `rustls-no-provider` has no crypto of its own: the program installs a provider before it builds a client. With
//! `default-features = false` and ring, a program is built in two thirds of the time, and is 2 MB smaller:
//!
//! ```text
//! rustls::crypto::ring::default_provider().install_default()
//! ```
//!
//! [`configure_http`](ClientBuilder::configure_http) and [`http_client`](ClientBuilder::http_client) then need a TLS
//! feature of reqwest for `https://`.
//!
//! `gzip` and `brotli` ask the server for compressed answers and undo the compression. They are off by default,
//! because an answer is small beside what the model costs, and because some servers hold back the pieces of a
//! compressed stream. Without them, the client asks for no compression. They change nothing for other crates.
//!
//! `tracing` adds [traces](#traces).
//!
//! # Traces
//!
//! With the feature `tracing`, each call that is sent is a span of [`tracing`](https://docs.rs/tracing), by version 0.1 of
//! the [conventions of OpenTelemetry for generative AI](https://github.com/open-telemetry/semantic-conventions-genai).
//! The layer of [`tracing-opentelemetry`](https://docs.rs/tracing-opentelemetry) exports it as a client span with the name
//! `chat MODEL`; the example `traces` of the crate `chatwire` shows how. All spans and events have the target `chatwire` and
//! the level `INFO` or, for retries, `WARN`.
//!
//! | what | attributes |
//! | --- | --- |
//! | service | `gen_ai.operation.name`, `gen_ai.provider.name` (by the host), `server.address`, `server.port` |
//! | request | `gen_ai.request.model`, `.stream`, `.temperature`, `.max_tokens` and so on, as they are in the body |
//! | answer | `gen_ai.response.model`, `.id`, `.finish_reasons`, for streams `.time_to_first_chunk` in seconds |
//! | tokens | `gen_ai.usage.input_tokens`, `.output_tokens`, and their parts that are not zero |
//! | error | `error.type`: the code or the type of the server, the status, or else the name of the [`ErrorKind`] |
//!
//! - A call is one span with all its retries. Each retry is an event `retry` with the error, the number and the delay.
//! - The span of a stream ends when the stream ends, fails or is dropped. Of a raw [`ByteStream`], it knows only how long
//!   the first piece took. Set `stream_options` to get the usage of a stream.
//! - `get_chat_completion` is called `fetch_response`, as the conventions want it, and the other operations have the names
//!   of their methods.
//! - A chat with tools of the crate `chatwire` is a span `invoke_agent`, with the spans of its requests and a span
//!   `execute_tool NAME` for each call below it.
//! - Lists are JSON texts, such as `["stop"]`, because `tracing` has no lists.
//! - The messages of requests, answers and servers are left out, unless `ClientBuilder::trace_content` is set. Headers
//!   are always left out, so no span has a key.
//!
//! `blocking` adds the module `blocking`, a client for programs without an asynchronous runtime.
//!
//! # Limits
//!
//! Every wait and every size has a limit, except the time of a whole stream. [`ClientBuilder`] sets the limits of
//! a client, and `Client::with_…` those of a call: `total_timeout` and `with_total_timeout`, and so on. The key, the
//! headers, the query, extra keys of the body and the retries have such pairs, too. A [`ChunkDecoder`](chatwire_stream::ChunkDecoder), which
//! [`Client::stream_with`] takes, sets the sizes of a stream.
//!
//! | limit | default |
//! | --- | --- |
//! | [`connect_timeout`](ClientBuilder::connect_timeout), for a client only | 10 seconds |
//! | [`first_byte_timeout`](ClientBuilder::first_byte_timeout) | 10 minutes |
//! | [`idle_timeout`](ClientBuilder::idle_timeout) | 5 minutes |
//! | [`total_timeout`](ClientBuilder::total_timeout), not for streams | 1 hour |
//! | [`chunk_timeout`](ClientBuilder::chunk_timeout), for streams | 30 minutes |
//! | [`end_timeout`](ClientBuilder::end_timeout), for streams | 5 seconds |
//! | [`error_body_timeout`](ClientBuilder::error_body_timeout) | 5 seconds |
//! | [`max_body_size`](ClientBuilder::max_body_size), not for streams | 32 MiB |
//! | [`max_objects`](ClientBuilder::max_objects), not for streams | 262,144 JSON objects |
//! | [`ChunkDecoder::max_event_size`](chatwire_stream::ChunkDecoder::max_event_size) | 64 MiB |
//! | [`ChunkDecoder::max_answer_size`](chatwire_stream::ChunkDecoder::max_answer_size) | 64 MiB |
//! | [`ChunkDecoder::max_objects`](chatwire_stream::ChunkDecoder::max_objects) | 262,144 JSON objects |
//!
//! # What changes for other crates
//!
//! Cargo joins the features that all crates of a program ask for. The feature `rustls` therefore changes this:
//!
//! - Every reqwest 0.13 can send to `https://`. Its clients, even those built without TLS features, cannot be
//!   built on a Linux system without CA certificates.
//! - rustls 0.23 has TLS 1.2 and aws-lc, its default provider. A program that enables only the provider `ring`
//!   now has two, and `ClientConfig::builder` panics until it has called
//!   `rustls::crypto::ring::default_provider().install_default()`.
//!
//! To go without, set `default-features = false`. For `https://`, enable `rustls-no-provider` of this crate, which changes
//! nothing for others, or a TLS feature of reqwest, such as `native-tls`. With the latter, the calls go over the
//! connections of reqwest, and are retried less.
//!
//! `chatwire-types` describes what changes for serde_json.
//!
//! # Runtimes and targets
//!
//! A call needs a tokio runtime with its I/O and its timers (`enable_all`), because hyper makes the connections.
//! Outside a runtime, a call is an error of the kind [`Config`](ErrorKind::Config), and nothing is sent.
//!
//! In a browser (`wasm32-unknown-unknown`), a call goes through `fetch`, and `setTimeout` limits its waits. The server
//! must allow the page to call it (CORS). The browser connects, follows redirects and undoes compression by its own
//! rules, so [`connect_timeout`](ClientBuilder::connect_timeout), `gzip` and `brotli` change nothing there. It does not
//! say why a connection failed, so a call is only sent again after an error status. A key in a page is visible to
//! those who use the page. The folder `tests/browser` of the repository has a page that streams an answer.

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod auth;
#[cfg(all(feature = "blocking", not(target_family = "wasm")))]
pub mod blocking;
mod body;
mod chat;
mod chat_stream;
mod client;
mod compression;
mod config;
mod describe;
mod error;
mod extra_body;
mod form;
#[rustfmt::skip]
mod generated;
mod items;
mod keys;
mod limit_setters;
mod limits;
mod parameters;
mod rate_limits;
mod redirect;
mod refusal;
mod request;
mod response;
mod retry;
#[doc(hidden)]
pub mod runtime;
mod secrets;
mod stream_error;
mod streamed_answer;
mod time;
mod to_clients;
mod trace;
mod transport;

#[cfg(test)]
mod items_tests;
#[cfg(test)]
mod keys_tests;
#[cfg(test)]
mod send_tests;

pub use chat_stream::ChatStream;
pub use client::Client;
pub use config::ClientBuilder;
pub use error::{Error, ErrorKind};
pub use form::Form;
pub use generated::*;
pub use items::Items;
pub use keys::KeyProvider;
pub use rate_limits::{RateLimit, RateLimits};
pub use response::{ByteStream, Response};
pub use retry::Retry;
pub use time::{RuntimeTimer, Sleep};
pub use to_clients::GatewayError;

/// The error of a [`KeyProvider`], and of the layer below a stream.
pub use chatwire_stream::BoxError;
/// The crate whose clients, headers and statuses the methods of this crate take and return, such as
/// [`ClientBuilder::http_client`].
pub use reqwest;
