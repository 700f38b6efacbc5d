//! What the tests of the generated output share: the document, its [`wire`] in lines, and the syntax
//! tree that is generated from it. The tests are in `tests/`, one file for each question.

pub mod wire;

use serde_json::Value;
use xtask::bindings::Bindings;
use xtask::generator;
pub use xtask::repository::root;
use xtask::shape::Tree;

/// The document.
///
/// # Panics
///
/// Panics if the document cannot be read. The tests of the lint then give a better message.
#[allow(clippy::panic, reason = "a test has no other way to say so")]
pub fn document() -> Value {
    let set = Bindings::of_project(&root()).map(|bindings| bindings.sets.into_iter().next());
    match set.and_then(|set| set.unwrap_or_default().inputs(&root()).document()) {
        Ok(document) => document.to_json(),
        Err(failure) => panic!("the document cannot be read: {failure:?}"),
    }
}

/// What is generated from a document.
///
/// # Panics
///
/// Panics if nothing can be generated.
#[allow(clippy::panic, reason = "a test has no other way to say so")]
pub fn generate(document: &Value) -> Tree {
    match generator::tree(document) {
        Ok(tree) => tree,
        Err(problems) => panic!("nothing can be generated: {problems:?}"),
    }
}
