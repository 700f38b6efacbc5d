//! Tests the events of each chunk, and that the events agree with the completion. `accumulate.rs` tests how
//! the pieces are joined.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use crate::support;
use std::collections::BTreeMap;
use std::path::Path;

use chatwire_stream::{Accumulator, ChatEvent, ChatEvents, ChunkDecoder};
use chatwire_types::{
    ChatCompletion, Choice, Content, ContentPart, FinishReason, ResponseMessage, ToolCall, Usage,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn describe(event: &ChatEvent) -> String {
    match event {
        ChatEvent::ContentDelta { choice, delta, .. } => format!("{choice} content +{delta}"),
        ChatEvent::ContentDone { choice, content, .. } => format!("{choice} content ={content}"),
        ChatEvent::RefusalDelta { choice, delta, .. } => format!("{choice} refusal +{delta}"),
        ChatEvent::RefusalDone { choice, refusal, .. } => format!("{choice} refusal ={refusal}"),
        ChatEvent::ReasoningDelta { choice, delta, .. } => format!("{choice} reasoning +{delta}"),
        ChatEvent::ReasoningDone { choice, reasoning, .. } => {
            format!("{choice} reasoning ={reasoning}")
        }
        ChatEvent::ToolCallOpened { choice, call, id, name, .. } => {
            format!("{choice} call {call} {id:?} {name:?}")
        }
        ChatEvent::ToolCallDelta { choice, call, delta, .. } => {
            format!("{choice} call {call} +{delta}")
        }
        ChatEvent::ToolCallDone { choice, call, arguments, .. } => {
            format!("{choice} call {call} ={arguments:?}")
        }
        ChatEvent::LogprobsDelta { choice, .. } => format!("{choice} logprobs"),
        ChatEvent::Finished { choice, reason, .. } => format!("{choice} finished {reason}"),
        ChatEvent::TextResent { choice, call, .. } => format!("{choice} resent {call:?}"),
        ChatEvent::Usage(usage) => format!("usage {:?}", usage.total_tokens),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(chunks: &[&str], expected: &[&str]) {
    let mut events = ChatEvents::new();
    let mut seen = Vec::new();
    for chunk in chunks {
        seen.extend(events.push(&serde_json::from_str(chunk).unwrap()));
    }
    seen.extend(events.finish().0);
    assert_eq!(seen.iter().map(describe).collect::<Vec<_>>(), expected);
}

#[test]
fn texts() {
    check(
        &[
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"reasoning":"Hm"}},{"index":1,"delta":{"refusal":"No"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[]}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"total_tokens":3}}"#,
        ],
        &[
            "0 reasoning +Hm",
            "1 refusal +No",
            "0 content +Hi",
            "0 logprobs",
            "0 reasoning =Hm",
            "0 content =Hi",
            "0 finished stop",
            "usage Some(3)",
            "1 refusal =No",
        ],
    );
}

#[test]
fn tool_calls() {
    check(
        &[
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","custom":{"name":"g","input":"x"}},{"index":0,"function":{"arguments":"{\"n\":"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}"#,
        ],
        &[
            r#"0 call 0 Some("a") Some("f")"#,
            r#"0 call 1 Some("b") Some("g")"#,
            "0 call 1 +x",
            r#"0 call 0 +{"n":"#,
            "0 call 0 +1}",
            r#"0 call 0 =Some(Object {"n": Number(1)})"#,
            "0 call 1 =None",
            "0 finished tool_calls",
        ],
    );
}

#[test]
fn a_text_after_the_finish_reason_is_done_again_at_the_end() {
    check(
        &[
            r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"c"},"finish_reason":"length"}]}"#,
        ],
        &[
            "0 content +a",
            "0 content =a",
            "0 finished stop",
            "0 content +b",
            "0 content +c",
            "0 finished length",
            "0 content =abc",
        ],
    );
}

#[test]
fn a_finish_reason_that_is_repeated_does_nothing() {
    check(
        &[
            r#"{"choices":[{"delta":{"content":"a","refusal":"b","reasoning":"c"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]},"finish_reason":"stop"}]}"#,
        ],
        &[
            "0 reasoning +c",
            "0 content +a",
            "0 refusal +b",
            "0 reasoning =c",
            "0 content =a",
            "0 refusal =b",
            "0 finished stop",
            r#"0 call 0 Some("a") Some("f")"#,
            "0 call 0 +{}",
            "0 call 0 =Some(Object {})",
        ],
    );
}

