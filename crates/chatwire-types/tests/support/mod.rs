//! Payload files: where they are, the type of each, and whether the type writes it back. The tests
//! beside it choose the folders.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ChatCompletionDeleted, ChatCompletionList,
    ChatCompletionMessageList, CreateChatCompletionRequest, ErrorResponse, Unknown,
    UpdateChatCompletionRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Whether to try everything, where a test otherwise tries a sample. `.ci/run` does, because it takes minutes.
pub(crate) fn thorough() -> bool {
    std::env::var_os("CHATWIRE_THOROUGH").is_some()
}

/// A folder of this crate's own test data.
pub(crate) fn own(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads").join(folder)
}

/// The folder beside the project, with payloads that the project may not copy.
pub(crate) fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    shared.is_dir().then_some(shared)
}

/// Every file in a folder and the folders below it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The JSON texts of a file: the file itself, or the chunks of a stream.
pub(crate) fn texts(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    if !path.to_str().unwrap().ends_with(".stream.sse") {
        return vec![text];
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
    data.filter(|data| data.starts_with('{')).map(str::to_owned).collect()
}

/// Decodes and encodes a file, and returns what the document does not know in it.
pub(crate) fn check(path: &Path) -> Result<Vec<String>, String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut found = Vec::new();
    for text in texts(path) {
        // Another test covers files that are not JSON.
        let Ok(sent) = serde_json::from_str::<Value>(&text) else { continue };
        found.extend(check_as(name, &sent, &text)?);
    }
    Ok(found)
}

fn check_as(name: &str, sent: &Value, text: &str) -> Result<Vec<String>, String> {
    match name.rsplit('.').nth(1).unwrap_or_default() {
        "request" if sent.get("messages").is_none() && sent.get("metadata").is_some() => {
            round_trip::<UpdateChatCompletionRequest>(sent, text)
        }
        "request" => round_trip::<CreateChatCompletionRequest>(sent, text),
        "response" => check_answer(sent, text),
        // A chunk may be an error instead.
        "stream" if sent.get("error").is_some() && sent.get("choices").is_none() => {
            round_trip::<ErrorResponse>(sent, text)
        }
        "chunk" | "stream" => round_trip::<ChatCompletionChunk>(sent, text),
        "error" if sent.is_array() => round_trip::<Vec<ErrorResponse>>(sent, text),
        "error" if sent.is_object() => round_trip::<ErrorResponse>(sent, text),
        _ => Ok(Vec::new()),
    }
}

/// Answers about stored completions have the same file names as all others.
fn check_answer(sent: &Value, text: &str) -> Result<Vec<String>, String> {
    let object = sent.get("object").and_then(Value::as_str).unwrap_or_default();
    if sent.get("deleted").is_some() {
        round_trip::<ChatCompletionDeleted>(sent, text)
    } else if object == "list" && sent.pointer("/data/0/choices").is_some() {
        round_trip::<ChatCompletionList>(sent, text)
    } else if object == "list" {
        round_trip::<ChatCompletionMessageList>(sent, text)
    } else {
        round_trip::<ChatCompletion>(sent, text)
    }
}

fn round_trip<T: Serialize + DeserializeOwned + Unknown>(
    sent: &Value,
    text: &str,
) -> Result<Vec<String>, String> {
    let typed: T = serde_json::from_str(text).map_err(|error| format!("refused: {error}"))?;
    let back = serde_json::to_value(&typed).map_err(|error| error.to_string())?;
    if !same(sent, &back) {
        return Err(format!("lost:\n  sent {sent}\n  back {back}"));
    }
    let mut found = Vec::new();
    typed.visit_unknown(&mut chatwire_types::Path::new(), &mut |path, finding| {
        found.push(format!("{path}: {:?}", finding.kind));
    });
    Ok(found)
}

/// The differences that the contract allows: a null is gone, or a number is written in another way.
pub(crate) fn same(sent: &Value, back: &Value) -> bool {
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
        (Value::Number(sent), Value::Number(back)) if sent.is_f64() || back.is_f64() => {
            sent.as_f64() == back.as_f64()
        }
        _ => sent == back,
    }
}
