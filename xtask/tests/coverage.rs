//! Tests comparisons of small documents with one of ours: the report, or the problem that prevents
//! it. `xtask/src/coverage` has no tests of its own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use xtask::coverage::{Reasons, Report, Root};
use xtask::load::Document;
use xtask::problem::{Failure, Problem};
use xtask::surface::State;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/coverage")
}

fn documents() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_theirs = |path: &PathBuf| {
        let document = path.extension().is_some_and(|end| end == "yaml" || end == "json");
        document && !path.ends_with("ours.yaml")
    };
    let mut paths: Vec<_> = entries.filter(is_theirs).collect();
    paths.sort();
    paths
}

fn compare(path: &Path) -> Result<Report, Failure> {
    let reasons = path.with_extension("toml");
    let reasons = if reasons.exists() { Reasons::load(&reasons)? } else { Reasons::default() };
    let ours = Document::load(&folder().join("ours.yaml"))?;
    Ok(Report::new(&ours, &Document::load(path)?, reasons)?)
}

fn plain(report: &Report) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    report.render(&mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        writeln!(text, "{problem}").unwrap();
        text
    })
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("coverage");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// Compares the output for one document with the file beside it, without the folder.
fn check(path: &Path) {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let (text, complete) = match compare(path) {
        Ok(report) => (plain(&report), report.is_complete()),
        Err(Failure::Problems(problems)) => (lines(&problems), false),
        Err(Failure::Io(message)) => panic!("{message}"),
    };
    let text = text.replace("xtask/tests/coverage/", "");
    settings().bind(|| insta::assert_snapshot!(name, text));
    let clean = text.contains(
        "
0 missing",
    ) && !text.contains("no longer");
    assert_eq!(complete, clean, "{name}");
    assert_eq!(
        name.starts_with("problem"),
        !text.contains(
            "
all "
        ),
        "{name}"
    );
}

#[test]
fn every_document_has_its_report() {
    documents().iter().for_each(|path| check(path));
}

#[test]
fn a_terminal_gets_colours() {
    let report = compare(&folder().join("missing.yaml"));
    let Ok(report) = report else { panic!("no report") };
    let mut coloured = Vec::new();
    report.render(&mut coloured).unwrap();
    let text = String::from_utf8(coloured).unwrap().replace("xtask/tests/coverage/", "");
    let text: Vec<_> = text.lines().map(|line| line.escape_debug().to_string()).collect();
    settings().bind(|| insta::assert_snapshot!("missing.coloured", text.join("\n")));
}

#[test]
fn programs_get_the_same_as_an_object() {
    let report = compare(&folder().join("left-out.yaml"));
    let Ok(report) = report else { panic!("no report") };
    let text = format!("{:#}", report.to_json()).replace("xtask/tests/coverage/", "");
    settings().bind(|| insta::assert_snapshot!("left-out.json", text));
}

#[test]
fn every_snapshot_has_a_document() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let stem = name.split('.').next().unwrap();
        let has = |end: &str| folder().join(format!("{stem}.{end}")).exists();
        assert!(has("yaml") || has("json"), "{name} is of nothing");
    }
}

/// A state that was recorded earlier shows which keys of ours theirs has lost.
#[test]
fn what_they_had_is_gone() {
    let load = |name: &str| Document::load(&folder().join(name)).unwrap();
    let (ours, before, now) = (load("ours.yaml"), load("same.yaml"), load("facts.yaml"));
    let recorded = State::of(&before).unwrap();
    let report = Report::since(&ours, &now, Reasons::default(), Some(&recorded)).unwrap();
    let gone: Vec<_> = report.removed().iter().map(|found| found.path.clone()).collect();
    assert_eq!(gone, ["messages[].content[]"]);
    assert!(!report.is_complete());
    assert!(plain(&report).contains("\nGone from theirs since the recorded state\n"));
    let report = Report::new(&ours, &now, Reasons::default()).unwrap();
    assert!(report.removed().is_empty());
}

/// Twelve schemas, each with a key for every other one: too many paths to list.
#[test]
fn paths_without_end_are_a_problem_with_a_place() {
    let schema = |number: usize| {
        let keys = (0..12).map(|to| format!("k{to}: {{$ref: '#/components/schemas/S{to}'}}"));
        let keys: Vec<_> = keys.collect();
        format!("    S{number}: {{properties: {{{}}}}}\n", keys.join(", "))
    };
    let schemas: String = (0..12).map(schema).collect();
    let text = format!(
        "paths: {{/chat/completions: {{post: {{requestBody: {{content: {{application/json: \
         {{schema: {{$ref: '#/components/schemas/S0'}}}}}}}}}}}}}}\ncomponents:\n  schemas:\n{schemas}"
    );
    let theirs = Document::parse("theirs.yaml", &text).unwrap();
    let problems = Report::new(&theirs, &theirs, Reasons::default()).unwrap_err();
    insta::assert_snapshot!(lines(&problems), @"theirs.yaml:11:454: error[too-many-paths]: more than 100000 wire paths, or 200 steps in one; the schemas refer to each other in so many ways that the paths do not end; compare with a document whose schemas refer to each other less");
}

/// Figures that were counted in another way.
#[test]
fn the_official_documents_are_covered() {
    let root = xtask::repository::root();
    let official = root.join("../shared/official");
    if !official.exists() {
        // `eprintln` does not work here, because a test runner captures it.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: ../shared/official not found").unwrap();
        return;
    }
    for (name, expected) in [
        ("chat-official.yaml", [277, 776, 195, 12]),
        ("chat-official-3.0-2025-04-29.yaml", [210, 511, 133, 12]),
    ] {
        let report = || -> Result<Report, Failure> {
            let ours = Document::load(&root.join(xtask::repository::SPEC))?;
            let theirs = Document::load(&official.join(name))?;
            let reasons = Reasons::load(&root.join("spec/coverage.toml"))?;
            Ok(Report::new(&ours, &theirs, reasons)?)
        };
        let Ok(report) = report() else { panic!("no report for {name}") };
        let (missing, differing) = report.missing();
        assert!(missing.is_empty() && differing.is_empty(), "{}", plain(&report));
        // Some reasons are only about what the older edition does not have yet.
        assert!(report.is_complete() || name.contains("2025"), "{}", plain(&report));
        let counts = report.total.kinds().map(|(_, counts)| counts.theirs());
        assert_eq!(counts, expected, "{name}");
        let paths: usize = report
            .roots
            .iter()
            .filter_map(|(_, tally)| *tally)
            .map(|tally| tally.paths.theirs())
            .sum();
        assert_eq!(paths, expected[1], "{name}");
        assert_eq!(report.roots.len(), Root::ALL.len());
    }
}
