//! Tests that a completion is restored from its own chunks and bytes. `accumulate.rs` tests the chunks of
//! other servers.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use crate::support::{files, shared, skip};
use chatwire_sse::Decoder;
use chatwire_stream::encode::{self, ChunkEncoder, SplitText};
use chatwire_stream::{Accumulator, ChunkReader, CompletionError, Incomplete, StreamError};
use chatwire_types::{ChatCompletion, ErrorResponse};
use serde_json::{Value, json};

fn encoder(pieces: SplitText) -> ChunkEncoder {
    ChunkEncoder::new().include_usage(true).split(pieces)
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
    for pieces in [SplitText::Words, SplitText::Characters(1), SplitText::Whole] {
        let body = encoder(pieces).body(&rich);
        assert_eq!(ChunkReader::new(&*body).completion().unwrap(), rich, "{pieces:?}");
    }
}

/// The changes that a stream causes: the place in the answer, the change of the value, and the reason.
const NOT_SAID: [(&str, Change, &str); 8] = [
    ("object", Change::Gained, "the accumulator makes a chat completion"),
    ("object", Change::Other, "the accumulator makes a chat completion"),
    ("choices", Change::Gained, "every chunk has a list of choices"),
    ("choices[].index", Change::Gained, "parts of a choice find each other by it"),
    ("choices[].delta", Change::Lost, "the delta of a chunk is a part of the message"),
    ("choices[].message", Change::Gained, "an empty delta and an absent one look alike"),
    ("choices[].message.role", Change::Gained, "the first delta of a choice has one"),
    ("choices[].message.tool_calls[].index", Change::Lost, "it is the place of the call"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Gained,
    Lost,
    Other,
}

type Changes = BTreeSet<(String, Change)>;

#[test]
fn recorded_answers_come_back_whole() {
    let mut answers = Vec::new();
    for folder in ["corpus", "peers/recordings"].map(shared) {
        let found = files(&folder, ".response.json");
        if found.is_empty() {
            return skip(&folder);
        }
        answers.extend(found);
    }
    let (mut wrong, mut count, mut met) = (Vec::new(), 0, Changes::new());
    for file in &answers {
        let Ok(answer) = serde_json::from_slice(&std::fs::read(file).unwrap()) else { continue };
        count += 1;
        let changes = changes_on_the_way(&answer);
        let unexpected = changes.iter().filter(|(path, change)| !is_not_said(path, *change));
        wrong.extend(unexpected.map(|change| format!("{}: {change:?}", file.display())));
        met.extend(changes);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    for (path, change, reason) in NOT_SAID {
        assert!(met.contains(&(path.to_owned(), change)), "no longer met: {path}: {reason}");
    }
    eprintln!("{count} of {} answers came back", answers.len());
}

fn is_not_said(path: &str, change: Change) -> bool {
    NOT_SAID.iter().any(|said| (said.0, said.1) == (path, change))
}

/// The changes to an answer that was cut in every way, written, read and joined.
fn changes_on_the_way(answer: &ChatCompletion) -> Changes {
    let before = serde_json::to_value(answer).unwrap();
    let mut found = Changes::new();
    for pieces in [SplitText::Words, SplitText::Characters(3), SplitText::Whole] {
        let body = encoder(pieces).body(answer);
        let back = match ChunkReader::new(&*body).completion() {
            Ok(back) => back,
            Err(cut) if is_cut_off(&cut, answer) => *cut.partial,
            Err(cut) => panic!("{}", cut.error),
        };
        add_changes("", &before, &serde_json::to_value(back).unwrap(), &mut found);
    }
    found
}

/// Whether the stream counts as cut off only because a choice of the answer has no finish reason.
fn is_cut_off(cut: &Incomplete, answer: &ChatCompletion) -> bool {
    let choices = answer.choices.as_deref().unwrap_or_default();
    matches!(cut.error, CompletionError::Stream(StreamError::Truncated(_)))
        && (choices.is_empty() || choices.iter().any(|choice| choice.finish_reason.is_none()))
}

fn add_changes(path: &str, before: &Value, after: &Value, found: &mut Changes) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let inner =
                |key: &str| format!("{path}{}{key}", if path.is_empty() { "" } else { "." });
            for (key, value) in before {
                match after.get(key) {
                    Some(after) => add_changes(&inner(key), value, after, found),
                    None => _ = found.insert((inner(key), Change::Lost)),
                }
            }
            let gained = after.keys().filter(|key| !before.contains_key(*key));
            found.extend(gained.map(|key| (inner(key), Change::Gained)));
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let path = format!("{path}[]");
            before.iter().zip(after).for_each(|(a, b)| add_changes(&path, a, b, found));
        }
        _ if before == after => {}
        _ => _ = found.insert((path.to_owned(), Change::Other)),
    }
}

