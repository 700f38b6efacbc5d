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
//! # Scripts
//!
//! A [`Script`] says what to answer to which request: texts, tool calls, reasoning, refusals, errors, any JSON and
//! files, with headers, waits and faults. `Script::read`, with the feature `script-files`, reads one from YAML
//! or JSON.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use chatwire_mock::{Fault, MockServer, Reply, Rule, Script};
//! use serde_json::{Value, json};
//!
//! let script = Script::new()
//!     .rule(
//!         Rule::new()
//!             .name("busy at first")
//!             .model("gpt-*")
//!             .reply(Reply::new().error(429, "Slow down.").header("retry-after", "1"))
//!             .reply(Reply::new().error(503, "We are restarting."))
//!             .reply(Reply::new().text("Sunny.").reasoning("I look out of the window.")),
//!     )
//!     .rule(Rule::new().last_message("*slow*").reply(Reply::new().delay(Duration::from_secs(2))))
//!     .rule(Rule::new().last_message("*broken*").reply(Reply::new().fault(Fault::CutAfterChunks(2))));
//! let server = MockServer::builder().script(script).start().await?;
//!
//! let url = format!("{}/chat/completions", server.base_url());
//! let ask = async |model: &str| {
//!     let message = json!({"role": "user", "content": "The weather?"});
//!     let request = json!({"model": model, "messages": [message]});
//!     reqwest::Client::new().post(&url).json(&request).send().await
//! };
//! assert_eq!(ask("gpt-4o").await?.headers()["retry-after"], "1");
//! assert_eq!(ask("gpt-4o").await?.status(), 503);
//! let completion: Value = ask("gpt-4o").await?.json().await?;
//! assert_eq!(completion["choices"][0]["message"]["reasoning_content"], "I look out of the window.");
//!
//! // A request without a rule learns why.
//! let error: Value = ask("other").await?.json().await?;
//! let message = error["error"]["message"].as_str().unwrap_or_default();
//! assert!(message.contains("'busy at first': the model is 'other', not 'gpt-*'"), "{message}");
//! # Ok(())
//! # }
//! ```
//!
//! # Faults
//!
//! A [`Fault`] is something that a server or a network does wrong, such as a connection that is cut. A script sets
//! it, [`MockServerBuilder::random_fault`] does by chance, and a client on the same machine asks for it with a
//! header.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_mock::MockServer;
//! use serde_json::json;
//!
//! let server = MockServer::start().await?;
//! let url = format!("{}/chat/completions", server.base_url());
//! let message = json!({"role": "user", "content": "Say hi"});
//! let request = json!({"model": "m", "messages": [message], "stream": true});
//! let post = reqwest::Client::new().post(&url).json(&request);
//! let answer = post.header("x-chatwire-fault", "cut-after-chunks=2").send().await?;
//! assert!(answer.status().is_success() && answer.text().await.is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # Assertions
//!
//! The server keeps a journal of the latest requests: [`MockServer::received`] has their bytes, headers and times,
//! and [`MockServer::assert_received`] shows how the nearest one differs.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_mock::{MockServer, Rule};
//! use serde_json::json;
//!
//! let server = MockServer::start().await?;
//! let url = format!("{}/chat/completions", server.base_url());
//! let request = json!({"model": "m", "messages": [{"role": "user", "content": "Say hi"}]});
//! reqwest::Client::new().post(&url).bearer_auth("sk-test").json(&request).send().await?;
//!
//! server.assert_received(json!({"messages": [{"content": "Say hi"}]}));
//! server.assert_received(Rule::new().model("m").header("authorization", "Bearer *"));
//! assert_eq!(server.received()[0].target(), "/v1/chat/completions");
//! # Ok(())
//! # }
//! ```
//!
//! # Invalid requests
//!
//! A request that the official service would refuse gets an error in its envelope, which names the parameter and
//! says how to fix it. So do a wrong path (404), method (405) and content type (415), and a body that is too large
//! (413) or too slow (408).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chatwire_mock::MockServer;
//! use serde_json::{Value, json};
//!
//! let server = MockServer::start().await?;
//! let url = format!("{}/chat/completions", server.base_url());
//! let message = json!({"role": "user", "content": "Hi"});
//! let request = json!({"model": "m", "messages": [message], "temperature": 3});
//! let answer = reqwest::Client::new().post(&url).json(&request).send().await?;
//! assert_eq!(answer.status(), 400);
//! let error: Value = answer.json().await?;
//! assert_eq!(error["error"]["param"], "temperature");
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
mod embeddings;
mod event_text;
mod events;
mod exchange;
mod fault;
mod journal;
mod limits;
mod log;
mod logprobs;
mod made;
mod models;
mod note;
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

pub use exchange::Exchange;
pub use fault::{Fault, ParseFaultError};
pub use journal::Received;
pub use replay::{ParsePausesError, Pauses};
#[cfg(feature = "script-files")]
pub use script::ScriptError;
pub use script::{ParsePatternError, Pattern, Reply, Rule, Script};
pub use server::{MockServer, MockServerBuilder};
