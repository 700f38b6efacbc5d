//! A completion cut into chunks and bytes, and joined again: by hand and over recorded answers.
//! Joining other servers' chunks is tested in `accumulate.rs`.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};

use chatwire_sse::encode::{self, Pieces, Streamer};
use chatwire_sse::{ChunkReader, Decoder};
use chatwire_types::{ChatCompletion, ErrorResponse, Role, ToolCall};
use serde_json::json;
use support::skip;

fn streamer(pieces: Pieces) -> Streamer {
    Streamer::new().include_usage(true).pieces(pieces)
}

fn completion(json: serde_json::Value) -> ChatCompletion {
    serde_json::from_value(json).unwrap()
}

/// Everything that a message can hold.
fn rich() -> ChatCompletion {
    completion(json!({
        "id": "c", "object": "chat.completion", "created": 5, "model": "m",
        "service_tier": "default", "system_fingerprint": "fp", "top": {"a": 1},
        "choices": [
            {"index": 0, "finish_reason": "tool_calls", "seen": true, "message": {
                "role": "assistant", "content": "Café 😀 au lait", "refusal": "no way",
                "reasoning_content": "let me see", "unknown": {"k": [1]},
                "tool_calls": [
                    {"id": "a", "type": "function",
                     "function": {"name": "f", "arguments": "{\"x\": \"y z\"}"}},
                    {"id": "b", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}},
                    {"id": "d", "type": "later", "later": {"x": 1}}
                ],
                "audio": {"id": "u", "data": "QUJD", "transcript": "hey", "expires_at": 9},
                "annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}]
             }, "logprobs": {"content": [{"token": "Café", "logprob": -0.1}]}},
            {"index": 1, "finish_reason": "stop",
             "message": {"role": "assistant", "content": [{"type": "text", "text": "one"},
                                                          {"type": "text", "text": "two"}]}},
            {"index": 2, "finish_reason": "stop", "message": {"role": "assistant", "content": ""}}
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    }))
}

#[test]
fn a_completion_comes_back_whole() {
    let rich = rich();
    for pieces in [Pieces::Words, Pieces::Characters(1), Pieces::Whole] {
        let body = streamer(pieces).body(&rich);
        assert_eq!(ChunkReader::new(&*body).completion().unwrap(), rich, "{pieces:?}");
    }
}

#[test]
fn recorded_answers_come_back_whole() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut files = Vec::new();
    collect(&corpus, &mut files);
    if files.is_empty() {
        skip(&corpus);
    }
    let wrong: Vec<_> = files.iter().filter_map(|file| check(file)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    eprintln!("{} answers came back whole", files.len());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.to_string_lossy().ends_with(".response.json") {
            files.push(path);
        }
    }
}

fn check(file: &Path) -> Option<String> {
    let Ok(mut expected) = serde_json::from_slice(&std::fs::read(file).unwrap()) else {
        return None;
    };
    settle(&mut expected);
    let body = streamer(Pieces::Words).body(&expected);
    let mut chunks = ChunkReader::new(&*body);
    let mut accumulator = chatwire_sse::Accumulator::new();
    while let Some(chunk) = chunks.next_chunk() {
        accumulator.push(chunk.ok()?);
    }
    let got = accumulator.into_completion();
    (got != expected).then(|| {
        let text = |completion| serde_json::to_string(completion).unwrap();
        format!("{}\n  got  {}\n  want {}", file.display(), text(&got), text(&expected))
    })
}

/// What a stream always has, and what it has no place for: settings of stored completions, and the
/// index of a tool call, which has done its work when the call is whole.
fn settle(completion: &mut ChatCompletion) {
    completion.object = Some("chat.completion".into());
    (completion.metadata, completion.request_id, completion.seed) = (None, None, None);
    (completion.temperature, completion.top_p, completion.usage_breakdown) = (None, None, None);
    (completion.presence_penalty, completion.frequency_penalty) = (None, None);
    (completion.tools, completion.tool_choice, completion.response_format) = (None, None, None);
    (completion.input_user, completion.prompt_logprobs) = (None, None);
    for (place, choice) in (0..).zip(completion.choices.get_or_insert_default()) {
        choice.index.get_or_insert(place);
        choice.extra.remove("delta");
        let message = choice.message.get_or_insert_default();
        message.role.get_or_insert(Role::Assistant);
        for call in message.tool_calls.iter_mut().flatten() {
            if let ToolCall::Function(call) = call {
                call.index = None;
                call.type_.get_or_insert("function".into());
            }
        }
    }
}

#[test]
fn the_order_of_the_wire() {
    let plain = completion(json!({"id": "c", "model": "m", "created": 1, "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi you"}, "finish_reason": "stop"}
    ], "usage": {"total_tokens": 3}}));
    let chunks = streamer(Pieces::Words).chunks(&plain);
    let lines: Vec<String> = chunks
        .iter()
        .map(|chunk| serde_json::to_string(&(&chunk.choices, &chunk.usage)).unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            r#"[[{"index":0,"delta":{"role":"assistant","content":""}}],null]"#,
            r#"[[{"index":0,"delta":{"content":"Hi"}}],null]"#,
            r#"[[{"index":0,"delta":{"content":" you"}}],null]"#,
            r#"[[{"index":0,"delta":{},"finish_reason":"stop"}],null]"#,
            r#"[[],{"total_tokens":3}]"#,
        ]
    );
    assert!(chunks.iter().all(|chunk| chunk.id.as_deref() == Some("c")));
    let quiet = Streamer::new().chunks(&plain);
    assert!(quiet.iter().all(|chunk| chunk.usage.is_none()));
}

#[test]
fn choices_take_turns() {
    let choice = |index, text| json!({"index": index, "message": {"content": text}, "finish_reason": "stop"});
    let two = completion(json!({"choices": [choice(0, "a b c"), choice(1, "d")]}));
    let order: Vec<_> = Streamer::new()
        .chunks(&two)
        .iter()
        .map(|chunk| chunk.choices.as_ref().unwrap().first().unwrap().index.unwrap())
        .collect();
    assert_eq!(order, [0, 1, 0, 1, 0, 1, 0, 0]);
}

#[test]
fn frames_are_events_or_comments() {
    let error: ErrorResponse = serde_json::from_str(r#"{"error":{"message":"a\nb"}}"#).unwrap();
    let bytes = [encode::comment("one\ntwo"), encode::comment(""), encode::error(&error)].concat();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        ": one\n: two\n\n: \n\ndata: {\"error\":{\"message\":\"a\\nb\"}}\n\n"
    );
    let mut decoder = Decoder::new();
    let mut input = &bytes[..];
    assert!(decoder.next(&mut input).unwrap().is_some());
    assert!(decoder.next(&mut input).unwrap().is_none());
}
