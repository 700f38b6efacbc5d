//! Tests which completion the chunks of each case in `data/accumulate.json` add up to.
//! `streams.rs` tests recorded streams.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use chatwire_stream::Accumulator;
use chatwire_stream::accumulate::MAX_PARTS;
use chatwire_types::{ChatCompletion, ChatCompletionChunk};
use proptest::prelude::*;
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
    accumulator.ensure_complete().unwrap();
    reads_as_written(&accumulator.completion());
    (got != case.completion)
        .then(|| format!("{}:\n  got  {got}\n  want {}", case.name, case.completion))
}

fn reads_as_written(completion: &ChatCompletion) {
    let json = serde_json::to_string(completion).unwrap();
    assert_eq!(&serde_json::from_str::<ChatCompletion>(&json).unwrap(), completion, "{json}");
}

/// Deltas with values of every type under the keys that may come in several chunks.
fn any_delta() -> impl Strategy<Value = Value> {
    let value = prop::sample::select(vec![
        json!(null),
        json!("s"),
        json!(5),
        json!({}),
        json!({"name": "f", "arguments": "{}", "id": 1}),
        json!({"text": 1, "data": "QQ=="}),
        json!([null, {"index": 0, "id": "a", "type": 5, "function": "x"}]),
        json!([{"index": "0", "type": "custom", "custom": {"input": 1}}, {"type": "later"}]),
        json!([{"type": "text", "text": "a", "k": 1}]),
        json!([{"type": "thinking", "thinking": [{"type": "text", "text": "b"}], "k": 1}]),
    ]);
    let key = prop::sample::select(vec![
        "role",
        "content",
        "refusal",
        "tool_calls",
        "function_call",
        "audio",
        "reasoning_details",
        "annotations",
        "other",
    ]);
    prop::collection::vec((key, value), 0..4).prop_map(|entries| {
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    })
}

fn any_chunk() -> impl Strategy<Value = Value> {
    let odd =
        prop::sample::select(vec![json!(null), json!("stop"), json!(5), json!([1]), json!({})]);
    let odd = prop::collection::vec(odd, 6);
    (any_delta(), odd, 0..6).prop_map(|(delta, odd, shape)| {
        let mut choice = json!({
            "index": 0, "delta": delta, "finish_reason": odd[0], "logprobs": odd[1], "k": odd[2],
        });
        if shape == 0 {
            choice["index"] = json!("0");
        }
        let choices = if shape == 1 { json!([null, choice]) } else { json!([choice]) };
        json!({"id": odd[3], "usage": odd[4], "error": null, "k": odd[5], "choices": choices})
    })
}

proptest! {
    #[test]
    fn any_completion_reads_as_it_was_written(chunks in prop::collection::vec(any_chunk(), 1..5)) {
        let mut accumulator = Accumulator::new();
        for chunk in chunks {
            accumulator.push(&serde_json::from_value(chunk).unwrap());
        }
        reads_as_written(&accumulator.into_completion());
    }
}

#[test]
fn parts_are_limited_and_the_loss_is_reported() {
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
        assert_eq!(accumulator.ensure_complete().unwrap_err().limit, MAX_PARTS);
        let completion = accumulator.into_completion();
        let kept = completion.choices.unwrap();
        let calls = kept[0].message.as_ref().unwrap().tool_calls.as_ref().unwrap();
        assert_eq!(kept.len() * calls.len(), MAX_PARTS);
    }
}

#[test]
fn any_number_of_unknown_keys_takes_linear_time() {
    // If each key were compared with all others, there would be 10 billion comparisons.
    let keys: serde_json::Map<_, _> = (0..30_000).map(|n| (format!("k{n}"), json!("v"))).collect();
    let with_keys = |more: Value| {
        let mut object = keys.clone();
        object.extend(more.as_object().cloned().unwrap_or_default());
        Value::Object(object)
    };
    let delta = with_keys(json!({"audio": keys, "function_call": keys}));
    let choice = with_keys(json!({"index": 0, "delta": delta}));
    let chunk: ChatCompletionChunk =
        serde_json::from_value(with_keys(json!({"choices": [choice]}))).unwrap();
    let mut accumulator = Accumulator::new();
    accumulator.extend([&chunk, &chunk]);
    assert_eq!(accumulator.into_completion().extra.len(), keys.len());
}

/// Lists of log-probabilities under unknown keys are appended. Other unknown lists are replaced by an equal
/// one.
#[test]
fn many_lists_of_logprobs_are_joined() {
    for keys in [3, 64, 65, 200] {
        let lists: serde_json::Map<_, _> =
            (0..keys).map(|n| (format!("k{n}"), json!([n]))).collect();
        let choice = json!({"index": 0, "delta": {"audio": lists}, "logprobs": lists});
        let chunk = serde_json::from_value(json!({"choices": [choice]})).unwrap();
        let mut accumulator = Accumulator::new();
        for _ in 0..3 {
            accumulator.push(&chunk);
        }
        let choice = accumulator.into_completion().choices.unwrap().remove(0);
        let (logprobs, audio) = (choice.logprobs.unwrap(), choice.message.unwrap().audio.unwrap());
        assert_eq!((logprobs.extra.len(), audio.extra.len()), (keys, keys));
        assert!(logprobs.extra.iter().enumerate().all(|(n, (_, list))| *list == json!([n, n, n])));
        assert!(audio.extra.iter().enumerate().all(|(n, (_, list))| *list == json!([n])));
    }
}

/// Each chunk brings a new key.
#[test]
fn objects_that_grow_take_linear_time() {
    let chunk = |n: usize| -> ChatCompletionChunk {
        let new = |value: Value| Value::from_iter([(format!("k{n}"), value)]);
        let results = new(json!({"filtered": false}));
        let choice = json!({"index": 0, "delta": {}, "content_filter_results": results});
        let (moderation, groq, timings) = (new(json!(1)), new(json!(2)), new(json!(3)));
        serde_json::from_value(json!({
            "choices": [choice], "moderation": moderation, "x_groq": groq, "timings": timings,
        }))
        .unwrap()
    };
    // If each chunk were compared with all keys so far, there would be 2 billion comparisons.
    let count = 30_000;
    let mut accumulator = Accumulator::new();
    (0..count).for_each(|n| accumulator.push(&chunk(n)));
    let completion = accumulator.into_completion();
    assert_eq!(completion.timings.unwrap().extra.len(), count);
    assert_eq!(completion.x_groq.unwrap().extra.len(), count);
}

/// Each piece could open the next call if the arguments before it were complete.
#[test]
fn arguments_are_not_parsed_again_for_every_piece() {
    let chunk = |text: String| {
        let function = json!({"name": "f", "arguments": text});
        let delta = json!({"tool_calls": [{"index": 0, "function": function}]});
        serde_json::from_value(json!({"choices": [{"index": 0, "delta": delta}]})).unwrap()
    };
    let piece: ChatCompletionChunk = chunk(format!("{{{}}}", "x".repeat(200)));
    let mut accumulator = Accumulator::new();
    accumulator.push(&chunk("{\"a\":\"}".to_owned()));
    // If each piece parsed the arguments so far, they would parse 40 GB.
    (0..20_000).for_each(|_| accumulator.push(&piece));
    let message = accumulator.into_completion().choices.unwrap().remove(0).message.unwrap();
    assert_eq!(message.tool_calls.unwrap().len(), 1);
}
