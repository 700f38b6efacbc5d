//! What an answer can be in place of a value, and what of a value arrives over a stream.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::error::Error as _;
use std::time::Duration;

use chatwire::parse::ParseStream;
use chatwire::prelude::*;
use chatwire::schema::strict_schema;
use chatwire::stream::ChunkDecoder;
use chatwire::{ChatCompletion, ErrorKind, StreamError};
use chatwire_mock::{MockServer, MockServerBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Event {
    name: String,
    guests: Vec<Guest>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Guest {
    name: String,
    age: Option<u8>,
}

const FAIR: &str = r#"{"name":"Fair","guests":[{"name":"Ada","age":null}]}"#;

fn fair() -> Event {
    Event { name: "Fair".to_owned(), guests: vec![Guest { name: "Ada".to_owned(), age: None }] }
}

async fn start(builder: MockServerBuilder) -> (MockServer, Client) {
    let server = builder.start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).build().unwrap();
    (server, client)
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("m", [Message::user("Say something")])
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
fn parse(message: Value, finish_reason: &str) -> Result<Event, ParseError> {
    let choice = json!({"message": message, "finish_reason": finish_reason});
    let completion: ChatCompletion = serde_json::from_value(json!({"choices": [choice]})).unwrap();
    completion.parse()
}

#[test]
fn values() {
    let fenced = format!("```json\n{FAIR}\n```");
    let parts = json!([{"type": "text", "text": FAIR}]);
    for content in [json!(FAIR), json!(fenced), parts] {
        assert_eq!(parse(json!({"content": content}), "stop").unwrap(), fair());
    }
}

/// The message, the finish reason, the variant, and a part of the text of the error.
#[test]
fn other_outcomes() {
    let call =
        json!({"id": "a", "type": "function", "function": {"name": "find", "arguments": "{}"}});
    let rows = [
        (
            json!({"refusal": "I will not."}),
            "stop",
            "Refused",
            "refused to answer: I will not.; change",
        ),
        (json!({"content": FAIR}), "length", "Cut", "cut off after 52 characters"),
        (json!({"content": "{"}), "content_filter", "Filtered", "content filter stopped"),
        (json!({"content": " "}), "stop", "Empty", "no text (finish reason: stop)"),
        (json!({"tool_calls": [call]}), "tool_calls", "ToolCalls", "called the tool find"),
        (json!({"content": "Hello!"}), "stop", "NotJson", "not JSON: expected value at line 1"),
        (json!({"content": "{\"name\":"}), "stop", "NotJson", "EOF while parsing"),
        (json!({"content": "{} {}"}), "stop", "NotJson", "trailing characters"),
        (json!({"content": "{}"}), "stop", "WrongShape", "at `.`: missing field `name`"),
        (
            json!({"content": FAIR.replace("null", "300")}),
            "stop",
            "WrongShape",
            "at `guests[0].age`: invalid value: integer `300`",
        ),
    ];
    for (message, finish_reason, variant, text) in rows {
        let error = parse(message, finish_reason).unwrap_err();
        assert!(format!("{error:?}").starts_with(variant), "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
    }
    let nothing = ChatCompletion::default().parse::<Event>().unwrap_err();
    assert!(matches!(nothing, ParseError::Empty { .. }));
}

#[tokio::test]
async fn the_request_asks_for_the_type() {
    let (server, client) = start(MockServer::builder().answer(FAIR)).await;
    let event = client.parse::<Event>(&request()).await.unwrap();
    assert_eq!(event.value, fair());
    assert!(event.completion.request_id().is_some() && event.completion.total_tokens().is_some());
    let sent = serde_json::to_value(server.requests().remove(0)).unwrap();
    let schema = sent.pointer("/response_format/json_schema").unwrap();
    assert_eq!((&schema["name"], &schema["strict"]), (&json!("Event"), &json!(true)));

    let error = client.parse::<Vec<Event>>(&request()).await.unwrap_err();
    assert!(matches!(error, ParseError::Schema(_)) && error.source().is_some());
    let error = client.parse::<Event>(&request().n(0)).await.unwrap_err();
    let ParseError::Request(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), ErrorKind::Api);
}

#[tokio::test]
async fn a_stream_shows_the_value_as_it_grows() {
    let spaced = FAIR.replace(',', ", ").replace("Fair", "Science Fair");
    let (_server, client) = start(MockServer::builder().answer(spaced)).await;
    let mut stream = client.parse_stream::<Event>(&request()).await.unwrap();
    let mut seen = Vec::new();
    while let Some(text) = stream.next().await {
        assert!(!text.unwrap().is_empty());
        seen.extend(stream.partial());
    }
    let first = json!({"name": "Science"});
    assert_eq!((seen.first(), seen.len()), (Some(&first), 4));
    assert_eq!(seen.get(2), Some(&json!({"name": "Science Fair", "guests": [{"name": "Ada"}]})));
    let event = stream.finish().await.unwrap();
    assert_eq!(event.guests, fair().guests);
    // The value is there without a look at the parts, too.
    let stream = client.parse_stream::<Event>(&request()).await.unwrap();
    assert_eq!(stream.finish().await.unwrap().name, "Science Fair");
}

#[tokio::test]
async fn a_stream_that_fails_is_not_a_value() {
    let server = MockServer::builder().answer(FAIR).chunk_delay(Duration::from_secs(30));
    let server = server.start().await.unwrap();
    let builder = Client::builder().base_url(server.base_url());
    let client = builder.idle_timeout(Duration::from_millis(30)).build().unwrap();
    let mut stream = client.parse_stream::<Event>(&request()).await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error.stream_error(), Some(StreamError::IdleTimeout(_))));
    assert!(error.request_id().is_some() && stream.response().request_id() == error.request_id());
    let ParseError::Request(error) = stream.finish().await.unwrap_err() else { panic!("{error}") };
    assert!(error.stream_error().is_some() && error.partial().is_some(), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_a_value() {
    let long = FAIR.replace("Fair", &"fair ".repeat(20_000));
    let (_server, client) = start(MockServer::builder().answer(long)).await;
    let request = request().response_format(strict_schema::<Event>().unwrap());
    let small = ChunkDecoder::new().max_answer_size(Some(1000));
    let stream = client.stream_with(&request, small).await.unwrap();
    let mut stream = ParseStream::<Event>::new(stream);
    let error = loop {
        if let Err(error) = stream.next().await.unwrap() {
            break error;
        }
    };
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidBody, Some(200)), "{error}");
    assert!(stream.next().await.is_none());
    let error = stream.finish().await.unwrap_err();
    let ParseError::Request(error) = error else { panic!("{error}") };
    assert!(error.partial().unwrap().text().is_some());
}
