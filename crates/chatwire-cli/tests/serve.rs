//! Runs `chatwire serve`: its log, its end, and a recording with its replay.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::terminal::Terminal;
use crate::support::{Serve, chatwire, check, command};
use serde_json::Value;

fn ask(base_url: &str, more: &[&str]) -> Output {
    chatwire(&[&["chat", "Say hi", "--base-url", base_url], more].concat())
}

/// Asks in the background.
fn begin(base_url: &str) -> Child {
    let mut command = command(&["chat", "Say hi", "--base-url", base_url]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(400));
    child
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_terminal_shows_a_line_for_each_request() {
    let terminal = Terminal::start(&["serve", "--port", "0", "--chunk-delay", "0"], &[]);
    terminal.wait_for("(Ctrl-C stops)");
    let base_url = terminal.screen().split(' ').nth(2).unwrap().to_owned();
    assert!(ask(&base_url, &["--model", "small"]).status.success());
    terminal.wait_for(" ms");
    let line = |number: usize| terminal.screen().lines().nth(number).unwrap_or_default().to_owned();
    let first = line(1);
    assert!(first.starts_with("200 POST /v1/chat/completions small, 8 + 2 tokens, "), "{first}");
    assert!(!ask(&format!("{base_url}/nowhere"), &[]).status.success());
    terminal.wait_for("did you mean /v1/chat/completions?");
    assert!(line(2).starts_with("404 POST /v1/nowhere/chat/completions "), "{}", line(2));
    assert!(terminal.written().contains("\u{1b}[32m200\u{1b}[0m"), "{}", terminal.written());
    terminal.press("\u{3}");
    assert_eq!(terminal.wait().0, Some(0));
}

#[test]
fn programs_read_json() {
    let mut server = Serve::start(&["--json", "--chunk-delay", "0"]);
    assert!(ask(&server.base_url, &[]).status.success());
    assert!(ask(&server.base_url, &["--no-stream"]).status.success());
    assert!(!ask(&server.base_url, &["--extra", "top_p=9"]).status.success());
    server.signal("TERM");
    let (code, stdout, stderr) = server.wait();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let lines = json_lines(&stdout);
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["listening", "request", "request", "request", "stopped"]);
    assert_eq!(lines[0]["base_url"], server.base_url);
    for line in &lines[1..3] {
        assert_eq!(line["method"], "POST");
        assert_eq!(line["path"], "/v1/chat/completions");
        assert_eq!(line["model"], "gpt-4o-mini");
        assert_eq!((&line["status"], &line["complete"]), (&200.into(), &true.into()));
        assert_eq!((&line["prompt_tokens"], &line["completion_tokens"]), (&8.into(), &2.into()));
        assert!(line["at"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line["seconds"].as_f64().unwrap() > 0.0 && line["bytes"].as_u64().unwrap() > 100);
    }
    assert_eq!((&lines[3]["status"], &lines[3]["model"]), (&400.into(), &"gpt-4o-mini".into()));
    assert!(lines[3]["error"].as_str().unwrap().contains("top_p"), "{}", lines[3]);
    assert_eq!(lines[4]["closed_connections"], 0);
}

#[test]
fn a_pipe_stays_quiet() {
    let mut server = Serve::start(&["--chunk-delay", "0"]);
    assert!(ask(&server.base_url, &[]).status.success());
    server.signal("INT");
    assert_eq!(server.wait(), (Some(0), String::new(), String::new()));
}

#[test]
fn streams_have_time_to_end() {
    let mut server = Serve::start(&["--chunk-delay", "300ms"]);
    let client = begin(&server.base_url);
    server.signal("TERM");
    check(&client.wait_with_output().unwrap(), 0, "Hi!\n", &[]);
    assert_eq!(server.wait(), (Some(0), String::new(), String::new()));
}

#[test]
fn streams_that_take_too_long_are_closed() {
    let mut server = Serve::start(&["--chunk-delay", "10s", "--grace", "200ms", "--json"]);
    let client = begin(&server.base_url);
    server.signal("TERM");
    let (code, stdout, stderr) = server.wait();
    assert_eq!(code, Some(0));
    assert_eq!(stderr, "closed 1 connection with answers that took longer than 200ms\n");
    let lines = json_lines(&stdout);
    assert_eq!((&lines[1]["event"], &lines[1]["complete"]), (&"request".into(), &false.into()));
    assert_eq!(lines[2]["closed_connections"], 1);
    check(&client.wait_with_output().unwrap(), 1, "", &["error: the answer broke off"]);
}

#[test]
fn a_second_signal_does_not_wait() {
    let mut server = Serve::start(&["--chunk-delay", "10s", "--grace", "1m"]);
    let client = begin(&server.base_url);
    server.signal("INT");
    thread::sleep(Duration::from_millis(200));
    server.signal("INT");
    assert_eq!(server.wait().0, Some(130));
    assert_eq!(client.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_ends_the_server() {
    let mut server = Serve::start(&["--json", "--chunk-delay", "0"]);
    server.close_stdout();
    // The answer may come before the end.
    let _ = ask(&server.base_url, &[]);
    assert_eq!(server.wait().0, Some(141));
}

#[test]
fn a_recording_is_replayed_and_checked() {
    let folder = std::env::temp_dir().join(format!("chatwire-serve-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let path = folder.to_str().unwrap();
    let real = Serve::start(&["--api-key", "sk-right-1", "--chunk-delay", "1ms"]);
    let key = ["--api-key", "sk-right-1"];
    let mut recorder = Serve::start(&["--record", path, "--upstream", &real.base_url, "--json"]);
    let forms: [&[&str]; 3] = [&[], &["--no-stream"], &["--no-stream", "--extra", "top_p=9"]];
    let ask_all = |base_url: &str| -> Vec<_> {
        let ask = |form: &&[&str]| ask(base_url, &[*form, &key[..]].concat());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(base_url, "URL");
        let all = |run: Output| (run.status.code(), text(&run.stdout), text(&run.stderr));
        forms.iter().map(ask).map(all).collect()
    };
    let recorded = ask_all(&recorder.base_url);
    assert_eq!(recorded[0].1, "Hi!\n");
    recorder.signal("TERM");
    let (code, stdout, _) = recorder.wait();
    assert_eq!(code, Some(0));
    let lines = json_lines(&stdout);
    let names: Vec<_> = lines[1..4].iter().map(|line| line["recording"].clone()).collect();
    assert_eq!(names, ["0001-gpt-4o-mini", "0002-gpt-4o-mini", "0003-gpt-4o-mini"]);
    assert_eq!(lines[2]["completion_tokens"], 2);

    let replay = Serve::start(&["--replay", path, "--json"]);
    assert_eq!(ask_all(&replay.base_url), recorded);
    let other = ask(&replay.base_url, &["--model", "other"]);
    let message = "the nearest is '0001-gpt-4o-mini', in which `model` was \"gpt-4o-mini\"";
    check(&other, 1, "", &["404", message]);

    let checked = chatwire(&["check", path]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    for file in std::fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        assert!(!has(&file, "sk-right-1"), "{}", file.display());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn has(file: &Path, text: &str) -> bool {
    String::from_utf8_lossy(&std::fs::read(file).unwrap()).contains(text)
}

#[test]
fn what_a_recorder_needs() {
    let check_usage = |args: &[&str], part: &str| {
        let run = chatwire(&[&["serve"], args].concat());
        check(&run, 2, "", &[part]);
    };
    check_usage(&["--record", "x"], "--upstream <URL>");
    check_usage(&["--upstream", "http://h"], "--record <DIR>");
    check_usage(&["--record", "x", "--upstream", "http://h", "--replay", "x"], "cannot be used");
    let run = chatwire(&["serve", "--record", "x", "--upstream", "h"]);
    check(&run, 1, "", &["error: the upstream 'h' cannot be used: write the base URL"]);
}
