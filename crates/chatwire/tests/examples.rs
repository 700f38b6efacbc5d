//! Runs the examples against the embedded server.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "the test calls `run` in place of `main`")]
#[path = "../examples/structured_output.rs"]
mod structured_output;
#[allow(dead_code, reason = "the test calls `run` in place of `main`")]
#[path = "../examples/tools.rs"]
mod tools;

use chatwire::{Client, ResponseFormat};
use chatwire_mock::MockServer;

async fn start() -> (MockServer, Client) {
    let server = MockServer::start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).build().unwrap();
    (server, client)
}

#[tokio::test]
async fn structured_output() {
    let (server, client) = start().await;
    structured_output::run(&client).await.unwrap();
    let format = server.requests().remove(0).response_format;
    assert!(matches!(format, Some(ResponseFormat::JsonSchema(_))));
}

#[tokio::test]
async fn tools() {
    let (server, client) = start().await;
    tools::run(&client).await.unwrap();
    let messages = server.requests().remove(1).messages.unwrap();
    let result = messages.last().unwrap().text().unwrap().into_owned();
    assert_eq!((messages.len(), &*result), (3, "It is 18 °C in Paris."));
}
