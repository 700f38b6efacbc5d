//! Hides the API key in every place of random answers, and checks that no error shows it. The notations of a
//! key are tested in `src/secrets.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt::Write as _;

use chatwire_client::{Client, Error};
use chatwire_stream::StreamError;
use chatwire_types::{CreateChatCompletionRequest, ErrorResponse, Message};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const KEY: &str = "sk-proj-Zq7/d2+Hw_91xKc0TfB";
const OTHER: &str = "4f1c9a77e2b04d5c8a";
const PASSWORD: &str = "correct horse";

/// A debug build needs most of its time for the connections.
const CASES: u32 = if cfg!(debug_assertions) { 300 } else { 10_000 };

/// One random answer.
#[derive(Clone, Debug)]
struct Answer {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Where the connection breaks: this share of the body is sent.
    sent: f64,
}

/// A secret as a server may write it.
fn secret() -> impl Strategy<Value = String> {
    let escaped = |text: &str, upper: bool| {
        text.bytes().fold(String::new(), |mut all, byte| {
            let _ = if upper { write!(all, "\\u{byte:04X}") } else { write!(all, "\\u{byte:04x}") };
            all
        })
    };
    (prop::sample::select(vec![KEY, OTHER, PASSWORD]), 0..6).prop_map(move |(text, notation)| {
        match notation {
            0 | 1 => text.to_owned(),
            2 => escaped(text, false),
            3 => escaped(text, true),
            4 => text.replace('-', "\\u002d").replace('/', "\\/"),
            _ => text.replace('/', "%2F").replace('+', "%2b").replace(' ', "%20"),
        }
    })
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    let names =
        vec!["x-request-id", "content-type", "location", "retry-after", "x-other", "set-cookie"];
    (prop::sample::select(names), secret()).prop_map(|(name, secret)| {
        let value = match name {
            "content-type" => format!("text/{secret}; charset=utf-8"),
            "location" => format!("/v1/{secret}"),
            _ => format!("a {secret} b"),
        };
        (name, value)
    })
}

/// A body with a secret at the place of `SECRET`.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let shapes = vec![
        r#"{"error":{"message":"Incorrect API key: SECRET.","type":"SECRET","code":"SECRET","param":"SECRET"}}"#,
        r#"{"error":"SECRET"}"#,
        r#"{"SECRET":1}"#,
        r#"{"SECRET":{"message":"no"}}"#,
        r#"{"detail":[{"loc":["body","SECRET"],"msg":"SECRET"}]}"#,
        r#"[{"error":{"message":"SECRET"}}]"#,
        r#"{"choices":"SECRET"}"#,
        r#"{"choices":[{"index":"SECRET"}]} SECRET"#,
        "<html>SECRET</html>",
        "SECRET",
        "data: {\"error\":{\"message\":\"SECRET\"}}\n\n",
        "data: SECRET\n\n",
        "data: [\"SECRET\"]\n\ndata: {\"choices\":[]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"x\":\"SECRET",
        "event: error\ndata: SECRET\n\n",
        "event: SECRET\ndata: SECRET\n\n",
        "error: SECRET\n\n",
        "{\"error\":{\"message\":\"SECRET\"}}\ndata: {}\n\n",
        ": SECRET\n\n",
        "data: {\"choices\":[],\"error\":{\"message\":\"SECRET\"}}\n\n",
    ];
    let noise = prop::collection::vec(any::<u8>(), 0..8);
    let fill = prop::sample::select(vec![0, 1, 1000, 1024, 2000, 70_000]);
    (prop::sample::select(shapes), secret(), noise, fill, any::<bool>()).prop_map(
        |(shape, secret, noise, fill, is_before)| {
            let text = shape.replace("SECRET", &secret);
            let filling = " ".repeat(fill);
            match is_before {
                true => [&noise, filling.as_bytes(), text.as_bytes()].concat(),
                false => [text.as_bytes(), &noise, filling.as_bytes()].concat(),
            }
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    let statuses = vec![
        "200 OK",
        "200 OK",
        "206 Partial Content",
        "302 Found",
        "400 Bad",
        "401 No",
        "404 No",
        "503 Busy",
    ];
    let headers = prop::collection::vec(header(), 0..3);
    (prop::sample::select(statuses), headers, body(), prop::option::of(0.0..1.0)).prop_map(
        |(status, headers, body, sent)| Answer { status, headers, body, sent: sent.unwrap_or(1.0) },
    )
}

/// Answers each connection with the answer that comes next.
async fn serve(listener: TcpListener, mut answers: tokio::sync::mpsc::Receiver<Answer>) {
    while let Some(answer) = answers.recv().await {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8192];
        let _ = socket.read(&mut request).await;
        let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", answer.status);
        for (name, value) in &answer.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "content-length: {}\r\n\r\n", answer.body.len());
        let sent = (answer.body.len() as f64 * answer.sent) as usize;
        let _ = socket.write_all(head.as_bytes()).await;
        let _ = socket.write_all(answer.body.get(..sent).unwrap_or_default()).await;
    }
}

