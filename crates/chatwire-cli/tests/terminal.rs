//! Runs `chatwire chat` in a terminal: the conversation, the spinner, colours and tool calls. `chat.rs` runs it with
//! pipes.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use crate::support;
use std::time::Duration;

use crate::support::terminal::Terminal;
use crate::support::{Scripted, stream};
use serde_json::json;

const HELLO: &str =
    r#"{"choices":[{"index":0,"delta":{"content":"Hello!"},"finish_reason":"stop"}]}"#;
const THOUGHT: &str = r#"{"choices":[{"index":0,"delta":{"reasoning_content":"They greet me."}}]}"#;
const CALL: &str = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}"#;

#[test]
fn a_conversation_remembers() {
    let folder = std::env::temp_dir().join(format!("chatwire-talk-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("talk.request.json");
    let terminal = Terminal::start(&["chat", "--system", "Be brief"], &[]);
    terminal.wait_for("ends the conversation\n>");
    terminal.press("Say one\r");
    terminal.wait_for("One!\nusage: 13 prompt + 2 completion = 15 tokens\n>");
    terminal.press("/model\r");
    terminal.wait_for("the model is gpt-4o-mini\n>");
    terminal.press("/model other\r");
    terminal.wait_for("the model is other\n>");
    terminal.press("Say two\r");
    terminal.wait_for("Two!\nusage: 23 prompt + 2 completion = 25 tokens\n>");
    terminal.press(&format!("/save {}\r", file.display()));
    terminal.wait_for("talk.request.json\n>");
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let roles: Vec<_> = saved["messages"].as_array().unwrap().iter().map(|m| &m["role"]).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user", "assistant"]);
    assert_eq!(saved["model"], "other");
    terminal.press(&format!("/save {}\r", file.display()));
    terminal.wait_for("File exists (os error 17)\n>");
    terminal.press("/clear\r");
    terminal.wait_for("forgotten\n>");
    terminal.press("Say two\r");
    terminal.wait_for("usage: 13 prompt + 2 completion = 15 tokens\n>");
    terminal.press("/nothing\r");
    terminal.wait_for("there is no command /nothing; /help lists the commands\n>");
    // The line before the last one, edited.
    terminal.press("\u{1b}[A\u{1b}[A\u{7f}\u{7f}\u{7f}three\r");
    terminal.wait_for("Three!\nusage: 23 prompt + 2 completion = 25 tokens\n>");
    terminal.press("/quit\r");
    assert_eq!(terminal.wait().0, Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_conversation_ends_with_its_keys() {
    for (keys, code) in [("\u{4}", 0), ("\u{3}", 130)] {
        let terminal = Terminal::start(&["chat"], &[]);
        terminal.wait_for(">");
        terminal.press(keys);
        assert_eq!(terminal.wait().0, Some(code));
    }
}

#[test]
fn an_answer_that_fails_or_is_stopped_takes_the_prompt_back() {
    let server = Scripted::start_all(vec![
        support::answer(
            "400 Bad Request",
            "application/json",
            r#"{"error":{"message":"too odd"}}"#,
        ),
        stream(&[HELLO]),
    ]);
    let terminal = Terminal::start(&["chat", "--base-url", &server.base_url], &[]);
    terminal.wait_for(">");
    terminal.press("first\r");
    terminal.wait_for("error: 400 Bad Request: too odd\n>");
    terminal.press("second\r");
    terminal.wait_for("Hello!\nusage: not reported by the server\n>");
    let messages = &server.bodies()[1]["messages"];
    assert_eq!(*messages, json!([{"role": "user", "content": "second"}]));

    let server = Scripted::start_and_hang(
        stream(&[THOUGHT]).replace("content-length: ", "x: ").replace("data: [DONE]\n\n", ""),
    );
    let terminal = Terminal::start(&["chat", "--base-url", &server.base_url], &[]);
    terminal.wait_for(">");
    terminal.press("first\r");
    terminal.wait_for("They greet me.");
    terminal.press("\u{3}");
    terminal.wait_for("\n>");
    terminal.press("/quit\r");
    assert_eq!(terminal.wait().0, Some(0));
}

#[test]
fn reasoning_is_dimmed_and_can_be_hidden() {
    let server = Scripted::start(stream(&[THOUGHT, HELLO]));
    let run = |more: &[&str], environment: &[(&str, &str)]| {
        let base = ["chat", "hi", "--base-url", &server.base_url];
        let terminal = Terminal::start(&[&base, more].concat(), environment);
        terminal.wait_for("not reported by the server");
        (terminal.written(), terminal.wait().1)
    };
    let (written, screen) = run(&[], &[]);
    assert!(written.contains("\u{1b}[2mThey greet me.\u{1b}[0m"), "{written:?}");
    assert!(screen.contains("\nThey greet me.\nHello!\nusage"), "{screen}");
    let (written, screen) = run(&[], &[("NO_COLOR", "1")]);
    assert!(!written.contains("\u{1b}[2m") && !written.contains("\u{1b}[0m"), "{written:?}");
    assert!(screen.contains("\nThey greet me.\nHello!\nusage"), "{screen}");
    for how in [&["--reasoning", "hide"][..], &["--json"]] {
        let (written, _) = run(how, &[]);
        assert!(!written.contains("[2mThey greet me."), "{written:?}");
    }
}

#[test]
fn a_spinner_waits_for_the_first_text() {
    let server = Scripted::start_late(stream(&[HELLO]), Duration::from_millis(900));
    let args = ["chat", "hi", "--model", "m\u{7}", "--base-url", &server.base_url];
    let terminal = Terminal::start(&args, &[]);
    terminal.wait_for("waiting for m\\u{7} 0s");
    terminal.wait_for("Hello!\nusage: not reported by the server");
    let (code, screen) = terminal.wait();
    assert_eq!(code, Some(0));
    assert!(!screen.contains("waiting for"), "{screen}");
    assert_eq!(screen.lines().count(), 3, "{screen}");
}

#[test]
fn results_of_tools_are_asked_for() {
    let folder = std::env::temp_dir().join(format!("chatwire-tools-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("tools.json");
    std::fs::write(&file, r#"{"name":"get_weather","parameters":{"type":"object"}}"#).unwrap();
    let server = Scripted::start_all(vec![stream(&[CALL]), stream(&[HELLO])]);
    let args =
        ["chat", "hi", "--tool-file", file.to_str().unwrap(), "--base-url", &server.base_url];
    let terminal = Terminal::start(&args, &[]);
    terminal.wait_for("tool call get_weather({\"city\":\"Oslo\"})\nresult of get_weather:");
    terminal.press("5 °C\r");
    terminal.wait_for("Hello!\nusage: not reported by the server");
    assert_eq!(terminal.wait().0, Some(0));
    let messages = server.bodies()[1]["messages"].clone();
    assert_eq!(messages[2], json!({"role": "tool", "tool_call_id": "c1", "content": "5 °C"}));
    std::fs::remove_dir_all(folder).unwrap();
}