#[test]
fn a_finish_reason_on_every_chunk_takes_linear_time() {
    let chunk = serde_json::json!({"choices": [{"finish_reason": "stop", "delta": {
        "content": "x".repeat(100),
        "tool_calls": [{"index": 0, "function": {"arguments": "[".repeat(100)}}],
    }}]});
    let chunk = serde_json::from_value(chunk).unwrap();
    let mut events = ChatEvents::new();
    // If every chunk copied the text so far, they would copy 1 TB.
    let count: usize = (0..100_000).map(|_| events.push(&chunk).len()).sum();
    let rest = events.finish().0;
    assert_eq!((count, rest.len()), (100_000 * 2 + 4, 2));
}

#[test]
fn pieces_of_calls_beside_something_else() {
    check(
        &[
            r#"{"choices":[{"delta":{"tool_calls":[null,{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}}]}"#,
        ],
        &[
            r#"0 call 0 Some("a") Some("f")"#,
            "0 call 0 +{",
            "0 call 0 +}",
            "0 call 0 =Some(Object {})",
        ],
    );
}

#[test]
fn the_first_source_of_reasoning_counts() {
    check(
        &[
            r#"{"choices":[{"delta":{"reasoning":"a"}}]}"#,
            r#"{"choices":[{"delta":{"reasoning_content":"b"}}]}"#,
            r#"{"choices":[{"delta":{"reasoning":"c","reasoning_content":"c","reasoning_details":[{"text":"c"}]}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"reasoning":"a","reasoning_content":"a","reasoning_details":[{"text":"a"}]}}]}"#,
            r#"{"choices":[{"index":2,"delta":{"reasoning":"","reasoning_details":[{"type":"reasoning.text","index":0,"text":"a"},{"index":1,"data":"x"}]}}]}"#,
            r#"{"choices":[{"index":2,"delta":{"reasoning_details":[{"type":"reasoning.summary","index":0,"summary":"b"}]}}]}"#,
            r#"{"choices":[{"index":3,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]},{"type":"text","text":"b"}]}}]}"#,
            r#"{"choices":[{"index":4,"delta":{"thinking_blocks":[{"type":"thinking","thinking":"a","signature":""}]}}]}"#,
            r#"{"choices":[{"index":4,"delta":{"thinking_blocks":[{"type":"thinking","thinking":"b","signature":"S"}]}}]}"#,
        ],
        &[
            "0 reasoning +a",
            "0 reasoning +c",
            "1 reasoning +a",
            "2 reasoning +a",
            "2 reasoning +b",
            "3 reasoning +a",
            "3 content +b",
            "4 reasoning +a",
            "4 reasoning +b",
            "0 reasoning =ac",
            "1 reasoning =a",
            "2 reasoning =ab",
            "3 reasoning =a",
            "3 content =b",
            "4 reasoning =ab",
        ],
    );
}

#[test]
fn reasoning_may_be_an_object() {
    check(
        &[
            r#"{"choices":[{"index":0,"delta":{"reasoning":""}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"reasoning":{"content":"a"}}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"reasoning":{"summary":"b","id":"x"}}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        ],
        &["0 reasoning +a", "0 reasoning +b", "0 reasoning =ab", "0 finished stop"],
    );
}

#[test]
fn a_stop_after_tool_calls_is_no_second_reason() {
    check(
        &[
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        ],
        &[
            r#"0 call 0 Some("a") Some("f")"#,
            "0 call 0 +{}",
            "0 call 0 =Some(Object {})",
            "0 finished tool_calls",
        ],
    );
}

#[test]
fn texts_that_are_sent_again_give_one_warning() {
    let chunk =
        |text: &str| format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#);
    let warnings = |texts: &[&str]| {
        let mut events = ChatEvents::new();
        let reported = texts
            .iter()
            .flat_map(|text| events.push(&serde_json::from_str(&chunk(text)).unwrap()))
            .filter(|event| matches!(event, ChatEvent::TextResent { .. }));
        reported.count()
    };
    assert_eq!(warnings(&["H", "He", "Hel", "Hell", "Hello"]), 1);
    assert_eq!(warnings(&["", "H", "He", "Hel", "", "Hell"]), 1);
    assert_eq!(warnings(&["H", "He", "Hel"]), 1, "three deltas begin with the text before");
    assert_eq!(warnings(&["H", "He"]), 0);
    assert_eq!(warnings(&["a", "a", "a", "a", "a"]), 0);
    assert_eq!(warnings(&["a", "b", "bc", "bcd", "bcde"]), 0);
    let call = |text: &str| {
        format!(
            r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":0,"function":{{"arguments":"{text}"}}}}]}}}}]}}"#
        )
    };
    let whole = |chunks: &[String]| {
        let mut accumulator = Accumulator::new().resent_texts(true);
        chunks.iter().for_each(|chunk| accumulator.push(&serde_json::from_str(chunk).unwrap()));
        let completion = serde_json::to_value(accumulator.into_completion()).unwrap();
        completion["choices"][0]["message"].clone()
    };
    let message = whole(&["{", "{\\\"q\\\":", "{\\\"q\\\": 1}"].map(call));
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{\"q\": 1}");
    let twice =
        r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}}]}"#;
    let message = whole(&[twice, twice].map(str::to_owned));
    assert_eq!(message["tool_calls"].as_array().map(Vec::len), Some(1), "{message}");
}

