//! Reads the document for the tests of what is generated from it. `wire_lines` shows what the document says.

use serde_json::Value;
use xtask::bindings::Bindings;
use xtask::repository::root;

/// The document.
///
/// # Panics
///
/// Panics if the document cannot be read. The tests of the lint then give a better message.
#[allow(clippy::panic, reason = "a test has no other way to say so")]
pub(crate) fn document() -> Value {
    let set = Bindings::of_project(&root()).map(|bindings| bindings.sets.into_iter().next());
    match set.and_then(|set| set.unwrap_or_default().inputs(&root()).document()) {
        Ok(document) => document.to_json(),
        Err(failure) => panic!("the document cannot be read: {failure:?}"),
    }
}
