//! Tests of one call against a server that follows a script: retries, timeouts, redirects and broken
//! answers. The rules for retries are tested in [`retry`](crate::retry).

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use chatwire_stream::StreamError;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::retry::Timer;
use crate::runtime::{ByteStream, OperationInfo, RequestBuilder};
use crate::transport::HttpResponse;
use crate::{Client, ClientBuilder, Error, ErrorKind, Response, Retry};

const KEY: &str = "sk-secret-123";

/// What the server does on one connection: it sends each part after its pause, and then may hang.
pub(crate) struct Script {
    pub(crate) parts: Vec<(u64, String)>,
    pub(crate) hang: bool,
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Script {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}");
    let text = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    Script { parts: vec![(0, text)], hang: false }
}

pub(crate) fn ok() -> Script {
    answer("200 OK", "x-request-id: req_1\r\n", r#"{"id":"1","choices":[]}"#)
}

pub(crate) struct Server {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            for script in scripts {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 65536];
                let read = socket.read(&mut request).await.unwrap();
                seen.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
                for (pause, text) in &script.parts {
                    tokio::time::sleep(Duration::from_millis(*pause)).await;
                    let _ = socket.write_all(text.as_bytes()).await;
                }
                if script.hang {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            }
        });
        Self { base_url, requests }
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder().base_url(&self.base_url).api_key(KEY).timer(Arc::new(Recorder::default()))
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Returns at once, and records how long it should have slept.
#[derive(Debug, Default)]
pub(crate) struct Recorder(pub(crate) Mutex<Vec<Duration>>);

impl Timer for Recorder {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
    fn random(&self) -> f64 {
        0.0
    }
}

async fn post(client: &Client) -> Result<HttpResponse, Error> {
    let url = format!("{}/chat/completions", client.baseurl);
    let request = RequestBuilder::new(Method::POST, url).json(&json!({"messages": []})).build()?;
    client.send(request, &OperationInfo { operation_id: "create_chat_completion" }).await
}

pub(crate) async fn call(client: &Client) -> Result<Response<Value>, Error> {
    Response::json(post(client).await?, &[]).await
}

async fn pieces(mut stream: Response<ByteStream>) -> Vec<Result<String, Error>> {
    let mut pieces = Vec::new();
    loop {
        let next =
            std::future::poll_fn(|cx| futures_core::Stream::poll_next(Pin::new(&mut *stream), cx));
        match next.await {
            Some(piece) => {
                pieces.push(piece.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()));
            }
            None => return pieces,
        }
    }
}

#[tokio::test]
async fn passing_failures_are_repeated_with_the_same_request() {
    let server = Server::start(vec![
        answer("429 Too Many Requests", "retry-after-ms: 7\r\n", "{}"),
        Script { parts: vec![], hang: false },
        ok(),
    ])
    .await;
    let timer = Arc::new(Recorder::default());
    let client = server.client().timer(timer.clone()).build().unwrap();
    let response = call(&client).await.unwrap();
    assert_eq!(response["id"], "1");
    assert_eq!((response.status(), response.request_id()), (200, Some("req_1")));
    assert_eq!(*timer.0.lock().unwrap(), [Duration::from_millis(7), Duration::from_secs(1)]);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    let without_host = |text: &String| text.replace("\r\n", "\n");
    assert_eq!(without_host(&requests[0]), without_host(&requests[2]));
    assert!(requests[0].contains("authorization: Bearer sk-secret-123"), "{}", requests[0]);
}

