//! Whole streams, made by hand (`data/*.sse`) and recorded: however the bytes are cut and the
//! choices are interleaved, the completion is the same. Small cases are in `outcomes.rs`.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};

use chatwire_sse::{Accumulator, ChunkDecoder};
use chatwire_types::{ChatCompletion, ChatCompletionChunk, ChunkChoice};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use support::skip;

/// What a stream comes to: its chunks, everything that went wrong, and how it ended.
#[derive(Debug, PartialEq)]
struct Result {
    chunks: Vec<ChatCompletionChunk>,
    errors: Vec<String>,
    done: String,
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result {
    let mut decoder = ChunkDecoder::new();
    let (mut chunks, mut errors) = (Vec::new(), Vec::new());
    let mut keep = |chunk: std::result::Result<&ChatCompletionChunk, _>| match chunk {
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
    Result { chunks, errors, done: format!("{:?}", decoder.done()) }
}

fn join<'a>(chunks: impl IntoIterator<Item = &'a ChatCompletionChunk>) -> ChatCompletion {
    let mut accumulator = Accumulator::new();
    accumulator.extend(chunks);
    accumulator.into_completion()
}

/// The same answer without a chunk in between.
fn join_on_the_way<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> ChatCompletion {
    let (mut decoder, mut accumulator) = (ChunkDecoder::new(), Accumulator::new());
    for piece in pieces {
        let mut input = piece;
        while decoder.next_into(&mut input, &mut accumulator).is_some() {}
    }
    while decoder.finish_into(&mut accumulator).is_some() {}
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

fn shared(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name)
}

fn check_folder(folder: &Path) {
    let mut files = Vec::new();
    collect(folder, &mut files);
    if files.is_empty() {
        skip(folder);
        return;
    }
    for file in &files {
        check(file, &std::fs::read(file).unwrap());
    }
    eprintln!("{} streams in {}", files.len(), folder.display());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "sse") {
            files.push(path);
        }
    }
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
    for size in [1, 1460, body.len().max(1)] {
        let on_the_way = join_on_the_way(body.chunks(size));
        assert_eq!(on_the_way, completion, "{} by {size}", file.display());
    }
    let order = prop::collection::vec(any::<Index>(), whole.chunks.len());
    let joins_alike = |order: Vec<Index>| {
        let shuffled = interleave(&whole.chunks, &order);
        prop_assert_eq!(&join(&shuffled), &completion, "{}", file.display());
        Ok(())
    };
    runner.run(&order, joins_alike).unwrap();
}

fn cut<'a>(body: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places.windows(2).map(|place| &body[place[0]..place[1]]).collect()
}

/// The same chunks one choice at a time, the choices in another order. What is not about a choice
/// keeps its order, and so do the parts of each choice.
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

/// Recorded without and with streaming, the answer of the scripted server is the same.
#[test]
fn streamed_answers_are_the_plain_ones() {
    let folder = shared("peers/recordings/llama-server");
    if !folder.is_dir() {
        skip(&folder);
        return;
    }
    for (plain, streamed) in [
        ("chat_json", "stream"),
        ("n2", "n2_stream"),
        ("tool_call", "tool_call_stream"),
        ("parallel_tool_calls", "parallel_tool_calls_stream"),
        ("reasoning", "reasoning_stream"),
        ("tool_auto", "tool_auto_stream"),
        ("json_schema", "json_schema_stream"),
        ("stop_string", "stop_string_stream"),
    ] {
        let plain = std::fs::read(folder.join(format!("{plain}.response.json"))).unwrap();
        let mut plain: ChatCompletion = serde_json::from_slice(&plain).unwrap();
        let body = std::fs::read(folder.join(format!("{streamed}.stream.sse"))).unwrap();
        let mut joined = join(&read([&body[..]]).chunks);
        for completion in [&mut plain, &mut joined] {
            forget_what_differs_by_request(completion);
        }
        assert_eq!(joined.choices, plain.choices, "{streamed}");
    }
}

/// Ids of calls are random, log-probabilities were not asked for in both, and a message without text
/// has empty content in one form and none in the other.
fn forget_what_differs_by_request(completion: &mut ChatCompletion) {
    for choice in completion.choices.iter_mut().flatten() {
        choice.logprobs = None;
        let Some(message) = &mut choice.message else { continue };
        message.content = message.content.take().filter(|content| *content != "".into());
        for call in message.tool_calls.iter_mut().flatten() {
            if let chatwire_types::ToolCall::Function(call) = call {
                call.id = None;
            }
        }
    }
}
