//! Tests whole streams, hand-made (`data/*.sse`) and recorded: every cut of the bytes and every order of the
//! choices gives the same completion. `outcomes` tests small cases.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::{cut, files, shared, skip};
use chatwire_stream::{Accumulator, ChunkDecoder};
use chatwire_types::{ChatCompletion, ChatCompletionChunk, ChunkChoice, ToolCall};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// The chunks of a stream, its errors, and how it ended.
#[derive(Debug, PartialEq)]
struct Outcome {
    chunks: Vec<ChatCompletionChunk>,
    errors: Vec<String>,
    done: String,
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut decoder = ChunkDecoder::new();
    let (mut chunks, mut errors) = (Vec::new(), Vec::new());
    let mut keep = |chunk: Result<&ChatCompletionChunk, _>| match chunk {
        Ok(chunk) => chunks.push(chunk.clone()),
        Err(error) => errors.push(format!("{error:?}")),
    };
    for piece in pieces {
        let mut input = piece;
        while let Some(chunk) = decoder.next(&mut input) {
            keep(chunk);
        }
    }
    while let Some(chunk) = decoder.finish() {
        keep(chunk);
    }
    Outcome { chunks, errors, done: format!("{:?}", decoder.done()) }
}

fn join<'a>(chunks: impl IntoIterator<Item = &'a ChatCompletionChunk>) -> ChatCompletion {
    let mut accumulator = Accumulator::new();
    accumulator.extend(chunks);
    accumulator.into_completion()
}

#[test]
fn hand_made_streams() {
    check_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"));
}

#[test]
fn recorded_streams() {
    check_folder(&shared("corpus"));
}

#[test]
fn recorded_streams_of_real_servers() {
    check_folder(&shared("peers/recordings"));
}

fn check_folder(folder: &Path) {
    let files = files(folder, ".sse");
    if files.is_empty() {
        skip(folder);
        return;
    }
    for file in &files {
        check(file, &std::fs::read(file).unwrap());
    }
    eprintln!("{} streams in {}", files.len(), folder.display());
}

fn check(file: &Path, body: &[u8]) {
    let whole = read([body]);
    for size in [1, 2, 3, 1460] {
        assert_eq!(read(body.chunks(size)), whole, "{} by {size}", file.display());
    }
    let mut runner =
        TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
    let cuts = prop::collection::vec(any::<Index>(), 0..20);
    let same_for = |cuts: Vec<Index>| {
        prop_assert_eq!(&read(cut(body, &cuts)), &whole, "{}", file.display());
        Ok(())
    };
    runner.run(&cuts, same_for).unwrap();
    let completion = join(&whole.chunks);
    let order = prop::collection::vec(any::<Index>(), whole.chunks.len());
    let joins_alike = |order: Vec<Index>| {
        let shuffled = interleave(&whole.chunks, &order);
        prop_assert_eq!(&join(&shuffled), &completion, "{}", file.display());
        Ok(())
    };
    runner.run(&order, joins_alike).unwrap();
}

/// Changes the order of the choices, with one choice in each chunk. The parts of each choice keep their
/// order, and so does everything else.
fn interleave(chunks: &[ChatCompletionChunk], order: &[Index]) -> Vec<ChatCompletionChunk> {
    let mut queues: Vec<(Option<i64>, Vec<ChunkChoice>)> = Vec::new();
    let mut shuffled = Vec::new();
    for chunk in chunks {
        let mut head = chunk.clone();
        head.choices = chunk.choices.as_ref().map(|_| Vec::new());
        shuffled.push(head);
        for choice in chunk.choices.iter().flatten() {
            match queues.iter_mut().find(|(index, _)| *index == choice.index) {
                Some((_, queue)) => queue.insert(0, choice.clone()),
                None => queues.push((choice.index, vec![choice.clone()])),
            }
        }
    }
    let mut turns = order.iter().cycle();
    while !queues.is_empty() {
        let place = turns.next().unwrap().index(queues.len());
        let mut chunk = ChatCompletionChunk::default();
        chunk.choices = Some(queues[place].1.pop().into_iter().collect());
        shuffled.push(chunk);
        queues.retain(|(_, queue)| !queue.is_empty());
    }
    shuffled
}