/// A second answer would cost money again.
#[tokio::test]
async fn a_request_is_not_repeated_after_a_byte_of_an_answer() {
    for head in [
        "H",
        "HTTP/1.1 200 OK\r\ncontent-type: appl",
        "HTTP/1.1 20\u{1}0 OK\r\n\r\n",
        "hello\r\n\r\n",
    ] {
        let parts = vec![(0, head.to_owned())];
        let server = Server::start(vec![Script { parts, hang: false }, ok()]).await;
        let error = call(&server.client().build().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, None), "{head}: {error}");
        assert!(error.to_string().contains(&server.base_url[..20]), "{error}");
        assert_eq!(server.requests().len(), 1, "{head}");
    }
    let odd =
        answer("200 OK", "content-encoding: gzip\r\nx-should-retry: true\r\n", "\u{1f}\u{8b}");
    let server = Server::start(vec![odd, ok()]).await;
    assert!(call(&server.client().build().unwrap()).await.is_err());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_last_error_is_the_one_that_counts() {
    let busy = || answer("503 Service Unavailable", "", r#"{"error":{"message":"busy"}}"#);
    let server = Server::start(vec![busy(), busy(), busy()]).await;
    let error = call(&server.client().build().unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "503 Service Unavailable: busy");
    assert_eq!(server.requests().len(), 3);
    let server = Server::start(vec![busy()]).await;
    let client = server.client().build().unwrap();
    assert_eq!(call(&client.with_max_retries(0)).await.unwrap_err().status(), Some(503));
}

#[tokio::test]
async fn an_error_has_everything_the_server_said_but_not_the_key() {
    let body = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {KEY}.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}}}"#
    );
    let server =
        Server::start(vec![answer("401 Unauthorized", "x-request-id: req_7\r\n", &body)]).await;
    let error = call(&server.client().build().unwrap()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "401 Unauthorized: Incorrect API key provided: ***. \
         (type invalid_request_error, code invalid_api_key, request id req_7)"
    );
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(401)));
    assert_eq!(error.request_id(), Some("req_7"));
    assert_eq!(error.code().as_deref(), Some("invalid_api_key"));
    assert!(error.response().is_some());
    let body = String::from_utf8_lossy(error.body().unwrap()).into_owned();
    assert!(!format!("{error:?} {body}").contains(KEY));
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_keeps_its_status() {
    let page = "<html><h1>Not here</h1></html>";
    let server = Server::start(vec![
        answer("404 Not Found", "content-type: text/html\r\n", page),
        answer("200 OK", "content-type: text/html; charset=utf-8\r\n", page),
        answer("200 OK", "", r#"{"error":{"message":"no model","code":400}}"#),
        answer("404 Not Found", "", ""),
    ])
    .await;
    let client = server.client().build().unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.to_string(), format!("404 Not Found: text/html, 30 bytes: {page}"));
    let error = call(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidBody, Some(200)));
    assert_eq!(error.body(), Some(page.as_bytes()));
    assert!(error.to_string().contains("line 1 column 1"), "{error}");
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.to_string(), "200 OK: no model (code 400)");
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.to_string(), "404 Not Found: the body is empty");
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over() {
    let refusal = "\u{feff}{\"error\":{\"message\":\"no model\"}}";
    let server = Server::start(vec![
        answer("200 OK", "", "\u{feff}{\"id\":\"1\"}"),
        answer("404 Not Found", "", refusal),
    ])
    .await;
    let client = server.client().build().unwrap();
    assert_eq!(*call(&client).await.unwrap(), json!({ "id": "1" }));
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.to_string(), "404 Not Found: no model");
    assert_eq!(error.body(), Some(refusal.as_bytes()));
}

#[tokio::test]
async fn the_key_does_not_follow_a_redirect_to_another_server() {
    let other = Server::start(vec![ok()]).await;
    let location = format!("location: {}/chat/completions\r\n", other.base_url);
    let server = Server::start(vec![
        answer("307 Temporary Redirect", &location, ""),
        answer("302 Found", "location: /elsewhere\r\n", ""),
        answer("308 Permanent Redirect", "location: /v2/chat/completions\r\n", ""),
        ok(),
    ])
    .await;
    let client = server.client().build().unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.status(), Some(307));
    let why = format!(
        "{}/chat/completions, which the client does not follow because it would send the API key",
        other.base_url
    );
    assert!(error.to_string().contains(&why), "{error}");
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert!(
        error.to_string().contains("/elsewhere, which") && error.to_string().contains("GET"),
        "{error}"
    );
    assert!(call(&client).await.is_ok());
    assert!(other.requests().is_empty());
    assert!(server.requests()[3].starts_with("POST /v2/chat/completions"));
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let circle = || answer("307 Temporary Redirect", "location: /v1/chat/completions\r\n", "");
    let server = Server::start((0..9).map(|_| circle()).collect()).await;
    let error = call(&server.client().build().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(307)));
    let text = error.to_string();
    assert!(text.starts_with("307 Temporary Redirect: too many redirects: "), "{text}");
    assert_eq!(server.requests().len(), 6);
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn a_compressed_answer_that_was_not_asked_for_is_named() {
    let gzip = "content-encoding: gzip\r\n";
    let server = Server::start(vec![
        answer("200 OK", gzip, "\u{1f}\u{8b}"),
        answer("400 Bad Request", gzip, "\u{1f}\u{8b}"),
        answer("200 OK", "content-encoding: identity\r\n", r#"{"id":"1"}"#),
    ])
    .await;
    let client = server.client().build().unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidBody, Some(200)));
    assert!(error.to_string().contains("content-encoding gzip is not supported"), "{error}");
    let error = call(&client).await.unwrap_err();
    assert!(error.to_string().contains("content-encoding gzip is not supported"), "{error}");
    assert!(call(&client).await.is_ok());
    assert!(server.requests()[0].contains("accept-encoding: identity"));
}

