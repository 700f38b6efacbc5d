//! Tests that every overlay of the project still fits the document: its targets exist, the result
//! passes the lint, and it changes the output. `xtask/tests/overlay.rs` tests how overlays are
//! applied.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::fs;
use std::path::PathBuf;

use xtask::bindings::Set;
use xtask::pipeline::{self, Inputs};
use xtask::progress::Progress;
use xtask::repository::root;

fn overlays() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("spec/overlays")).unwrap().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_overlay_fits() {
    let set = Set::default();
    let made = |overlays: Vec<PathBuf>| {
        let inputs = Inputs { overlays, ..set.inputs(&root()) };
        pipeline::run(&inputs, &set.layout, &Progress::silent()).unwrap()
    };
    let plain = made(Vec::new());
    assert!(!overlays().is_empty());
    for overlay in overlays() {
        let files = made(vec![overlay.clone()]);
        let name = overlay.file_name().unwrap().to_str().unwrap();
        assert!(files.iter().all(|file| file.contents.contains(name)), "{name} is in no header");
        let body = |text: &str| text.split_once("//!").map(|(_, body)| body.len());
        let same = files.iter().zip(&plain).all(|(a, b)| body(&a.contents) == body(&b.contents));
        assert!(!same, "{name} changes nothing");
    }
}
