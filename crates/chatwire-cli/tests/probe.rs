//! Runs `chatwire probe`: what it prints, its exit codes, and what it keeps to itself.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::process::Output;

use crate::support::{Scripted, Serve, answer, chatwire, check, command};
use serde_json::Value;

fn probe(base_url: &str, more: &[&str]) -> Output {
    chatwire(&[&["probe", "--base-url", base_url, "--model", "m"], more].concat())
}

#[test]
fn a_good_server_passes() {
    let serve = Serve::start(&["--chunk-delay", "0", "--api-key", "sk-secret-key"]);
    let more = ["--api-key", "sk-secret-key", "--json", "--fail-on", "should"];
    let run = probe(&serve.base_url, &more);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    let results = report["results"].as_array().unwrap();
    let passed = results.iter().filter(|result| result["verdict"] == "pass").count();
    assert!(passed > 200, "{passed}");
    // The estimate comes first, and a pipe gets no progress.
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert!(stderr.starts_with(&format!("probing {}: ", serve.base_url)), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(!String::from_utf8(run.stdout).unwrap().contains("sk-secret-key"));
}

#[test]
fn a_level_decides_the_exit_code() {
    let body = r#"{"choices":[{"message":{"role":"assistant","content":"Hi"}}]}"#;
    let bad = Scripted::start(answer("200 OK", "application/json", body));
    let only = ["--only", "answer-id", "--fail-on"];
    let code = |level: &str| probe(&bad.base_url, &[&only[..], &[level]].concat()).status.code();
    assert_eq!((code("must"), code("may"), code("never")), (Some(1), Some(1), Some(0)));
    let shoulds = probe(&bad.base_url, &["--only", "answer-object", "--fail-on", "must"]);
    assert_eq!(shoulds.status.code(), Some(0));
}

#[test]
fn what_is_wrong_with_the_command_line() {
    let run = chatwire(&["probe"]);
    check(&run, 2, "", &["error: there is no server to probe; give --base-url"]);
    let run = probe("localhost:1", &[]);
    check(&run, 2, "", &["error: the base URL does not begin with http://"]);
    let run = probe("http://127.0.0.1:9", &["--only", "nothing"]);
    check(&run, 2, "", &["error: --only nothing: no group and no case has this name"]);
    let run = chatwire(&["probe", "--list", "--only", "models", "--only", "nothing"]);
    check(&run, 2, "", &["error: --only nothing: no group and no case has this name"]);
    let run = probe("http://127.0.0.1:9", &["--api-key", "a\nb"]);
    check(&run, 2, "", &["error: the key has a control character"]);
    let run = probe("http://127.0.0.1:9", &[]);
    check(&run, 1, "", &["error: no connection to http://127.0.0.1:9: "]);
    let run = chatwire(&["probe", "compare", "Cargo.toml", "Cargo.toml"]);
    check(&run, 1, "", &["error: Cargo.toml:1:2 is not a report: "]);
}

#[test]
fn the_environment_names_the_server() {
    let serve = Serve::start(&["--api-key", "sk-secret-key"]);
    let mut command = command(&["probe", "--only", "models", "--json"]);
    command.env("OPENAI_BASE_URL", &serve.base_url).env("OPENAI_API_KEY", "sk-secret-key");
    let run = command.output().unwrap();
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&report["server"]["model"], run.status.code()), (&"gpt-4o-mini".into(), Some(0)));
}

#[test]
fn help_pages_and_completions_have_it() {
    let page = String::from_utf8(chatwire(&["man", "probe"]).stdout).unwrap();
    assert!(page.contains("chatwire\\-probe") && page.contains("budget"), "{page}");
    let completions = String::from_utf8(chatwire(&["completions", "bash"]).stdout).unwrap();
    assert!(completions.contains("--allow-store") && completions.contains("--fail-on"));
    let list =
        String::from_utf8(chatwire(&["probe", "--list", "--only", "models"]).stdout).unwrap();
    assert!(list.lines().count() == 4 && list.contains("models/models-list"), "{list}");
}
