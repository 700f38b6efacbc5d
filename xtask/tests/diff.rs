//! Tests `cargo xtask diff` from an edit to a release, in a small project with a history of its own.
//! `report.rs` and `rust_api.rs` test the rules one by one.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test has no other way to say so, and may write files"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const SPEC: &str = "spec/chat.openapi.yaml";
const MANIFEST: &str = "[workspace]\nmembers = []\n\n[workspace.package]\nversion = \"0.1.0\"\n";
const CHANGELOG: &str = "# Changelog\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- All.\n";

/// A project whose generated files are checked in and released as 0.1.0.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rust_api/base.yaml");
    put(folder.path(), SPEC, &fs::read_to_string(document).unwrap());
    put(folder.path(), "Cargo.toml", MANIFEST);
    put(folder.path(), "Cargo.lock", "version = 4\n");
    put(folder.path(), "CHANGELOG.md", CHANGELOG);
    put(folder.path(), "crates/chatwire-client/src/lib.rs", "fn ask(q: Question) { q.polite; }\n");
    let spec = folder.path().join(SPEC);
    let mut generate = Command::new(env!("CARGO_BIN_EXE_xtask"));
    generate
        .args(["generate", "--house-style", "--spec"])
        .arg(spec)
        .arg("--out")
        .arg(folder.path());
    assert!(generate.output().unwrap().status.success());
    git(&folder, &["init", "--quiet"]);
    commit(&folder);
    git(&folder, &["tag", "v0.1.0"]);
    folder
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(project: &TempDir, words: &[&str]) {
    let mut git = Command::new("git");
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    git.arg("-C").arg(project.path()).args(who).args(words);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn commit(project: &TempDir) {
    git(project, &["add", "--all"]);
    git(project, &["commit", "--quiet", "--no-gpg-sign", "--message", "a commit"]);
}

/// Replaces a part of a file, which must be there.
fn edit(project: &TempDir, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(project.path().join(path)).unwrap();
    assert!(text.contains(from), "{from}");
    put(project.path(), path, &text.replace(from, to));
}

fn command(project: &TempDir, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(words).arg("--root").arg(project.path());
    command
}

fn run(project: &TempDir, words: &[&str]) -> Output {
    command(project, words).output().unwrap()
}

/// What the command prints, and its exit code.
fn shown(project: &TempDir, words: &[&str]) -> String {
    let output = run(project, words);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    format!("{}exit code {}\n", text.concat(), output.status.code().unwrap())
}

fn as_json(project: &TempDir) -> Value {
    serde_json::from_slice(&run(project, &["diff", "--format", "json"]).stdout).unwrap()
}

/// Verdict and bump of each boundary.
fn summary(report: &Value) -> Vec<String> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let lines = report["summary"].as_array().unwrap().iter();
    lines.map(|line| ["name", "verdict", "bump"].map(|key| text(line, key)).join(" ")).collect()
}

/// The project's own set, and a second one.
const BINDINGS: &str = "[[bindings]]
name = 'chat'
document = 'spec/chat.openapi.yaml'
types = 'chatwire-types'
client = 'chatwire-client'
stream = 'chatwire-stream'
lock = 'spec/generated.lock'

[[bindings]]
name = 'near'
document = 'spec/near.yaml'
house_style = true
types = 'near'
client = 'near'
";

const TYPO: [&str; 2] = ["description: What is asked.", "description: What is asked for."];
const NEW: [&str; 2] = [
    "        old: {type: boolean",
    "        limit: {type: integer, format: int64, minimum: 0, description: The most words.}\n        \
     old: {type: boolean",
];
const GONE: [&str; 2] =
    ["        polite: {type: boolean, description: Whether to be polite.}\n", ""];

fn with(edits: &[[&str; 2]]) -> TempDir {
    let project = project();
    edits.iter().for_each(|[from, to]| edit(&project, SPEC, from, to));
    project
}

#[test]
fn nothing_changed() {
    insta::assert_snapshot!(shown(&project(), &["diff"]));
}

#[test]
fn a_typo_is_documentation() {
    let project = with(&[TYPO]);
    insta::assert_snapshot!(shown(&project, &["diff", "--fail-on", "compatible"]));
    let expected =
        ["wire none none", "types documentation patch", "client none none", "stream none none"];
    assert_eq!(summary(&as_json(&project)), expected);
}

#[test]
fn an_optional_request_property_is_compatible() {
    let project = with(&[NEW]);
    insta::assert_snapshot!(shown(&project, &["diff"]));
    let expected =
        ["wire compatible minor", "types additive minor", "client none none", "stream none none"];
    assert_eq!(summary(&as_json(&project)), expected);
}

