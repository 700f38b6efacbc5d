//! Tests that every Rust example of these READMEs stands, line by line, in a file that is compiled. Those files run
//! the examples. The other READMEs are documentation tests of their crates.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::fs;

use xtask::repository::root;

/// Each README, and the files that have its examples.
const READMES: [(&str, &[&str]); 2] = [
    ("README.md", &["crates/chatwire/examples/stream.rs", "crates/chatwire-types/tests/readme.rs"]),
    ("crates/chatwire-mock/README.md", &["crates/chatwire/examples/testing.rs"]),
];

/// Names of the migration page that need a feature of async-openai, or that are the reader's own.
const NOT_COMPILED: [&str; 2] = ["create_byot", "response"];

/// The lines without their indentation, so that a block may stand inside a function.
fn flat(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_are_compiled() {
    for (readme, files) in READMES {
        let readme = fs::read_to_string(root().join(readme)).unwrap();
        let blocks: Vec<&str> =
            readme.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(blocks.len(), files.len());
        for (block, file) in blocks.iter().zip(files) {
            let (block, file) =
                (flat(block), flat(&fs::read_to_string(root().join(file)).unwrap()));
            assert!(file.contains(block.trim()), "not compiled:\n{block}");
        }
    }
}

/// The page has the example and the names of `migration.rs`, which is compiled with async-openai.
#[test]
fn the_migration_page_names_what_async_openai_has() {
    let folder = "tests/neighbours/programs/async-openai/src/migration.rs";
    let compiled = fs::read_to_string(root().join(folder)).unwrap();
    let page = fs::read_to_string(root().join("crates/chatwire/src/from_async_openai.rs")).unwrap();
    let page = page.replace("//!", "");
    let example = page.split("```ignore\n").nth(1).and_then(|rest| rest.split("```").next());
    assert!(flat(&compiled).contains(flat(example.unwrap()).trim()));

    let rows = page.lines().filter_map(|line| line.trim().strip_prefix("| `"));
    let theirs: Vec<_> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(theirs.len() > 40, "{theirs:?}");
    for name in
        theirs.iter().flat_map(|cell| cell.split(|c: char| !c.is_alphanumeric() && c != '_'))
    {
        assert!(compiled.contains(name) || NOT_COMPILED.contains(&name), "{name}");
    }
}

#[test]
fn the_two_commands_are_the_ones_that_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(readme.contains("\ncargo test --workspace "));
    assert!(ci.contains("cargo test --workspace\n"));
}
