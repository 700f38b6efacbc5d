//! Tests the journal of requests, and the assertions on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chatwire_mock::{MockServer, Received, Reply, Rule};
use serde_json::{Value, json};
use support::{HEAD, ask, body, chat};

/// The message of a failed assertion, with the times taken out.
fn failure(server: &MockServer, expected: impl Into<Rule>) -> String {
    let expected = expected.into();
    let assert = AssertUnwindSafe(|| server.assert_received(expected));
    let panic = std::panic::catch_unwind(assert).expect_err("the assertion holds");
    let message = panic.downcast_ref::<String>().unwrap();
    let lines =
        message.lines().map(|line| match (line.split_once(". "), line.split_once(" s  ")) {
            (Some((number, _)), Some((_, rest))) => format!("{number}. {rest}"),
            _ => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_request_is_kept_as_it_came() {
    let server = MockServer::builder().api_key("sk-a").start().await.unwrap();
    let valid = body("Hi", &json!({"vendor": [1]}));
    ask(
        &server,
        &chat(&valid)
            .replace("host: mock", "host: mock\r\nX-Tenant: blue\r\nauthorization: Bearer sk-a"),
    )
    .await;
    ask(&server, "GET /v1/models?x=1 HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n").await;
    let wrong = "{\"model\": 7";
    let length = wrong.len();
    ask(
        &server,
        &format!("{HEAD}authorization: Bearer sk-a\r\ncontent-length: {length}\r\n\r\n{wrong}"),
    )
    .await;
    let received = server.received();
    let shown: Vec<_> = received
        .iter()
        .map(|request| (request.number(), request.method(), request.target(), request.body()))
        .collect();
    let expected = [
        (1, "POST", "/v1/chat/completions", valid.as_bytes()),
        (2, "GET", "/v1/models?x=1", b""),
        (3, "POST", "/v1/chat/completions", wrong.as_bytes()),
    ];
    assert_eq!(shown, expected);
    assert_eq!(received[0].header("x-tenant"), Some("blue"));
    assert!(received[0].headers().any(|header| header == ("x-tenant", b"blue")));
    assert!(received.is_sorted_by_key(Received::at));
    let typed = received[0].request().unwrap();
    assert_eq!(
        serde_json::to_value(&typed).unwrap(),
        serde_json::from_str::<Value>(&valid).unwrap()
    );
    assert!(received[2].request().is_none() && received[2].json().is_none());
    assert!(!format!("{received:?}").contains("sk-a"));
    assert_eq!(server.requests(), std::slice::from_ref(&typed));
    server.assert_received(&typed);
}

#[tokio::test]
async fn the_times_show_how_long_a_client_waits() {
    let server = MockServer::start().await.unwrap();
    let wait = Duration::from_millis(50);
    ask(&server, &chat(&body("Hi", &json!({})))).await;
    tokio::time::sleep(wait).await;
    ask(&server, &chat(&body("Hi", &json!({})))).await;
    let received = server.received();
    assert!(received[1].at() - received[0].at() >= wait);
}

#[tokio::test]
async fn a_difference_reads_well() {
    let server = MockServer::start().await.unwrap();
    assert_eq!(failure(&server, json!({})), "the server received no chat request");
    ask(&server, "GET /v1/models HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n").await;
    ask(&server, &chat(&body("Say hi", &json!({"temperature": 1})))).await;
    let request =
        r#"{"model":"m","messages":[{"role":"user","content":"Say hi"}],"temperature":1}"#;
    let list = format!(
        "the requests that came:\n  1. GET /v1/models\n  2. POST /v1/chat/completions  {request}"
    );
    let message = json!({"role": "user", "content": "Say yes"});
    let expected = json!({"model": "gpt-4o", "messages": [message], "temperature": null, "n": 2});
    assert_eq!(
        failure(&server, expected),
        format!(
            "no chat request is as expected; in the only one, which is number 2,\n  \
             - `model` is \"m\", not \"gpt-4o\"\n  \
             - `messages[0].content` is \"Say hi\", not \"Say yes\"\n  \
             - `temperature` is 1, not absent\n  \
             - `n` is missing, not 2\n{list}"
        )
    );
    let rule = Rule::new().model("m*").last_message("*yes*").header("x-tenant", "blue");
    assert_eq!(
        failure(&server, rule),
        format!(
            "no chat request is as expected; in the only one, which is number 2,\n  \
             - the last message is 'Say hi', not '*yes*'\n  \
             - there is no header `x-tenant`\n{list}"
        )
    );
    server.assert_received(Rule::new().model("m"));
    let twice = failure(&server, Rule::new().model("m").nth(2));
    assert_eq!(twice, format!("1 of the chat requests are as expected, not 2\n{list}"));
}

#[tokio::test]
async fn the_nearest_request_is_shown() {
    let server = MockServer::start().await.unwrap();
    for prompt in ["a", "b", "c"] {
        ask(&server, &chat(&body(prompt, &json!({"seed": 1})))).await;
    }
    let message = json!({"role": "user", "content": "b"});
    let shown = failure(&server, json!({"messages": [message], "seed": 2}));
    assert!(
        shown.contains("in the nearest of 3, which is number 2,\n  - `seed` is 1, not 2\n"),
        "{shown}"
    );
}

#[tokio::test]
async fn requests_of_scripts_and_replays_are_kept() {
    let script = Rule::new().model("other").reply(Reply::new().delay(Duration::from_secs(60)));
    let server = MockServer::builder().script(script).start().await.unwrap();
    assert_eq!(ask(&server, &chat(&body("Hi", &json!({})))).await.0, 404);
    server.assert_received(json!({"model": "m"}));
    // The server has the request before it answers.
    let late = chat(&body("Hi", &json!({"model": "other"})));
    let answer = tokio::time::timeout(Duration::from_millis(100), ask(&server, &late));
    assert!(answer.await.is_err());
    server.assert_received(json!({"model": "other"}));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");
    let server = MockServer::builder().replay(folder).start().await.unwrap();
    ask(&server, &chat(&body("Hi", &json!({})))).await;
    server.assert_received(Rule::new().last_message("Hi"));
}

#[tokio::test]
async fn the_ring_is_bounded() {
    let server = MockServer::builder().keep_requests(2).start().await.unwrap();
    for prompt in ["a", "b", "c"] {
        ask(&server, &chat(&body(prompt, &json!({})))).await;
    }
    let numbers: Vec<_> = server.received().iter().map(Received::number).collect();
    assert_eq!(numbers, [2, 3]);
}