#[test]
fn breaks_are_named_with_both_places_and_signatures() {
    let changed = ["count: {type: integer, format: int64,", "count: {type: string,"];
    let required = ["required: [text, from]", "required: [text, from, count]"];
    let project = with(&[GONE, changed, required]);
    insta::assert_snapshot!(shown(&project, &["diff", "--fail-on", "breaking"]));
    let report = as_json(&project);
    assert!(summary(&report)[..3].iter().all(|line| line.ends_with("breaking major")));
    for item in report["wire"]["items"].as_array().unwrap() {
        assert!(item["base"]["line"].is_u64() && item["head"]["line"].is_u64(), "{item:#}");
    }
    let first = &report["rust"]["items"][0]["rust"];
    assert_eq!(first["crate"], "chatwire-types");
    assert_eq!(
        (&first["base"], &first["head"]),
        (&json!("count: Option<i64>"), &json!("count: String"))
    );
    assert_eq!(first["because_of"][0], "request-property-became-required");
    assert_eq!(first["origin"], "inputs");
}

/// A description that changes too is no cause of a break.
#[test]
fn a_change_names_what_it_comes_from() {
    let project = with(&[[
        "integer, format: int64, description: How many.}\n        polite",
        "string, description: How many?}\n        polite",
    ]]);
    let report = as_json(&project);
    let because = |rule: &str| {
        let items = report["rust"]["items"].as_array().unwrap();
        items.iter().find(|item| item["rule"] == rule).unwrap()["rust"]["because_of"].clone()
    };
    assert_eq!(because("rust-field-type-changed"), json!(["request-type-changed"]));
    assert_eq!(because("rust-doc-changed"), json!(["request-type-changed", "description"]));
}