/// The changes of small answers. The documentation of [`ChunkEncoder`] lists them.
#[test]
fn what_comes_back_of_small_answers() {
    let message = |message: Value| json!({"choices": [choice(0, message)]});
    let detail =
        |index: Value, text: &str| json!({"type": "reasoning.text", "index": index, "text": text});
    let call = |more: Value| {
        let mut call =
            json!({"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    let cases = [
        (message(json!({"reasoning_details": []})), vec![]),
        (
            message(json!({"reasoning_details": [detail(0.into(), "a"), detail(1.into(), "b")]})),
            vec![],
        ),
        (
            message(
                json!({"reasoning_details": [detail(Value::Null, "a"), detail(Value::Null, "b")]}),
            ),
            vec![],
        ),
        (
            message(json!({"reasoning_details": [detail(0.into(), "a"), detail(0.into(), "b")]})),
            vec![("choices[].message.reasoning_details", Change::Other)],
        ),
        (message(json!({"tool_calls": []})), vec![]),
        (
            json!({"choices": [{"index": 0, "logprobs": {"content": [{"token": "a"}]}}]}),
            vec![("choices[].message", Change::Gained)],
        ),
        (
            message(
                json!({"tool_calls": [call(json!({})), call(json!({"id": "b", "later": [1]}))]}),
            ),
            vec![],
        ),
        (
            message(json!({"tool_calls": [call(json!({"index": 0}))]})),
            vec![("choices[].message.tool_calls[].index", Change::Lost)],
        ),
        (
            message(json!({"tool_calls": [{"id": "a", "function": {"name": "f"}}]})),
            vec![("choices[].message.tool_calls[].type", Change::Gained)],
        ),
        (
            message(json!({"tool_calls": ["x", call(json!({}))]})),
            vec![("choices[].message.tool_calls", Change::Other)],
        ),
        (message(json!({"annotations": [], "content": "x"})), vec![]),
        (
            json!({"choices": [{"index": 0, "finish_reason": "stop"}]}),
            vec![("choices[].message", Change::Gained)],
        ),
        (
            json!({"choices": [choice(0, json!({"content": "a"})), choice(0, json!({"content": "b c"}))]}),
            vec![("choices[].index", Change::Other)],
        ),
        (
            json!({"choices": [choice(3, json!({"content": "a"})), choice(7, json!({"content": "b"}))]}),
            vec![],
        ),
        (
            json!({"choices": [], "request_id": "r", "metadata": {"k": "v"}, "seed": 3, "top_p": 0.5,
                "temperature": 1.0, "tools": [], "tool_choice": "auto", "prompt_logprobs": [null],
                "response_format": {"type": "text"}, "input_user": "u", "usage_breakdown": {"a": 1},
                "presence_penalty": 0.0, "frequency_penalty": 0.0, "unknown": [1]}),
            vec![],
        ),
    ];
    for (mut answer, expected) in cases {
        answer["object"] = "chat.completion".into();
        let changes = changes_on_the_way(&completion(answer.clone()));
        let expected = expected.into_iter().map(|(path, change)| (path.to_owned(), change));
        assert_eq!(changes, expected.collect(), "{answer}");
    }
}

/// A choice with a finish reason and a message of the assistant.
fn choice(index: i64, mut message: Value) -> Value {
    message["role"] = "assistant".into();
    json!({"index": index, "message": message, "finish_reason": "stop"})
}

#[test]
fn choices_with_one_index_are_not_mixed_up() {
    let two = json!({"choices": [choice(5, json!({"content": "a b"})), choice(5, json!({"content": "c"}))]});
    let body = ChunkEncoder::new().body(&completion(two));
    let back = ChunkReader::new(&*body).completion().unwrap();
    let texts: Vec<_> = back
        .choices
        .iter()
        .flatten()
        .map(|choice| (choice.index, choice.message.as_ref().unwrap().content.clone()))
        .collect();
    assert_eq!(texts, [(Some(0), Some("a b".into())), (Some(1), Some("c".into()))]);
}

/// The error is last, because a reader stops there.
#[test]
fn an_error_beside_the_answer_comes_last() {
    let mut answer = rich();
    answer.error = serde_json::from_value(json!({"message": "late"})).unwrap();
    let body = encoder(SplitText::Words).body(&answer);
    assert!(!body.ends_with(encode::DONE));
    let cut = ChunkReader::new(&*body).completion().unwrap_err();
    assert!(matches!(&cut.error, CompletionError::Stream(StreamError::Api(_))), "{}", cut.error);
    assert_eq!(*cut.partial, answer);
    let mut accumulator = Accumulator::new();
    accumulator.extend(encoder(SplitText::Words).chunks(&answer));
    assert_eq!(accumulator.into_completion(), answer);
}

#[test]
fn an_empty_error_is_not_an_error() {
    for error in [json!({}), json!(""), json!("0")] {
        let mut answer = rich();
        answer.error = serde_json::from_value(error).unwrap();
        for choice in answer.choices.iter_mut().flatten() {
            choice.finish_reason = None;
        }
        let body = encoder(SplitText::Words).body(&answer);
        assert_eq!(ChunkReader::new(&*body).completion().unwrap(), answer);
    }
}

#[test]
fn the_order_of_the_wire() {
    let plain = completion(json!({"id": "c", "model": "m", "created": 1, "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi you"}, "finish_reason": "stop"}
    ], "usage": {"total_tokens": 3}}));
    let chunks = encoder(SplitText::Words).chunks(&plain);
    let lines: Vec<String> = chunks
        .iter()
        .map(|chunk| serde_json::to_string(&(&chunk.choices, &chunk.usage)).unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            r#"[[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],null]"#,
            r#"[[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],null]"#,
            r#"[[{"index":0,"delta":{"content":" you"},"finish_reason":null}],null]"#,
            r#"[[{"index":0,"delta":{},"finish_reason":"stop"}],null]"#,
            r#"[[],{"total_tokens":3}]"#,
        ]
    );
    assert!(chunks.iter().all(|chunk| chunk.id.as_deref() == Some("c")));
    let json: Vec<Value> = chunks.iter().map(|chunk| json!(chunk)).collect();
    assert!(json[..4].iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)));
    let quiet = ChunkEncoder::new().chunks(&plain);
    assert!(quiet.iter().all(|chunk| json!(chunk).get("usage").is_none()));
}