#[test]
fn no_error_shows_a_secret() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (sender, answers) = tokio::sync::mpsc::channel(1);
    let client = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, answers));
        let password = PASSWORD.replace(' ', "%20");
        let builder = Client::builder()
            .base_url(format!("http://user:{password}@{address}/v1"))
            .api_key(KEY)
            .auth_header("api-key")
            .query("sig", OTHER)
            .max_retries(0);
        builder.build().unwrap()
    });
    let request = CreateChatCompletionRequest::new("m", [Message::user("Hi")]);
    let shown_errors = Cell::new(0);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&answer(), |answer| {
            let shown = runtime.block_on(async {
                let mut shown = format!("{client:?}");
                sender.send(answer.clone()).await.unwrap();
                if let Err(error) = client.chat(&request).await {
                    show_error(&error, &mut shown);
                }
                sender.send(answer.clone()).await.unwrap();
                match client.stream(&request).await {
                    Err(error) => show_error(&error, &mut shown),
                    Ok(mut stream) => {
                        let _ = write!(shown, "{stream:?}");
                        while let Some(item) = stream.next().await {
                            if let Err(error) = item {
                                show_error(&error, &mut shown);
                            }
                        }
                    }
                }
                shown
            });
            shown_errors.set(shown_errors.get() + u32::from(shown.len() > 1000));
            check(&shown)
        })
        .unwrap();
    assert!(shown_errors.get() > CASES / 2, "most answers are errors");
}

fn check(shown: &str) -> Result<(), TestCaseError> {
    let plain = unescaped(shown);
    for secret in [KEY, OTHER, PASSWORD] {
        for text in [shown, &plain] {
            // A cut text may end with the first characters.
            let start = secret.get(..9).unwrap();
            prop_assert!(!text.contains(start), "{secret} in {text}");
        }
    }
    Ok(())
}

/// Undoes the escapes of JSON and of addresses.
fn unescaped(text: &str) -> String {
    let mut plain = text.replace("\\\\", "\\");
    for byte in 0x20..0x7f_u8 {
        let character = char::from(byte).to_string();
        for escape in [
            format!("\\u{byte:04x}"),
            format!("\\u{byte:04X}"),
            format!("%{byte:02X}"),
            format!("%{byte:02x}"),
        ] {
            plain = plain.replace(&escape, &character);
        }
    }
    plain.replace("\\/", "/")
}

fn show_error(error: &Error, shown: &mut String) {
    show(error, shown);
    let parts = (error.headers(), error.request_id(), error.message(), error.code());
    let _ = write!(shown, "{parts:?} {:?} {:?}", error.error_type(), error.param());
    shown.push_str(&String::from_utf8_lossy(error.body().unwrap_or_default()));
    let _ = write!(shown, "{:?} {:?}", error.response(), error.to_clients());
    show_stream_error(&StreamError::from(error.clone()), shown);
}

fn show_stream_error(error: &StreamError, shown: &mut String) {
    show(error, shown);
    let bytes = match error {
        StreamError::Api(error) => &error.raw[..],
        StreamError::NotEventStream(other) => &other.body,
        StreamError::Undecodable(event) => &event.raw,
        StreamError::Truncated(truncated) => &truncated.rest,
        _ => &[],
    };
    shown.push_str(&String::from_utf8_lossy(bytes));
    let envelope = ErrorResponse::from(error.clone());
    shown.push_str(&serde_json::to_string(&envelope).unwrap());
}

fn show(error: &(dyn StdError + 'static), shown: &mut String) {
    for cause in std::iter::successors(Some(error), |cause| StdError::source(*cause)) {
        let _ = write!(shown, "{cause} {cause:?} ");
    }
}