/// A known difference: server or service, stream, place, reason.
type Known = (&'static str, &'static str, &'static str, &'static str);

fn find<'k>(known: &'k [Known], server: &str, stream: &str, place: &str) -> Option<&'k Known> {
    known.iter().find(|known| {
        known.0 == server && ["", stream].contains(&known.1) && place.starts_with(known.2)
    })
}

/// Known differences between the streamed and the plain answer of a scripted server. An empty stream means all.
const DIFFERS: [Known; 3] = [
    (
        "llama-server",
        "",
        "usage.prompt_tokens_details.cached_tokens",
        "the second request finds what the first one left in the cache",
    ),
    ("llama-server", "n2_stream", "usage.completion_tokens", ONE_IS_COUNTED),
    ("llama-server", "n2_stream", "usage.total_tokens", ONE_IS_COUNTED),
];

const ONE_IS_COUNTED: &str =
    "the server counts one of two choices: the last one of a stream, the first one of an answer";

/// A scripted server gives the same answer with and without streaming.
#[test]
fn streamed_answers_are_the_plain_ones() {
    let folder = shared("peers/recordings");
    if !folder.is_dir() {
        skip(&folder);
        return;
    }
    let (mut wrong, mut met, mut counts) = (Vec::new(), BTreeSet::new(), [0, 0]);
    for server in ["aimock", "llama-server"] {
        for (plain, streamed) in pairs(&folder.join(server)) {
            counts[0] += 1;
            counts[1] += usize::from(plain["usage"].is_object() && streamed.1["usage"].is_object());
            for place in differences(&plain, &streamed.1) {
                match find(&DIFFERS, server, &streamed.0, &place) {
                    Some(known) => _ = met.insert(known),
                    None => wrong.push(format!("{server} {}: {place}", streamed.0)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(met, DIFFERS.iter().collect(), "some did not occur");
    assert_ne!(counts[1], 0, "no pair has usage");
    eprintln!("{} pairs, {} of them with usage", counts[0], counts[1]);
}

/// Known differences between the keys of the streamed and the plain answer of a service. An empty stream
/// means all; a place includes everything inside it.
const SHAPE_DIFFERS: [Known; 7] = [
    ("alibaba-dashscope", "", "choices[0].message.reasoning_content", "empty, and not streamed"),
    ("alibaba-dashscope", "", "choices[0].message.tool_calls[0].index", INDEX_IS_THE_PLACE),
    ("azure-openai", "", "choices[0]", "the plain answer was kept back by the filter"),
    (
        "groq",
        "rig-groq-prompt-caching-streaming-probe-0",
        "choices[0].message.channel",
        "the service says the channel of a delta only",
    ),
    ("openai", "", "choices[0].message.annotations", "empty, and not streamed"),
    (
        "vercel-ai-gateway",
        "",
        "choices[0].message.provider_metadata.gateway.routing",
        "what the gateway did for the one request and for the other",
    ),
    ("zai-glm", "", "choices[0].message.tool_calls[0].index", INDEX_IS_THE_PLACE),
];

const INDEX_IS_THE_PLACE: &str = "it joins the pieces of a call, and is its place in the list";

/// A service answers the same request with different words, but the keys of both answers are the same, and so
/// are the values of a few keys.
#[test]
fn streamed_answers_have_the_shape_of_plain_ones() {
    let corpus = shared("corpus");
    if !corpus.is_dir() {
        skip(&corpus);
        return;
    }
    let (mut wrong, mut met, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for folder in std::fs::read_dir(&corpus).unwrap() {
        let folder = folder.unwrap().path();
        let service = folder.file_name().unwrap().to_string_lossy().into_owned();
        for (plain, (stream, streamed)) in pairs(&folder) {
            count += 1;
            for place in differences(&shape(&plain), &shape(&streamed)) {
                match find(&SHAPE_DIFFERS, &service, &stream, &place) {
                    Some(known) => _ = met.insert(known),
                    None => wrong.push(format!("{service} {stream}: {place}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(met, SHAPE_DIFFERS.iter().collect(), "some did not occur");
    eprintln!("{count} pairs of services");
}

/// Replaces each value by its type, except under keys whose values are the same in both answers. Keeps the
/// first item of a list.
fn shape(answer: &Value) -> Value {
    match answer {
        Value::Object(object) => {
            let shapes = object.iter().map(|(key, value)| match &**key {
                "finish_reason" | "name" | "role" | "type" => (key.clone(), value.clone()),
                _ => (key.clone(), shape(value)),
            });
            shapes.collect()
        }
        Value::Array(items) => items.iter().take(1).map(shape).collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        other => other.clone(),
    }
}

/// The plain and the streamed answer to each request that was recorded in both forms. The streamed one has
/// its name.
fn pairs(folder: &Path) -> Vec<(Value, (String, Value))> {
    let mut plain = Vec::new();
    let mut streamed = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(case) = name.strip_suffix(".response.json") {
            let answer = std::fs::read(folder.join(&name)).unwrap();
            let Ok(answer) = serde_json::from_slice::<ChatCompletion>(&answer) else { continue };
            plain.extend(request(folder, case).map(|request| (request, to_compare(answer))));
        } else if let Some(case) = name.strip_suffix(".stream.sse") {
            let body = std::fs::read(folder.join(&name)).unwrap();
            let answer = to_compare(join(&read([&body[..]]).chunks));
            let named = (case.to_owned(), answer);
            streamed.extend(request(folder, case).map(|request| (request, named)));
        }
    }
    let mut pairs = Vec::new();
    for (request, answer) in plain {
        let same = streamed.iter().filter(|(other, _)| *other == request);
        pairs.extend(same.map(|(_, named)| (answer.clone(), named.clone())));
    }
    pairs
}

/// The request without the keys that ask for a stream.
fn request(folder: &Path, case: &str) -> Option<Value> {
    let text = std::fs::read(folder.join(format!("{case}.request.json"))).ok()?;
    let mut request: Value = serde_json::from_slice(&text).ok()?;
    for key in ["stream", "stream_options"] {
        request.as_object_mut()?.remove(key);
    }
    Some(request)
}

/// Choices and usage. The ids of calls are removed, because they are random. Empty content is removed,
/// because only one of the two forms has it.
fn to_compare(mut completion: ChatCompletion) -> Value {
    for choice in completion.choices.iter_mut().flatten() {
        let Some(message) = &mut choice.message else { continue };
        message.content = message.content.take().filter(|content| *content != "".into());
        for call in message.tool_calls.iter_mut().flatten() {
            if let ToolCall::Function(call) = call {
                call.id = None;
            }
        }
    }
    json!({"choices": completion.choices, "usage": completion.usage})
}

/// The places where two answers differ. Usage counts only if both have it.
fn differences(plain: &Value, streamed: &Value) -> BTreeSet<String> {
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    for key in ["choices", "usage"] {
        if key == "choices" || !(plain[key].is_null() || streamed[key].is_null()) {
            add_leaves(key.to_owned(), &plain[key], &mut left);
            add_leaves(key.to_owned(), &streamed[key], &mut right);
        }
    }
    let places: BTreeSet<_> = left.keys().chain(right.keys()).cloned().collect();
    places.into_iter().filter(|place| left.get(place) != right.get(place)).collect()
}

fn add_leaves(place: String, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            object
                .iter()
                .for_each(|(key, value)| add_leaves(format!("{place}.{key}"), value, leaves));
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| add_leaves(format!("{place}[{at}]"), item, leaves));
        }
        // Some services send null in one of the two answers, and nothing in the other.
        Value::Null => {}
        leaf => _ = leaves.insert(place, leaf.clone()),
    }
}
