//! Tests the server as a client on the wire sees it: bytes in, bytes out. The modules test their
//! own parts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::time::{Duration, Instant};

use chatwire_mock::MockServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const JSON: &str = "content-type: application/json; charset=utf-8\r\n";
const CHAT: &str = "/v1/chat/completions";

struct Response {
    status: u16,
    head: String,
    body: String,
}

impl Response {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn has_header(&self, line: &str) -> bool {
        self.head.lines().any(|have| have.starts_with(line))
    }
}

/// Speaks HTTP/1.0, so that the body ends with the connection and is not chunked.
async fn send(server: &MockServer, start: &str, headers: &str, body: &str) -> Response {
    let address = server.url().replace("http://", "");
    let mut socket = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let text = format!(
        "{start} HTTP/1.0\r\nhost: mock\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response { status, head: head.to_owned(), body: body.to_owned() }
}

async fn post(server: &MockServer, body: impl ToString) -> Response {
    send(server, &format!("POST {CHAT}"), JSON, &body.to_string()).await
}

/// The status, parameter and code of an error.
fn refused(response: &Response) -> (u16, Value, Value) {
    assert!(response.has_header("x-request-id: req_"), "{}", response.head);
    let body = response.json();
    let error = body["error"].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["message", "type", "param", "code"]);
    assert!(error["message"].is_string() && error["type"].is_string());
    (response.status, error["param"].clone(), error["code"].clone())
}

fn request(extra: &Value) -> Value {
    let message = json!({"role": "user", "content": "Say this is a test"});
    let mut request = json!({"model": "m", "messages": [message]});
    for (key, value) in extra.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

#[tokio::test]
async fn answers_as_azure_does() {
    let server = MockServer::builder().api_key("sk-a").start().await.unwrap();
    let path = "POST /openai/deployments/any/chat/completions?api-version=2024-10-21";
    let body = request(&json!({})).to_string();
    for (headers, status) in [("api-key: sk-a\r\n", 200), ("api-key: sk-b\r\n", 401), ("", 401)] {
        let headers = format!("{JSON}{headers}");
        assert_eq!(send(&server, path, &headers, &body).await.status, status);
    }
}

#[tokio::test]
async fn answers_in_json() {
    let server = MockServer::start().await.unwrap();
    let response = post(&server, request(&json!({"n": 2}))).await;
    assert_eq!(response.status, 200);
    assert!(response.has_header("content-type: application/json"));
    let body = response.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["choices"][0]["message"]["content"], "This is a test!");
    assert_eq!(body["choices"][1]["index"], 1);
    assert_eq!(body["usage"]["prompt_tokens"], 11);
    let requests = server.requests();
    assert_eq!((requests.len(), requests[0].n), (1, Some(2)));
}