#[test]
fn whole_messages() {
    check(
        &[
            r#"{"choices":[{"delta":{"role":"assistant","content":""},"message":{"content":"Hi","tool_calls":[{"function":{"name":"f"}},{"function":{"name":"g"}}]},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"index":1,"message":{"content":"late"}},{"index":2,"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"index":2,"message":{"content":"a"},"finish_reason":"stop"}]}"#,
        ],
        &[
            "0 finished stop",
            "2 content +a",
            "2 content =a",
            "2 finished stop",
            "0 content +Hi",
            r#"0 call 0 None Some("f")"#,
            r#"0 call 1 None Some("g")"#,
            "0 content =Hi",
            "0 call 0 =Some(Object {})",
            "0 call 1 =Some(Object {})",
            "1 content +late",
            "1 content =late",
        ],
    );
}

#[test]
fn the_deprecated_function_call_is_a_call() {
    check(
        &[
            r#"{"choices":[{"delta":{"content":null,"function_call":{"name":"f","arguments":""}}}]}"#,
            r#"{"choices":[{"delta":{"function_call":{"arguments":"{}"}}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"g","arguments":"x"}}]},"finish_reason":"function_call"}]}"#,
            r#"{"choices":[{"index":1,"delta":{"tool_calls":[{"id":"a","function":{"name":"f"}}],"function_call":{"name":"f"}}}]}"#,
        ],
        &[
            r#"0 call 0 None Some("f")"#,
            "0 call 0 +{}",
            r#"0 call 1 Some("a") Some("g")"#,
            "0 call 1 +x",
            "0 call 0 =Some(Object {})",
            "0 call 1 =None",
            "0 finished function_call",
            r#"1 call 0 Some("a") Some("f")"#,
            "1 call 0 =None",
        ],
    );
}

