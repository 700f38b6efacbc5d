//! Tests projects with a `bindings.toml` of their own, through the commands: several sets in one
//! folder, and overlays that every command remembers.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test has no other way to say so, and may write files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const TWO_SETS: &str = "\
[[bindings]]
name = 'one'
document = 'one.yaml'
house_style = true
client = 'one-client'

[[bindings]]
name = 'two'
document = 'two.yaml'
house_style = true
overlays = ['two.overlay.yaml']
";

const OVERLAY: &str = "\
overlay: 1.1.0
info: {title: Two, version: '1'}
actions:
- target: $.components.schemas.Question.properties
  update: {urgent: {type: boolean, description: Whether it is urgent.}}
";

/// A project with two sets of the same document, one of them with an overlay.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rust_api/base.yaml");
    for name in ["one.yaml", "two.yaml"] {
        fs::copy(&document, folder.path().join(name)).unwrap();
    }
    put(&folder, "bindings.toml", TWO_SETS);
    put(&folder, "two.overlay.yaml", OVERLAY);
    put(&folder, "Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n");
    folder
}

fn put(project: &TempDir, path: &str, text: &str) {
    fs::write(project.path().join(path), text).unwrap();
}

fn edit(project: &TempDir, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(project.path().join(path)).unwrap();
    assert!(text.contains(from), "{from}");
    put(project, path, &text.replace(from, to));
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).current_dir("/").output().unwrap()
}

/// Runs a command that reads the project's `bindings.toml`. Returns what it prints and its exit code.
fn with_bindings(project: &TempDir, words: &[&str]) -> (String, Option<i32>) {
    let file = project.path().join("bindings.toml");
    let output = run(&[words, &["--bindings", file.to_str().unwrap()]].concat());
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (text.concat(), output.status.code())
}

/// Every file below a folder with its text.
fn tree(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(tree(&path)),
            false => found.push((path.clone(), fs::read_to_string(&path).unwrap())),
        }
    }
    found.sort();
    found
}

fn git(project: &TempDir, words: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-C"]);
    assert!(git.arg(project.path()).args(words).output().unwrap().status.success());
}

#[test]
fn both_sets_are_written_and_one_alone_leaves_the_other() {
    let project = project();
    let (text, code) = with_bindings(&project, &["generate"]);
    assert_eq!(code, Some(0), "{text}");
    for path in ["one-types/src/generated/types.rs", "one-client/src/generated.rs", "one.lock"] {
        assert!(text.contains(&format!("     Written  crates/{path}\n")), "{text}");
    }
    assert!(
        text.contains("     Written  crates/two.lock\n") && !text.contains("two-client"),
        "{text}"
    );
    let header = fs::read_to_string(project.path().join("crates/two-types/src/generated/types.rs"));
    assert!(
        header.unwrap().contains("from two.yaml; do not edit.\n// overlay:  two.overlay.yaml\n")
    );

    let before = tree(project.path());
    edit(&project, "one.yaml", "polite:", "kind:");
    let (text, code) = with_bindings(&project, &["generate", "--set", "one"]);
    assert_eq!(code, Some(0), "{text}");
    let is_two = |file: &(PathBuf, String)| file.0.to_str().unwrap().contains("/two");
    let [before, after] = [before, tree(project.path())]
        .map(|files| files.into_iter().filter(is_two).collect::<Vec<_>>());
    assert_eq!(after, before);
}

#[test]
fn sets_of_one_tree_with_the_default_names_do_not_mix() {
    let project = project();
    let out = |inner: &str| project.path().join(inner).to_str().unwrap().to_owned();
    let spec = |name: &str| project.path().join(name).to_str().unwrap().to_owned();
    let generate = |spec: &str, out: &str| run(&["generate", "--spec", spec, "--out", out]);
    assert!(generate(&spec("one.yaml"), &out("a")).status.success());
    let before = tree(&project.path().join("a"));
    assert!(generate(&spec("two.yaml"), &out("a/crates/b")).status.success());
    assert!(generate(&spec("one.yaml"), &out("a")).status.success());
    edit(&project, "two.yaml", "polite:", "kind:");
    assert!(generate(&spec("two.yaml"), &out("a/crates/b")).status.success());
    let after = tree(&project.path().join("a"));
    let after = after.into_iter().filter(|(path, _)| !path.starts_with(out("a/crates/b")));
    let after: Vec<_> = after.collect();
    assert_eq!(after, before);

    let output = generate(&spec("two.yaml"), &out("a"));
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("has the bindings of one.yaml; write those of two.yaml"), "{message}");
}

