//! The code that adds up a stream, on a small document: `stream/pieces.yaml` and what is made of it.
//! What the code does is tested in the stream crate.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::path::Path;

use serde_json::{Value, json};
use xtask::layout::Layout;
use xtask::load::Document;
use xtask::model::Model;
use xtask::{generator, stream};

fn document(schemas: &Value) -> Document {
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "test", "version": "1" },
        "paths": {},
        "components": { "schemas": schemas },
    });
    Document::parse("stream.json", &document.to_string()).unwrap()
}

#[test]
fn pieces_add_up_and_come_apart() {
    let text = include_str!("stream/pieces.yaml");
    let schemas = Document::parse("pieces.yaml", text).unwrap().to_json();
    let document = document(&schemas);
    let part = stream::part(&Model::read(&document), &Layout::default()).unwrap();
    let code = generator::blank_lines(&prettyplease::unparse(&part.file));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stream")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("pieces", code));
}

#[test]
fn a_document_without_streams_has_no_such_file() {
    let document = document(&json!({}));
    assert!(stream::part(&Model::read(&document), &Layout::default()).is_none());
}
