//! What the tests of the generated output share: the document and the tree that is generated from it.
//! The tests themselves are in `tests/`, one file a question.

use std::path::{Path, PathBuf};

use serde_json::Value;
use xtask::generator;
use xtask::load::Document;
use xtask::shape::Tree;

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The document.
///
/// # Panics
///
/// When it cannot be read, which the tests of the lint would say better.
#[allow(clippy::panic, reason = "a test has no other way to say so")]
pub fn document() -> Value {
    match Document::load(&root().join("spec/chat.openapi.yaml")) {
        Ok(document) => document.to_json(),
        Err(failure) => panic!("the document cannot be read: {failure:?}"),
    }
}

/// What is generated from a document.
///
/// # Panics
///
/// When nothing can be.
#[allow(clippy::panic, reason = "a test has no other way to say so")]
pub fn generate(document: &Value) -> Tree {
    match generator::tree(document) {
        Ok(tree) => tree,
        Err(problems) => panic!("nothing can be generated: {problems:?}"),
    }
}
