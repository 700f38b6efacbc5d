//! Tests the chunks, errors and end of a body, for every way of cutting it. `accumulate.rs` tests what the
//! chunks add up to.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod api_errors;
mod ends;
mod messages;
mod other_bodies;
mod surrogates;
mod undecodable;
mod what_is_left;

use chatwire_stream::{ChunkDecoder, StreamError};
use proptest::prelude::*;

const HI: &str = r#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#;
const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// Describes a body in one line: `chunk` for each chunk, each error in short, and the end.
fn run(decoder: impl Fn() -> ChunkDecoder, body: &[u8]) -> String {
    let whole = run_in(decoder(), std::iter::once(body));
    for size in 1..=3 {
        assert_eq!(run_in(decoder(), body.chunks(size)), whole, "by {size}");
    }
    for cut in 0..=body.len() {
        let (head, tail) = body.split_at(cut);
        assert_eq!(run_in(decoder(), [head, tail].into_iter()), whole, "cut at {cut}");
    }
    whole
}

fn run_in<'a>(mut decoder: ChunkDecoder, pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let mut line = Vec::new();
    for piece in pieces {
        let mut input = piece;
        while let Some(chunk) = decoder.next(&mut input) {
            line.push(chunk.map_or_else(|error| describe(&error), |_| "chunk".to_owned()));
        }
        assert!(input.is_empty());
    }
    while let Some(chunk) = decoder.finish() {
        line.push(chunk.map_or_else(|error| describe(&error), |_| "chunk".to_owned()));
    }
    assert!(decoder.is_over());
    line.push(format!("{:?}", decoder.done()));
    line.join(" ")
}

fn describe(error: &StreamError) -> String {
    match error {
        StreamError::Api(error) => format!("api({})", error.message()),
        StreamError::Truncated(error) => {
            let rest = String::from_utf8_lossy(&error.rest);
            format!("truncated({} {:?} {rest})", error.chunks, error.unfinished)
        }
        StreamError::NotEventStream(error) => format!("other({})", error.text()),
        StreamError::Undecodable(event) => {
            format!("undecodable({})", String::from_utf8_lossy(&event.raw))
        }
        StreamError::EventTooLarge(error) => format!("large({})", error.limit),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(run(ChunkDecoder::new, body.as_bytes()), expected, "{body:?}");
}

/// The pieces of random bodies.
const PIECES: [&str; 25] = [
    "data: ",
    "data:",
    "\n",
    "\n\n",
    "\r\n\r\n",
    "\r",
    HI,
    STOP,
    "[DONE]",
    "event: error\n",
    "event: ping\n",
    "event: Error\n",
    ": x\n",
    "null",
    "{",
    "}",
    "<",
    "text",
    "\u{FEFF}",
    "é😀",
    "{\"error\":{\"message\":\"m\"}}",
    "{\"error\":1}",
    "error: x",
    "error: {}\n",
    "{\"choices\":[],\"error\":\"e\"}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_cut_of_a_body_gives_the_same(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..16),
    ) {
        run(ChunkDecoder::new, pieces.concat().as_bytes());
    }
}
