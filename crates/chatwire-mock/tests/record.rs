//! Records servers of this test through the proxy, and looks at what passes and at what is saved.
#![cfg(feature = "record")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chatwire_mock::{Fault, MockServer, MockServerBuilder, Pauses};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A folder that is removed at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("chatwire-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }

    /// The files and what they hold.
    fn files(&self) -> BTreeMap<String, String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let read =
            |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), read(&entry.path())))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }

    fn details(&self, name: &str) -> Value {
        serde_json::from_str(&self.files()[&format!("{name}.recording.json")]).unwrap()
    }

    /// Waits for the files of a recording whose client has left.
    async fn wait_for(&self, name: &str) {
        for _ in 0..500 {
            if self.names().iter().any(|file| file == name) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no {name} in {:?}", self.names());
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn recorder(folder: &Folder, upstream: &str) -> MockServer {
    builder(folder, upstream).start().await.unwrap()
}

fn builder(folder: &Folder, upstream: &str) -> MockServerBuilder {
    MockServer::builder().record(&folder.0, upstream)
}

fn chat(content: &str, more: &Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": content}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn post(server: &MockServer, body: &Value) -> Response {
    let url = format!("{}/chat/completions", server.base_url());
    Client::new().post(url).bearer_auth("sk-client-1").json(body).send().await.unwrap()
}

/// A server of one connection, which the test plays byte by byte.
struct Raw {
    listener: TcpListener,
    base_url: String,
}

impl Raw {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        Self { listener, base_url }
    }

    /// Waits for a request, and returns it with its connection.
    async fn accept(&self) -> (TcpStream, String) {
        let (mut socket, _) = self.listener.accept().await.unwrap();
        let mut request = Vec::new();
        loop {
            let read = socket.read_buf(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request).into_owned();
            let length = text
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
            if read == 0 || body.is_some_and(|body| body >= length) {
                return (socket, text);
            }
        }
    }

    /// Answers one request with these bytes, and returns the request.
    async fn answer(&self, bytes: &str) -> String {
        let (mut socket, request) = self.accept().await;
        socket.write_all(bytes.as_bytes()).await.unwrap();
        request
    }
}

const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
    Transfer-Encoding: chunked\r\n\r\n";

fn piece(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

#[tokio::test]
async fn the_same_clients_get_the_same_answers_from_a_replay() {
    let real = MockServer::builder().answer("Grüße! 😀").answer("Bye.").start().await.unwrap();
    let folder = Folder::new("same");
    let proxy = recorder(&folder, &real.base_url()).await;
    let requests = [
        chat("Hi", &json!({})),
        chat("Hi", &json!({"stream": true, "stream_options": {"include_usage": true}})),
        chat("Hi", &json!({"n": 0})),
        // The second one gets the second answer.
        chat("Hi", &json!({})),
        json!({"model": "m", "messages": "wrong"}),
    ];
    let ask = async |server: &MockServer| {
        let mut answers = Vec::new();
        for request in &requests {
            let response = post(server, request).await;
            let (status, mut headers) = (response.status(), response.headers().clone());
            headers.remove("date");
            headers.remove("transfer-encoding");
            answers.push((status, headers, response.bytes().await.unwrap()));
        }
        let url = format!("{}/models?limit=1", server.base_url());
        answers.push({
            let response = Client::new().get(url).send().await.unwrap();
            (response.status(), Default::default(), response.bytes().await.unwrap())
        });
        answers
    };
    let recorded = ask(&proxy).await;
    assert_eq!(recorded[0].0, 200);
    assert_eq!(recorded[2].0, 400);
    assert_ne!(recorded[0].2, recorded[3].2);
    let replay = MockServer::builder().replay(&folder.0).start().await.unwrap();
    assert_eq!(ask(&replay).await, recorded);
    let names = folder.names();
    assert!(names.contains(&"0002-m.stream.sse".to_owned()), "{names:?}");
    assert!(names.contains(&"0003-m.error.json".to_owned()), "{names:?}");
    assert!(names.contains(&"0006-models.response.json".to_owned()), "{names:?}");
    assert!(!names.contains(&"0006-models.request.json".to_owned()), "{names:?}");
    assert_eq!(folder.files()["0001-m.request.json"], requests[0].to_string());
    assert_eq!(folder.files()["0002-m.stream.sse"].as_bytes(), recorded[1].2);
    let details = folder.details("0006-models");
    assert_eq!(
        (&details["method"], &details["target"]),
        (&json!("GET"), &json!("/v1/models?limit=1"))
    );
}

#[tokio::test]
async fn what_passes_is_unchanged() {
    let real = Raw::new().await;
    let folder = Folder::new("unchanged");
    let proxy = recorder(&folder, &real.base_url).await;
    let answer = "HTTP/1.1 418 Short And Stout\r\nX-Odd:  a b \r\nX-Twice: 1\r\nX-Twice: 2\r\n\
        Connection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 3\r\nContent-Type: text/x\r\n\r\n\0\u{ff}";
    let url = format!("{}/any/path%2F?a=%20&b", proxy.base_url());
    let client = Client::new();
    let sent = client.request(Method::PATCH, url).header("x-mine", "1").header("te", "trailers");
    let sent = sent.header("accept-encoding", "gzip").body("{\"a\" :1}").send();
    let (request, response) = tokio::join!(real.answer(answer), sent);
    let response = response.unwrap();
    assert!(request.starts_with("PATCH /v1/any/path%2F?a=%20&b HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"a\" :1}"), "{request}");
    assert!(request.contains("x-mine: 1\r\n"), "{request}");
    for name in ["te:", "accept-encoding:", "authorization:", "via:", "forwarded"] {
        assert!(!request.contains(name), "{name} in {request}");
    }
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()["x-odd"], "a b");
    let twice: Vec<_> = response.headers().get_all("x-twice").iter().collect();
    assert_eq!(twice, ["1", "2"]);
    for name in ["x-hop", "connection", "x-request-id"] {
        assert!(!response.headers().contains_key(name), "{name}");
    }
    assert_eq!(response.bytes().await.unwrap(), "\0\u{ff}".as_bytes());
    let details = folder.details("0001-any-path-2F");
    assert_eq!(details["status"], 418);
    assert_eq!(details["target"], "/v1/any/path%2F?a=%20&b");
    assert_eq!(folder.files()["0001-any-path-2F.response.raw"].as_bytes(), "\0\u{ff}".as_bytes());
}

#[tokio::test]
async fn pieces_pass_at_once_and_keep_their_times() {
    let real = Raw::new().await;
    let folder = Folder::new("pieces");
    let proxy = recorder(&folder, &real.base_url).await;
    let request = chat("Hi", &json!({"stream": true}));
    let events = ["data: 1\n\n", "data: 2\n\n", "data: [DONE]\n\n"];
    let play = async {
        let (mut socket, _) = real.accept().await;
        socket.write_all(STREAM.as_bytes()).await.unwrap();
        socket
    };
    let (mut socket, mut response) = tokio::join!(play, post(&proxy, &request));
    for event in events {
        tokio::time::sleep(Duration::from_millis(30)).await;
        socket.write_all(piece(event).as_bytes()).await.unwrap();
        // The next one is not sent before this one is here.
        assert_eq!(response.chunk().await.unwrap().unwrap(), event);
    }
    assert!(folder.names().iter().all(|name| name.starts_with('.')), "{:?}", folder.names());
    socket.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(response.chunk().await.unwrap(), None);
    let details = folder.details("0001-m");
    let pieces = details["pieces"].as_array().unwrap();
    assert_eq!(pieces.len(), 4, "{details}");
    assert_eq!(pieces[0][1], 0);
    for (piece, event) in pieces[1..].iter().zip(events) {
        assert_eq!(piece[1], event.len());
        assert!(piece[0].as_f64().unwrap() >= 29.0, "{details}");
    }
    assert_eq!(details["cut"], Value::Null);
    let replay = MockServer::builder().replay(&folder.0).pauses(Pauses::Recorded).start();
    let mut response = post(&replay.await.unwrap(), &request).await;
    for event in events {
        assert_eq!(response.chunk().await.unwrap().unwrap(), event);
    }
}

#[tokio::test]
async fn a_server_that_breaks_off_does_so_for_the_client() {
    let folder = Folder::new("cut");
    let cut = format!("{STREAM}{}", piece("data: 1\n\n"));
    let short =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a";
    for (number, (answer, body, file)) in
        [(cut.as_str(), "data: 1\n\n", "stream.sse"), (short, "{\"a", "response.json")]
            .into_iter()
            .enumerate()
    {
        let real = Raw::new().await;
        let proxy = recorder(&folder, &real.base_url).await;
        let request = chat(&number.to_string(), &json!({}));
        let (_, mut response) = tokio::join!(real.answer(answer), post(&proxy, &request));
        assert_eq!(response.status(), 200);
        assert_eq!(response.chunk().await.unwrap().unwrap(), body);
        assert!(response.chunk().await.is_err(), "the connection breaks off");
        let name = format!("{:04}-m", number + 1);
        assert_eq!(folder.details(&name)["cut"], true);
        assert_eq!(folder.files()[&format!("{name}.{file}")], body);
    }
}

#[tokio::test]
async fn a_client_that_leaves_stops_the_server() {
    let real = Raw::new().await;
    let folder = Folder::new("left");
    let proxy = recorder(&folder, &real.base_url).await;
    let request = chat("Hi", &json!({}));
    let play = async {
        let (mut socket, _) = real.accept().await;
        let first = format!("{STREAM}{}", piece("data: 1\n\n"));
        socket.write_all(first.as_bytes()).await.unwrap();
        socket
    };
    let (mut socket, mut response) = tokio::join!(play, post(&proxy, &request));
    assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 1\n\n");
    drop(response);
    assert_eq!(socket.read(&mut [0; 9]).await.unwrap_or(0), 0, "the connection is closed");
    folder.wait_for("0001-m.stream.sse").await;
    assert_eq!(folder.files()["0001-m.stream.sse"], "data: 1\n\n");
    assert_eq!(folder.details("0001-m")["cut"], true);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_leaves_nothing() {
    let real = Raw::new().await;
    let folder = Folder::new("early");
    let proxy = recorder(&folder, &real.base_url).await;
    let request = chat("Hi", &json!({}));
    let (mut socket, _) = tokio::select! {
        accepted = real.accept() => accepted,
        _ = post(&proxy, &request) => unreachable!(),
    };
    assert_eq!(socket.read(&mut [0; 9]).await.unwrap_or(0), 0, "the connection is closed");
    for _ in 0..500 {
        if folder.names().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("left over: {:?}", folder.names());
}

#[tokio::test]
async fn no_secret_is_in_any_file() {
    let real = Raw::new().await;
    let folder = Folder::new("secrets");
    let proxy = builder(&folder, &real.base_url.replace("http://", "http://me:pass-word@"));
    let proxy = proxy.upstream_key("upstream-key-9").start().await.unwrap();
    let secrets = [
        "sk-client-1",
        "query-secret-2",
        "body-secret-3",
        "session-4",
        "upstream-key-9",
        "pass-word",
        "cookie-value-5",
        "sk-live-0123456789abcdefghij",
        "header-secret-6",
    ];
    let all = secrets.join(" ");
    // The server gives that one away later.
    let asked = all.replace("session-4", "");
    let body = json!({"model": "m", "messages": [{"role": "user", "content": asked}],
        "metadata": {"api_key": "body-secret-3"}});
    let event = |content: &str| {
        let event = json!({"choices": [{"delta": {"content": content}}]});
        format!("data: {event}\n\n")
    };
    let in_one = event(&all);
    // As a model writes them: a few characters in each event.
    let in_many: String =
        all.as_bytes().chunks(4).map(|bytes| event(str::from_utf8(bytes).unwrap())).collect();
    let (first, second) = in_one.split_at(60);
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: id=session-4\r\n\
         X-Session-Token: session-4\r\nX-Echo: {all}\r\nTransfer-Encoding: chunked\r\n\r\n{}{}0\r\n\r\n",
        piece(first),
        piece(&format!("{second}{in_many}")),
    );
    let url = format!("{}/chat/completions?api_key=query-secret-2&limit=1", proxy.base_url());
    let sent =
        Client::new().post(url).bearer_auth("sk-client-1").header("cookie", "id=cookie-value-5");
    let sent = sent.header("x-team-secret", "header-secret-6").json(&body).send();
    let (request, response) = tokio::join!(real.answer(&answer), sent);
    assert!(request.contains("authorization: Bearer sk-client-1\r\n"), "{request}");
    let response = response.unwrap();
    assert_eq!(response.headers()["set-cookie"], "id=session-4");
    assert!(response.text().await.unwrap().contains(&all));
    let files = folder.files();
    assert_eq!(files.len(), 3);
    for (name, text) in files {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {name}: {text}");
        }
        let pieces = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let contents = pieces.map(|piece| serde_json::from_str::<Value>(piece).unwrap());
        let joined: String = contents
            .map(|event| event["choices"][0]["delta"]["content"].as_str().unwrap().to_owned())
            .collect();
        for secret in secrets {
            assert!(!joined.contains(secret), "{secret} in the texts of {name}: {joined}");
        }
    }
}

#[tokio::test]
async fn which_key_the_server_gets() {
    let real = Raw::new().await;
    let folder = Folder::new("keys");
    let check = async |proxy: MockServerBuilder, key: Option<(&str, &str)>, expected: &[&str]| {
        let proxy = proxy.start().await.unwrap();
        let request = Client::new().get(format!("{}/models", proxy.base_url()));
        let request = match key {
            Some((name, value)) => request.header(name, value),
            None => request,
        };
        let answer = "HTTP/1.1 204 No Content\r\n\r\n";
        let (request, response) = tokio::join!(real.answer(answer), request.send());
        assert_eq!(response.unwrap().status(), 204);
        let is_key =
            |line: &&str| line.starts_with("authorization:") || line.starts_with("api-key:");
        let keys: Vec<_> = request.lines().filter(is_key).collect();
        assert_eq!(keys, expected);
    };
    let (own, azure) = (("authorization", "Bearer own"), ("api-key", "own"));
    let proxy = || builder(&folder, &real.base_url);
    check(proxy(), None, &[]).await;
    check(proxy(), Some(own), &["authorization: Bearer own"]).await;
    check(proxy().upstream_key("key"), None, &["authorization: Bearer key"]).await;
    check(proxy().upstream_key("key"), Some(own), &["authorization: Bearer own"]).await;
    check(proxy().upstream_key("key"), Some(azure), &["api-key: own"]).await;
    check(proxy().api_key("own").upstream_key("key"), Some(own), &["authorization: Bearer key"])
        .await;
    check(proxy().api_key("own"), Some(azure), &[]).await;
    // An answer without a body has a recording, too.
    assert!(folder.names().contains(&"0007-models.response.raw".to_owned()));
    assert_eq!(folder.details("0007-models")["cut"], Value::Null);
}

#[tokio::test]
async fn a_server_that_does_not_answer() {
    let real = Raw::new().await;
    let folder = Folder::new("down");
    let proxy = recorder(&folder, &real.base_url).await;
    let request = chat("Hi", &json!({}));
    let hang_up = async { drop(real.accept().await) };
    let ((), response) = tokio::join!(hang_up, post(&proxy, &request));
    assert_eq!(response.status(), 502);
    drop(real);
    let response = post(&proxy, &request).await;
    assert_eq!(response.status(), 502);
    let error: Value = response.json().await.unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("refused") && message.contains("Check its address"), "{message}");
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_passes() {
    let real = Raw::new().await;
    let folder = Folder::new("redirect");
    let proxy = recorder(&folder, &real.base_url).await;
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let sent = client.head(format!("{}/models", proxy.base_url())).send();
    let answer =
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 9\r\n\r\n";
    let (request, response) = tokio::join!(real.answer(answer), sent);
    assert!(request.starts_with("HEAD /v1/models "), "{request}");
    let response = response.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(response.headers()["location"], "/elsewhere");
    assert_eq!(response.headers()["content-length"], "9");
    assert_eq!(folder.details("0001-models")["cut"], Value::Null);
}

#[tokio::test]
async fn many_at_once_have_recordings_of_their_own() {
    let real = MockServer::start().await.unwrap();
    let folder = Folder::new("many");
    // Two servers record in one folder.
    let proxies =
        [recorder(&folder, &real.base_url()).await, recorder(&folder, &real.base_url()).await];
    let request = chat("Hi", &json!({"stream": true}));
    let asked: Vec<_> = (0..40)
        .map(|number| {
            let url = format!("{}/chat/completions", proxies[number % 2].base_url());
            tokio::spawn(Client::new().post(url).json(&request).send())
        })
        .collect();
    let mut bodies = Vec::new();
    for response in asked {
        bodies.push(response.await.unwrap().unwrap().text().await.unwrap());
    }
    let files = folder.files();
    let mut saved: Vec<_> = files
        .iter()
        .filter(|(name, _)| name.ends_with(".sse"))
        .map(|(_, text)| text.clone())
        .collect();
    saved.sort();
    bodies.sort();
    assert_eq!(saved, bodies);
    assert_eq!(files.len(), 120);
}

#[tokio::test]
async fn faults_damage_what_the_client_gets_and_not_the_recording() {
    let real = MockServer::start().await.unwrap();
    let folder = Folder::new("faults");
    let proxy = recorder(&folder, &real.base_url()).await;
    let url = format!("{}/chat/completions", proxy.base_url());
    let request = chat("Hi", &json!({"stream": true}));
    let fault = Fault::MissingDone.to_string();
    let sent = Client::new().post(url).header("x-chatwire-fault", fault).json(&request).send();
    let text = sent.await.unwrap().text().await.unwrap();
    assert!(!text.contains("[DONE]"), "{text}");
    folder.wait_for("0001-m.stream.sse").await;
    assert!(folder.files()["0001-m.stream.sse"].ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn what_cannot_be_recorded() {
    let real = MockServer::start().await.unwrap();
    let folder = Folder::new("refused");
    let check = async |builder: MockServerBuilder, part: &str| {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        assert!(error.to_string().contains(part), "{error}");
    };
    check(builder(&folder, "localhost:1"), "write the base URL of a server").await;
    check(builder(&folder, &real.base_url()).upstream_key("\n"), "its key has characters").await;
    let file = format!("{}/tests/record.rs", env!("CARGO_MANIFEST_DIR"));
    check(MockServer::builder().record(file, real.base_url()), "no recordings can be written")
        .await;
    let proxy = recorder(&folder, &real.base_url()).await;
    std::fs::remove_dir_all(&folder.0).unwrap();
    let response = post(&proxy, &chat("Hi", &json!({}))).await;
    assert_eq!(response.status(), 500);
    assert!(response.text().await.unwrap().contains("The answer cannot be recorded"));
    assert_eq!(real.requests().len(), 0, "the request is not sent");
    std::fs::create_dir_all(&folder.0).unwrap();
    let many = json!({"model": "m", "messages": [vec![0; 100_000]]});
    assert_eq!(post(&proxy, &many).await.status(), 400);
}
