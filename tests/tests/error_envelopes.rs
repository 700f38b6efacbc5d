//! Tests that the client and the stream find the same in each error body: the client as the answer
//! to a failed request, the stream as one of its events. The table of bodies belongs to
//! `chatwire-types`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use chatwire_client::Client;
use chatwire_stream::{ApiError, ChunkReader, StreamError};
use chatwire_types::{CreateChatCompletionRequest, Message};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[test]
fn the_stream_reads_every_envelope_as_the_table_says() {
    for expected in table() {
        let error = error_of_stream(&body(&expected));
        let raw = || String::from_utf8_lossy(&error.raw).into_owned();
        // Without a message, the stream shows all of the data.
        let message = Some(error.message()).filter(|message| *message != raw());
        let kind = error.error_type().map(str::to_owned);
        let found = found(&expected, [message, error.code(), kind, error.param()]);
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn the_client_reads_every_envelope_as_the_table_says() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let table = table();
    tokio::spawn(serve(listener, table.iter().map(body).collect()));
    let client = Client::builder().base_url(base_url).max_retries(0).build().unwrap();
    let request = CreateChatCompletionRequest::new("m-9", Vec::<Message>::new());
    for expected in table {
        let error = client.create_chat_completion(&request).await.unwrap_err();
        assert_eq!(error.status(), Some(400), "{expected}: {error}");
        let message = error.message().map(str::to_owned);
        let words = [message, error.code(), error.error_type(), error.param()];
        let found = found(&expected, words);
        assert_eq!(found, expected);
    }
}

fn table() -> Vec<Value> {
    let table = include_str!("../../crates/chatwire-types/tests/data/error_envelopes.json");
    serde_json::from_str(table).unwrap()
}

fn body(row: &Value) -> String {
    row["body"].as_str().unwrap().to_owned()
}

/// What was found in a body, as a row of the table.
fn found(expected: &Value, words: [Option<String>; 4]) -> Value {
    let [message, code, kind, param] = words;
    json!({
        "name": expected["name"],
        "body": expected["body"],
        "message": message,
        "code": code,
        "type": kind,
        "param": param,
    })
}

/// The error of a stream with this body as an event. A body that already consists of the lines of a
/// stream is used unchanged.
fn error_of_stream(body: &str) -> ApiError {
    let is_json = body.trim_start_matches('\u{feff}').starts_with(['{', '[']);
    let stream = match is_json {
        true => format!("data: {}\n\n", body.trim_start_matches('\u{feff}')),
        false => format!("{body}\n\n"),
    };
    match ChunkReader::new(stream.as_bytes()).next() {
        Some(Err(StreamError::Api(error))) => *error,
        other => panic!("{body}: {other:?}"),
    }
}

/// Answers each request with the next body.
async fn serve(listener: TcpListener, bodies: Vec<String>) {
    for body in bodies {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 65536];
        let _ = socket.read(&mut request).await.unwrap();
        let head = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n";
        let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        socket.write_all(answer.as_bytes()).await.unwrap();
    }
}
