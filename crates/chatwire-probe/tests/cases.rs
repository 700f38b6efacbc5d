//! Reads all cases of the crate, and files with mistakes: each mistake is an error with its place and its fix.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chatwire_probe::{Level, cases, parse};
use serde_json::Value;

const DOCUMENT: &str = "spec/chat.openapi.yaml";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let cases = cases().unwrap();
    assert!(cases.len() >= 100, "{} cases", cases.len());
    let mut names = BTreeSet::new();
    for case in &cases {
        assert!(names.insert(case.id()), "two cases are named {}", case.id());
    }
    // `--only` takes both.
    let groups: BTreeSet<_> = cases.iter().map(|case| case.group()).collect();
    assert!(groups.is_disjoint(&names), "a group has the name of a case");
}

#[test]
fn every_case_says_why_and_whom_it_breaks() {
    for case in cases().unwrap() {
        for text in [case.title(), case.why()] {
            let is_sentence = text.ends_with('.') && !text.trim().contains('\n');
            assert!(is_sentence, "{}: {text:?} is not a sentence", case.id());
        }
        let may = case.level() == Level::May;
        assert!(may || !case.breaks().is_empty(), "{} breaks no client", case.id());
    }
}

#[test]
fn every_source_in_the_document_is_there() {
    let text = fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let document: Value = serde_saphyr::from_str(&text).unwrap();
    let mut count = 0;
    for case in cases().unwrap() {
        let Some(pointer) = case.source().strip_prefix(&format!("{DOCUMENT}#")) else { continue };
        assert!(document.pointer(pointer).is_some(), "{}: no {pointer}", case.id());
        count += 1;
    }
    assert!(count > 50, "{count}");
}

/// A name that is wrong would never skip a case, and a circle would have no first case.
#[test]
fn every_need_is_a_case_before_which_no_case_waits_for_itself() {
    let cases = cases().unwrap();
    let needs_of = |id: &str| cases.iter().find(|case| case.id() == id).map(|case| case.needs());
    for case in &cases {
        let mut open: Vec<&str> = vec![case.id()];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            let needs = needs_of(id).unwrap_or_else(|| panic!("{}: no case {id}", case.id()));
            assert!(!needs.iter().any(|need| need == case.id()), "{} needs itself", case.id());
            open.extend(needs.iter().map(String::as_str).filter(|need| seen.insert(*need)));
        }
        let is_root = case.needs().is_empty();
        assert!(is_root || seen.contains("answer"), "{} does not need an answer", case.id());
    }
}

/// `NAME.yaml` has one mistake, and `NAME.txt` the message.
#[test]
fn a_mistake_has_a_place_and_a_fix() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong");
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(files.len() >= 15, "{}", files.len());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let error = parse(name, &fs::read_to_string(&path).unwrap()).unwrap_err().to_string();
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        assert_eq!(error, expected.trim_end(), "{name}");
        let place = error.strip_prefix(name).unwrap();
        let numbers: Vec<_> = place.split(':').skip(1).take(2).collect();
        assert!(numbers.iter().all(|number| number.parse::<u32>().is_ok()), "{error}");
    }
}

/// A table of the README lists the rules and the keys, so that nobody needs to read Rust to write a case.
#[test]
fn the_readme_names_every_key_and_rule() {
    let readme = fs::read_to_string(root().join("crates/chatwire-probe/README.md")).unwrap();
    let unknown =
        "group: g\ncases:\n- {id: a, title: b., level: may, why: c., source: d, rules: [nothing]}";
    let error = parse("x", unknown).unwrap_err().to_string();
    let rules = error.split("use one of ").nth(1).unwrap();
    assert!(rules.split(", ").count() > 10);
    for rule in rules.split(", ") {
        assert!(readme.contains(&format!("`{rule}`")), "the README lacks the rule {rule}");
    }
    for (context, known) in [
        ("- {id: a, nothing: 1}", "case"),
        ("- {id: a, title: b., level: may, why: c., source: d, request: {nothing: 1}}", "request"),
        ("- {id: a, title: b., level: may, why: c., source: d, expect: [{nothing: 1}]}", "check"),
    ] {
        let error = parse("x", &format!("group: g\ncases:\n{context}")).unwrap_err().to_string();
        let keys = error.split("expected one of ").nth(1).unwrap().split(';').next().unwrap();
        let keys: Vec<_> = keys.split(", ").collect();
        assert!(keys.len() > 5, "{error}");
        for key in keys {
            assert!(readme.contains(&format!("`{key}`")), "the README lacks the {known} key {key}");
        }
    }
}
