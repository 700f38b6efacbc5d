//! Tests that every rule has a folder with a change that it reports, and compares the report with
//! the file in the folder. `xtask/src/report` has no tests of its own for rules.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use xtask::load::Document;
use xtask::overlay;
use xtask::problem::Failure;
use xtask::report::Report;
use xtask::report::rules::RULES;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report")
}

/// The folders of the rules.
fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn load(path: &Path) -> Document {
    match Document::load(path) {
        Ok(document) => document,
        Err(Failure::Problems(problems)) => panic!("{problems:#?}"),
        Err(Failure::Io(message)) => panic!("{message}"),
    }
}

/// The two documents of a folder. `patch.yaml` is an overlay, or the newer document.
fn documents(folder: &Path) -> (Document, Document) {
    let own = folder.join("base.yaml");
    let base = load(&if own.exists() { own } else { folder.with_file_name("base.yaml") });
    let patch = load(&folder.join("patch.yaml"));
    let head = match patch.root.get("overlay") {
        Some(_) => overlay::apply(base.clone(), &[patch]).unwrap(),
        None => patch,
    };
    (base, head)
}

fn report(folder: &Path) -> Report {
    let (base, head) = documents(folder);
    Report::new(&base, &head).unwrap()
}

fn plain(report: &Report) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    report.render(&mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap().replace("xtask/tests/report/", "")
}

fn settings(path: &Path) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// Compares the report of one folder with the file in it. Returns the folder if its rule reports
/// nothing, or if another rule than its own does.
fn check(path: &Path) -> Option<String> {
    let report = report(path);
    settings(path).bind(|| insta::assert_snapshot!("expected", plain(&report)));
    let found: BTreeSet<_> = report.items().map(|item| item.rule).collect();
    assert!(report.items().all(|item| item.base.is_some() && item.head.is_some()));
    (!found.contains(name(path))).then(|| format!("{}: {found:?}", name(path)))
}

#[test]
fn every_folder_shows_its_rule() {
    let wrong: Vec<_> = folders().iter().filter_map(|path| check(path)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_has_a_folder_and_every_folder_a_rule() {
    let folders: BTreeSet<_> = folders().iter().map(|path| name(path).to_owned()).collect();
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(rules.len(), RULES.len(), "an id occurs twice");
    assert_eq!(folders, rules);
}
