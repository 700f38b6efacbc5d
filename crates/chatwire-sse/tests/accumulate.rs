//! Chunks and the completion that they make, case by case from `data/accumulate.json`.
//! Recorded streams are in `streams.rs`.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use chatwire_sse::Accumulator;
use chatwire_sse::accumulate::MAX_PARTS;
use chatwire_types::ChatCompletionChunk;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    chunks: Vec<ChatCompletionChunk>,
    completion: Value,
}

#[test]
fn chunks_make_the_completion() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("data/accumulate.json")).unwrap();
    let wrong: Vec<String> = cases.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn check(case: &Case) -> Option<String> {
    let mut accumulator = Accumulator::new();
    accumulator.extend(&case.chunks);
    let got = serde_json::to_value(accumulator.completion()).unwrap();
    accumulator.check().unwrap();
    (got != case.completion)
        .then(|| format!("{}:\n  got  {got}\n  want {}", case.name, case.completion))
}

#[test]
fn parts_are_bounded_and_the_loss_is_told() {
    let chunk = |index: i64, call: i64| {
        let delta = json!({"tool_calls": [{"index": call, "function": {"arguments": "x"}}]});
        serde_json::from_value(json!({"choices": [{"index": index, "delta": delta}]})).unwrap()
    };
    let mut choices = Accumulator::new();
    let mut calls = Accumulator::new();
    for place in 0..10_000 {
        choices.push(&chunk(place, 0));
        calls.push(&chunk(0, place));
    }
    for accumulator in [choices, calls] {
        assert_eq!(accumulator.check().unwrap_err().limit, MAX_PARTS);
        let completion = accumulator.into_completion();
        let kept = completion.choices.unwrap();
        let calls = kept[0].message.as_ref().unwrap().tool_calls.as_ref().unwrap();
        assert_eq!(kept.len() * calls.len(), MAX_PARTS);
    }
}

#[test]
fn any_number_of_unknown_keys_takes_linear_time() {
    let keys: serde_json::Map<_, _> = (0..50_000).map(|n| (format!("k{n}"), json!("v"))).collect();
    let odd =
        json!({"choices": [{"index": 0, "delta": {"audio": keys.clone(), "function_call": keys}}]});
    let chunk: ChatCompletionChunk = serde_json::from_value(odd).unwrap();
    let start = std::time::Instant::now();
    let mut accumulator = Accumulator::new();
    accumulator.extend([&chunk, &chunk]);
    drop(accumulator.into_completion());
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
