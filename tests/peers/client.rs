//! Asks a server of another project with our client, and prints what came of each call as a line of JSON.
//! `tests/peers/run.py` starts it, and decides what is right.
//!
//! It reads `{"base_url": …, "calls": [{"name", "api_key", "stream", "request"}]}` from its input.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a program of the tests")]

use std::error::Error as _;
use std::time::{Duration, Instant};

use chatwire_client::{Client, Error};
use chatwire_types::{ChatCompletion, CreateChatCompletionRequest};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Input {
    base_url: String,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    name: String,
    api_key: String,
    stream: bool,
    request: CreateChatCompletionRequest,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let input: Input = serde_json::from_reader(std::io::stdin()).unwrap();
    for call in &input.calls {
        let client = Client::builder().base_url(&input.base_url).api_key(&call.api_key);
        let client = client.connect_timeout(Duration::from_secs(5)).build().unwrap();
        let begin = Instant::now();
        let mut outcome = match ask(&client, call).await {
            Ok(completion) => json!({"completion": completion}),
            Err(error) => failure(&error),
        };
        outcome["name"] = json!(call.name);
        outcome["seconds"] = json!(begin.elapsed().as_secs_f64());
        println!("{outcome}");
    }
}

async fn ask(client: &Client, call: &Call) -> Result<ChatCompletion, Error> {
    if call.stream {
        return client.stream(&call.request).await?.completion().await;
    }
    Ok(client.chat(&call.request).await?.into_inner())
}

/// Everything that a user can read of an error.
fn failure(error: &Error) -> Value {
    let cause = error.source().map(|cause| format!("{cause:?}"));
    let is_letter = |letter: &char| letter.is_alphanumeric();
    json!({"error": {
        "kind": format!("{:?}", error.kind()),
        "ends": cause.map(|cause| cause.chars().take_while(is_letter).collect::<String>()),
        "status": error.status(),
        "message": error.message(),
        "code": error.code(),
        "display": error.to_string(),
        "partial": error.partial().map(|partial| partial.text().unwrap_or_default().into_owned()),
    }})
}