#[tokio::test]
async fn answers_in_events() {
    let server = MockServer::start().await.unwrap();
    let extra = json!({"stream": true, "stream_options": {"include_usage": true}});
    let response = post(&server, request(&extra)).await;
    assert!(response.has_header("content-type: text/event-stream; charset=utf-8"));
    let body = response.body;
    let (head, done) = body.trim_end().rsplit_once("\n\n").unwrap();
    assert_eq!(done, "data: [DONE]");
    let chunks: Vec<Value> = head
        .split("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let text: Vec<_> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, ["", "This", " is", " a", " test!"]);
    assert_eq!(chunks.last().unwrap()["usage"]["total_tokens"], 16);
    assert_eq!(chunks.last().unwrap()["choices"], json!([]));
}

#[tokio::test]
async fn a_stream_without_a_wish_for_usage_has_none() {
    let server = MockServer::start().await.unwrap();
    let body = post(&server, request(&json!({"stream": true}))).await.body;
    assert!(!body.contains("usage"), "{body}");
}

#[tokio::test]
async fn wants_its_key() {
    let server = MockServer::builder().api_key("sk-right").start().await.unwrap();
    assert_eq!(refused(&post(&server, "{}").await), (401, Value::Null, Value::Null));
    for (key, status) in [("Bearer sk-wrong", 401), ("bearer sk-right", 200), ("sk-right", 401)] {
        let headers = format!("authorization: {key}\r\n{JSON}");
        let body = request(&json!({})).to_string();
        let response = send(&server, &format!("POST {CHAT}"), &headers, &body).await;
        assert_eq!(response.status, status, "{key}");
        assert!(!response.body.contains("sk-wrong"));
    }
}

#[tokio::test]
async fn names_what_is_wrong() {
    let server = MockServer::start().await.unwrap();
    let check = async |extra: Value, param: &str, code: &str| {
        let actual = refused(&post(&server, request(&extra)).await);
        assert_eq!(actual, (400, json!(param), json!(code)), "{extra}");
    };
    check(json!({"messages": null}), "messages", "missing_required_parameter").await;
    check(json!({"temperature": "warm"}), "temperature", "invalid_type").await;
    check(json!({"n": 129}), "n", "integer_above_max_value").await;
    let robot = json!({"role": "robot", "content": "x"});
    check(json!({"messages": [robot]}), "messages[0].role", "invalid_value").await;
    for broken in ["", "{", "[]", "{\"messages\": }", "\u{0}"] {
        assert_eq!(refused(&post(&server, broken).await), (400, Value::Null, Value::Null));
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn other_paths_methods_and_bodies() {
    let server = MockServer::start().await.unwrap();
    let check = async |start: &str, headers: &str, status: u16| {
        assert_eq!(refused(&send(&server, start, headers, "{}").await).0, status, "{start}");
    };
    check("POST /v1/chat/completion", JSON, 404).await;
    check("GET /", "", 404).await;
    check(&format!("PATCH {CHAT}"), "", 405).await;
    check(&format!("PUT {CHAT}/x"), JSON, 405).await;
    check("POST /v1/models", JSON, 405).await;
    check(&format!("PUT {CHAT}"), JSON, 405).await;
    check(&format!("POST {CHAT}"), "", 415).await;
    check(&format!("POST {CHAT}"), "content-type: text/plain\r\n", 415).await;
    let zipped = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    check(&format!("POST {CHAT}"), zipped, 415).await;
}

/// A request without a body.
async fn call(server: &MockServer, method: &str, path: &str) -> Response {
    send(server, &format!("{method} {CHAT}{path}"), "", "").await
}

#[tokio::test]
async fn completions_are_stored() {
    let server = MockServer::start().await.unwrap();
    let parts = json!([{"type": "text", "text": "Say"}, {"type": "text", "text": "hi"}]);
    let asked = json!({"messages": [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": parts, "name": "Ada"},
    ], "store": true, "metadata": {"job": "a b"}, "temperature": 0.5});
    let answer = post(&server, request(&asked)).await.json();
    let id = answer["id"].as_str().unwrap();
    post(&server, request(&json!({"store": true, "stream": true}))).await;
    post(&server, request(&json!({"store": false}))).await;

    let list = call(&server, "GET", "?metadata[job]=a+b").await.json();
    assert_eq!((&list["object"], &list["has_more"]), (&json!("list"), &json!(false)));
    let kept = call(&server, "GET", &format!("/{id}")).await.json();
    assert_eq!(list["data"], json!([kept]));
    for key in ["id", "object", "created", "model", "choices", "usage"] {
        assert_eq!(kept[key], answer[key]);
    }
    assert_eq!(kept["metadata"], json!({"job": "a b"}));
    assert_eq!((&kept["temperature"], &kept["top_p"]), (&json!(0.5), &json!(1.0)));
    assert_eq!(call(&server, "GET", "").await.json()["data"].as_array().unwrap().len(), 2);

    let messages = call(&server, "GET", &format!("/{id}/messages?limit=1&order=desc")).await.json();
    let last = json!({"id": format!("{id}-1"), "role": "user", "content": "Say hi", "name": "Ada",
        "content_parts": parts});
    assert_eq!((&messages["data"], &messages["has_more"]), (&json!([last]), &json!(true)));

    let update = format!("POST {CHAT}/{id}");
    let updated = send(&server, &update, JSON, r#"{"metadata":{"job":"b"}}"#).await.json();
    assert_eq!(updated["metadata"], json!({"job": "b"}));
    assert_eq!(updated, call(&server, "GET", &format!("/{id}")).await.json());

    let gone = call(&server, "DELETE", &format!("/{id}")).await.json();
    assert_eq!(gone, json!({"object": "chat.completion.deleted", "id": id, "deleted": true}));
    for (method, path) in [("GET", ""), ("DELETE", ""), ("GET", "/messages")] {
        let response = call(&server, method, &format!("/{id}{path}")).await;
        assert_eq!(refused(&response), (404, json!("completion_id"), json!("not_found")));
    }
    let response = call(&server, "GET", &format!("?after={id}")).await;
    assert_eq!(refused(&response), (404, json!("after"), json!("not_found")));
    assert_eq!(refused(&send(&server, &update, "", "{}").await).0, 415);
    assert_eq!(refused(&call(&server, "GET", "/%FF").await).0, 400);
}

#[tokio::test]
async fn models_are_listed() {
    let builder = MockServer::builder().model("small").model("org/large").api_key("k");
    let server = builder.start().await.unwrap();
    let key = "authorization: Bearer k\r\n";
    let list = send(&server, "GET /v1/models", key, "").await.json();
    let one = send(&server, "GET /v1/models/org/large", key, "").await.json();
    assert_eq!((&list["object"], &list["data"][1]), (&json!("list"), &one));
    assert_eq!((&one["id"], &one["object"]), (&json!("org/large"), &json!("model")));
    let response = send(&server, "GET /v1/models/other", key, "").await;
    assert_eq!(refused(&response), (404, json!("model"), json!("model_not_found")));
    assert_eq!(refused(&send(&server, "GET /v1/models", "", "").await).0, 401);
}

#[tokio::test]
async fn pages_may_call_it_if_the_user_says_so() {
    let page = "origin: https://page.example\r\n";
    let preflight = format!(
        "{page}access-control-request-method: POST\r\n\
         access-control-request-headers: authorization,content-type,x-stainless-os\r\n"
    );
    let start = format!("OPTIONS {CHAT}");
    let server = MockServer::builder().cors(true).api_key("k").start().await.unwrap();
    let allowed = send(&server, &start, &preflight, "").await;
    assert_eq!((allowed.status, allowed.body.as_str()), (200, ""));
    for line in [
        "access-control-allow-origin: *",
        "access-control-allow-methods: POST",
        "access-control-allow-headers: authorization,content-type,x-stainless-os",
    ] {
        assert!(allowed.has_header(line), "no {line} in {}", allowed.head);
    }
    for (start, status) in [(format!("POST {CHAT}"), 401), ("GET /".to_owned(), 404)] {
        let response = send(&server, &start, &format!("{page}{JSON}"), "{}").await;
        assert_eq!(response.status, status);
        assert!(response.has_header("access-control-allow-origin: *"), "{}", response.head);
        assert!(response.has_header("access-control-expose-headers: *"), "{}", response.head);
    }
    let server = MockServer::start().await.unwrap();
    let refused = send(&server, &start, &preflight, "").await;
    assert_eq!(refused.status, 405);
    assert!(!refused.has_header("access-control"), "{}", refused.head);
}

#[tokio::test]
async fn follows_its_script_and_its_pace() {
    let delay = Duration::from_millis(10);
    let builder = MockServer::builder().answer("One é 😀").answer("Two").chunk_delay(delay);
    let server = builder.start().await.unwrap();
    let begin = Instant::now();
    let body = post(&server, request(&json!({"stream": true}))).await.body;
    assert!(body.contains("\" é\"") && body.contains("\" 😀\""), "{body}");
    assert!(begin.elapsed() >= delay * 6, "{:?}", begin.elapsed());
    for _ in 0..2 {
        let body = post(&server, request(&json!({}))).await.json();
        assert_eq!(body["choices"][0]["message"]["content"], "Two");
    }
}

#[tokio::test]
async fn stops_when_dropped() {
    let server = MockServer::start().await.unwrap();
    let address = server.url().replace("http://", "");
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stream_ends_after_the_drop() {
    let pace = Duration::from_millis(20);
    let server = MockServer::builder().chunk_delay(pace).start().await.unwrap();
    let address = server.url().replace("http://", "");
    let mut idle = TcpStream::connect(&address).await.unwrap();
    let mut socket = TcpStream::connect(&address).await.unwrap();
    let body = request(&json!({"stream": true})).to_string();
    let length = body.len();
    let head =
        format!("POST {CHAT} HTTP/1.1\r\nhost: mock\r\n{JSON}content-length: {length}\r\n\r\n");
    socket.write_all((head + &body).as_bytes()).await.unwrap();
    socket.read_exact(&mut [0; 15]).await.unwrap();
    drop(server);
    let mut rest = String::new();
    socket.read_to_string(&mut rest).await.unwrap();
    assert!(rest.ends_with("data: [DONE]\n\n\r\n0\r\n\r\n"), "{rest}");
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
}

/// No request was read, but the log has a line.
#[tokio::test]
async fn a_head_that_does_not_come_is_logged() {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let lines = Arc::new(Mutex::new(Vec::new()));
    let shared = lines.clone();
    let server = MockServer::builder()
        .request_timeout(Duration::from_millis(50))
        .on_exchange(move |exchange| shared.lock().unwrap().push(exchange.clone()))
        .start()
        .await
        .unwrap();
    let address = server.url().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST /v1/chat").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let lines = lines.lock().unwrap();
    let seen: Vec<_> = lines.iter().map(|line| (line.method.as_str(), line.status)).collect();
    assert_eq!(seen, [("-", Some(408))]);
}