#[test]
fn choices_take_turns() {
    let choice = |index, text| json!({"index": index, "message": {"content": text}, "finish_reason": "stop"});
    let two = completion(json!({"choices": [choice(0, "a b c"), choice(1, "d")]}));
    let order: Vec<_> = ChunkEncoder::new()
        .chunks(&two)
        .iter()
        .map(|chunk| chunk.choices.as_ref().unwrap().first().unwrap().index.unwrap())
        .collect();
    assert_eq!(order, [0, 1, 0, 1, 0, 1, 0, 0]);
}

/// A value that does not fit its field stays in `extra`, in its order.
#[test]
fn values_that_do_not_fit_keep_their_order() {
    let odd = completion(json!({
        "later": 1, "citations": 5, "new": 2, "search_results": [{"title": "t"}],
        "choices": [{
            "later": 1, "token_ids": "odd", "new": 2, "stop_reason": "s",
            "message": {"later": 1, "annotations": 5, "new": 2, "audio": {"new": 1, "id": 5}},
        }],
    }));
    let chunks = ChunkEncoder::new().chunks(&odd);
    let lines: Vec<_> = chunks.iter().map(|chunk| serde_json::to_string(chunk).unwrap()).collect();
    assert_eq!(
        lines,
        [
            concat!(
                r#"{"object":"chat.completion.chunk","#,
                r#""choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"#,
                r#""search_results":[{"title":"t"}],"later":1,"citations":5,"new":2}"#
            ),
            concat!(
                r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":"#,
                r#"{"audio":{"new":1,"id":5},"later":1,"annotations":5,"new":2},"finish_reason":null}]}"#
            ),
            concat!(
                r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"#,
                r#""finish_reason":null,"stop_reason":"s","later":1,"token_ids":"odd","new":2}]}"#
            ),
        ]
    );
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
