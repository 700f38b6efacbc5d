//! Tests that every documented key of a chunk reaches the completion and finds the way back. The
//! chunk is made from the document; the stream crate tests single rules.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::sync::LazyLock;

use chatwire_stream::Accumulator;
use chatwire_stream::encode::ChunkEncoder;
use chatwire_types::{ChatCompletion, ChatCompletionChunk, Path, Unknown};
use serde_json::{Map, Value, json};
use xtask::load::{Document, Node};
use xtask::model::{Component, Kind, Model, Property, StreamRule, constant, text};

use crate::document::document;

fn model() -> Model<'static> {
    static DOCUMENT: LazyLock<Document> =
        LazyLock::new(|| Document::parse("chat.json", &document().to_string()).unwrap());
    Model::read(&DOCUMENT)
}

/// A value of a component, with every key that it can have.
fn sample(model: &Model, component: &Component, depth: usize) -> Value {
    match &component.kind {
        Kind::Object(properties) => {
            let entries = properties.iter().map(|property| {
                let value = sample_schema(model, property.schema, property.key, depth);
                (property.key.to_owned(), value)
            });
            Value::Object(entries.collect())
        }
        Kind::Enum(values) => json!(values[0].text),
        Kind::Union(union) => {
            let mut value = sample_schema(model, &component.forms()[0], "form", depth);
            if let (Some(tag), Some(object)) =
                (union.arms[0].tag_values.first(), value.as_object_mut())
            {
                object.insert(union.tag.unwrap().to_owned(), json!(tag));
            }
            value
        }
        Kind::Alias => sample_schema(model, component.schema, "alias", depth),
    }
}

fn sample_schema(model: &Model, schema: &Node, key: &str, depth: usize) -> Value {
    if depth > 12 {
        return Value::Null;
    }
    if let Some(component) = model.target(schema) {
        return sample(model, component, depth + 1);
    }
    if let Some(only) = constant(schema) {
        return json!(only);
    }
    match text(schema, "type") {
        "string" => json!(format!("a {key}")),
        "integer" => json!(7),
        "number" => json!(0.5),
        "boolean" => json!(true),
        "array" => json!([sample_schema(model, schema.get("items").unwrap(), key, depth + 1)]),
        _ => match schema.get("additionalProperties") {
            Some(values) => json!({"any": sample_schema(model, values, key, depth + 1)}),
            None => json!({"any": "thing"}),
        },
    }
}

/// One chunk that has every key, with a tool call of each kind.
fn full_chunk(model: &Model) -> Value {
    let mut chunk = sample(model, model.component("ChatCompletionChunk").unwrap(), 0);
    chunk["object"] = json!("chat.completion.chunk");
    let calls = &mut chunk["choices"][0]["delta"]["tool_calls"];
    let call = calls[0].take();
    *calls = [(0, "function", "custom"), (1, "custom", "function")]
        .map(|(index, kind, other)| {
            let mut call = call.clone();
            (call["index"], call["type"]) = (json!(index), json!(kind));
            call["id"] = json!(format!("call {index}"));
            call.as_object_mut().unwrap().remove(other);
            call
        })
        .to_vec()
        .into();
    chunk
}

fn accumulate(chunk: &Value) -> ChatCompletion {
    let mut accumulator = Accumulator::new();
    accumulator.push(&serde_json::from_value(chunk.clone()).unwrap());
    accumulator.into_completion()
}

fn back(completion: &ChatCompletion) -> ChatCompletion {
    let mut accumulator = Accumulator::new();
    accumulator.extend(ChunkEncoder::new().include_usage(true).chunks(completion));
    accumulator.into_completion()
}

#[test]
fn the_chunk_has_the_documented_shape() {
    let chunk: ChatCompletionChunk = serde_json::from_value(full_chunk(&model())).unwrap();
    let mut found = Vec::new();
    chunk.visit_unknown(&mut Path::new(), &mut |path, _| found.push(path.to_string()));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_key_reaches_the_completion() {
    let model = model();
    let chunk = full_chunk(&model);
    let completion = serde_json::to_value(accumulate(&chunk)).unwrap();
    let (choice, delta) = (&chunk["choices"][0], &chunk["choices"][0]["delta"]);
    let (whole, message) = (&completion["choices"][0], &completion["choices"][0]["message"]);
    for (name, piece, whole) in [
        ("ChatCompletionChunk", &chunk, &completion),
        ("ChunkChoice", choice, whole),
        ("Delta", delta, message),
    ] {
        for property in model.component(name).unwrap().properties().iter().filter(is_moved) {
            assert_eq!(whole[property.key], piece[property.key], "{name}.{}", property.key);
        }
    }
    let calls = message["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    for (call, piece) in calls.iter().zip([0, 1]) {
        let mut piece = delta["tool_calls"][piece].clone();
        // The position in the list says it.
        piece.as_object_mut().unwrap().remove("index");
        assert_eq!(*call, piece);
    }
}

fn is_moved(property: &&Property) -> bool {
    !matches!(property.stream, Some(StreamRule::Omit | StreamRule::HandWritten))
}

#[test]
fn every_key_finds_the_way_back() {
    let completion = accumulate(&full_chunk(&model()));
    assert_eq!(back(&completion), completion);
}

/// What a later document could add: the key `k` in every object, whose value must survive.
#[test]
fn an_unknown_key_is_carried_along_from_every_object() {
    let mut chunk = full_chunk(&model());
    let mut count = 0;
    mark(&mut chunk, &mut count);
    let completion = accumulate(&chunk);
    let text = serde_json::to_string(&completion).unwrap();
    for number in 0..count {
        assert!(text.contains(&format!("\"k\":\"mark {number}.\"")), "{number} in {text}");
    }
    assert_eq!(back(&completion), completion);
}

fn mark(value: &mut Value, count: &mut usize) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, count)),
        Value::Object(object) => mark_object(object, count),
        _ => {}
    }
}

fn mark_object(object: &mut Map<String, Value>, count: &mut usize) {
    object.values_mut().for_each(|value| mark(value, count));
    object.insert("k".to_owned(), format!("mark {count}.").into());
    *count += 1;
}
