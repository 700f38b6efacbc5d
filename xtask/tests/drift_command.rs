//! Tests `cargo xtask drift` as a user sees it: its output, its exit code and the lock that it
//! writes. `drift.rs` tests the report itself.
#![allow(clippy::unwrap_used, reason = "helpers of tests are not exempt by themselves")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs `drift` on the documents of `tests/drift`, with a lock in `directory` and no reasons.
fn drift(directory: &Path, upstream: &str, more: &[&str]) -> Output {
    let reasons = directory.join("reasons.toml");
    std::fs::File::create(&reasons).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drift"));
    command.args(["drift", "--spec", "ours.yaml", "--upstream", upstream]);
    command.arg("--reasons").arg(reasons).arg("--lock").arg(directory.join("upstream.lock"));
    command.args(more).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_recorded_state_is_clean_until_upstream_moves() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("upstream.lock");

    let output = drift(folder.path(), "ours.yaml", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("    Recorded  nothing yet; `--write` does it\n"));
    assert!(!lock.exists(), "only `--write` writes");

    let output = drift(folder.path(), "ours.yaml", &["--write"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("     Written  "), "{}", stdout(&output));
    let output = drift(folder.path(), "ours.yaml", &["--write"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    insta::assert_snapshot!(stdout(&output).replace(&*folder.path().to_string_lossy(), "folder"), @r"
        Upstream  xtask/tests/drift/ours.yaml (version 1)
        Recorded  version 1
            Ours  xtask/tests/drift/ours.yaml

    Nothing new upstream
           Fresh  folder/upstream.lock
    ");

    let output = drift(folder.path(), "upstream.yaml", &[]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
}

#[test]
fn programs_get_one_object() {
    let folder = tempfile::tempdir().unwrap();
    drift(folder.path(), "ours.yaml", &["--write"]);
    let output = drift(folder.path(), "upstream.yaml", &["--format", "json", "--write"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((report["clean"].as_bool(), output.status.code()), (Some(false), Some(1)));
    assert_eq!(report["recorded"]["version"], "1");
    assert_eq!(report["now"]["version"], "2");
    // The new state is recorded, so only what ours lacks is left.
    let output = drift(folder.path(), "upstream.yaml", &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["changed"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_used_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let output = drift(folder.path(), "absent.yaml", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot read absent.yaml: "));

    let output = drift(folder.path(), "../coverage/problem--dangling.yaml", &["--write"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("error[dangling-ref]: "), "{}", stderr(&output));
    assert!(!folder.path().join("upstream.lock").exists());

    assert_eq!(drift(folder.path(), "ours.yaml", &["--fromat", "json"]).status.code(), Some(2));

    std::io::Write::write_all(
        &mut std::fs::File::create(folder.path().join("upstream.lock")).unwrap(),
        b"upstream-lock 1\ntitle a\n\n[request]\na string maximum\n",
    )
    .unwrap();
    let output = drift(folder.path(), "ours.yaml", &[]);
    assert_eq!(output.status.code(), Some(2));
    let shown = stderr(&output).replace(&*folder.path().to_string_lossy(), "folder");
    insta::assert_snapshot!(shown, @"
    folder/upstream.lock:5:1: error[lock-syntax]: an unknown fact; the recorded state cannot be read; take the file from version control, or remove it and record the state anew
           Found  1 problem
    ");
}

#[test]
fn a_lock_of_another_document_is_named() {
    let folder = tempfile::tempdir().unwrap();
    drift(folder.path(), "ours.yaml", &["--write"]);
    let output = drift(folder.path(), "../coverage/facts.yaml", &[]);
    let shown = stdout(&output);
    let expected = "    Recorded  version 1 of another document, `Ours`\n";
    assert!(shown.contains(expected), "{shown}");
}
