//! Tests how many crates the types depend on, because users compile every one of them. The stream
//! and the client may depend on more.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::collections::BTreeSet;
use std::process::Command;

use xtask::repository::root;

/// The crates below a package, by `cargo tree` with default features.
fn below(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let names = lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned);
    names.filter(|name| name != package && !name.is_empty()).collect()
}

#[test]
fn at_most_twelve_crates_below_the_types() {
    let below = below("chatwire-types");
    assert!(below.contains("serde_json"), "the list is not what it should be: {below:?}");
    assert!(below.len() <= 12, "{} crates: {below:?}", below.len());
}

#[test]
fn no_proc_macro_below_the_types() {
    let below = below("chatwire-types");
    for name in ["syn", "serde_derive", "proc-macro2"] {
        assert!(!below.contains(name), "{name} came in");
    }
}

#[test]
fn the_generator_is_not_in_the_command_line() {
    let below = below("chatwire-cli");
    assert!(below.contains("chatwire-types"));
    for name in ["xtask", "progenitor", "insta"] {
        assert!(!below.contains(name), "{name} came in");
    }
}
