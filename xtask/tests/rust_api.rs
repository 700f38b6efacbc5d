//! Tests that every rule of the Rust API has a folder that shows it. `rust_api/<rule>` holds a
//! `patch.yaml` for `base.yaml`, or the generated code itself in `base.rs` and `head.rs`, for changes
//! that no document causes. `cause.rs` tests why lines change.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use xtask::changes::Bump;
use xtask::layout::Layout;
use xtask::lint::lint;
use xtask::load::Document;
use xtask::model::Model;
use xtask::problem::Problem;
use xtask::report::rust_api::{Api, Change, compare};
use xtask::report::rust_rules::{Area, RULES};
use xtask::report::sides;
use xtask::report::version::{CrateBump, Kind, bumps};
use xtask::split::Part;
use xtask::write::{Header, OutputFile};
use xtask::{overlay, repository};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rust_api")
}

/// The folders, sorted.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn document(path: &Path) -> Document {
    Document::load(path).unwrap_or_else(|failure| panic!("{}: {failure:?}", path.display()))
}

/// What is generated from a document without problems.
fn api(document: &Document) -> Api<'_> {
    let lines: Vec<String> = lint(&Model::read(document)).iter().map(Problem::to_string).collect();
    assert!(lines.is_empty(), "{lines:#?}");
    sides::generate(document, &Layout::default(), &Header::new(document, &[])).unwrap().api
}

/// The interface of a file that stands for the generated types.
fn api_of_code(path: &Path) -> Api<'static> {
    static EMPTY: LazyLock<Document> =
        LazyLock::new(|| Document::parse("empty.yaml", "{}").unwrap());
    let file = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
    let part =
        Part { path: "crates/chatwire-types/src/generated/types.rs".to_owned(), about: "", file };
    Api::read(&[part], &[], Model::read(&EMPTY))
}

fn changes(name: &str, base: &Api) -> Vec<Change> {
    let folder = folder().join(name);
    let patch = folder.join("patch.yaml");
    if !patch.exists() {
        return compare(
            &api_of_code(&folder.join("base.rs")),
            &api_of_code(&folder.join("head.rs")),
        );
    }
    let unchanged = document(&self::folder().join("base.yaml"));
    let patched = overlay::apply(unchanged, &[document(&patch)]);
    compare(base, &api(&patched.unwrap_or_else(|problems| panic!("{name}: {problems:?}"))))
}

fn text(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let (level, rule) = (change.bump().as_str(), change.rule.id);
        writeln!(text, "{level} {rule} {} {}", change.crate_name, change.path).unwrap();
        writeln!(text, "  {}", change.sentence).unwrap();
        let lines = [("base", &change.base), ("head", &change.head), ("from", &change.pointer)];
        for (label, line) in lines {
            line.iter().for_each(|line| writeln!(text, "  {label}: {line}").unwrap());
        }
    }
    for bump in bumps(changes, &Layout::default(), &"0.1.0".parse().unwrap()) {
        writeln!(text, "{}", bump_line(&bump)).unwrap();
    }
    text
}

fn bump_line(bump: &CrateBump) -> String {
    let CrateBump { crate_name, kind, current, next, because_of, .. } = bump;
    let because = because_of.as_ref().map(|name| format!(" because of {name}")).unwrap_or_default();
    format!("{crate_name}: {}, {current} -> {next}{because}", kind.as_str())
}

#[test]
fn every_folder_shows_its_rule() {
    let document = document(&folder().join("base.yaml"));
    let base = api(&document);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut without = Vec::new();
    for name in names() {
        let changes = changes(&name, &base);
        settings.set_snapshot_path(folder().join(&name));
        settings.bind(|| insta::assert_snapshot!("changes", text(&changes)));
        let rule = name.split("--").next().unwrap();
        let shown = changes.iter().any(|change| change.rule.id == rule);
        changes.iter().for_each(check);
        if !shown {
            without.push(name);
        }
    }
    assert!(without.is_empty(), "folders without their rule: {without:#?}");
}

/// What holds for every change.
fn check(change: &Change) {
    assert!(change.sentence.ends_with('.'), "{change:?}");
    assert!(change.base != change.head || change.rule.area == Area::Code, "{change:?}");
    assert_eq!(Kind::of(change) == Kind::Breaking, change.bump() == Bump::Major);
}

#[test]
fn every_rule_has_a_folder_and_every_folder_a_rule() {
    let rule = |name: String| name.split("--").next().unwrap().to_owned();
    let folders: BTreeSet<String> = names().into_iter().map(rule).collect();
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(folders, rules);
}

/// The files that are checked in, as if an older pipeline had made them.
#[test]
fn tools_and_inputs_are_told_apart() {
    let document = document(&folder().join("base.yaml"));
    let header = Header::new(&document, &[]);
    let base = sides::generate(&document, &Layout::default(), &header).unwrap();
    let patch = self::document(&folder().join("rust-field-added/patch.yaml"));
    let patched = overlay::apply(document.clone(), &[patch]).unwrap();
    let head = sides::generate(&patched, &Layout::default(), &header).unwrap();
    let older = |file: &OutputFile| OutputFile {
        contents: file.contents.replace("Option<i64>", "Option<i32>"),
        ..file.clone()
    };
    let checked_in: Vec<OutputFile> = base.files.iter().map(older).collect();
    let changes = sides::changes(&checked_in, &base, &head).unwrap();
    let lines =
        changes.iter().map(|change| format!("{} {}\n", change.origin.as_str(), change.path));
    insta::assert_snapshot!(lines.collect::<String>(), @r"
    tools Question::count
    inputs Question::seed
    inputs Question::seed()
    tools Style::length
    tools crates/chatwire-client/src/generated.rs
    ");
    assert_eq!(sides::changes(&base.files, &base, &head).unwrap().len(), 2);
}

#[test]
fn a_checked_in_file_that_is_not_rust_is_named() {
    let document = document(&folder().join("base.yaml"));
    let base =
        sides::generate(&document, &Layout::default(), &Header::new(&document, &[])).unwrap();
    let broken = OutputFile { path: "types.rs".to_owned(), contents: "fn".to_owned() };
    let error = sides::changes(&[broken], &base, &base).unwrap_err();
    assert!(error.starts_with("types.rs cannot be read: "), "{error}");
}

/// Checked-in files are read from text, and generated ones from the tree before it is formatted.
#[test]
fn a_formatted_file_has_the_same_interface() {
    for path in [folder().join("base.yaml"), repository::root().join(repository::SPEC)] {
        let document = document(&path);
        let header = Header::new(&document, &[]);
        let side = sides::generate(&document, &Layout::default(), &header).unwrap();
        let read = side.api.read_files(&side.files).unwrap();
        assert!(side.api.surfaces() == read.surfaces(), "{:#?}", compare(&side.api, &read));
    }
}
