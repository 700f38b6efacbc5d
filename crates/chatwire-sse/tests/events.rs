//! What each chunk does to an answer, one line an event, and that nothing is said that the completion
//! does not say. How the pieces are joined is in `accumulate.rs`.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use chatwire_sse::{Accumulator, ChatEvent, ChatEvents, ChunkDecoder};

fn describe(event: &ChatEvent) -> String {
    match event {
        ChatEvent::ContentDelta { choice, delta } => format!("{choice} content +{delta}"),
        ChatEvent::ContentDone { choice, content } => format!("{choice} content ={content}"),
        ChatEvent::RefusalDelta { choice, delta } => format!("{choice} refusal +{delta}"),
        ChatEvent::RefusalDone { choice, refusal } => format!("{choice} refusal ={refusal}"),
        ChatEvent::ReasoningDelta { choice, delta } => format!("{choice} reasoning +{delta}"),
        ChatEvent::ReasoningDone { choice, reasoning } => {
            format!("{choice} reasoning ={reasoning}")
        }
        ChatEvent::ToolCallOpened { choice, call, id, name } => {
            format!("{choice} call {call} {id:?} {name:?}")
        }
        ChatEvent::ToolCallDelta { choice, call, delta } => {
            format!("{choice} call {call} +{delta}")
        }
        ChatEvent::ToolCallDone { choice, call, arguments, .. } => {
            format!("{choice} call {call} ={arguments:?}")
        }
        ChatEvent::LogprobsDelta { choice, .. } => format!("{choice} logprobs"),
        ChatEvent::Finished { choice, reason } => format!("{choice} finished {reason}"),
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
fn what_comes_after_the_finish_is_done_again() {
    check(
        &[
            r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"b"}}]}"#,
        ],
        &["0 content +a", "0 content =a", "0 finished stop", "0 content +b", "0 content =ab"],
    );
}

/// On every recorded stream, the texts that were added are the texts of the completion.
#[test]
fn recorded_streams() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !folder.is_dir() {
        eprintln!("skipped: {} not found", folder.display());
        return;
    }
    check_folder(&folder);
}

fn check_folder(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_folder(&path);
        } else if path.extension().is_some_and(|extension| extension == "sse") {
            check_file(&path);
        }
    }
}

fn check_file(path: &Path) {
    let body = std::fs::read(path).unwrap();
    let mut decoder = ChunkDecoder::new();
    let (mut events, mut accumulator) = (ChatEvents::new(), Accumulator::new());
    let mut added: BTreeMap<i64, String> = BTreeMap::new();
    let mut done: BTreeMap<i64, String> = BTreeMap::new();
    let mut input = &body[..];
    let mut note = |event: ChatEvent| match event {
        ChatEvent::ContentDelta { choice, delta } => {
            added.entry(choice).or_default().push_str(&delta);
        }
        ChatEvent::ContentDone { choice, content } => drop(done.insert(choice, content)),
        _ => {}
    };
    while let Some(chunk) = decoder.next(&mut input) {
        if let Ok(chunk) = chunk {
            accumulator.push(chunk);
            events.push(chunk).into_iter().for_each(&mut note);
        }
    }
    let (rest, completion) = events.finish();
    rest.into_iter().for_each(&mut note);
    assert_eq!(completion, accumulator.into_completion(), "{}", path.display());
    assert_eq!(added, done, "{}", path.display());
}