/// A call that was cut off after its name may have had arguments.
#[test]
fn a_call_has_no_arguments_only_if_the_answer_is_whole() {
    let opened = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]}"#;
    check(&[opened], &[r#"0 call 0 Some("a") Some("f")"#, "0 call 0 =None"]);
    for (reason, arguments) in [
        ("tool_calls", "Some(Object {})"),
        ("stop", "Some(Object {})"),
        ("length", "None"),
        ("content_filter", "None"),
    ] {
        check(
            &[opened, &format!(r#"{{"choices":[{{"finish_reason":"{reason}"}}]}}"#)],
            &[
                r#"0 call 0 Some("a") Some("f")"#,
                &format!("0 call 0 ={arguments}"),
                &format!("0 finished {reason}"),
            ],
        );
    }
}

#[test]
fn usage_elsewhere_comes_at_the_end() {
    let finished = r#"{"choices":[{"finish_reason":"stop","usage":{"total_tokens":3}}]}"#;
    check(&[finished], &["0 finished stop", "usage Some(3)"]);
    check(&[r#"{"x_groq":{"usage":{"total_tokens":4}}}"#], &["usage Some(4)"]);
    let top = r#"{"usage":{"total_tokens":5}}"#;
    check(&[finished, top], &["0 finished stop", "usage Some(5)"]);
    check(&[r#"{"usage":{}}"#], &[]);
}

/// Choices with deltas of every kind, whole messages, and finish reasons.
fn any_choice() -> impl Strategy<Value = Value> {
    let delta = prop::sample::select(vec![
        json!(null),
        json!({"content": "a", "refusal": "b"}),
        json!({"content": [{"type": "text", "text": "c"}, {"type": "image_url"}]}),
        json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "d"}]}]}),
        json!({"content": {"odd": 1}, "refusal": 5, "tool_calls": "odd"}),
        json!({"reasoning": "e", "reasoning_details": [{"index": 0, "text": "e"}]}),
        json!({"reasoning_content": "f", "reasoning": "f"}),
        json!({"reasoning_details": [{"index": 1, "text": "g"}, {"index": 0, "summary": "h"}]}),
        json!({"tool_calls": [null, {"index": "1", "id": "i", "function": {"arguments": "{}"}}]}),
        json!({"tool_calls": [{"function": {"name": "j", "arguments": "{"}}, {"function": {"name": "k"}}]}),
        json!({"tool_calls": [{"id": "i", "new": 1}], "function_call": {"name": "n"}}),
        json!({"function_call": {"arguments": "o"}}),
    ]);
    let message = prop::sample::select(vec![
        json!(null),
        json!(null),
        json!({"content": "p", "tool_calls": [{"id": "q", "function": {"name": "r"}}]}),
        json!({"reasoning": "s", "function_call": {"name": "t", "arguments": "u"}}),
    ]);
    let reason = prop::sample::select(vec![json!(null), json!(""), json!("stop"), json!("length")]);
    (0..2, delta, message, reason).prop_map(|(index, delta, message, reason)| {
        json!({"index": index, "delta": delta, "message": message, "finish_reason": reason})
    })
}

proptest! {
    #[test]
    fn every_added_text_is_done(choices in prop::collection::vec(any_choice(), 1..10)) {
        let (mut events, mut reported) = (ChatEvents::new(), Reported::default());
        let mut accumulator = Accumulator::new();
        for choice in choices {
            let chunk = serde_json::from_value(json!({"choices": [choice]})).unwrap();
            accumulator.push(&chunk);
            events.push(&chunk).into_iter().for_each(|event| reported.note(event));
        }
        let (rest, completion) = events.finish();
        rest.into_iter().for_each(|event| reported.note(event));
        prop_assert_eq!(completion, accumulator.into_completion());
        reported.is_done_once();
    }
}

/// The events of every recorded stream agree with the completion, and report each part once.
#[test]
fn recorded_streams() {
    let folder = support::shared("corpus");
    let files = support::files(&folder, ".sse");
    if files.is_empty() {
        support::skip(&folder);
    }
    files.iter().for_each(|file| check_file(file));
}

fn check_file(path: &Path) {
    let body = std::fs::read(path).unwrap();
    let mut decoder = ChunkDecoder::new();
    let (mut events, mut accumulator) = (ChatEvents::new(), Accumulator::new());
    let mut reported = Reported::default();
    let mut input = &body[..];
    while let Some(chunk) = decoder.next(&mut input) {
        if let Ok(chunk) = chunk {
            accumulator.push(chunk);
            events.push(chunk).into_iter().for_each(|event| reported.note(event));
        }
    }
    let (rest, completion) = events.finish();
    rest.into_iter().for_each(|event| reported.note(event));
    assert_eq!(completion, accumulator.into_completion(), "{}", path.display());
    reported.check(&completion, path);
}

/// The values of the events of one stream. Texts are by choice and kind.
#[derive(Default)]
struct Reported {
    added: BTreeMap<(i64, String), String>,
    done: BTreeMap<(i64, String), Vec<String>>,
    calls: BTreeMap<(i64, String), Vec<ToolCall>>,
    reasons: BTreeMap<i64, Vec<FinishReason>>,
    usage: Option<Box<Usage>>,
}

impl Reported {
    fn note(&mut self, event: ChatEvent) {
        match event {
            ChatEvent::ContentDelta { choice, delta, .. } => self.add(choice, "content", &delta),
            ChatEvent::RefusalDelta { choice, delta, .. } => self.add(choice, "refusal", &delta),
            ChatEvent::ReasoningDelta { choice, delta, .. } => {
                self.add(choice, "reasoning", &delta);
            }
            ChatEvent::ToolCallOpened { choice, call, .. } => {
                let known = self.added.insert((choice, format!("call {call}")), String::new());
                assert_eq!(known, None);
            }
            ChatEvent::ToolCallDelta { choice, call, delta, .. } => {
                self.added.get_mut(&(choice, format!("call {call}"))).unwrap().push_str(&delta);
            }
            ChatEvent::ContentDone { choice, content, .. } => {
                self.close(choice, "content", content);
            }
            ChatEvent::RefusalDone { choice, refusal, .. } => {
                self.close(choice, "refusal", refusal);
            }
            ChatEvent::ReasoningDone { choice, reasoning, .. } => {
                self.close(choice, "reasoning", reasoning);
            }
            ChatEvent::ToolCallDone { choice, call, tool_call, .. } => {
                let kind = format!("call {call}");
                self.close(choice, &kind, input(&tool_call));
                self.calls.entry((choice, kind)).or_default().push(tool_call);
            }
            ChatEvent::Finished { choice, reason, .. } => {
                self.reasons.entry(choice).or_default().push(reason);
            }
            ChatEvent::Usage(usage) => self.usage = Some(usage),
            _ => {}
        }
    }

    fn add(&mut self, choice: i64, kind: &str, text: &str) {
        self.added.entry((choice, kind.to_owned())).or_default().push_str(text);
    }

    fn close(&mut self, choice: i64, kind: &str, text: String) {
        self.done.entry((choice, kind.to_owned())).or_default().push(text);
    }

    /// Checks that the added texts equal the last done texts, and that no part was done twice with the same
    /// value.
    fn is_done_once(&self) -> BTreeMap<(i64, String), String> {
        for (key, all) in &self.calls {
            assert!(all.windows(2).all(|two| two[0] != two[1]), "{key:?} twice");
        }
        let last = |(key, all): (&(i64, String), &Vec<String>)| {
            assert!(all.windows(2).all(|two| two[0] != two[1]) || self.calls.contains_key(key));
            (key.clone(), all.last().unwrap().clone())
        };
        let done = self.done.iter().map(last).collect();
        assert_eq!(self.added, done);
        done
    }

    fn check(&self, completion: &ChatCompletion, path: &Path) {
        let done = self.is_done_once();
        let path = path.display();
        let mut expected = BTreeMap::new();
        let mut reasons = BTreeMap::new();
        for choice in completion.choices.iter().flatten() {
            texts_of(choice, &mut expected);
            let reason = choice.finish_reason.clone().filter(|reason| !reason.as_str().is_empty());
            reasons.extend(reason.map(|reason| (choice.index.unwrap(), vec![reason])));
        }
        assert_eq!(done, expected, "{path}");
        assert_eq!(self.reasons, reasons, "{path}");
        let usage = completion.usage.clone().filter(|usage| **usage != Usage::default());
        assert_eq!(self.usage, usage, "{path}");
    }
}

/// The texts of a choice that are not empty, and all its calls.
fn texts_of(choice: &Choice, texts: &mut BTreeMap<(i64, String), String>) {
    let index = choice.index.unwrap();
    let message = choice.message.as_ref().unwrap();
    let content = message.content.as_ref().and_then(Content::text).map(Into::into);
    for (kind, text) in [
        ("content", content),
        ("refusal", message.refusal.clone()),
        ("reasoning", reasoning(message)),
    ] {
        let text = text.filter(|text: &String| !text.is_empty());
        texts.extend(text.map(|text| ((index, kind.to_owned()), text)));
    }
    let calls = message.tool_calls.iter().flatten().enumerate();
    texts.extend(calls.map(|(call, tool)| ((index, format!("call {call}")), input(tool))));
}

fn reasoning(message: &ResponseMessage) -> Option<String> {
    let says = |text: &String| !text.is_empty();
    let text = message.reasoning_content.clone().filter(says);
    text.or_else(|| message.reasoning.clone().filter(says))
        .or_else(|| {
            let details = message.reasoning_details.as_ref()?.iter();
            Some(
                details
                    .flat_map(|detail| [&detail.text, &detail.summary])
                    .flatten()
                    .cloned()
                    .collect(),
            )
            .filter(says)
        })
        .or_else(|| match message.content.as_ref()? {
            Content::Parts(parts) => Some(
                parts
                    .iter()
                    .map(|part| match part {
                        ContentPart::Thinking(part) => {
                            Content::from(part.thinking.clone().unwrap_or_default())
                                .text()
                                .unwrap_or_default()
                                .into_owned()
                        }
                        _ => String::new(),
                    })
                    .collect(),
            ),
            _ => None,
        })
}

fn input(call: &ToolCall) -> String {
    let text = match call {
        ToolCall::Function(call) => call.function.as_ref().and_then(|call| call.arguments.clone()),
        ToolCall::Custom(call) => call.custom.as_ref().and_then(|call| call.input.clone()),
        _ => None,
    };
    text.unwrap_or_default()
}
