//! An embedded chat-completions server for demos and tests.
//!
//! It listens on loopback and answers like the official service, the same way every time: JSON and
//! event streams, several choices, tool calls, structured output, usage, and typed errors for
//! invalid requests. Its types come from `chatwire-types`, and `chatwire-stream` writes its event
//! streams.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_mock::MockServer;
//!
//! let server = MockServer::builder().api_key("sk-test").answer("Hello!").start().await?;
//! assert!(server.base_url().ends_with("/v1"));
//! assert!(server.requests().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Stored completions and models
//!
//! The server keeps the last 1,000 completions whose requests have `store: true`, at most 32 MiB of
//! them, and answers all six operations of the official service on them. `GET /models` names the models
//! that [`MockServerBuilder::model`] adds.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_mock::MockServer;
//! use serde_json::{Value, json};
//!
//! let server = MockServer::start().await?;
//! let http = reqwest::Client::new();
//! let url = format!("{}/chat/completions", server.base_url());
//! let message = json!({"role": "user", "content": "Say hi"});
//! let request =
//!     json!({"model": "m", "messages": [message], "store": true, "metadata": {"job": "greet"}});
//! http.post(&url).json(&request).send().await?.error_for_status()?;
//!
//! let page = http.get(format!("{url}?metadata[job]=greet&limit=10")).send().await?;
//! let page: Value = page.json().await?;
//! assert_eq!(page["data"][0]["choices"][0]["message"]["content"], "Hi!");
//! assert_eq!(page["has_more"], false);
//! # Ok(())
//! # }
//! ```
//!
//! # Replay
//!
//! [`MockServerBuilder::replay`] answers from recordings: the same bytes for the same requests, with the
//! pauses that [`MockServerBuilder::pauses`] sets.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_mock::{MockServer, Pauses};
//!
//! let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");
//! let server = MockServer::builder().replay(folder).pauses(Pauses::Recorded).start().await?;
//!
//! let url = format!("{}/chat/completions", server.base_url());
//! let request = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true}"#;
//! let answer = reqwest::Client::new().post(url).body(request).send().await?.bytes().await?;
//! assert_eq!(answer, std::fs::read(format!("{folder}/hi-stream.stream.sse"))?);
//! # Ok(())
//! # }
//! ```

mod answer;
mod asked;
mod body;
mod budget;
mod calls;
mod chat;
mod connection;
mod cors;
mod event_text;
mod events;
mod fault;
mod journal;
mod limits;
mod logprobs;
mod made;
mod models;
mod operations;
mod peers;
mod planned;
mod problem;
mod prompt;
mod queue;
#[cfg(feature = "record")]
mod record;
mod recording;
mod replay;
mod respond;
mod routes;
mod said;
mod schema;
mod script;
mod server;
mod socket;
mod state;
mod stored;
pub mod strict;
mod text;
mod validate;
mod value_limit;

pub use fault::{Fault, ParseFaultError};
pub use journal::Received;
pub use replay::{ParsePausesError, Pauses};
#[cfg(feature = "script-files")]
pub use script::ScriptError;
pub use script::{ParsePatternError, Pattern, Reply, Rule, Script};
pub use server::{MockServer, MockServerBuilder};