/// A release of progenitor that changed the output, and nothing else.
#[test]
fn every_line_of_an_upgrade_is_its_own() {
    let project = project();
    let types = "crates/chatwire-types/src/generated/types.rs";
    for (from, to) in [("typify 0.", "typify 0.0."), ("Option<i64>", "Option<i32>")] {
        edit(&project, types, from, to);
    }
    // The first file names the tools of all.
    edit(&project, "crates/chatwire-types/src/generated/mod.rs", "typify 0.", "typify 0.0.");
    commit(&project);
    insta::assert_snapshot!(
        shown(&project, &["diff"]).replace(&typify(&project), "typify OLD -> NEW")
    );
    let report = as_json(&project);
    assert_eq!(summary(&report)[0], "wire none none");
    let counts = report["causes"]["counts"].as_array().unwrap();
    assert!(counts.iter().all(|count| count["cause"] == "dependency"), "{counts:#?}");
    let items = report["rust"]["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["rust"]["origin"] == "tools"), "{items:#?}");
}

/// The upgrade as the report names it.
fn typify(project: &TempDir) -> String {
    let report = as_json(project);
    report.pointer("/causes/upgrades/0").and_then(Value::as_str).unwrap().to_owned()
}

#[test]
fn a_stream_counts_for_the_client() {
    let project = with(&[["x-stream: join", "x-stream: first"]]);
    insta::assert_snapshot!(shown(&project, &["diff"]));
}

#[test]
fn problems_of_either_side_are_shown() {
    let broken = with(&[["type: number,", "anyOf: [],"]]);
    insta::assert_snapshot!(shown(&broken, &["diff"]));
    commit(&broken);
    edit(&broken, SPEC, "anyOf: [],", "type: number,");
    insta::assert_snapshot!(shown(&broken, &["diff"]));
    let output = run(&broken, &["diff", "--wire-only"]);
    assert_ne!(output.status.code(), Some(2));
}

#[test]
fn a_change_file_is_written() {
    let project = with(&[GONE]);
    let text = shown(&project, &["diff", "--write"]);
    assert!(text.ends_with("     Written  changes/question-polite.md\nexit code 0\n"), "{text}");
    let file = fs::read_to_string(project.path().join("changes/question-polite.md")).unwrap();
    insta::assert_snapshot!(file, @r"
    ---
    wire: major
    types: major
    client: major
    ---

    The optional property `Question.polite` was removed.
    ");
    let text = shown(&project, &["diff", "--write", "--say", "Nobody is polite."]);
    assert!(text.ends_with("     Written  changes/nobody-is-polite.md\nexit code 0\n"), "{text}");
    assert!(shown(&project, &["diff", "--write", "--say", " "]).ends_with("exit code 2\n"));
    let nothing = shown(&self::project(), &["diff", "--write"]);
    assert!(nothing.ends_with("     Nothing  to describe\nexit code 0\n"), "{nothing}");
}

#[test]
fn a_release_asks_for_what_the_report_demands() {
    let project = with(&[GONE]);
    let release = |words: &[&str]| {
        shown(&project, &[&["release", "--dry-run", "--date", "2026-05-01"], words].concat())
    };
    let change = "---\nwire: minor\ntypes: minor\nclient: none\n---\n\nAsk for less.\n";
    put(project.path(), "changes/less.md", change);
    insta::assert_snapshot!(release(&[]), @r"
    changes/less.md:2:1: error[small-bump]: `wire: minor`, and the report says `major`; users would get the change in a version that does not announce it; write `wire: major` in the file of the change
    changes/less.md:3:1: error[small-bump]: `types: minor`, and the report says `major`; users would get the change in a version that does not announce it; write `types: major` in the file of the change
    changes/less.md:4:1: error[small-bump]: `client: none`, and the report says `major`; users would get the change in a version that does not announce it; write `client: major` in the file of the change
           Found  3 problems
    exit code 1
    ");
    let overridden = release(&["--wire", "none", "--types", "none", "--client", "none"]);
    assert!(overridden.contains("Release  0.1.0 -> 0.1.1"), "{overridden}");
    put(
        project.path(),
        "changes/less.md",
        &change.replace("minor", "major").replace("none", "major"),
    );
    let accepted = release(&[]);
    assert!(accepted.contains("Release  0.1.0 -> 0.2.0"), "{accepted}");
}

#[test]
fn a_release_without_a_report_says_how_to_go_on() {
    let project = with(&[["type: number,", "anyOf: [],"]]);
    let text = shown(&project, &["release", "--dry-run", "--date", "2026-05-01"]);
    assert!(text.contains("correct them, or set `--wire`, `--types` and `--client`"), "{text}");
    assert!(text.ends_with("exit code 2\n"), "{text}");
}

#[test]
fn a_reader_that_leaves_early_gets_no_error() {
    let project = with(&[NEW]);
    let mut diff = command(&project, &["diff", "--format", "json", "--fail-on", "compatible"]);
    let mut child = diff.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn rules_of_both_tables_are_listed() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["diff", "--rules"]).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains("request-property-removed") && text.contains("rust-field-removed"));
}

#[test]
fn comments_and_pages() {
    let project = with(&[NEW, GONE]);
    insta::assert_snapshot!("markdown", shown(&project, &["diff", "--format", "markdown"]));
    let page = shown(&project, &["diff", "--format", "html"]);
    let (_, body) = page.split_once("</style>").unwrap();
    insta::assert_snapshot!("html", body);
}

/// A document may come from a stranger, and its texts are in the comment and on the page.
#[test]
fn texts_of_the_document_are_escaped() {
    let text = "<script>alert(1)</script> ``` </pre> @all \\\" onload=x";
    let hostile =
        ["description: How sure.", &format!("description: \"{text}\", pattern: '<img>`|'")];
    let removed = ["        tone: {type: string, description: The tone.}\n", ""];
    let project = with(&[hostile, removed]);
    edit(&project, SPEC, "type: number, description", "type: string, description");
    let page = shown(&project, &["diff", "--format", "html", "--wire-only"]);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert_eq!(page.matches("<pre").count(), page.matches("</pre>").count());
    let comment = shown(&project, &["diff", "--format", "markdown", "--wire-only"]);
    let fences: Vec<_> = comment.lines().filter(|line| line.starts_with("````")).collect();
    assert!(fences.len() >= 2 && fences.len() % 2 == 0, "{comment}");
    let mut is_code = false;
    for line in comment.lines() {
        is_code ^= line.starts_with("```");
        let outside = line.split('`').step_by(2).collect::<String>();
        assert!(is_code || !outside.contains("<script") && !outside.contains("<img"), "{line}");
    }
}

/// The working tree of this repository may differ from its last commit, but only in ways that a rule
/// knows.
#[test]
fn this_repository_has_no_unknown_difference() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_xtask")).args(["diff", "--format", "json"]).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"].as_array().unwrap().len(), 4);
}

#[test]
fn a_second_set_is_reported_and_demands_its_bump() {
    let project = project();
    let text = fs::read_to_string(project.path().join(SPEC)).unwrap();
    put(project.path(), "spec/near.yaml", &text);
    put(project.path(), "bindings.toml", BINDINGS);
    commit(&project);

    // The last release did not have the set.
    put(
        project.path(),
        "changes/near.md",
        "---\nwire: none\ntypes: patch\nclient: none\n---\n\nA.\n",
    );
    let refused = shown(&project, &["release", "--dry-run"]);
    assert!(refused.contains("`types: patch`, and the report says `minor`"), "{refused}");

    assert_eq!(as_json(&project)["others"], json!([]));
    edit(&project, "spec/near.yaml", GONE[0], GONE[1]);
    let report = as_json(&project);
    assert_eq!(report["wire"]["items"], json!([]));
    let near = &report["others"][0];
    assert_eq!(near["head"], "spec/near.yaml");
    assert_eq!(summary(near)[..2], ["wire breaking major", "types breaking major"]);
    let text = shown(&project, &["diff", "--fail-on", "breaking"]);
    assert!(text.contains("crates/near/src/generated/types.rs"), "{text}");
    assert!(text.ends_with("exit code 1\n"), "{text}");
}
