//! Tests the shared vectors of event streams, each cut in many ways.
//! `standard.rs` tests random bodies.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use std::path::PathBuf;

use crate::support::{Outcome, Seen, decode, literal, shared, skip};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The environment variable that names another file of the same format.
const FILE: &str = "CHATWIRE_SSE_VECTORS";

#[test]
fn vectors_in_every_chunking() {
    let path = path();
    if !path.exists() && std::env::var_os(FILE).is_none() {
        skip(&path);
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{} cannot be read: {error}; {FILE} names another file", path.display())
    });
    let file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let vectors = file["vectors"].as_array().expect("a list of vectors");
    let wrong: Vec<String> = vectors.iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    eprintln!("{} vectors, 0 wrong", vectors.len());
}

fn path() -> PathBuf {
    std::env::var_os(FILE).map_or_else(|| shared("sse/vectors.json"), PathBuf::from)
}

/// Returns one line for each chunking of the vector that gives a wrong result.
fn check(vector: &Value) -> Vec<String> {
    let name = vector["name"].as_str().expect("a name");
    let body = STANDARD.decode(vector["bytes"].as_str().expect("bytes")).expect("base64");
    let plain = expected(vector, "expected");
    let flushed = match vector.get("expected_if_flushed_at_eof") {
        Some(_) => expected(vector, "expected_if_flushed_at_eof").events,
        None => plain.events.clone(),
    };
    let mut wrong = Vec::new();
    if literal(&body, false) != plain || literal(&body, true).events != flushed {
        wrong.push(format!("{name}: the literal algorithm disagrees with the vector"));
    }
    for (how, pieces) in chunkings(&body, &vector["chunking_hint"]) {
        let got = decode(pieces.iter().copied(), false);
        if got != plain {
            wrong.push(format!("{name} {how}:\n  got  {got:?}\n  want {plain:?}"));
        }
        let got = decode(pieces.iter().copied(), true).events;
        if got != flushed {
            wrong.push(format!("{name} {how} flushed:\n  got  {got:?}\n  want {flushed:?}"));
        }
    }
    wrong
}

fn expected(vector: &Value, column: &str) -> Outcome {
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let events = vector[column].as_array().expect("a list of events").iter();
    Outcome {
        events: events
            .map(|event| Seen {
                event: text(&event["event"]),
                data: text(&event["data"]),
                id: text(&event["id"]),
                retry: event["retry"].as_u64(),
            })
            .collect(),
        last_event_id: text(&vector["end"]["last_event_id"]),
        retry: vector["end"]["retry"].as_u64(),
    }
}

fn chunkings<'a>(body: &'a [u8], hint: &Value) -> Vec<(String, Vec<&'a [u8]>)> {
    let mut all = vec![("whole".to_owned(), vec![body])];
    for size in 1..=3 {
        all.push((format!("by {size}"), body.chunks(size).collect()));
    }
    all.push(("hinted".to_owned(), hinted(body, hint)));
    for cut in 0..=body.len() {
        let (head, tail) = body.split_at(cut);
        all.push((format!("cut at {cut}"), vec![head, tail]));
    }
    all
}

fn hinted<'a>(body: &'a [u8], hint: &Value) -> Vec<&'a [u8]> {
    let mut rest = body;
    let mut pieces = Vec::new();
    for length in hint.as_array().into_iter().flatten() {
        let length = length.as_u64().expect("a length") as usize;
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}
