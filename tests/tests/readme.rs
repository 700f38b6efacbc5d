//! Tests that every Rust example of the README stands, line by line, in a file that is compiled.
//! Those files run the examples.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::fs;

use chatwire_tests::root;

const COMPILED: [&str; 2] =
    ["crates/chatwire/examples/stream.rs", "crates/chatwire-types/tests/readme.rs"];

/// The lines without their indentation, so that a block may stand inside a function.
fn flat(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_are_compiled() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks: Vec<&str> =
        readme.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), COMPILED.len());
    let compiled = COMPILED.map(|path| flat(&fs::read_to_string(root().join(path)).unwrap()));
    for block in blocks {
        let block = flat(block);
        assert!(compiled.iter().any(|file| file.contains(block.trim())), "not compiled:\n{block}");
    }
}

#[test]
fn the_two_commands_are_the_ones_that_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(readme.contains("\ncargo test --workspace "));
    assert!(ci.contains("cargo test --workspace\n"));
}
