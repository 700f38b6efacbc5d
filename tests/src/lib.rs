//! What the tests of the generated output share: the document, the tree that is generated from it,
//! and where snapshots lie. The tests themselves are in `tests/`, one file a question.

use std::collections::BTreeSet;
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

/// Items as the source that is checked in.
pub fn source(items: Vec<syn::Item>) -> String {
    let file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    generator::blank_lines(&prettyplease::unparse(&file))
}

/// Asserts that a folder has a snapshot of each input, and none of anything else.
///
/// # Panics
///
/// When it has not, with what to do about it.
pub fn assert_snapshots_of<'a>(folder: &str, inputs: impl Iterator<Item = &'a str>) {
    let inputs: BTreeSet<&str> = inputs.collect();
    let names = snapshot_names(folder);
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let missing: Vec<_> = inputs.difference(&names).collect();
    assert!(
        missing.is_empty(),
        "no snapshot of {missing:?}: run `INSTA_UPDATE=always cargo test -p chatwire-tests`"
    );
    let stale: Vec<_> = names.difference(&inputs).collect();
    assert!(stale.is_empty(), "delete from tests/tests/{folder}, nothing has that name: {stale:?}");
}

/// The names of the snapshots in a folder, without their ending.
fn snapshot_names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned)).collect()
}

/// The settings of every snapshot here: one file an input, named after it, in `folder`.
pub fn settings(folder: &str) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}
