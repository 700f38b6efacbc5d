//! Tests what `drift` says about the official documents, about small changes of one, and about
//! documents that nobody should write. `coverage.rs` tests the comparison with ours alone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

#[path = "drift/editor.rs"]
mod editor;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use xtask::coverage::{self, Reasons};
use xtask::drift::Report;
use xtask::lint::lint;
use xtask::load::Document;
use xtask::model::Model;
use xtask::overlay;
use xtask::repository::{REASONS, SPEC, root};
use xtask::surface::{Change, Difference, Fact, Lock, Place, Root, What, changes};

const OLD: &str = "chat-official-3.0-2025-04-29.yaml";
const NEW: &str = "chat-official.yaml";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drift")
}

/// The folder of official documents. Prints one line if it is missing.
fn official() -> Option<PathBuf> {
    let folder = root().join("../shared/official");
    if folder.exists() {
        return Some(folder);
    }
    // `eprintln` does not work here, because a test runner captures it.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: ../shared/official not found").unwrap();
    None
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("drift");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn ours() -> Document {
    Document::load(&root().join(SPEC)).unwrap()
}

fn reasons() -> Reasons {
    Reasons::load(&root().join(REASONS)).unwrap()
}

fn lock(document: &Document) -> Lock {
    let lock = Lock::of(document).unwrap();
    assert_eq!(Lock::parse("a.lock", &lock.to_text()).unwrap(), lock);
    lock
}

fn plain(report: &Report) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    report.render(&mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

/// The lines of one section of a report.
fn section<'a>(text: &'a str, title: &str) -> Vec<&'a str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(title)).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// The paths of one body with a change of this kind.
fn paths(found: &[Change], root: Root, is_wanted: fn(&What) -> bool) -> Vec<&str> {
    let path = |change: &'_ &Change| is_wanted(&change.what);
    let of_root = found.iter().filter(path).filter_map(|change| match &change.place {
        Place::Path(of, path) if *of == root => Some(path.as_str()),
        _ => None,
    });
    of_root.collect()
}

/// The numbers were counted in another way, and every path is in the snapshot.
#[test]
fn a_year_of_the_official_document_is_listed_completely() {
    let Some(official) = official() else { return };
    let load = |name: &str| Document::load(&official.join(name)).unwrap();
    let (old, new) = (load(OLD), load(NEW));
    let (old, new) = (lock(&old), lock(&new));
    let found = changes(&old.state, &new.state);

    let is_new: fn(&What) -> bool = |what| matches!(what, What::New(_));
    let is_removed: fn(&What) -> bool = |what| matches!(what, What::Removed(_));
    let count = |root| paths(&found, root, is_new).len();
    assert_eq!([Root::Request, Root::Response, Root::Chunk].map(count), [37, 44, 40]);
    assert_eq!(
        [Root::List, Root::Get, Root::Update, Root::MessagesList].map(count),
        [44, 44, 44, 12]
    );
    assert!(found.iter().all(|change| !is_removed(&change.what)));
    assert!(!found.iter().any(|change| matches!(change.place, Place::Parameter(..))));

    let is_now_deprecated: fn(&What) -> bool = |what| match what {
        What::New(facts) => facts.iter().any(|fact| fact == "deprecated"),
        What::Changed(Difference { fact, to, .. }) => *fact == Fact::Deprecated && to == "true",
        _ => false,
    };
    let deprecated = |root| paths(&found, root, is_now_deprecated);
    assert_eq!(deprecated(Root::Request), ["prompt_cache_retention", "seed", "user"]);
    for root in [Root::Response, Root::Chunk, Root::Get, Root::Update] {
        assert_eq!(deprecated(root), ["system_fingerprint"]);
    }
    assert_eq!(deprecated(Root::List), ["data[].system_fingerprint"]);
    assert!(found.iter().any(|change| {
        change.what == What::NewValues(["fast", "priority", "scale"].map(str::to_owned).into())
    }));

    // Every path of either document is either in both states or in the list.
    for root in Root::ALL {
        let paths_of = |lock: &Lock| -> BTreeSet<String> {
            lock.state.bodies.get(&root).unwrap().keys().cloned().collect()
        };
        let (old, new) = (paths_of(&old), paths_of(&new));
        let listed: BTreeSet<_> =
            paths(&found, root, is_new).into_iter().map(str::to_owned).collect();
        assert_eq!(new.difference(&old).cloned().collect::<BTreeSet<_>>(), listed);
    }
    let ours = ours();
    let report = Report::new(&ours, &load(NEW), reasons(), Some(old)).unwrap();
    assert!(report.missing.is_empty());
    let text = plain(&report);
    let lines = section(&text, "Changed upstream since").join("\n");
    settings().bind(|| insta::assert_snapshot!("official", lines));
}

/// The recorded state in the repository is that of the newest official document.
#[test]
fn the_recorded_state_is_up_to_date() {
    let Some(official) = official() else { return };
    let upstream = Document::load(&official.join(NEW)).unwrap();
    let recorded = Lock::load(&root().join(xtask::repository::LOCK)).unwrap().unwrap();
    let report = Report::new(&ours(), &upstream, reasons(), Some(recorded)).unwrap();
    assert!(report.is_clean(), "{}", plain(&report));
    insta::assert_snapshot!(plain(&report).lines().skip(3).collect::<Vec<_>>().join("\n"), @"
    Nothing new upstream
    ");
}

/// The lines of a comparison with ours, without the places in the document.
fn coverage_lines(ours: &Document, theirs: &Document, recorded: &Lock) -> BTreeSet<String> {
    let report = coverage::Report::since(ours, theirs, reasons(), Some(&recorded.state)).unwrap();
    let mut out = anstream::StripStream::new(Vec::new());
    report.render(&mut out).unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    let mut title = "";
    let mut lines = BTreeSet::new();
    for line in text.lines() {
        match line.strip_prefix("  ") {
            Some(finding) if !title.is_empty() => {
                let words = finding.split_whitespace().filter(|word| !word.contains(".yaml:"));
                lines.insert(format!("{title}: {}", words.collect::<Vec<_>>().join(" ")));
            }
            _ if line.starts_with("    ") => {}
            _ => title = if line.starts_with(' ') { "" } else { line },
        }
    }
    lines
}

/// Each change of the official document, made by a small overlay, has its own lines. All changes are tried if
/// `CHATWIRE_THOROUGH` is set, else every third.
#[test]
fn every_small_change_is_named() {
    let Some(official) = official() else { return };
    let upstream = Document::load(&official.join(NEW)).unwrap();
    let (ours, recorded) = (ours(), lock(&upstream));
    let before = coverage_lines(&ours, &upstream, &recorded);
    let mutations = folder().join("mutations");
    let files = std::fs::read_dir(&mutations).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().unwrap() == "yaml").collect();
    files.sort();
    let mut settings = settings();
    settings.set_snapshot_path(mutations);
    for file in files.into_iter().step_by(if crate::thorough() { 1 } else { 3 }) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let change = Document::load(&file).unwrap();
        let changed = overlay::apply(upstream.clone(), &[change]).unwrap();
        let report = Report::new(&ours, &changed, reasons(), Some(recorded.clone())).unwrap();
        let plain = plain(&report);
        let drift = section(&plain, "Changed upstream since");
        assert!(!drift.is_empty(), "{name}");
        let mut text = String::new();
        drift.iter().for_each(|line| writeln!(text, "{line}").unwrap());
        let after = coverage_lines(&ours, &changed, &recorded);
        after.difference(&before).for_each(|line| writeln!(text, "    {line}").unwrap());
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

/// The upstream document of the tests of this folder.
fn small(name: &str) -> Document {
    Document::load(&folder().join(name)).unwrap()
}

#[test]
fn what_is_missing_can_be_pasted() {
    let (ours, upstream) = (small("ours.yaml"), small("upstream.yaml"));
    assert_eq!(lint(&Model::read(&ours)), []);
    let recorded = lock(&ours);
    let report = Report::new(&ours, &upstream, Reasons::default(), Some(recorded)).unwrap();
    let text = plain(&report).replace("xtask/tests/drift/", "");
    settings().bind(|| insta::assert_snapshot!("small", text));
    let json = format!("{:#}", report.to_json()).replace("xtask/tests/drift/", "");
    settings().bind(|| insta::assert_snapshot!("small.json", json));

    // No text of theirs is in the report.
    assert!(!text.contains("SECRET") && !json.contains("SECRET"));
    // An empty description is refused, so that nobody forgets to write it.
    let pasted = editor::pasted(&ours, &report);
    assert_eq!(
        lint(&Model::read(&pasted)).iter().map(ToString::to_string).collect::<Vec<_>>(),
        Vec::<String>::new()
    );
    let again = Report::new(&pasted, &upstream, Reasons::default(), None).unwrap();
    let left: Vec<_> = again.missing.iter().map(|(finding, _)| &finding.path).collect();
    // There is nothing to paste where a word has to go, and for bounds that our dialect lacks.
    assert_eq!(left, ["GET /chat/completions", "rates{}", "kinds{}"]);
}
