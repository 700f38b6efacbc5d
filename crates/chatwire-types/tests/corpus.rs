//! Every recorded payload of the corpus and every torture file, decoded and encoded again: equal as
//! JSON. Streams as such are tested in `chatwire-sse`; here each `data:` line is a payload.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use std::fs;
use std::path::{Path, PathBuf};

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ChatCompletionDeleted, ChatCompletionList,
    ChatCompletionMessageList, CreateChatCompletionRequest, ErrorResponse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    shared.is_dir().then_some(shared)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// What the contract allows to differ: a null is gone, a number is written another way.
fn same(sent: &Value, back: &Value) -> bool {
    match (sent, back) {
        (Value::Object(sent), Value::Object(back)) => {
            sent.iter().all(|(key, value)| match back.get(key) {
                Some(other) => same(value, other),
                None => value.is_null(),
            }) && back.keys().all(|key| sent.contains_key(key))
        }
        (Value::Array(sent), Value::Array(back)) => {
            sent.len() == back.len() && sent.iter().zip(back).all(|(sent, back)| same(sent, back))
        }
        (Value::Number(sent), Value::Number(back)) => {
            sent == back || sent.as_f64() == back.as_f64()
        }
        _ => sent == back,
    }
}

fn round_trip<T: Serialize + DeserializeOwned>(text: &str) -> Result<(), String> {
    let Ok(sent) = serde_json::from_str::<Value>(text) else { return Ok(()) };
    let typed: T = serde_json::from_str(text).map_err(|error| format!("refused: {error}"))?;
    let back = serde_json::to_value(&typed).map_err(|error| error.to_string())?;
    match same(&sent, &back) {
        true => Ok(()),
        false => Err(format!("lost:\n  sent {sent}\n  back {back}")),
    }
}

/// The answers of the operations on stored completions have the same file name as any other.
fn round_trip_response(text: &str) -> Result<(), String> {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let object = answer.get("object").and_then(Value::as_str).unwrap_or_default();
    if answer.get("deleted").is_some() {
        round_trip::<ChatCompletionDeleted>(text)
    } else if object == "list" && answer.pointer("/data/0/choices").is_some() {
        round_trip::<ChatCompletionList>(text)
    } else if object == "list" {
        round_trip::<ChatCompletionMessageList>(text)
    } else {
        round_trip::<ChatCompletion>(text)
    }
}

fn check(path: &Path) -> Result<(), String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    if name.ends_with(".request.json") {
        round_trip::<CreateChatCompletionRequest>(&text)
    } else if name.ends_with(".response.json") {
        round_trip_response(&text)
    } else if name.ends_with(".chunk.json") {
        round_trip::<ChatCompletionChunk>(&text)
    } else if name.ends_with(".error.json") {
        round_trip::<ErrorResponse>(&text)
    } else if name.ends_with(".stream.sse") {
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.map(str::trim)
            .filter(|data| data.starts_with('{'))
            .try_for_each(round_trip::<ChatCompletionChunk>)
    } else {
        Ok(())
    }
}

#[test]
fn nothing_is_lost_or_refused() {
    let Some(shared) = shared() else {
        eprintln!("skipped: ../shared not found, so the corpus was not read");
        return;
    };
    let mut failures = Vec::new();
    let mut count = 0;
    for folder in ["corpus", "torture", "peers/recordings"] {
        for path in files(&shared.join(folder)) {
            count += 1;
            if let Err(failure) = check(&path) {
                failures.push(format!("{}: {failure}", path.display()));
            }
        }
    }
    assert!(count > 500, "only {count} files were found");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
