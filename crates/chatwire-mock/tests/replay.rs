//! Replays the recordings in `tests/recordings` and `tests/stream`, and compares bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::time::{Duration, Instant};

use chatwire_mock::{MockServer, MockServerBuilder, Pauses};
use reqwest::{Client, Response};
use serde_json::{Value, json};

const HI: &str = r#"{"messages": [{"content": "Hi", "role": "user"}], "model": "m"}"#;
const HI_STREAM: &str =
    r#"{"stream":true,"messages":[{"role":"user","content":"Hi"}],"model":"m"}"#;

fn folder(name: &str) -> String {
    format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn recorded(file: &str) -> Vec<u8> {
    std::fs::read(folder(file)).unwrap()
}

fn replay(name: &str) -> MockServerBuilder {
    MockServer::builder().replay(folder(name))
}

async fn post(server: &MockServer, body: impl ToString) -> Response {
    let url = format!("{}/chat/completions", server.base_url());
    Client::new().post(url).body(body.to_string()).send().await.unwrap()
}

/// Checks the status, the media type and the bytes of an answer.
async fn check(response: Response, status: u16, media: &str, file: &str) {
    assert_eq!(response.status(), status, "{file}");
    assert_eq!(response.headers()["content-type"], media, "{file}");
    assert_eq!(response.bytes().await.unwrap(), recorded(&format!("recordings/{file}")), "{file}");
}

#[tokio::test]
async fn answers_are_those_of_the_recordings() {
    let server = replay("recordings").start().await.unwrap();
    let (json, stream) = ("application/json", "text/event-stream");
    check(post(&server, HI_STREAM).await, 200, stream, "hi-stream.stream.sse").await;
    let wrong = r#"{"messages":"wrong","model":"m"}"#;
    check(post(&server, wrong).await, 422, json, "wrong.error.json").await;
    check(post(&server, "not json").await, 502, "text/html", "raw.response.raw").await;
    let url = format!("{}/models?limit=2", server.base_url());
    check(Client::new().get(url).send().await.unwrap(), 200, json, "models.response.json").await;
}

#[tokio::test]
async fn a_repeated_request_gets_its_recordings_in_order() {
    let server = replay("recordings").start().await.unwrap();
    check(post(&server, HI).await, 200, "application/json", "hi.response.json").await;
    let second = post(&server, HI).await;
    assert_eq!(second.headers()["retry-after"], "7");
    assert_eq!(second.headers()["x-request-id"], "req_1");
    check(second, 429, "application/json", "hi-2.error.json").await;
    for _ in 0..2 {
        check(post(&server, HI).await, 200, "application/json", "hi-10.response.json").await;
    }
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_request_without_a_recording_is_told_the_nearest() {
    let server = replay("recordings").start().await.unwrap();
    let check = async |response: Response, parts: &[&str]| {
        assert_eq!(response.status(), 404);
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["code"], "recording_not_found");
        let message = error["error"]["message"].as_str().unwrap();
        for part in parts {
            assert!(message.contains(part), "no {part:?} in {message:?}");
        }
    };
    let message = json!({"role": "user", "content": "Hi"});
    let other = json!({"model": "other", "messages": [message]});
    check(post(&server, &other).await, &["'hi'", "`model` was \"m\" and is \"other\""]).await;
    let warm = json!({"model": "m", "messages": [message], "stream": true, "temperature": 1});
    let parts = ["'hi-stream'", "`temperature` was absent and is 1"];
    check(post(&server, &warm).await, &parts).await;
    let get = async |path: &str| {
        let url = format!("{}{path}", server.base_url());
        Client::new().get(url).send().await.unwrap()
    };
    check(get("/models?limit=3").await, &["'models'", "limit=2", "limit=3"]).await;
    check(get("/files").await, &["none of the 8 is for GET /v1/files"]).await;
}

#[tokio::test]
async fn a_cut_stream_is_cut_again() {
    let server = replay("recordings").start().await.unwrap();
    let body =
        json!({"stream": true, "model": "m", "messages": [{"role": "user", "content": "Cut"}]});
    let mut response = post(&server, body).await;
    let mut got = Vec::new();
    let end = loop {
        match response.chunk().await {
            Ok(Some(piece)) => got.extend_from_slice(&piece),
            end => break end,
        }
    };
    assert!(end.is_err(), "the connection breaks off");
    assert_eq!(got, recorded("recordings/cut.stream.sse"));
}

#[tokio::test]
async fn recordings_without_requests_answer_in_turn() {
    let server = replay("stream").start().await.unwrap();
    for file in ["one", "two", "two"] {
        let file = format!("../stream/{file}.stream.sse");
        check(post(&server, HI).await, 200, "text/event-stream", &file).await;
    }
    let server = replay("stream/two.stream.sse").start().await.unwrap();
    check(post(&server, HI).await, 200, "text/event-stream", "../stream/two.stream.sse").await;
}

#[tokio::test]
async fn pauses() {
    let two_answers = async |pauses: Pauses, body: &str| {
        let server = replay("recordings").pauses(pauses).start().await.unwrap();
        let begin = Instant::now();
        post(&server, body).await.bytes().await.unwrap();
        post(&server, body).await.bytes().await.unwrap();
        begin.elapsed()
    };
    let check_pauses = async |pauses: Pauses, body: &str, least: u64| {
        let taken = two_answers(pauses, body).await;
        assert!(taken >= Duration::from_millis(least), "{pauses:?}: {taken:?}");
    };
    // A busy machine may add a pause, but not to each of some runs.
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        fastest = fastest.min(two_answers(Pauses::None, HI).await);
    }
    assert!(fastest < Duration::from_millis(81), "{fastest:?}");
    // The second answer took this long.
    check_pauses(Pauses::Recorded, HI, 81).await;
    check_pauses(Pauses::Each(Duration::from_millis(20)), HI, 40).await;
    check_pauses(Pauses::Each(Duration::from_millis(20)), HI_STREAM, 120).await;
}

#[tokio::test]
async fn a_key_is_still_wanted() {
    let server = replay("recordings").api_key("k").start().await.unwrap();
    assert_eq!(post(&server, HI).await.status(), 401);
}

#[tokio::test]
async fn folders_that_cannot_be_replayed() {
    let check = async |name: &str, part: &str| {
        let error = replay(name).start().await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    check("nowhere", "No such file").await;
    check("support", "there are none").await;
    check("replay.rs", "its name must end in").await;
}
