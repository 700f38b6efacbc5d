//! Reads the document for the tests of what is generated from it. `wire_lines` shows what the document says.

use serde_json::Value;
use xtask::bindings::{Bindings, Set};
use xtask::repository::root;

/// The document of the chat.
#[allow(dead_code, reason = "one test shows all documents, and others only this one")]
pub(crate) fn document() -> Value {
    documents().into_iter().next().unwrap_or_default().1
}

/// The document of each set of bindings, with its name: first the chat, then its neighbours.
///
/// # Panics
///
/// Panics if a document cannot be read. The tests of the lint then give a better message.
#[allow(clippy::panic, reason = "a test has no other way to say so")]
pub(crate) fn documents() -> Vec<(String, Value)> {
    let read = |set: Set| match set.inputs(&root()).document() {
        Ok(document) => (set.name, document.to_json()),
        Err(failure) => panic!("the document of {} cannot be read: {failure:?}", set.name),
    };
    match Bindings::of_project(&root()) {
        Ok(bindings) => bindings.sets.into_iter().map(read).collect(),
        Err(failure) => panic!("the sets of bindings cannot be read: {failure:?}"),
    }
}
