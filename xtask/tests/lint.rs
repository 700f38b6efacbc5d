//! Tests that every rule has a document that breaks it and nothing else, and compares the message
//! with the file beside it. `robust.rs` tests documents of any content.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::{Item, UseTree};
use xtask::layout::Layout;
use xtask::lint::{RULES, lint};
use xtask::load::Document;
use xtask::model::Model;
use xtask::problem::{Failure, Problem};
use xtask::{generator, repository, split};

fn documents() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    paths
}

fn problems(path: &Path) -> Vec<Problem> {
    match Document::load(path) {
        Ok(document) => lint(&Model::read(&document)),
        Err(Failure::Problems(problems)) => problems,
        Err(Failure::Io(message)) => panic!("{message}"),
    }
}

/// The rule of a document: its name up to `--`.
fn rule_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    stem.split("--").next().unwrap().to_owned()
}

/// Compares the output for one document with the file beside it, without the folder. Returns the
/// rules that it breaks but should not, and the rule that it should break but does not.
fn check(path: &Path) -> Vec<String> {
    let problems = problems(path);
    let broken: BTreeSet<_> = problems.iter().map(|problem| problem.rule).collect();
    let expected = rule_of(path);
    assert!(problems.iter().all(|problem| problem.line > 0 && problem.col > 0));
    assert!(problems.iter().all(|problem| !problem.why.is_empty() && !problem.fix.is_empty()));
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    let lines = lines.join("\n").replace("xtask/tests/lint/", "");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("lint");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = path.file_stem().unwrap().to_str().unwrap();
    settings.bind(|| insta::assert_snapshot!(name, lines));
    let expected = BTreeSet::from([expected.as_str()]);
    let different = broken.symmetric_difference(&expected).filter(|rule| **rule != "clean");
    different.map(|rule| format!("{name}: {rule}")).collect()
}

#[test]
fn every_document_breaks_its_rule_and_no_other() {
    let wrong: Vec<_> = documents().iter().flat_map(|path| check(path)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_has_a_document_and_every_document_a_rule() {
    let documents: BTreeSet<_> = documents().iter().map(|path| rule_of(path)).collect();
    let of_documents = RULES.iter().filter(|rule| !rule.id.starts_with("overlay-"));
    let mut rules: BTreeSet<_> = of_documents.map(|rule| rule.id.to_owned()).collect();
    rules.insert("clean".to_owned());
    assert_eq!(documents, rules);
}

#[test]
fn every_snapshot_has_a_document() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "snap") {
            assert!(path.with_extension("yaml").exists(), "{} is of nothing", path.display());
        }
    }
}

/// The names of types that a `use` imports.
fn imported(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => imported(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|each| imported(each, names)),
        UseTree::Name(name) if name.ident.to_string().starts_with(char::is_uppercase) => {
            names.insert(name.ident.to_string());
        }
        _ => {}
    }
}

fn reserves(name: &str) -> bool {
    let text = format!("openapi: 3.0.3\ncomponents: {{schemas: {{{name}: {{type: string}}}}}}");
    let problems = lint(&Model::read(&Document::parse("a.yaml", &text).unwrap()));
    problems.iter().any(|problem| problem.rule == "reserved-name")
}

#[test]
fn what_the_generated_types_import_is_reserved() {
    let document = Document::load(&repository::root().join(repository::SPEC)).unwrap();
    let tree = generator::tree(&Model::read(&document)).unwrap();
    let parts = split::split(tree, &Layout::default());
    let mut names = BTreeSet::new();
    let types = parts.iter().filter(|part| part.path.starts_with("crates/chatwire-types/"));
    for item in types.flat_map(|part| &part.file.items) {
        if let Item::Use(item) = item {
            imported(&item.tree, &mut names);
        }
    }
    assert!(names.contains("Extra") && names.contains("SchemaGenerator"), "{names:?}");
    let free: Vec<_> = names.iter().filter(|name| !reserves(name)).collect();
    assert!(free.is_empty(), "{free:?}");
    assert!(!reserves("Question"));
}