#[test]
fn every_command_remembers_the_overlay() {
    let project = project();
    with_bindings(&project, &["generate"]);
    let (text, code) = with_bindings(&project, &["generate", "--check"]);
    assert_eq!(code, Some(0), "{text}");
    git(&project, &["init", "--quiet"]);
    git(&project, &["add", "--all"]);
    git(&project, &["commit", "--quiet", "--no-gpg-sign", "--message", "all"]);

    let root = project.path().to_str().unwrap();
    let diff = || run(&["diff", "--root", root, "--set", "two", "--format", "json"]).stdout;
    let report: Value = serde_json::from_slice(&diff()).unwrap();
    assert_eq!(report["wire"]["items"], serde_json::json!([]), "{report:#}");
    assert_eq!(report["causes"]["counts"], serde_json::json!([]), "{report:#}");

    edit(&project, "two.overlay.yaml", "urgent", "pressing");
    let report: Value = serde_json::from_slice(&diff()).unwrap();
    let items = report["wire"]["items"].as_array().unwrap();
    let rules: Vec<_> = items.iter().map(|item| item["rule"].as_str().unwrap()).collect();
    assert_eq!(
        rules,
        ["request-property-added-optional", "request-property-removed"],
        "{report:#}"
    );
    let places: Vec<_> = items.iter().map(|item| item["head"]["file"].to_string()).collect();
    assert!(places.iter().any(|place| place.contains("two.overlay.yaml")), "{places:?}");

    let (text, code) = with_bindings(&project, &["generate", "--check"]);
    assert_eq!(code, Some(1));
    let fix = text.lines().last().unwrap();
    assert!(fix.contains("cargo xtask generate --bindings") && !fix.contains("--overlay"), "{fix}");
    assert_eq!(with_bindings(&project, &["lint", "--set", "two"]).1, Some(0));
}

#[test]
fn an_overlay_that_nobody_would_remember_is_refused() {
    let project = project();
    with_bindings(&project, &["generate"]);
    let before = tree(project.path());
    let overlay = project.path().join("two.overlay.yaml");
    let overlay = overlay.to_str().unwrap();
    let (text, code) = with_bindings(&project, &["generate", "--set", "one", "--overlay", overlay]);
    assert_eq!(code, Some(2));
    assert_eq!(
        text,
        "error: this overlay would be forgotten by the next `cargo xtask generate`; list it in \
         bindings.toml, or write to another folder with `--out DIR`\n"
    );
    assert_eq!(tree(project.path()), before);
}

#[test]
fn a_wrong_set_writes_nothing_of_any() {
    let project = project();
    edit(&project, "two.yaml", "polite: {type: boolean", "polite: {type: bool");
    let before = tree(project.path());
    assert_eq!(with_bindings(&project, &["generate"]).1, Some(1));
    assert_eq!(tree(project.path()), before);
    edit(&project, "bindings.toml", "name = 'two'", "name = 'one'");
    let (text, code) = with_bindings(&project, &["generate"]);
    assert!(text.contains("error[bindings-shared]: the name `one`"), "{text}");
    assert_eq!(code, Some(1));
}

#[test]
fn programs_get_json_even_if_a_file_is_missing() {
    let project = project();
    fs::remove_file(project.path().join("two.yaml")).unwrap();
    for words in [
        &["generate", "--json"][..],
        &["lint", "--json", "--set", "two"],
        &["coverage", "--json", "--set", "two", "--against", "/absent.yaml"],
        &["drift", "--format", "json", "--set", "two", "--upstream", "/absent.yaml"],
    ] {
        let file = project.path().join("bindings.toml");
        let output = run(&[words, &["--bindings", file.to_str().unwrap()]].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let problems = if json.is_array() { &json } else { &json["problems"] };
        assert_eq!(problems[0]["rule"], "io", "{words:?} {json:#}");
        assert_eq!(output.status.code(), Some(2));
    }
    let root = project.path().to_str().unwrap();
    let output = run(&["diff", "--root", root, "--base", "no-such", "--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["problems"][0]["rule"], output.status.code()), (&"io".into(), Some(2)));
}
