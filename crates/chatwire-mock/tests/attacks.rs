//! Tests that clients who misbehave get a clear answer, and that others are served meanwhile.
//! `memory.rs` measures what the attacks cost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::time::Duration;

use chatwire_mock::MockServer;
use serde_json::json;
use support::{HEAD, answer, ask, body, chat, connect, connect_narrow, explosion, ping, send};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SHORT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn schemas_that_explode_are_refused() {
    let server = MockServer::start().await.unwrap();
    let (status, text) = ask(&server, &chat(&body("Hi", &explosion(11)))).await;
    assert_eq!(status, 400, "{text}");
    assert!(text.contains("more than 1000 JSON values") && text.contains("lower `minItems`"));
    assert!(text.contains(r#""param":"response_format.json_schema.schema""#), "{text}");
    let parameters = json!({"type": "string", "minLength": 1_u64 << 40});
    let function = json!({"name": "get_weather", "parameters": parameters});
    let tools = json!({"tools": [{"type": "function", "function": function}]});
    let (status, text) = ask(&server, &chat(&body("weather", &tools))).await;
    assert_eq!(status, 400, "{text}");
    assert!(text.contains(r#""param":"tools[0].function.parameters""#), "{text}");
    ping(&server).await;
}

#[tokio::test]
async fn answers_that_are_too_large_are_refused() {
    let server = MockServer::start().await.unwrap();
    let prompt = "word ".repeat(20_000);
    for stream in [false, true] {
        let request = chat(&body(&prompt, &json!({"n": 128, "stream": stream})));
        let (status, text) = ask(&server, &request).await;
        assert_eq!(status, 400, "{text}");
        assert!(text.contains("answer_too_large") && text.contains("lower `n`"), "{text}");
    }
    let (status, text) = ask(&server, &chat(&body(&prompt, &json!({})))).await;
    assert_eq!(status, 200, "{text}");
    let tool = json!({"type": "custom", "custom": {"name": "run_code"}});
    let request = body(&"code ".repeat(100_000), &json!({"tools": vec![tool; 128]}));
    assert_eq!(ask(&server, &chat(&request)).await.0, 400);
    ping(&server).await;
}

#[tokio::test]
async fn a_long_stream_begins_at_once() {
    let server = MockServer::start().await.unwrap();
    let request = body("count to 10000", &json!({"n": 128, "stream": true}));
    let mut socket = send(&server, &chat(&request)).await;
    let mut start = vec![0; 100_000];
    socket.read_exact(&mut start).await.unwrap();
    assert!(start.starts_with(b"HTTP/1.1 200"));
    ping(&server).await;
}

#[tokio::test]
async fn the_latest_requests_are_kept() {
    let server = MockServer::builder().keep_requests(2).start().await.unwrap();
    for n in 1..=3 {
        assert_eq!(ask(&server, &chat(&body("Hi", &json!({"n": n})))).await.0, 200);
    }
    let kept: Vec<_> = server.requests().iter().map(|request| request.n).collect();
    assert_eq!(kept, [Some(2), Some(3)]);
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_readably() {
    let server = MockServer::start().await.unwrap();
    let length = (32 << 20) + 1;
    let request = format!("{HEAD}content-length: {length}\r\n\r\n{}", " ".repeat(length));
    let (status, text) = ask(&server, &request).await;
    assert_eq!(status, 413, "{text}");
    assert!(text.contains("32 MiB") && text.contains("connection: close"), "{text}");
    let chunk = format!("100000\r\n{}\r\n", " ".repeat(1 << 20));
    let request = format!("{HEAD}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(33));
    assert_eq!(ask(&server, &request).await.0, 413);
    ping(&server).await;
}

#[tokio::test]
async fn unfinished_bodies_are_bounded_together() {
    let server = MockServer::start().await.unwrap();
    let start = format!("{HEAD}content-length: 20000000\r\n\r\n{}", " ".repeat(9 << 20));
    let mut sockets = Vec::new();
    for _ in 0..8 {
        sockets.push(send(&server, &start).await);
    }
    ping(&server).await;
    let mut refused = 0;
    for socket in sockets {
        // A client that was refused gets its answer. The others wait for the rest of their body.
        if let Ok((status, text)) = tokio::time::timeout(SHORT, answer(socket)).await {
            assert_eq!(status, 503, "{text}");
            refused += 1;
        }
    }
    assert!((1..8).contains(&refused), "{refused}");
}

#[tokio::test]
async fn heads_that_are_wrong_are_refused_readably() {
    let server = MockServer::start().await.unwrap();
    let long = format!("GET / HTTP/1.1\r\nhost: mock\r\nx: {}\r\n\r\n", "x".repeat(1 << 20));
    assert_eq!(ask(&server, &long).await.0, 431);
    let wrong = format!("GET / HTTP/1.1\r\n{}\r\n\r\n", " : ".repeat(10_000));
    assert_eq!(ask(&server, &wrong).await.0, 400);
    ping(&server).await;
}

#[tokio::test]
async fn many_values_are_refused() {
    let server = MockServer::start().await.unwrap();
    for item in ["{}", "0"] {
        let list = vec![item; 700_000].join(",");
        let request = format!(r#"{{"model":"m","messages":[{list}]}}"#);
        let (status, text) = ask(&server, &chat(&request)).await;
        assert_eq!(status, 400, "{text}");
        assert!(text.contains("65536 JSON values"), "{text}");
    }
    ping(&server).await;
}

#[tokio::test]
async fn clients_that_do_not_read_are_dropped() {
    let server = MockServer::builder().write_timeout(SHORT).start().await.unwrap();
    let request = chat(&body("count to 10000", &json!({"stream": true})));
    let mut sockets = Vec::new();
    for _ in 0..4 {
        let mut socket = connect_narrow(&server).await;
        socket.write_all(request.as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    ping(&server).await;
    tokio::time::sleep(6 * SHORT).await;
    for mut socket in sockets {
        // The system still holds the start of the answer. A reset may come instead of its end.
        let mut start = Vec::new();
        let _ = socket.read_to_end(&mut start).await;
        assert!(start.len() < 1 << 20, "{}", start.len());
    }
}

#[tokio::test]
async fn slow_requests_are_answered_408() {
    let server = MockServer::builder().request_timeout(SHORT).start().await.unwrap();
    let head = send(&server, &HEAD[..40]).await;
    let body = send(&server, &format!("{HEAD}content-length: 100\r\n\r\n{{")).await;
    let silent = connect(&server).await;
    ping(&server).await;
    for (socket, part) in [(head, "head"), (body, "body")] {
        let (status, text) = answer(socket).await;
        assert_eq!(status, 408, "{text}");
        assert!(text.contains(&format!("The {part} of the request")), "{text}");
        assert!(text.contains("connection: close"), "{text}");
    }
    assert_eq!(answer(silent).await, (0, String::new()));
}

#[tokio::test]
async fn waiting_connections_make_room_for_others() {
    let server = MockServer::builder().max_connections(4).start().await.unwrap();
    let mut sockets = Vec::new();
    for start in ["", "POST", "", "", "", ""] {
        sockets.push(send(&server, start).await);
    }
    ping(&server).await;
    assert_eq!(sockets[0].read(&mut [0]).await.unwrap_or(0), 0);
    assert_eq!(sockets[1].read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn too_many_streams_are_refused() {
    let pace = Duration::from_secs(60);
    let builder = MockServer::builder().max_connections(2).chunk_delay(pace);
    let (told, log) = std::sync::mpsc::channel();
    let builder = builder.on_exchange(move |exchange| told.send(exchange.clone()).unwrap());
    let server = builder.start().await.unwrap();
    let request = chat(&body("Hi", &json!({"stream": true})));
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let mut socket = send(&server, &request).await;
        socket.read_exact(&mut [0; 15]).await.unwrap();
        sockets.push(socket);
    }
    let (status, text) = ask(&server, &request).await;
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("2 open connections"), "{text}");
    let line = log.try_recv().unwrap();
    assert_eq!((line.method.as_str(), line.path.as_str(), line.status), ("-", "-", Some(503)));
    assert!(line.error.unwrap().contains("2 open connections"));
    sockets.pop();
    tokio::time::sleep(SHORT).await;
    let mut socket = send(&server, &request).await;
    let mut start = [0; 15];
    socket.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn one_host_is_named() {
    let server = MockServer::start().await.unwrap();
    let check = async |start: &str, expected: u16| {
        let (status, text) = ask(&server, &format!("{start}connection: close\r\n\r\n")).await;
        assert_eq!(status, expected, "{text}");
        assert_eq!(text.contains("send exactly one"), expected == 400, "{text}");
    };
    check("GET / HTTP/1.1\r\nhost: a\r\nHost: a\r\n", 400).await;
    check("GET / HTTP/1.1\r\n", 400).await;
    check("GET / HTTP/1.1\r\nhost: a\r\n", 404).await;
    check("GET / HTTP/1.0\r\n", 404).await;
    check("GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n", 400).await;
}

#[tokio::test]
async fn large_requests_leave_time_for_others() {
    let server = MockServer::start().await.unwrap();
    let large = chat(&body(&"word ".repeat(50_000), &json!({"n": 4})));
    let many = chat(&body("Hi", &json!({"stop": null, "metadata": {"a": ""}, "n": 128})));
    let mut sockets = Vec::new();
    for request in [&large, &many].into_iter().cycle().take(10) {
        let mut socket = connect(&server).await;
        let request = request.clone();
        sockets.push(tokio::spawn(async move {
            socket.write_all(request.as_bytes()).await.unwrap();
            answer(socket).await.0
        }));
    }
    ping(&server).await;
    for status in sockets {
        assert_eq!(status.await.unwrap(), 200);
    }
}
