//! Tests why lines of generated files changed. Each folder of `cause` holds one file at several
//! moments: `checked_in.rs`, `base.rs`, perhaps `between.rs`, and `head.rs`. `rust_api.rs` tests what
//! the changes mean.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use xtask::layout::Layout;
use xtask::load::Document;
use xtask::report::cause::{Cause, Causes, Moments};
use xtask::report::sides;
use xtask::write::{Header, OutputFile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cause")
}

fn moment(folder: &Path, name: &str) -> Option<Vec<OutputFile>> {
    let contents = fs::read_to_string(folder.join(format!("{name}.rs"))).ok()?;
    Some(vec![OutputFile { path: "types.rs".to_owned(), contents }])
}

fn causes(folder: &Path) -> Causes {
    let moment = |name| moment(folder, name);
    Causes::find(&Moments {
        checked_in: &moment("checked_in").unwrap_or_default(),
        base: &moment("base").unwrap_or_default(),
        between: moment("between").as_deref(),
        head: &moment("head").unwrap_or_default(),
    })
}

fn text(causes: &Causes) -> String {
    let mut text = String::new();
    for upgrade in &causes.upgrades {
        writeln!(text, "{upgrade}").unwrap();
    }
    for (cause, lines) in causes.counts() {
        writeln!(text, "{lines} lines: {} {}", cause.as_str(), cause.names().join(", ")).unwrap();
    }
    for hunk in causes.files.iter().flat_map(|file| &file.hunks) {
        let (base, head) = (hunk.base_line, hunk.head_line);
        writeln!(text, "\n{base} -> {head}: {}", hunk.cause.as_str()).unwrap();
        hunk.removed.iter().for_each(|line| writeln!(text, "-{line}").unwrap());
        hunk.added.iter().for_each(|line| writeln!(text, "+{line}").unwrap());
    }
    text
}

#[test]
fn every_folder_has_its_causes() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        settings.set_snapshot_path(&path);
        settings.bind(|| insta::assert_snapshot!("causes", text(&causes(&path))));
    }
}

/// A release of progenitor that changes the whole output, and nothing else.
#[test]
fn an_upgrade_alone_is_the_cause_of_every_line() {
    let path = folder().with_file_name("rust_api").join("base.yaml");
    let document = Document::load(&path).unwrap();
    let side =
        sides::generate(&document, &Layout::default(), &Header::new(&document, &[])).unwrap();
    let older = |file: &OutputFile| OutputFile {
        path: file.path.clone(),
        contents: file
            .contents
            .replace("progenitor 0.", "progenitor 0.0.")
            .replace("pub ", "pub(crate) "),
    };
    let checked_in: Vec<OutputFile> = side.files.iter().map(older).collect();
    let (base, head) = (&side.files, &side.files);
    let causes = Causes::find(&Moments { checked_in: &checked_in, base, between: None, head });
    assert!(!causes.files.is_empty());
    for hunk in causes.files.iter().flat_map(|file| &file.hunks) {
        let Cause::Dependencies(upgrades) = &hunk.cause else { panic!("{hunk:?}") };
        assert_eq!(upgrades, &causes.upgrades);
        assert!(upgrades.iter().all(|upgrade| upgrade.name == "progenitor"));
    }
}

#[test]
fn causes_for_programs() {
    let json = causes(&folder().join("dependency")).to_json();
    assert_eq!(json["upgrades"][0], "progenitor 0.14.0 -> 0.15.1");
    assert_eq!(json["counts"][0]["cause"], "dependency");
    assert_eq!(json["files"][0]["hunks"][0]["base_line"], 10);
}
