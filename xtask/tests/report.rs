//! Tests that every rule has a folder with a change that it reports, and compares the report with
//! the file in the folder. `xtask/src/report` has no tests of its own for rules.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use xtask::load::{Document, Node, Value};
use xtask::overlay;
use xtask::problem::Failure;
use xtask::report::Report;
use xtask::report::rules::RULES;
use xtask::report::uses::Sources;

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

/// The rule of a folder: its name up to `--`.
fn rule(path: &Path) -> &str {
    name(path).split("--").next().unwrap()
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
    (!found.contains(rule(path))).then(|| format!("{}: {found:?}", name(path)))
}

#[test]
fn every_folder_shows_its_rule() {
    let wrong: Vec<_> = folders().iter().filter_map(|path| check(path)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_has_a_folder_and_every_folder_a_rule() {
    let folders: BTreeSet<_> = folders().iter().map(|path| rule(path).to_owned()).collect();
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(rules.len(), RULES.len(), "an id occurs twice");
    assert_eq!(folders, rules);
}

#[test]
fn a_terminal_gets_colours() {
    let mut coloured = Vec::new();
    report(&folder().join("stream-key-changed")).render(&mut coloured).unwrap();
    let text = String::from_utf8(coloured).unwrap().replace("xtask/tests/report/", "");
    let text: Vec<_> = text.lines().map(|line| line.escape_debug().to_string()).collect();
    let path = folder().join("stream-key-changed");
    settings(&path).bind(|| insta::assert_snapshot!("coloured", text.join("\n")));
}

#[test]
fn programs_get_the_same_as_an_object() {
    let path = folder().join("response-enum-value-added");
    let text = format!("{:#}", report(&path).to_json()).replace("xtask/tests/report/", "");
    settings(&path).bind(|| insta::assert_snapshot!("json", text));
}

#[test]
fn every_snapshot_has_a_test() {
    const MORE: [&str; 2] = ["stream-key-changed/coloured", "response-enum-value-added/json"];
    for path in folders().iter().flat_map(|path| std::fs::read_dir(path).unwrap()) {
        let path = path.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "snap") {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let more = format!("{}/{stem}", name(path.parent().unwrap()));
            assert!(stem == "expected" || MORE.contains(&more.as_str()), "{more} is of nothing");
        }
    }
}

/// Two hand-written files, one of which has nothing to do with the change.
#[test]
fn users_are_found_by_the_names_of_what_changed() {
    let mut sources = Sources::default();
    let with_users = "use types::{Answer, Mood};\n// The link is gone: answer.link\n\
                      fn f(answer: &Answer) { show(answer.link.as_ref()); }\n\
                      fn link() {}\n\
                      let answer = Answer { link, ..Answer::default() };\n\
                      matches!(mood, Mood::Unsure | Mood::Sure);\n";
    sources.add("crates/a/src/lib.rs", with_users);
    sources.add("crates/b/src/lib.rs", "page.link();\nTone::Unsure;\n");
    let lines = |folder_name: &str| {
        let mut report = report(&folder().join(folder_name));
        report.find_users(&sources);
        let users = report.items().flat_map(|item| &item.used_by);
        users.map(|usage| format!("{}:{:?}", usage.file, usage.lines)).collect::<Vec<_>>()
    };
    assert_eq!(lines("response-property-removed"), ["crates/a/src/lib.rs:[3, 5]"]);
    assert_eq!(lines("response-enum-value-removed"), ["crates/a/src/lib.rs:[6]"]);
    assert!(lines("description").is_empty());
}

/// Runs `cargo xtask diff` on the documents of a folder.
fn run(folder_name: &str, words: &[&str]) -> Output {
    let (_, head) = documents(&folder().join(folder_name));
    let newer = tempfile::NamedTempFile::new().unwrap();
    write!(newer.as_file(), "{}", head.to_json()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    // The documents of the folders show what no generator takes, too.
    command
        .args(["diff", "--wire-only", "--base", "tests/report/base.yaml", "--head"])
        .arg(newer.path());
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

#[test]
fn exit_codes_say_whether_to_stop() {
    let code = |folder_name: &str, words: &[&str]| run(folder_name, words).status.code();
    assert_eq!(code("request-property-added-required", &[]), Some(0));
    assert_eq!(code("request-property-added-required", &["--fail-on", "breaking"]), Some(1));
    assert_eq!(code("request-property-added-optional", &["--fail-on", "breaking"]), Some(0));
    assert_eq!(code("request-property-added-optional", &["--fail-on", "compatible"]), Some(1));
    assert_eq!(code("description", &["--fail-on", "compatible"]), Some(0));
    assert_eq!(code("unhandled", &[]), Some(1));
    assert_eq!(code("description", &["--base", "tests/report/no-such-file.yaml"]), Some(2));
    assert_eq!(code("description", &["--fail-on", "nothing"]), Some(2));
}

#[test]
fn a_pipe_gets_plain_text_and_nothing_else() {
    let output = run("description", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("        Wire  none (1 documentation)\n      Stream  none\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(output.stderr.is_empty());
    let output = run("request-property-removed", &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["wire"]["verdict"], "breaking");
    assert_eq!(json["wire"]["items"][0]["rule"], "request-property-removed");
}

#[test]
fn a_reference_to_nothing_cannot_be_compared() {
    let base = load(&folder().join("base.yaml"));
    let text =
        "paths: {}\ncomponents: {schemas: {Tone: {allOf: [{$ref: '#/components/schemas/No'}]}}}";
    let head = Document::parse("head.yaml", text).unwrap();
    let problems = Report::new(&base, &head).unwrap_err();
    insta::assert_snapshot!(problems[0], @"head.yaml:2:46: error[dangling-ref]: `$ref` to `#/components/schemas/No`, which does not exist; there is nothing to generate a type from; add `No` to `components.schemas`, or correct the name");
}

/// The change of one value: it is gone, or it is another one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutation {
    Removed,
    Replaced,
}

/// A way from the root to a value: keys, and positions in lists.
type Way = Vec<String>;

fn ways(node: &Node, way: &Way, found: &mut Vec<Way>) {
    let step = |step: &str| [way.as_slice(), &[step.to_owned()]].concat();
    for entry in node.entries() {
        found.push(step(&entry.key));
        ways(&entry.value, &step(&entry.key), found);
    }
    for (index, item) in node.items().iter().enumerate() {
        found.push(step(&index.to_string()));
        ways(item, &step(&index.to_string()), found);
    }
}

fn parent<'a>(root: &'a mut Node, way: &[String]) -> &'a mut Node {
    way.iter().fold(root, |node, step| match node.is_array() {
        true => node.item_mut(step.parse().unwrap()).unwrap(),
        false => node.get_mut(step).unwrap(),
    })
}

/// Changes one value of a document. Returns false for a value that cannot be changed so.
fn mutate(document: &mut Document, way: &Way, mutation: Mutation) -> bool {
    let (last, steps) = way.split_last().unwrap();
    let node = parent(&mut document.root, steps);
    if mutation == Mutation::Removed {
        match &mut node.value {
            Value::Object(entries) => entries.retain(|entry| entry.key != *last),
            Value::Array(items) => drop(items.remove(last.parse().unwrap())),
            _ => unreachable!(),
        }
        return true;
    }
    let value = &mut parent(node, std::slice::from_ref(last)).value;
    *value = match value {
        Value::Bool(flag) => Value::Bool(!*flag),
        Value::Number(_) => Value::Number(77.into()),
        Value::String(text) => Value::String(format!("{text}x")),
        _ => return false,
    };
    true
}

/// Every change of one value is reported, or makes the document impossible to compare.
#[test]
fn no_change_passes_unseen() {
    let base = load(&folder().join("base.yaml"));
    let mut all = Vec::new();
    ways(&base.root, &Vec::new(), &mut all);
    let mut unseen = Vec::new();
    for way in all {
        for mutation in [Mutation::Removed, Mutation::Replaced] {
            for to_head in [true, false] {
                let mut changed = base.clone();
                if !mutate(&mut changed, &way, mutation) {
                    continue;
                }
                let (old, new) = if to_head { (&base, &changed) } else { (&changed, &base) };
                if Report::new(old, new).is_ok_and(|report| report.level().is_none()) {
                    unseen.push(format!("{mutation:?} {} {to_head}", way.join("/")));
                }
            }
        }
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
}
