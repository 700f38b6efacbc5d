//! Tests overlays on one sound document: what they change, or what is wrong with them.
//! `tests/tests/overlays.rs` tests the overlays of the project.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::path::{Path, PathBuf};

use similar::TextDiff;
use xtask::lint::{RULES, lint};
use xtask::load::Document;
use xtask::model::Model;
use xtask::overlay::apply;
use xtask::problem::{Failure, Problem};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn load(path: &Path) -> Document {
    match Document::load(path) {
        Ok(document) => document,
        Err(Failure::Problems(problems)) => panic!("{problems:?}"),
        Err(Failure::Io(message)) => panic!("{message}"),
    }
}

fn overlays() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder("overlay")).unwrap().map(|entry| entry.unwrap().path());
    let is_overlay = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml");
    let mut paths: Vec<_> = entries.filter(is_overlay).collect();
    paths.sort();
    paths
}

/// What an overlay does to the document, and what the lint then reports.
fn outcome(path: &Path) -> String {
    let base = load(&folder("lint/clean.yaml"));
    let text =
        |document: &Document| serde_json::to_string_pretty(&document.to_json()).unwrap() + "\n";
    let before = text(&base);
    let lines = |problems: Vec<Problem>| -> String {
        problems.iter().map(|problem| format!("{problem}\n")).collect()
    };
    match apply(base, &[load(path)]) {
        Ok(changed) => {
            let after = text(&changed);
            let diff = TextDiff::from_lines(&before, &after);
            format!(
                "{}{}",
                diff.unified_diff().context_radius(1),
                lines(lint(&Model::read(&changed)))
            )
        }
        Err(problems) => lines(problems),
    }
}

#[test]
fn every_overlay_changes_the_document_or_says_why_not() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("overlay");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for path in overlays() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let outcome = outcome(&path).replace("xtask/tests/", "");
        settings.bind(|| insta::assert_snapshot!(name, outcome));
    }
}

#[test]
fn every_rule_has_an_overlay_that_breaks_it() {
    for rule in RULES.iter().filter(|rule| rule.id.starts_with("overlay-")) {
        let path = folder("overlay").join(format!("{}.yaml", rule.id));
        assert!(path.exists(), "no overlay for {}", rule.id);
        assert!(outcome(&path).contains(&format!("error[{}]", rule.id)), "{}", rule.id);
    }
}

#[test]
fn every_snapshot_has_an_overlay() {
    for entry in std::fs::read_dir(folder("overlay")).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.with_extension("yaml").exists(), "{} is of nothing", path.display());
    }
}
