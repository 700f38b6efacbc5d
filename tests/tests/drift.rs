//! What is checked in is what the generator makes, however often and from wherever it is run: the
//! same check as `cargo xtask generate --check`, as an ordinary test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use std::fs;
use std::path::Path;
use std::process::Command;

use chatwire_tests::root;
use xtask::pipeline::{self, Inputs};
use xtask::progress::Progress;
use xtask::write::OutputFile;

fn run() -> Vec<OutputFile> {
    let inputs = Inputs { spec: root().join("spec/chat.openapi.yaml"), overlays: Vec::new() };
    pipeline::run(&inputs, &Progress::silent()).unwrap()
}

#[test]
fn the_checked_in_files_are_what_is_generated() {
    for file in run() {
        let checked_in = fs::read_to_string(root().join(&file.path)).unwrap_or_default();
        let fresh = checked_in == file.contents;
        assert!(fresh, "{} is stale: run `cargo xtask generate`", file.path);
    }
}

#[test]
fn two_runs_are_equal_to_the_byte() {
    assert_eq!(run(), run());
}

#[test]
fn another_directory_makes_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out");
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "xtask", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .args(["--", "generate", "--out"])
        .arg(&output)
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    for file in run() {
        let written = fs::read_to_string(Path::new(&output).join(&file.path)).unwrap();
        assert!(written == file.contents, "{} differs", file.path);
    }
}
