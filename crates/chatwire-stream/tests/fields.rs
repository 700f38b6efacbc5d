//! Every key that the document gives a chunk has a place in the completion and on the way back. A
//! key that is added to the document is carried along by `src/rest`; it fails here until somebody
//! has looked at whether it needs a rule of its own.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use chatwire_stream::Accumulator;
use chatwire_stream::encode::ChunkEncoder;
use chatwire_types::{ChatCompletion, ChatCompletionChunk, Unknown};
use serde_json::{Value, json};
use support::skip;

/// Keys of a chunk that are no keys of a completion, or are made anew for it.
const STREAM_ONLY: [&str; 4] = ["object", "choices", "obfuscation", "delta"];

fn samples() -> Value {
    serde_json::from_str(include_str!("data/every_field.json")).unwrap()
}

/// A call of each kind, with every key that it can have.
fn full_calls(samples: &Value) -> [Value; 2] {
    let call = |index: i64, kind: &str, inner: &str, other: &str| {
        let mut call = samples["ToolCallDelta"].clone();
        call["index"] = index.into();
        call["id"] = format!("call {index}").into();
        call["type"] = kind.into();
        call[kind] = samples[inner].clone();
        call.as_object_mut().unwrap().remove(other);
        call
    };
    [
        call(0, "function", "FunctionCallDelta", "custom"),
        call(1, "custom", "CustomCallDelta", "function"),
    ]
}

/// One chunk that has every key.
fn full_chunk() -> ChatCompletionChunk {
    let mut samples = samples();
    let mut choice = samples["ChunkChoice"].take();
    choice["delta"] = samples["Delta"].take();
    choice["delta"]["tool_calls"] = full_calls(&samples).to_vec().into();
    choice["delta"]["function_call"] = samples["FunctionCallDelta"].take();
    choice["delta"]["audio"] = samples["AudioDelta"].take();
    choice["delta"]["reasoning_details"] = json!([samples["ReasoningDetail"].take()]);
    choice["logprobs"] = samples["Logprobs"].take();
    let mut chunk = samples["ChatCompletionChunk"].take();
    chunk["choices"] = json!([choice]);
    serde_json::from_value(chunk).unwrap()
}

#[test]
fn the_samples_have_every_key_of_the_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/chat.openapi.yaml");
    let Ok(document) = std::fs::read_to_string(path) else {
        skip(Path::new(path));
        return;
    };
    for (component, sample) in samples().as_object().unwrap() {
        let sampled: BTreeSet<_> = sample.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            keys(&document, component),
            sampled,
            "{component}: add what is missing to tests/data/every_field.json. Its pieces are joined as \
             those of an unknown key are; if they must be joined otherwise, {}",
            rule_of(component)
        );
    }
}

/// Where the rules of a component are.
fn rule_of(component: &str) -> &'static str {
    match component {
        "ChatCompletionChunk" => {
            "see Head::push and has_rule in src/accumulate/head.rs, and src/encode/whole.rs"
        }
        "ChunkChoice" => {
            "see ChoiceParts::push and choice_rule in src/accumulate/choice.rs, and \
             src/encode/whole.rs"
        }
        "Delta" => {
            "see ChoiceParts::push_delta and delta_rule in src/accumulate/choice.rs, deltas in \
             src/encode/choice.rs, and src/encode/whole.rs"
        }
        "ToolCallDelta" | "CustomCallDelta" => {
            "see Call::push in src/accumulate/tool_calls.rs, and opening_and_input in \
             src/encode/choice.rs"
        }
        "FunctionCallDelta" => {
            "see Call::push in src/accumulate/tool_calls.rs, join_function_call in \
             src/accumulate/choice.rs, and function_delta in src/encode/choice.rs"
        }
        "AudioDelta" => "see join_audio in src/accumulate/choice.rs",
        "Logprobs" => "see join_logprobs in src/accumulate/choice.rs",
        "ReasoningDetail" => "see join_detail in src/accumulate/reasoning.rs",
        other => panic!("say where the rules of {other} are"),
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
    let mut found = Vec::new();
    full_chunk().visit_unknown(&mut chatwire_types::Path::new(), &mut |path, _| {
        found.push(path.to_string());
    });
    assert_eq!(found, Vec::<String>::new());
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
            if !STREAM_ONLY.contains(&key.as_str()) && !value.is_null() {
                assert_eq!(&place[key], value, "{key}");
            }
        }
    }
    let message = &choice["message"];
    assert_eq!(message["audio"], samples["AudioDelta"]);
    assert_eq!(message["function_call"], samples["FunctionCallDelta"]);
    assert_eq!(message["reasoning_details"], json!([samples["ReasoningDetail"]]));
    assert_eq!(choice["logprobs"], samples["Logprobs"]);
    for (place, mut call) in full_calls(&samples).into_iter().enumerate() {
        // The place in the list says it.
        call.as_object_mut().unwrap().remove("index");
        assert_eq!(message["tool_calls"][place], call);
    }
}

/// What a document that knows more would do: `k` stands in every object, and keeps its value.
#[test]
fn a_key_without_a_rule_is_carried_along_from_every_object() {
    let mut chunk = serde_json::to_value(full_chunk()).unwrap();
    let mut count = 0;
    mark(&mut chunk, &mut count);
    let mut accumulator = Accumulator::new();
    accumulator.push(&serde_json::from_value(chunk).unwrap());
    let completion = accumulator.into_completion();
    let text = serde_json::to_string(&completion).unwrap();
    for number in 0..count {
        assert!(text.contains(&format!("\"k\":\"mark {number}.\"")), "{number} in {text}");
    }
    let mut back = Accumulator::new();
    back.extend(ChunkEncoder::new().include_usage(true).chunks(&completion));
    assert_eq!(back.into_completion(), completion);
}

fn mark(value: &mut Value, count: &mut usize) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, count)),
        Value::Object(object) => {
            object.values_mut().for_each(|value| mark(value, count));
            object.insert("k".to_owned(), format!("mark {count}.").into());
            *count += 1;
        }
        _ => {}
    }
}

#[test]
fn every_key_finds_the_way_back() {
    let completion: ChatCompletion = serde_json::from_value(completion()).unwrap();
    let mut accumulator = Accumulator::new();
    accumulator.extend(ChunkEncoder::new().include_usage(true).chunks(&completion));
    assert_eq!(accumulator.into_completion(), completion);
}

fn completion() -> Value {
    let mut accumulator = Accumulator::new();
    accumulator.push(&full_chunk());
    serde_json::to_value(accumulator.into_completion()).unwrap()
}
