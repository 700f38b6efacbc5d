//! An embedded chat-completions server for demos and tests.
//!
//! It answers on loopback as the official service would, the same way every time: JSON and event
//! streams, several choices, tool calls, structured output, usage, and typed errors for requests
//! that are wrong. The types it answers with are `chatwire-types`', the event streams are written
//! by `chatwire-stream`.
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
mod events;
mod problem;
mod routes;
mod schema;
mod server;
mod text;
mod validate;

pub use server::{MockServer, MockServerBuilder};
