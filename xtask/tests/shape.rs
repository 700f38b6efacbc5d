//! Tests each pass of `shape` alone on a document of ten lines. `shape/<pass>.yaml` holds schemas,
//! after `---` perhaps paths, and in its first line the generated file that shows what the pass
//! does.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use xtask::layout::Layout;
use xtask::load::Document;
use xtask::model::Model;
use xtask::shape::PASSES;
use xtask::{generator, split};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shape"))
}

fn part(text: &str) -> Value {
    Document::parse("shape.yaml", text).unwrap().to_json()
}

fn check(pass: &str) {
    let text = fs::read_to_string(folder().join(format!("{pass}.yaml"))).unwrap();
    let shown = text.lines().next().and_then(|line| line.strip_prefix("# shows: ")).unwrap();
    let (schemas, paths) = text.split_once("\n---\n").unwrap_or((&text, "{}"));
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "test", "version": "1" },
        "paths": part(paths),
        "components": { "schemas": part(schemas) },
    });
    let document = Document::parse("shape.json", &document.to_string()).unwrap();
    let tree = generator::tree(&Model::read(&document)).unwrap();
    let parts = split::split(tree, &Layout::default());
    let name = if shown == "client" { "generated.rs".into() } else { format!("/{shown}.rs") };
    let part = parts.iter().find(|part| part.path.ends_with(&name)).unwrap();
    let code = generator::blank_lines(&prettyplease::unparse(&part.file));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(pass, code));
}

#[test]
fn every_pass_on_ten_lines() {
    for (pass, _) in PASSES {
        check(pass);
    }
}

#[test]
fn every_file_is_of_a_pass() {
    let mut passes: Vec<String> = PASSES.iter().map(|(name, _)| (*name).to_owned()).collect();
    passes.sort();
    let entries = fs::read_dir(folder()).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut files: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect();
    files.sort();
    assert_eq!(files, passes);
}
