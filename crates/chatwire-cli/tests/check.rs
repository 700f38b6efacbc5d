//! Runs `chatwire check`. The unit tests of the crate cover what it finds in a payload.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

use crate::support;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::support::{chatwire, check};
use serde_json::Value;

/// A folder of payloads, which is removed when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("chatwire-{name}-{}", std::process::id()));
        for (file, content) in files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        Self(folder)
    }

    fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn folders_are_walked_and_the_last_line_counts() {
    let folder = Folder::new(
        "walk",
        &[
            ("b/x.request.json", r#"{"messages":[]}"#),
            ("a.response.json", r#"{"choices":null}"#),
            ("notes.txt", "not a payload"),
        ],
    );
    let run = chatwire(&["check", &folder.path("")]);
    let (a, b) = (folder.path("a.response.json"), folder.path("b/x.request.json"));
    let totals = "skipped, because not a payload: 1 file (1 *.txt)\n\
                  0 lost, 0 refused, 0 malformed\n2 passed, 0 failed\n";
    check(&run, 0, &format!("pass  {a}\npass  {b}\n{totals}"), &[]);
}

#[test]
fn a_malformed_file_fails_with_its_place() {
    let folder = Folder::new("malformed", &[("x.response.json", "{\n  \"id\": \"1\",\n}\n")]);
    let run = chatwire(&["check", &folder.path("x.response.json")]);
    assert_eq!(run.status.code(), Some(1));
    let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(stdout.contains("trailing comma at line 3 column 1"), "{stdout}");
    assert!(stdout.ends_with("0 passed, 1 failed\n"), "{stdout}");
    assert!(run.stderr.is_empty());
}

#[test]
fn control_characters_of_a_payload_are_escaped() {
    let payload = r#"{"\n\u001b[31m":"\u009b2J","choices":[{"finish_reason":"\u001b]0;x\u0007"}]}"#;
    let folder = Folder::new("orders", &[("x.response.json", payload)]);
    let path = folder.path("x.response.json");
    let run = chatwire(&["check", &path]);
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert!(stdout.contains(r"[31m: "), "{stdout}");
    assert!(!stdout.contains(|c: char| c.is_control() && c != '\n'), "{stdout:?}");
    assert_eq!(stdout.lines().count(), 5, "{stdout}");
    // The same for the error of a stream, a line that is passed over, and a list of problems.
    let error = "\u{1b}[2J\n\ndata: {\"error\":{\"message\":\"a\\n\\u001b[31mb\"}}\n\n";
    let folder =
        Folder::new("orders-2", &[("x.stream.sse", error), ("y.error.json", "{\"\u{9b}\n\":")]);
    let run = chatwire(&["check", &folder.path("")]);
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert!(!stdout.contains(|c: char| c.is_control() && c != '\n'), "{stdout:?}");
}

#[test]
fn many_unknown_keys_take_linear_time() {
    let keys: Vec<String> = (0..60_000).map(|key| format!("\"k{key}\":{key}")).collect();
    let payload = format!("{{{}}}", keys.join(","));
    let folder = Folder::new("many", &[("x.response.json", &payload)]);
    // Quadratic time would be minutes, which the limit of CI ends.
    let run = chatwire(&["check", &folder.path("x.response.json")]);
    assert_eq!(run.status.code(), Some(0));
    assert_eq!(run.stdout.split(|byte| *byte == b'\n').count(), 60_004);
}

#[test]
fn paths_that_are_not_payloads_fail() {
    let folder = Folder::new("paths", &[("x.txt", "")]);
    let run = chatwire(&["check", &folder.path("x.txt"), &folder.path("missing.chunk.json")]);
    let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(stdout.contains("its kind is not known"), "{stdout}");
    assert!(stdout.contains("No such file"), "{stdout}");
    assert!(stdout.ends_with("0 passed, 2 failed\n"), "{stdout}");
    check(&chatwire(&["check", &folder.path("")]), 1, "", &["error: no payload files found"]);
}

#[test]
fn an_index_names_the_kinds_that_names_do_not() {
    let index = r#"[{"kind":"delete","files":{"response":"s/x.response.json"}}]"#;
    let deleted = r#"{"object":"chat.completion.deleted","id":"1","deleted":true}"#;
    let folder = Folder::new("index", &[("index.json", index), ("s/x.response.json", deleted)]);
    let run = chatwire(&["check", "--json", &folder.path("")]);
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["files"][0]["kind"], "deleted");
    assert_eq!((&report["passed"], &report["failed"]), (&1.into(), &0.into()));
    assert_eq!(report["files"][0]["notes"], Value::Array(Vec::new()));
}

#[test]
fn an_index_names_the_malformed() {
    let index = r#"[{"kind":"malformed","service":"acme","files":{"response":"x.response.json"}}]"#;
    let folder = Folder::new(
        "named",
        &[("index.json", index), ("x.response.json", "{,}"), ("y.response.json", "{}")],
    );
    let paths = folder.path("");
    for (args, code) in
        [(vec!["check", &paths], 1), (vec!["check", "--expect-malformed", &paths], 0)]
    {
        let run = chatwire(&args);
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(run.status.code(), Some(code), "{stdout}");
        assert!(stdout.contains("key must be a string at line 1 column 2"), "{stdout}");
        assert!(stdout.contains("(1 file as index.json says)\n1 passed, 1 failed\n"), "{stdout}");
    }
}

#[test]
fn the_payloads_of_the_project_pass() {
    let payloads = Path::new(env!("CARGO_MANIFEST_DIR")).join("../chatwire-types/tests/payloads");
    let run = chatwire(&["check", "--json", payloads.to_str().unwrap()]);
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((failed_files(&report), run.status.code()), (Vec::new(), Some(0)));
    let services = report["services"].as_array().unwrap();
    let made = services.iter().find(|service| service["service"] == "hand-made").unwrap();
    for found in ["unknown", "deviations"] {
        assert_eq!(made[found], Value::Array(Vec::new()), "the document does not cover this");
    }
}

#[test]
fn real_services_fail_only_in_known_files() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        // Not with `eprintln`, because a test runner captures that.
        writeln!(io::stderr(), "skipped: {} not found", shared.display()).unwrap();
        return;
    }
    let paths = ["corpus", "torture", "peers/recordings"].map(|path| shared.join(path));
    let mut args = vec!["check", "--json", "--expect-malformed"];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let run = chatwire(&args);
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(failed_files(&report), FAILED);
    for kind in ["refused", "changed", "added", "unreadable", "not malformed"] {
        assert_eq!(report["problems"][kind], 0, "{kind}");
    }
    assert_eq!(
        (&report["problems"]["lost"], &report["problems"]["malformed"]),
        (&1.into(), &2.into())
    );
    assert!(report["passed"].as_u64() > Some(900), "{}", report["passed"]);
    // The line that is passed over.
    assert_eq!(run.status.code(), Some(1));
}

