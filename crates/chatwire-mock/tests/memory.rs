//! Measures what clients who misbehave cost. `attacks.rs` tests their answers.
//!
//! There is one test, because the allocator counts for the whole program, so also for the clients.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::alloc::System;
use std::time::Duration;

use chatwire_mock::MockServer;
use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait as _};
use serde_json::json;
use support::{HEAD, ask, body, chat, connect_narrow, explosion, ping, send};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<System> = PeakMemAlloc::system();

const MB: usize = 1 << 20;

#[test]
fn memory() {
    check("a schema that explodes", MB, &a_schema_that_explodes);
    check("a long stream", 24 * MB, &a_long_stream);
    check("clients that do not read", 16 * MB, &clients_that_do_not_read);
    check("many requests", 48 * MB, &many_requests);
    check("unfinished bodies", 90 * MB, &unfinished_bodies);
    check("many objects", 10 * MB, &many_objects);
    check("many heads", 8 * MB, &many_heads);
}

/// Each attack has a runtime of its own, so that nothing of the one before it is freed later.
fn check(what: &str, most: usize, attack: &impl AsyncFn(&MockServer)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    ALLOCATOR.reset_peak_memory();
    runtime.block_on(async {
        let server = MockServer::builder().max_connections(100).start().await.unwrap();
        attack(&server).await;
    });
    let bytes = ALLOCATOR.get_peak_memory();
    println!("{what}: {bytes} bytes, of at most {most}");
    assert!(bytes <= most, "{what}: {bytes} bytes, more than {most}");
}

async fn a_schema_that_explodes(server: &MockServer) {
    assert_eq!(ask(server, &chat(&body("Hi", &explosion(11)))).await.0, 400);
}

async fn a_long_stream(server: &MockServer) {
    let request = chat(&body("count to 10000", &json!({"n": 128, "stream": true})));
    let mut socket = send(server, &request).await;
    let mut start = [0; 64 << 10];
    for _ in 0..8 {
        socket.read_exact(&mut start).await.unwrap();
    }
    ping(server).await;
}

async fn clients_that_do_not_read(server: &MockServer) {
    let request = chat(&body("count to 10000", &json!({"stream": true})));
    let mut sockets = Vec::new();
    for _ in 0..50 {
        let mut socket = connect_narrow(server).await;
        socket.write_all(request.as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    ping(server).await;
}

async fn many_requests(server: &MockServer) {
    let request = chat(&body("Hi", &json!({"user": "x".repeat(MB)})));
    for _ in 0..60 {
        assert_eq!(ask(server, &request).await.0, 200);
    }
}

async fn unfinished_bodies(server: &MockServer) {
    let start = format!("{HEAD}content-length: 20000000\r\n\r\n{}", " ".repeat(9 * MB));
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(send(server, &start).await);
    }
    ping(server).await;
}

async fn many_objects(server: &MockServer) {
    let request = format!(r#"{{"model":"m","messages":[{}{{}}]}}"#, "{},".repeat(700_000));
    assert_eq!(ask(server, &chat(&request)).await.0, 400);
}

async fn many_heads(server: &MockServer) {
    let start = format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(30 << 10));
    let mut sockets = Vec::new();
    for _ in 0..300 {
        sockets.push(send(server, &start).await);
    }
    ping(server).await;
}
