//! Tests of keys that a provider gives: when it is asked, what its errors become, and that its keys are hidden.
//! [`send_tests`](crate::send_tests) has the server and tests calls with a fixed key.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chatwire_types::{CreateChatCompletionRequest, Message};
use serde_json::Value;

use crate::send_tests::{Recorder, Script, Server, answer, call, ok};
use crate::{BoxError, Client, Error, ErrorKind, KeyProvider};

/// Gives each of these keys once, and then the last one for ever.
struct Rotating {
    keys: Vec<&'static str>,
    asked: Arc<AtomicUsize>,
}

impl Rotating {
    fn new(keys: &[&'static str]) -> (Self, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        (Self { keys: keys.to_vec(), asked: asked.clone() }, asked)
    }
}

impl KeyProvider for Rotating {
    async fn key(&self) -> Result<String, BoxError> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed).min(self.keys.len() - 1);
        match self.keys[number].strip_prefix('!') {
            Some(failure) => Err(failure.into()),
            None => Ok(self.keys[number].to_owned()),
        }
    }
}

fn refused(status: &str) -> Script {
    answer(status, "", r#"{"error":{"message":"no"}}"#)
}

/// The keys that the server has seen.
fn keys(server: &Server) -> Vec<String> {
    let key = |request: &String| {
        let line = request.lines().find(|line| line.starts_with("authorization: Bearer "))?;
        line.strip_prefix("authorization: Bearer ").map(str::to_owned)
    };
    server.requests().iter().filter_map(key).collect()
}

#[tokio::test]
async fn a_provider_is_asked_before_each_attempt() {
    for status in ["429 Busy", "503 Busy", "401 Unauthorized"] {
        let server = Server::start(vec![refused(status), ok()]).await;
        let (provider, asked) = Rotating::new(&["key-number-1", " key-number-2\n"]);
        let client = server.client().key_provider(provider).build().unwrap();
        assert_eq!(call(&client).await.unwrap()["id"], "1", "{status}");
        assert_eq!(keys(&server), ["key-number-1", "key-number-2"], "{status}");
        assert_eq!(asked.load(Ordering::Relaxed), 2, "{status}");
    }
}

#[tokio::test]
async fn a_refused_key_is_replaced_once_and_without_a_wait() {
    let no = || refused("401 Unauthorized");
    // The same key would be refused again.
    let server = Server::start(vec![no(), ok()]).await;
    let (provider, asked) = Rotating::new(&["key-number-1"]);
    let error = call(&server.client().key_provider(provider).build().unwrap()).await.unwrap_err();
    assert_eq!((error.status(), server.requests().len()), (Some(401), 1));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    // A provider that makes a new key each time.
    let server = Server::start(vec![no(), no(), ok()]).await;
    let timer = Arc::new(Recorder::default());
    let (provider, _) = Rotating::new(&["key-number-1", "key-number-2", "key-number-3"]);
    let client = server.client().key_provider(provider).timer(timer.clone()).build().unwrap();
    assert_eq!(call(&client).await.unwrap_err().status(), Some(401));
    assert_eq!(keys(&server), ["key-number-1", "key-number-2"]);
    assert_eq!(*timer.0.lock().unwrap(), [Duration::ZERO]);
    // The server, the caller, or the lack of a provider forbids it.
    let forbidden = answer("401 Unauthorized", "x-should-retry: false\r\n", "");
    let server = Server::start(vec![forbidden, no(), no(), ok()]).await;
    let (provider, _) = Rotating::new(&["key-number-1", "key-number-2", "key-number-3"]);
    let client = server.client().key_provider(provider).build().unwrap();
    assert_eq!(call(&client).await.unwrap_err().status(), Some(401));
    assert_eq!(call(&client.with_max_retries(0)).await.unwrap_err().status(), Some(401));
    let fixed = client.with_api_key("key-number-4").unwrap();
    assert_eq!(call(&fixed).await.unwrap_err().status(), Some(401));
    assert_eq!(keys(&server), ["key-number-1", "key-number-2", "key-number-4"]);
}

#[tokio::test]
async fn the_last_setting_of_the_key_counts() {
    let server = Server::start(vec![ok(), ok(), ok(), ok(), ok()]).await;
    let client = server.client().key_provider(async || Ok::<_, BoxError>("given")).build().unwrap();
    let with_header = client.with_header("Authorization", "Bearer header").unwrap();
    let from_builder = server
        .client()
        .key_provider(async || Ok::<_, BoxError>("given"))
        .header("Authorization", "Bearer header")
        .build()
        .unwrap();
    for client in [
        client.clone(),
        with_header.clone(),
        from_builder,
        with_header.with_key_provider(async || Ok::<_, BoxError>("again")),
        client.with_api_key("fixed").unwrap(),
    ] {
        call(&client).await.unwrap();
    }
    assert_eq!(keys(&server), ["given", "header", "header", "again", "fixed"]);
}

#[tokio::test]
async fn azure_takes_a_key_or_a_token() {
    for (is_bearer, expected) in
        [(false, "\r\napi-key: token-1\r\n"), (true, "\r\nauthorization: Bearer token-1\r\n")]
    {
        let server = Server::start(vec![ok()]).await;
        let builder = Client::azure(&server.base_url, "d", "v");
        let builder = if is_bearer { builder.bearer() } else { builder };
        let client = builder.key_provider(async || Ok::<_, BoxError>("token-1")).build().unwrap();
        call(&client).await.unwrap();
        let request = server.requests().remove(0);
        assert!(request.contains(expected), "{request}");
        assert_eq!(request.matches("token-1").count(), 1, "{request}");
    }
}

async fn failure(provider: impl KeyProvider) -> Error {
    let server = Server::start(vec![ok()]).await;
    let builder = server.client().key_provider(provider);
    let client = builder.first_byte_timeout(Duration::from_millis(50)).build().unwrap();
    let error = call(&client).await.unwrap_err();
    assert!(server.requests().is_empty());
    assert_eq!((error.kind(), error.status()), (ErrorKind::Key, None), "{error}");
    error
}

#[tokio::test]
async fn a_provider_that_fails_ends_the_call() {
    let error =
        failure(async || Err::<String, _>(std::io::Error::other("the vault\nis shut"))).await;
    assert_eq!(error.to_string(), "the key provider failed: the vault is shut");
    assert!(error.source().unwrap().is::<std::io::Error>());
    assert_eq!(error.to_clients().status, 500);
    let error = failure(async || Ok::<_, BoxError>(" ")).await;
    assert_eq!(error.to_string(), "the key provider returned an empty key");
    let error = failure(async || Ok::<_, BoxError>("secret-key\r\nx: y")).await;
    assert!(error.to_string().contains("line break"), "{error}");
    assert!(!format!("{error:?}").contains("secret-key"), "{error:?}");
    let error = failure(async || {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, BoxError>("late")
    })
    .await;
    assert!(error.to_string().contains("within 50ms"), "{error}");
}

/// All that a program can print of an error.
fn shown(error: &Error) -> String {
    let causes =
        std::iter::successors(Some(error as &dyn StdError), |cause| StdError::source(*cause));
    let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
    let body = String::from_utf8_lossy(error.body().unwrap_or_default()).into_owned();
    format!("{causes:?} {body} {:?} {:?}", error.headers(), error.response())
}

#[tokio::test]
async fn no_key_of_a_provider_is_shown() {
    let echo = |status, key| {
        answer(
            status,
            &format!("x-echo: {key}\r\n"),
            &format!(r#"{{"error":{{"message":"{key}"}}}}"#),
        )
    };
    let server = Server::start(vec![
        echo("503 Busy", "key-number-1"),
        // The key of the attempt before.
        echo("400 Bad", "key-number-1 key-number-2"),
        // A key of the call before, in a place that is checked late.
        answer("200 OK", "", r#"{"choices":"key-number-1 key-number-3"}"#),
        answer("503 Busy", "", ""),
    ])
    .await;
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let log = seen.clone();
    let (provider, _) = Rotating::new(&[
        "key-number-1",
        "key-number-2",
        "key-number-3",
        "key-number-4",
        "!key-number-3 and key-number-4 have expired",
    ]);
    let client = server
        .client()
        .key_provider(provider)
        .on_retry(move |retry| log.lock().unwrap().push_str(&shown(retry.error())))
        .build()
        .unwrap();
    let mut all =
        format!("{client:?} {:?}", server.client().key_provider(async || Ok::<_, BoxError>("k")));
    all += &shown(&call(&client).await.unwrap_err());
    let request = CreateChatCompletionRequest::new("m", [Message::user("Hi")]);
    let error = client.chat(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBody);
    all += &shown(&error);
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.to_string(), "the key provider failed: *** and *** have expired");
    all += &shown(&error);
    all += &seen.lock().unwrap();
    assert_eq!(server.requests().len(), 4);
    assert!(!all.contains("key-number"), "{all}");
    assert!(all.contains("***"), "{all}");
}

#[tokio::test]
async fn a_stream_hides_the_keys_of_its_call() {
    let body = "data: {\"error\":{\"message\":\"key-number-1 key-number-2\"}}\n\n";
    let server = Server::start(vec![
        refused("503 Busy"),
        answer("200 OK", "content-type: text/event-stream\r\n", body),
    ])
    .await;
    let (provider, _) = Rotating::new(&["key-number-1", "key-number-2"]);
    let client = server.client().key_provider(provider).build().unwrap();
    let request = CreateChatCompletionRequest::new("m", [Message::user("Hi")]);
    let mut stream = client.stream(&request).await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string().matches("***").count(), 2, "{error}");
    assert!(!format!("{error:?}").contains("key-number"), "{error:?}");
}

/// A call that is not streamed has a limit in all, and that includes the provider.
#[tokio::test]
async fn the_total_time_includes_the_provider() {
    let server = Server::start(vec![ok()]).await;
    let client = server
        .client()
        .key_provider(async || {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok::<_, BoxError>("late")
        })
        .total_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error: Result<crate::Response<Value>, Error> = call(&client).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
}
