//! Runs the checks of `fuzz/` on every seed and on changed copies of each.
//! `CONTRIBUTING.md` describes how to run libFuzzer.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../fuzz/checks.rs"]
mod checks;

use crate::support;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The number of changed copies of each seed.
fn changes() -> usize {
    if support::thorough() { 200 } else { 40 }
}

/// The texts that are inserted into a seed, besides single bytes.
const TOKENS: [&[u8]; 16] = [
    b"\n\n",
    b"\r",
    b"data:",
    b"data: {",
    b"event: error\n",
    b"id",
    b"\xEF\xBB\xBF",
    b"\"",
    b"\\u00",
    b"{\"choices\":[{\"index\":-1,\"delta\":{\"content\":\"x\"}}]}",
    b"[DONE]",
    b"\0",
    b"\xFF",
    b"\"index\":99999999999,",
    b"null",
    b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n",
];

#[test]
fn decoder() {
    run(checks::decoder);
}

#[test]
fn chunks() {
    run(checks::chunks);
}

#[test]
fn accumulator() {
    run(checks::accumulator);
}

fn run(check: fn(&[u8])) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for seed in seeds() {
        check(&seed);
        for _ in 0..changes() {
            let mut changed = seed.clone();
            for _ in 0..=random.below(4) {
                random.change(&mut changed);
            }
            check(&changed);
        }
    }
}

/// The hand-made streams and, if they are available, the vectors. The first byte decides how a body is cut.
fn seeds() -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for path in support::files(&folder, ".sse") {
        bodies.push(std::fs::read(path).unwrap());
    }
    assert!(!bodies.is_empty(), "the hand-made streams are part of the project");
    bodies.extend(vectors(&support::shared("sse/vectors.json")));
    // Long bodies take much time and test nothing new.
    bodies.retain(|body| body.len() < 4096);
    bodies.sort();
    let cut = |(number, body): (usize, Vec<u8>)| [&[number as u8][..], &body].concat();
    bodies.into_iter().enumerate().map(cut).collect()
}

fn vectors(path: &Path) -> Vec<Vec<u8>> {
    let Ok(text) = std::fs::read_to_string(path) else {
        support::skip(path);
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap().iter();
    vectors.map(|vector| STANDARD.decode(vector["bytes"].as_str().unwrap()).unwrap()).collect()
}

/// A deterministic generator, so that a failure is repeatable.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let start = self.below(bytes.len() + 1);
        let end = (start + self.below(8)).min(bytes.len());
        match self.below(4) {
            0 => drop(bytes.splice(start..end, TOKENS[self.below(TOKENS.len())].iter().copied())),
            1 => drop(bytes.drain(start..end)),
            2 => bytes.insert(start, self.below(256) as u8),
            _ => {
                let copy = bytes[start..].to_vec();
                bytes.extend(copy);
            }
        }
        bytes.truncate(8192);
    }
}