const FAILED: [&str; 3] = [
    "sk-invalid-stream.stream.sse",
    // Its first line is ` data: …` with a blank before it, so that the line is not a field.
    "llm-test-tools-streaming-test-tools-streaming-variant-c-0.stream.sse",
    "001-completion-object-trailing-comma.response.json",
];

/// The names of the files that failed. Each must say where.
fn failed_files(report: &Value) -> Vec<&str> {
    let files = report["files"].as_array().unwrap();
    let failed = files.iter().filter(|file| file["passed"] == false);
    failed
        .map(|file| {
            let text = |pointer| file.pointer(pointer).and_then(Value::as_str).unwrap();
            let (place, detail) = (text("/problems/0/place"), text("/problems/0/detail"));
            let has_column = detail.contains(" at line ") && detail.contains(" column ");
            assert!(has_column || place.starts_with("line "), "{place}: {detail}");
            file["path"].as_str().unwrap().rsplit('/').next().unwrap()
        })
        .collect()
}

#[test]
fn stdin_is_a_payload_or_a_stream() {
    let read = |args: &[&str], text: &str| {
        support::with_stdin(support::command(&[&["check", "-"], args].concat()), text.as_bytes())
    };
    let stream = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    for (text, kind) in [
        (r#"{"messages":[]}"#, "request"),
        (r#"{"metadata":{"a":"b"}}"#, "update request"),
        (r#"{"choices":[]}"#, "response"),
        (r#"{"choices":[{"delta":{}}]}"#, "chunk"),
        (r#"{"error":{"message":"no"}}"#, "error"),
        (r#"{"object":"list","data":[]}"#, "list"),
        (stream, "stream"),
    ] {
        let run = read(&["--json"], text);
        let report: Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(report["files"][0]["kind"], kind, "{text}");
        assert_eq!((&report["files"][0]["path"], run.status.code()), (&"stdin".into(), Some(0)));
    }
    let run = read(&["--kind", "error", "--json"], r#"{"choices":[]}"#);
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["files"][0]["kind"], "error");
    for (text, said) in
        [("", "stdin is empty"), (r#"{"choices":"#, "at line 1 column 11"), ("hello", "")]
    {
        let run = read(&[], text);
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(stdout.contains(said) && stdout.ends_with("0 passed, 1 failed\n"), "{stdout}");
        assert_eq!(run.status.code(), Some(1));
    }
    check(&chatwire(&["check", "x", "--kind", "error"]), 2, "", &["error: --kind is about stdin"]);
}
