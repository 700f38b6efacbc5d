//! Probes servers that differ from the one of `chatwire-mock` in one thing, such as a server that passes over `stream`.
//! A file of this folder describes each, and a snapshot shows the report that its author would read: one cause is one
//! deviation, and what it makes impossible is skipped.

mod recordings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chatwire_mock::MockServer;
use chatwire_probe::Probe;
use chatwire_probe::report::{Look, write_text};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    /// What the server is.
    #[allow(dead_code, reason = "it is for people")]
    about: String,
    /// The groups and the cases that show it.
    only: Vec<String>,
    /// The first rule that fits changes the answer.
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// A pattern for `METHOD PATH` and the body after a line end.
    when: String,
    /// Keys of the request that are replaced, or with a null removed, before it is answered.
    #[serde(default)]
    request: BTreeMap<String, Value>,
    /// The status in place of 400 and more.
    error_status: Option<u16>,
    /// The whole answer.
    answer: Option<Answer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_cause_is_one_deviation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension() == Some("yaml".as_ref())).collect();
    files.sort();
    assert!(files.len() >= 10, "{files:?}");
    for path in files {
        let server: Server = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let only = server.only.clone();
        let base_url = start(server).await;
        let run = Probe::new(&base_url).unwrap().api_key("sk-secret-key").model("m").only(only);
        let text = match run.run(&mut |_| {}).await {
            Ok(report) => {
                let mut out = Vec::new();
                write_text(&report, Look::default(), &mut out).unwrap();
                let text = String::from_utf8(out).unwrap();
                // The last line has the time.
                text.trim_end().rsplit_once('\n').unwrap().0.trim_end().to_owned()
            }
            Err(error) => error.to_string(),
        };
        let text = text.replace(base_url.trim_end_matches("/v1"), "http://server");
        insta::assert_snapshot!(name, text);
    }
}

/// Starts a server, and returns its base URL.
async fn start(server: Server) -> String {
    let mock = MockServer::builder().api_key("sk-secret-key").chunk_delay(Duration::ZERO);
    let mock = Arc::new(mock.start().await.unwrap());
    let rules = server.rules.into_iter().map(|rule| (Regex::new(&rule.when).unwrap(), rule));
    let rules = Arc::new(rules.collect::<Vec<_>>());
    listen(move |request| {
        let (mock, rules) = (mock.clone(), rules.clone());
        async move {
            let (line, _) = request.head.split_once(" HTTP/").unwrap();
            let text = format!("{line}\n{}", String::from_utf8_lossy(&request.body));
            let found = rules.iter().find(|(pattern, _)| pattern.is_match(&text));
            answer(found.map(|(_, rule)| rule), request, &mock.base_url()).await
        }
    })
    .await
}

struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    fn text(&self) -> String {
        let key = if self.head.contains("\nauthorization: ") { "" } else { "without a key\n" };
        let body = String::from_utf8_lossy(&self.body);
        format!("{key}{}\n\n{body}", self.head.replace('\r', ""))
    }
}

/// Answers one request of each connection, and returns the base URL.
async fn listen<F: Future<Output = Vec<u8>> + Send>(
    answer: impl Fn(Request) -> F + Clone + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let Some(request) = read_request(&mut socket).await else { return };
                let _ = socket.write_all(&answer(request).await).await;
            });
        }
    });
    base_url
}

async fn read_request(socket: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = vec![0; 64 << 10];
        let read = socket.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let body = &bytes[end + 4..];
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let is_whole = match length {
            Some(length) => body.len() >= length.parse().unwrap(),
            None => !head.contains("chunked") || body.ends_with(b"0\r\n\r\n"),
        };
        if is_whole {
            return Some(Request { head, body: body.to_vec() });
        }
    }
}

async fn answer(rule: Option<&Rule>, request: Request, mock: &str) -> Vec<u8> {
    if let Some(answer) = rule.and_then(|rule| rule.answer.as_ref()) {
        let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        return format!(
            "HTTP/1.1 {} X\r\ncontent-length: {}\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n{}\r\n{}",
            answer.status,
            answer.body.len(),
            headers.collect::<String>(),
            answer.body
        )
        .into_bytes();
    }
    let Request { head, mut body } = request;
    if let Some(rule) = rule {
        body = changed(rule, body);
    }
    let mut received = forward(&head, &body, mock).await;
    if let Some(status) = rule.and_then(|rule| rule.error_status)
        && received.get(9).is_some_and(|digit| (b'4'..=b'5').contains(digit))
    {
        received.splice(9..12, status.to_string().into_bytes());
    }
    received
}

fn changed(rule: &Rule, body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut keys)) = serde_json::from_slice(&body) else { return body };
    for (key, value) in &rule.request {
        match value {
            Value::Null => drop(keys.shift_remove(key)),
            value => drop(keys.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(keys).to_string().into_bytes()
}

/// The answer of the mock.
async fn forward(head: &str, body: &[u8], mock: &str) -> Vec<u8> {
    let address = mock.trim_start_matches("http://").trim_end_matches("/v1");
    let mut socket = TcpStream::connect(address).await.unwrap();
    let lines = head.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("content-length:") && !line.starts_with("connection:")
    });
    let mut head = lines.collect::<Vec<_>>().join("\r\n");
    if !head.contains("chunked") {
        head += &format!("\r\ncontent-length: {}", body.len());
    }
    head += "\r\nconnection: close\r\n\r\n";
    socket.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    let mut received = Vec::new();
    let _ = socket.read_to_end(&mut received).await;
    let end = received.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&received[..end]).replace("\r\nconnection: close", "");
    [head.as_bytes(), &received[end..]].concat()
}
