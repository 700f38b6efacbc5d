//! Tests the faults as a client on the wire sees them. The module `fault` tests how they are written.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::time::{Duration, Instant};

use chatwire_mock::{Fault, MockServer};
use serde_json::json;
use support::{HEAD, answer, body, ping, send};
use tokio::io::AsyncReadExt as _;

/// What came before the connection ended. `is_whole` says whether HTTP calls it complete.
struct Got {
    status: u16,
    head: String,
    body: Vec<u8>,
    is_whole: bool,
    pieces: usize,
}

impl Got {
    /// The body, with the same time in all answers.
    fn text(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let mut parts = body.split("\"created\":");
        let start = parts.next().unwrap_or_default().to_owned();
        parts.fold(start, |text, part| {
            text + "\"created\":0000000000" + part.get(10..).unwrap_or("")
        })
    }

    fn read(answer: &[u8]) -> Self {
        let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..split].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut rest = &answer[split + 4..];
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if let Some(length) = length {
            let is_whole = rest.len() == length.parse::<usize>().unwrap();
            return Self { status, head, body: rest.to_vec(), is_whole, pieces: 1 };
        }
        let (mut body, mut pieces) = (Vec::new(), 0);
        loop {
            let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else {
                return Self { status, head, body, is_whole: false, pieces };
            };
            let size = std::str::from_utf8(&rest[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if size == 0 {
                return Self { status, head, body, is_whole: true, pieces };
            }
            body.extend_from_slice(&rest[end + 2..end + 2 + size]);
            rest = &rest[end + 2 + size + 2..];
            pieces += 1;
        }
    }
}

async fn start() -> MockServer {
    MockServer::builder().answer("One é 😀 two").start().await.unwrap()
}

async fn get(server: &MockServer, fault: &str, is_stream: bool) -> Got {
    let body = body("Hi", &json!({"stream": is_stream}));
    let length = body.len();
    let request =
        format!("{HEAD}x-chatwire-fault: {fault}\r\ncontent-length: {length}\r\n\r\n{body}");
    let mut socket = send(server, &request).await;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    Got::read(&answer)
}

async fn stream(fault: &str) -> Got {
    get(&start().await, fault, true).await
}

async fn whole(fault: &str) -> Got {
    get(&start().await, fault, false).await
}

#[tokio::test]
async fn cuts() {
    let all = stream("").await;
    let length = all.body.len();
    assert!(all.is_whole && all.text().ends_with("data: [DONE]\n\n"));
    for (fault, expected) in [("cut-after-bytes=0", 0), ("cut-after-bytes=100", 100)] {
        for got in [stream(fault).await, whole(fault).await] {
            assert_eq!((got.status, got.body.len(), got.is_whole), (200, expected, false));
        }
    }
    for chunks in [0, 1, 3] {
        let got = stream(&format!("cut-after-chunks={chunks}")).await;
        assert_eq!((got.text().matches("data: ").count(), got.is_whole), (chunks, false));
    }
    for fault in ["cut-after-bytes=999999", "cut-after-chunks=99"] {
        let got = stream(fault).await;
        assert_eq!(got.body.len(), length - "data: [DONE]\n\n".len());
        assert!(!got.is_whole && !got.text().contains("[DONE]"));
        let got = whole(fault).await;
        assert!(!got.is_whole && got.text().ends_with("fp_mock\""), "{}", got.text());
    }
    let got = whole("cut-after-chunks").await;
    assert!(!got.is_whole && got.body.len() > 100, "{}", got.text());
}

/// The client always gets the head, also if it comes in the same moment as the cut.
#[tokio::test]
async fn a_cut_waits_for_what_came_before() {
    let text = "word ".repeat(2000);
    let server = MockServer::builder().answer(&text).start().await.unwrap();
    let all = get(&server, "", true).await.body.len();
    for _ in 0..8 {
        let got = get(&server, "cut-after-chunks=0", true).await;
        assert_eq!((got.status, got.body.len(), got.is_whole), (200, 0, false));
        let bytes = all - 1000;
        let got = get(&server, &format!("cut-after-bytes={bytes}"), true).await;
        assert_eq!((got.body.len(), got.is_whole), (bytes, false));
    }
}

#[tokio::test]
async fn stalls_make_room_for_others() {
    let server = MockServer::builder().max_connections(2).start().await.unwrap();
    let mut sockets = Vec::new();
    for fault in ["stall-after-chunks=1", "stall-after-bytes=20", "slow-first-byte=60s"] {
        let body = body("Hi", &json!({"stream": true}));
        let length = body.len();
        let request =
            format!("{HEAD}x-chatwire-fault: {fault}\r\ncontent-length: {length}\r\n\r\n{body}");
        sockets.push(send(&server, &request).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ping(&server).await;
    for (mut socket, is_open) in sockets.into_iter().zip([false, false, true]) {
        let mut got = Vec::new();
        let end = tokio::time::timeout(Duration::from_millis(50), socket.read_to_end(&mut got));
        assert_eq!(end.await.is_err(), is_open, "{}", String::from_utf8_lossy(&got));
    }
}

#[tokio::test]
async fn a_stall_sends_what_comes_before_it() {
    let server = start().await;
    let body = body("Hi", &json!({"stream": true}));
    let length = body.len();
    let fault = "stall-after-chunks=2";
    let request =
        format!("{HEAD}x-chatwire-fault: {fault}\r\ncontent-length: {length}\r\n\r\n{body}");
    let mut socket = send(&server, &request).await;
    let mut got = Vec::new();
    let end = tokio::time::timeout(Duration::from_millis(200), socket.read_to_end(&mut got));
    assert!(end.await.is_err());
    assert_eq!(String::from_utf8_lossy(&got).matches("data: ").count(), 2);
}

#[tokio::test]
async fn errors() {
    let got = stream("error-after-chunks=2").await;
    assert!(got.is_whole && !got.text().contains("[DONE]"));
    let events: Vec<_> = got.text().split_terminator("\n\n").map(str::to_owned).collect();
    assert_eq!(events.len(), 3);
    assert!(events[2].starts_with(r#"data: {"error":{"message":"#), "{}", events[2]);
    let got = whole("error-after-chunks=2").await;
    assert_eq!(got.status, 500);
    assert!(got.text().starts_with(r#"{"error":{"message":"#));
    for got in [stream("html-error").await, whole("html-error").await] {
        assert_eq!(got.status, 502);
        assert!(got.head.contains("content-type: text/html") && got.text().contains("<h1>502 Bad"));
    }
    let got = stream("redirect=http://127.0.0.2:9/v1").await;
    assert!(got.status == 307 && got.head.contains("location: http://127.0.0.2:9/v1"));
    let got = stream("wrong-content-type").await;
    assert!(got.head.contains("content-type: text/plain") && got.text().contains("[DONE]"));
}

#[tokio::test]
async fn bodies() {
    let all = stream("").await;
    let single = stream("byte-by-byte").await;
    assert_eq!((single.pieces, single.text()), (all.body.len(), all.text()));
    let split = stream("split-utf8").await;
    assert_eq!((split.pieces, split.text()), (all.pieces + 2, all.text()));
    assert_eq!(whole("byte-by-byte").await.text(), whole("").await.text());
    let missing = stream("missing-done").await;
    assert!(missing.is_whole && missing.text() + "data: [DONE]\n\n" == all.text());
    let got = stream("garbage").await;
    assert!(std::str::from_utf8(&got.body).is_err() && got.text().ends_with("[DONE]\n\n"));
    let got = whole("garbage").await;
    assert!(std::str::from_utf8(&got.body).is_err() && got.is_whole);
    let huge = stream("huge-event=3000000").await;
    assert_eq!(huge.body.len(), all.body.len() + 3_000_000);
    assert!(huge.text().split_terminator("\n\n").all(|event| event.starts_with("data: ")));
    let huge = whole("huge-event=3000000").await;
    assert_eq!(huge.text().trim_start(), whole("").await.text());
    let both = stream("split-utf8; cut-after-chunks=4").await;
    assert_eq!((both.pieces, both.is_whole), (6, false));
}

#[tokio::test]
async fn a_wrong_header_is_refused() {
    let got = stream("cat-after-bytes").await;
    assert_eq!(got.status, 400);
    assert!(got.text().contains("use one of cut-after-bytes, "), "{}", got.text());
    assert!(got.text().contains(r#""param":"x-chatwire-fault""#));
}

#[tokio::test]
async fn a_slow_first_byte_comes() {
    let begin = Instant::now();
    assert_eq!(whole("slow-first-byte=80ms").await.status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn chance_damages_the_same_answers_for_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let builder = MockServer::builder().random_fault(0.5, Fault::HtmlError(503));
        let server = builder.fault_seed(seed).start().await.unwrap();
        let mut statuses = Vec::new();
        for _ in 0..16 {
            let socket = send(&server, &support::chat(&body("Hi", &json!({})))).await;
            statuses.push(answer(socket).await.0);
        }
        assert!(statuses.contains(&200) && statuses.contains(&503), "{statuses:?}");
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}
