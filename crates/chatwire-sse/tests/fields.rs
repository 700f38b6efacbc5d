//! Every key that the document gives a chunk has a place in the completion and on the way back: a
//! key that is added to the document fails here until it has its rule in `accumulate` and `encode`.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use chatwire_sse::Accumulator;
use chatwire_sse::encode::Streamer;
use chatwire_types::{ChatCompletion, ChatCompletionChunk};
use serde_json::{Value, json};

/// Keys of a chunk that are no keys of a completion, or are made anew for it.
const STREAM_ONLY: [&str; 4] = ["object", "choices", "obfuscation", "delta"];

fn samples() -> Value {
    serde_json::from_str(include_str!("data/every_field.json")).unwrap()
}

/// One chunk that has every key.
fn full_chunk() -> ChatCompletionChunk {
    let mut samples = samples();
    let mut choice = samples["ChunkChoice"].take();
    choice["delta"] = samples["Delta"].take();
    let mut chunk = samples["ChatCompletionChunk"].take();
    chunk["choices"] = json!([choice]);
    serde_json::from_value(chunk).unwrap()
}

#[test]
fn the_samples_have_every_key_of_the_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/chat.openapi.yaml");
    let Ok(document) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} not found");
        return;
    };
    for (component, sample) in samples().as_object().unwrap() {
        let sampled: BTreeSet<_> = sample.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys(&document, component), sampled, "{component}: add what is missing");
    }
}

/// The property names of a component, by their indentation.
fn keys(document: &str, component: &str) -> BTreeSet<String> {
    let start = document.find(&format!("\n    {component}:\n")).expect("the component") + 1;
    let lines = document[start..].lines().skip(1);
    let body = lines.take_while(|line| line.is_empty() || line.starts_with("      "));
    body.skip_while(|line| line.trim() != "properties:")
        .filter_map(|line| line.strip_prefix("        ")?.strip_suffix(':'))
        .filter(|key| !key.starts_with(' '))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_samples_have_the_documented_shapes() {
    let chunk = full_chunk();
    let choice = &chunk.choices.as_ref().unwrap()[0];
    assert!(chunk.extra.is_empty() && choice.extra.is_empty());
    assert!(choice.delta.as_ref().unwrap().extra.is_empty());
}

#[test]
fn every_key_reaches_the_completion() {
    let completion = completion();
    let samples = samples();
    let choice = &completion["choices"][0];
    for (sample, place) in [
        (&samples["ChatCompletionChunk"], &completion),
        (&samples["ChunkChoice"], choice),
        (&samples["Delta"], &choice["message"]),
    ] {
        for (key, value) in sample.as_object().unwrap() {
            if !STREAM_ONLY.contains(&key.as_str()) {
                assert_eq!(&place[key], value, "{key}");
            }
        }
    }
}

#[test]
fn every_key_finds_the_way_back() {
    let completion: ChatCompletion = serde_json::from_value(completion()).unwrap();
    let mut accumulator = Accumulator::new();
    accumulator.extend(Streamer::new().include_usage(true).chunks(&completion));
    assert_eq!(accumulator.into_completion(), completion);
}

fn completion() -> Value {
    let mut accumulator = Accumulator::new();
    accumulator.push(&full_chunk());
    serde_json::to_value(accumulator.into_completion()).unwrap()
}
