//! A client on raw TCP, which can misbehave.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::time::{Duration, Instant};

use chatwire_mock::MockServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// The head of a chat request up to the length of its body.
pub(crate) const HEAD: &str = "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\n\
    content-type: application/json\r\nconnection: close\r\n";

/// A whole request.
pub(crate) fn chat(body: &str) -> String {
    format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len())
}

/// The body of a request with this prompt.
pub(crate) fn body(prompt: &str, extra: &Value) -> String {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": prompt}]});
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    body.to_string()
}

pub(crate) async fn connect(server: &MockServer) -> TcpStream {
    TcpStream::connect(server.url().replace("http://", "")).await.unwrap()
}

/// Connects with a small buffer, so that the server soon waits for this client to read.
pub(crate) async fn connect_narrow(server: &MockServer) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(server.url().replace("http://", "").parse().unwrap()).await.unwrap()
}

/// Connects, and sends these bytes.
pub(crate) async fn send(server: &MockServer, text: &str) -> TcpStream {
    let mut socket = connect(server).await;
    socket.write_all(text.as_bytes()).await.unwrap();
    socket
}

/// Reads the whole answer. Fails if the connection is reset.
pub(crate) async fn answer(mut socket: TcpStream) -> (u16, String) {
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap_or("0").parse().unwrap();
    (status, answer)
}

pub(crate) async fn ask(server: &MockServer, text: &str) -> (u16, String) {
    answer(send(server, text).await).await
}

/// Checks that honest clients are served soon. The bound is generous, because tests run together on
/// slow machines.
pub(crate) async fn ping(server: &MockServer) {
    let begin = Instant::now();
    assert_eq!(ask(server, &chat(&body("Say hi", &json!({})))).await.0, 200);
    let get = "GET / HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n";
    assert_eq!(ask(server, get).await.0, 404);
    println!("two pings: {:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

/// A schema whose smallest value has about 8 to the power of `depth` values.
pub(crate) fn explosion(depth: usize) -> Value {
    let array = |items, _| json!({"type": "array", "minItems": 8, "items": items});
    let schema = (0..depth).fold(json!({}), array);
    json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}})
}
