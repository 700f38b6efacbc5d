//! One snapshot a schema: the schema above, the Rust that comes of it below.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use chatwire_tests::{assert_snapshots_of, document, generate, settings, source};

const FOLDER: &str = "snapshots/schemas";

#[test]
fn every_schema_as_rust() {
    let document = document();
    let tree = generate(&document);
    let schemas = document.pointer("/components/schemas").and_then(|all| all.as_object()).unwrap();
    for (name, schema) in schemas {
        let found = tree.find(name).unwrap_or_else(|| panic!("no Rust comes of `{name}`"));
        let items = std::iter::once(found.item.clone()).chain(found.impls.iter().cloned());
        let mut settings = settings(FOLDER);
        settings.set_info(schema);
        settings.bind(|| insta::assert_snapshot!(name.as_str(), source(items.collect())));
    }
    // Here and not in a test of its own, which would look while this one still writes.
    assert_snapshots_of(FOLDER, schemas.keys().map(String::as_str));
}
