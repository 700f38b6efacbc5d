//! `chatwire chat` with servers that nobody here wrote: a real llama.cpp with a scripted model, and
//! a mock of the official API. Run with `CHATWIRE_PEERS=1` while `../shared/peers/up.sh` has them up.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io::Write;
use std::process::Output;

use support::{chatwire, check};

const LLAMA: &str = "http://127.0.0.1:4107/v1";
const AIMOCK: &str = "http://127.0.0.1:4103/v1";

fn peers_are_up() -> bool {
    let up = std::env::var_os("CHATWIRE_PEERS").is_some();
    if !up {
        // Not by `eprintln`, which a test runner keeps to itself.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: CHATWIRE_PEERS is not set").unwrap();
    }
    up
}

fn chat(base_url: &str, key: &str, model: &str, more: &[&str]) -> Output {
    let args = ["chat", "--base-url", base_url, "--api-key", key, "--model", model];
    chatwire(&[&args, more].concat())
}

#[test]
fn llama_server_answers_in_both_forms() {
    if !peers_are_up() {
        return;
    }
    // It is sampled, and now and then takes another of the sentences that it knows.
    let known = [
        "Hello there! Café 😀 I am a tiny model.",
        "Hello there.",
        "It is sunny in Paris, 21 C today",
    ];
    for how in [&["Say this is a test"][..], &["Say this is a test", "--no-stream"]] {
        let run = chat(LLAMA, "sk-test", "tiny", how);
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(known.contains(&stdout.trim_end()), "{stdout}");
        let run = chat(LLAMA, "sk-test", "tiny", &[how, &["--n", "2"]].concat());
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        let (first, second) = stdout.trim_end().split_once("\n[2] ").unwrap();
        assert!(known.contains(&first.strip_prefix("[1] ").unwrap()), "{stdout}");
        assert!(known.contains(&second), "{stdout}");
    }
    let run = chat(LLAMA, "sk-wrong", "tiny", &["hi"]);
    check(&run, 1, "", &["error: 401 Unauthorized: Invalid API Key"]);
}

#[test]
fn aimock_answers_and_fails_as_it_should() {
    if !peers_are_up() {
        return;
    }
    let text = "Hello! How can I help you today? Café 😀\n";
    for how in [&["Say hello"][..], &["Say hello", "--no-stream"]] {
        check(&chat(AIMOCK, "sk-test", "gpt-4o-mini", how), 0, text, &["usage: "]);
    }
    let ask = |model: &str| chat(AIMOCK, "sk-test", model, &["Say hello"]);
    check(&ask("slow"), 0, "Slow answer.\n", &[]);
    check(&ask("mock-429"), 1, "", &["error: 429 Too Many Requests: Rate limited"]);
    check(&ask("mock-cut"), 1, "This tex\n", &["error: the answer broke off"]);
    let run = chat(AIMOCK, "sk-wrong", "gpt-4o-mini", &["Say hello"]);
    check(&run, 1, "", &["error: 401 Unauthorized: Invalid API key"]);
}

/// It gives 429, then 503, then an answer; and from then on the answer.
#[test]
fn aimock_is_flaky_only_for_a_while() {
    if !peers_are_up() {
        return;
    }
    let run = chat(AIMOCK, "sk-test", "flaky", &["Say hello"]);
    check(&run, 0, "Third time lucky.\n", &[]);
}
