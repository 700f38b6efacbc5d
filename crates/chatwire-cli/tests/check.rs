//! `chatwire check` as a shell sees it. What it finds in a payload is tested in the crate.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{chatwire, check};

/// A folder of payloads, gone when dropped.
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
    check(&run, 0, &format!("pass  {a}\npass  {b}\n2 passed, 0 failed\n"), &[]);
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
fn paths_that_are_no_payloads_fail() {
    let folder = Folder::new("paths", &[("x.txt", "")]);
    let run = chatwire(&["check", &folder.path("x.txt"), &folder.path("missing.chunk.json")]);
    let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(stdout.contains("its kind is not known"), "{stdout}");
    assert!(stdout.contains("No such file"), "{stdout}");
    assert!(stdout.ends_with("0 passed, 2 failed\n"), "{stdout}");
    check(&chatwire(&["check", &folder.path("")]), 1, "", &["error: no payload files there"]);
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
fn the_payloads_of_real_services_pass() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        eprintln!("skipped: {} not found", shared.display());
        return;
    }
    let paths = ["corpus", "torture", "peers/recordings"].map(|path| shared.join(path));
    let mut args = vec!["check", "--json"];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let report: Value = serde_json::from_slice(&chatwire(&args).stdout).unwrap();
    let files = report["files"].as_array().unwrap();
    let failed: Vec<&str> = files
        .iter()
        .filter(|file| file["passed"] == false)
        .map(|file| file["path"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    let malformed =
        ["sk-invalid-stream.stream.sse", "001-completion-object-trailing-comma.response.json"];
    assert_eq!(failed, malformed);
}