#[tokio::test]
async fn a_plain_body_is_read_in_spite_of_its_label() {
    let label = "content-encoding: GZIP\r\n";
    let events = "data: {\"choices\":[]}\n\n";
    let server = Server::start(vec![
        answer("200 OK", label, r#"{"id":"1"}"#),
        answer("400 Bad Request", label, r#"{"error":{"message":"no"}}"#),
        answer("200 OK", label, events),
    ])
    .await;
    let client = server.client().build().unwrap();
    assert_eq!(call(&client).await.unwrap()["id"], "1");
    assert_eq!(call(&client).await.unwrap_err().to_string(), "400 Bad Request: no");
    let stream = Response::stream(post(&client).await.unwrap());
    let pieces: Result<Vec<_>, _> = pieces(stream).await.into_iter().collect();
    assert_eq!(pieces.unwrap().concat(), events);
}

#[tokio::test]
async fn a_redirect_keeps_a_key_in_its_address() {
    let key = "?key=sk-secret-123";
    let location = format!("location: /v2/chat{key}\r\n");
    let server = Server::start(vec![answer("307 Moved", &location, ""), ok()]).await;
    let client = server.client().query("key", "sk-secret-123").build().unwrap();
    assert!(call(&client).await.is_ok());
    assert!(server.requests()[1].starts_with(&format!("POST /v2/chat{key} ")));
}

#[tokio::test]
async fn the_hook_is_called_for_every_retry() {
    let server = Server::start(vec![
        answer("429 Too Many Requests", "retry-after: 9\r\n", r#"{"error":{"message":"slow"}}"#),
        answer("503 Service Unavailable", "", ""),
        answer("429 Too Many Requests", "retry-after: 3600\r\n", ""),
    ])
    .await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let heard = heard.clone();
        move |retry: &Retry| heard.lock().unwrap().push(retry.clone())
    };
    let client = server.client().max_retries(5).on_retry(hook).build().unwrap();
    assert_eq!(call(&client).await.unwrap_err().status(), Some(429));
    let heard: Vec<_> = heard
        .lock()
        .unwrap()
        .iter()
        .map(|retry| (retry.number(), retry.delay().as_secs(), retry.is_asked_by_server()))
        .collect();
    assert_eq!(heard, [(1, 9, true), (2, 1, false)]);
}

#[tokio::test]
async fn a_refused_connection_names_the_server_and_the_cause() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let timer = Arc::new(Recorder::default());
    let client = Client::builder()
        .base_url(format!("http://user:pass@{unused}/v1"))
        .query("key", KEY)
        .timer(timer.clone())
        .build()
        .unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Connect, None));
    let text = format!("{error}");
    assert!(text.starts_with(&format!("cannot connect to http://{unused}: Connection refused")));
    assert!(!format!("{error:?}").contains(KEY));
    assert_eq!(timer.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_server_that_never_begins_runs_into_the_first_byte_limit_once() {
    let server = Server::start(vec![Script { parts: vec![], hang: true }]).await;
    let client = server.client().first_byte_timeout(Duration::from_millis(30)).build().unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("did not begin to answer within 30ms"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

fn stream(parts: &[(u64, &str)], hang: bool) -> Script {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\
                content-type: text/event-stream; charset=utf-8\r\n\r\n";
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let mut all = vec![(0, head.to_owned())];
    all.extend(parts.iter().map(|(pause, text)| (*pause, chunk(text))));
    if !hang {
        all.push((0, "0\r\n\r\n".to_owned()));
    }
    Script { parts: all, hang }
}

#[tokio::test]
async fn a_stream_arrives_in_pieces_and_may_take_longer_than_any_limit() {
    let server = Server::start(vec![stream(&[(0, "a"), (60, "b"), (60, "c")], false)]).await;
    let builder = server.client().first_byte_timeout(Duration::from_millis(100));
    let client = builder.idle_timeout(Duration::from_millis(100)).build().unwrap();
    let stream = Response::stream(post(&client).await.unwrap());
    assert_eq!(stream.media_type(), Some("text/event-stream"));
    let texts: Vec<_> = pieces(stream).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(texts, ["a", "b", "c"]);
}

#[tokio::test]
async fn silence_in_a_stream_ends_it_with_an_error_and_no_second_request() {
    let server = Server::start(vec![stream(&[(0, "a")], true), ok()]).await;
    let client = server.client().idle_timeout(Duration::from_millis(50)).build().unwrap();
    let mut pieces = pieces(Response::stream(post(&client).await.unwrap())).await;
    let error = pieces.pop().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("sent nothing for 50ms"), "{error}");
    assert!(matches!(error.into(), StreamError::IdleTimeout(_)));
    assert_eq!((pieces.len(), server.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_cut_connection_in_an_answer_is_an_error_and_not_repeated() {
    let cut = |text: &str| Script { parts: vec![(0, text.to_owned())], hang: false };
    let server = Server::start(vec![
        cut("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":"),
        cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"),
    ])
    .await;
    let client = server.client().build().unwrap();
    assert_eq!(call(&client).await.unwrap_err().kind(), ErrorKind::Transport);
    let mut pieces = pieces(Response::stream(post(&client).await.unwrap())).await;
    assert_eq!(pieces.pop().unwrap().unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn settings_reach_the_wire_and_copies_differ() {
    let server = Server::start(vec![ok(), ok()]).await;
    let client = server.client().organization("o").query("api-version", "1").build().unwrap();
    let copy = client.with_header("Authorization", "Custom").unwrap().with_query("a", "b c");
    call(&client).await.unwrap();
    call(&copy).await.unwrap();
    let requests = server.requests();
    assert!(requests[0].starts_with("POST /v1/chat/completions?api-version=1 "));
    assert!(requests[0].contains("openai-organization: o\r\n"));
    assert!(requests[0].contains("user-agent: chatwire/"));
    assert!(requests[1].starts_with("POST /v1/chat/completions?api-version=1&a=b+c "));
    assert!(requests[1].contains("authorization: Custom\r\n"));
    assert!(client.with_header("x", "a\nb").is_err());
}

#[tokio::test]
async fn an_empty_id_is_an_error_before_anything_is_sent() {
    let client = Client::builder().base_url("http://127.0.0.1:9/v1").build().unwrap();
    for path in ["/chat/completions/", "/chat/completions//messages"] {
        let request =
            RequestBuilder::new(Method::GET, format!("{}{path}", client.baseurl)).build().unwrap();
        let info = OperationInfo { operation_id: "get_chat_completion" };
        let error = client.send(request, &info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains("get_chat_completion"), "{error}");
    }
}

/// Settings of the builder and of a call, in the order in which they count: headers, query and keys of the body.
#[tokio::test]
async fn settings_of_a_call_replace_those_of_the_client() {
    let server = Server::start(vec![ok(), ok(), ok()]).await;
    let builder = server.client().header("x-a", "1").query("q", "1").extra("e", 1).extra("f", "x");
    let client = builder.build().unwrap();
    let for_call = client.with_header("x-a", "2").unwrap().with_query("q", "2").with_extra("e", 2);
    for client in [&client, &for_call, &client] {
        call(client).await.unwrap();
    }
    let seen: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let header = request.lines().find(|line| line.starts_with("x-a: ")).unwrap().to_owned();
            let path = request.lines().next().unwrap().split(' ').nth(1).unwrap().to_owned();
            (header, path, request.lines().last().unwrap().to_owned())
        })
        .collect();
    let of = |header: &str, path: &str, body: &str| (header.into(), path.into(), body.into());
    let first = of("x-a: 1", "/v1/chat/completions?q=1", r#"{"messages":[],"e":1,"f":"x"}"#);
    let second = of("x-a: 2", "/v1/chat/completions?q=1&q=2", r#"{"messages":[],"e":2,"f":"x"}"#);
    assert_eq!(seen, [first.clone(), second, first]);
}

#[tokio::test]
async fn a_key_in_the_body_is_hidden_like_any_other() {
    let echo =
        || answer("400 Bad", "", r#"{"error":{"message":"no to gate-key-1 and gate-key-2"}}"#);
    let server = Server::start(vec![echo()]).await;
    let builder = server.client().extra("api_key", "gate-key-1");
    let mut shown = format!("{builder:?}");
    let client = builder.build().unwrap().with_extra("auth", json!({"token": "gate-key-2"}));
    let error = call(&client).await.unwrap_err();
    shown += &format!("{client:?} {error} {error:?} {:?}", error.response());
    assert_eq!(error.message(), Some("no to *** and ***"));
    assert!(!shown.contains("gate-key"), "{shown}");
}
