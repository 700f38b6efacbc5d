//! Runs the example of a gateway before the embedded server. `examples.rs` runs the programs that end by themselves.

#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use chatwire::{Client, CreateChatCompletionRequest, Message, ToolChoiceMode, Usage};
use chatwire_mock::MockServer;

/// A program that runs until the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the gateway before `server`, and returns its base URL.
fn start_gateway(server: &MockServer) -> (Running, String) {
    let mut command = Command::new(program());
    command
        .arg("127.0.0.1:0")
        .env("OPENAI_API_KEY", "sk-test")
        .env("OPENAI_BASE_URL", server.base_url())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    (running, line.trim().to_owned())
}

#[tokio::test]
async fn gateway() {
    let server = MockServer::builder().api_key("sk-test").start().await.unwrap();
    let (_running, url) = start_gateway(&server);
    let client = Client::builder().base_url(&url).build().unwrap();
    let messages = [Message::user("Say this is a test")];
    let request = CreateChatCompletionRequest::new("any", messages);

    let whole = client.chat(&request).await.unwrap().into_inner();
    let streamed = client.stream(&request).await.unwrap().completion().await.unwrap();
    assert_eq!(whole.text().as_deref(), Some("This is a test!"));
    assert_eq!(whole.text(), streamed.text());
    let sent = server.requests();
    let models: Vec<_> = sent.iter().filter_map(|request| request.model.as_deref()).collect();
    assert_eq!(models, ["gpt-4o-mini"; 2]);

    let tokens = |usage: Option<Box<Usage>>| usage.unwrap().total_tokens.unwrap();
    let counted = chatwire::reqwest::get(url.replace("/v1", "/tokens")).await.unwrap();
    let counted = counted.text().await.unwrap();
    assert_eq!(counted, (tokens(whole.usage) + tokens(streamed.usage)).to_string());

    // The gateway refuses this itself, so no other server saw it.
    let error = client.chat(&request.clone().temperature(3.0)).await.unwrap_err();
    let code = error.code();
    assert_eq!((error.status(), code.as_deref()), (Some(400), Some("decimal_above_max_value")));
    assert_eq!((error.param().as_deref(), error.request_id()), (Some("temperature"), None));
    // The other service refuses this.
    let choice = || ToolChoiceMode::Auto;
    let error = client.chat(&request.clone().tool_choice(choice())).await.unwrap_err();
    assert_eq!((error.status(), error.param().as_deref()), (Some(400), Some("tool_choice")));
    assert!(error.request_id().is_some_and(|id| id.starts_with("req_mock")), "{error:?}");
    // A stream has begun before the other service refuses, so the error is in it.
    let mut stream = client.stream(&request.tool_choice(choice())).await.unwrap();
    let error = stream.completion().await.unwrap_err();
    assert!(error.to_string().contains("`tool_choice` needs `tools`"), "{error}");
}

/// The built example. Cargo builds it with the tests, unless a single test file is named.
fn program() -> std::path::PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(format!("gateway{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "the example is not built; add `--examples` to the command");
    program
}
