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

mod answer;
mod body;
mod budget;
mod calls;
mod chat;
mod connection;
mod cors;
mod events;
mod fault;
mod kept;
mod limits;
mod made;
mod peers;
mod problem;
mod prompt;
mod queue;
mod respond;
mod routes;
mod schema;
mod server;
mod socket;
mod state;
pub mod strict;
mod text;
mod validate;
mod value_limit;

pub use fault::{Fault, ParseFaultError};
pub use server::{MockServer, MockServerBuilder};
