//! Runs the examples against the embedded server.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "the test calls `run` in place of `main`")]
#[path = "../examples/structured_output.rs"]
mod structured_output;

use chatwire::{Client, ResponseFormat};
use chatwire_mock::MockServer;

#[tokio::test]
async fn structured_output() {
    let server = MockServer::start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).build().unwrap();
    structured_output::run(&client).await.unwrap();
    let format = server.requests().remove(0).response_format;
    assert!(matches!(format, Some(ResponseFormat::JsonSchema(_))));
}
