//! Tests the commands as a user sees them: their output, their exit code, the files that they
//! write. The modules test their own parts.
#![allow(clippy::unwrap_used, reason = "helpers of tests are not exempt by themselves")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint").join(name)
}

/// Runs a command in `directory`. The documents here are in house style.
fn run(directory: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let style = words.contains(&"--spec").then_some("--house-style");
    command.args(words).args(style).current_dir(directory).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file below a directory with its bytes.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![(path.clone(), std::fs::read(&path).unwrap())],
        })
        .collect();
    found.sort();
    found
}

/// The same, with paths relative to the directory.
fn tree(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let inside = |path: PathBuf| path.strip_prefix(directory).unwrap().to_path_buf();
    files(directory).into_iter().map(|(path, bytes)| (inside(path), bytes)).collect()
}

#[test]
fn lint_says_clean_and_exits_with_0() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = run(here, &["lint", "--spec", "tests/lint/clean.yaml"]);
    assert_eq!(stdout(&output), "       Clean  xtask/tests/lint/clean.yaml\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn lint_says_what_is_wrong_and_exits_with_1() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = run(here, &["lint", "--spec", "tests/lint/any-of.yaml"]);
    insta::assert_snapshot!(stdout(&output), @r"
    xtask/tests/lint/any-of.yaml:26:39: error[any-of]: `anyOf` in property `size` of `Question`; it would become a struct in which every form is optional; write `oneOf` with forms that differ; for `null` write `nullable: true`
           Found  1 problem
    ");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
}

#[test]
fn lint_as_json_is_an_array() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = run(here, &["lint", "--json", "--spec", "tests/lint/any-of.yaml"]);
    let problems: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(problems[0]["rule"], "any-of");
    assert_eq!(problems[0]["line"], 26);
    assert_eq!(output.status.code(), Some(1));
    let output = run(here, &["lint", "--json", "--spec", "tests/lint/clean.yaml"]);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), serde_json::json!([]));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_missing_file_and_a_wrong_flag_exit_with_2() {
    let here = tempfile::tempdir().unwrap();
    for words in [["lint", "--spec", "absent.yaml"], ["generate", "--spec", "absent.yaml"]] {
        let output = run(here.path(), &words);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).starts_with("error: cannot read absent.yaml: "));
    }
    let output = run(here.path(), &["lint", "--sepc", "absent.yaml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_broken_document_writes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let folder = document("");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let is_broken = path.file_stem().is_some_and(|stem| stem != "clean");
        if path.extension().is_none_or(|end| end != "yaml") || !is_broken {
            continue;
        }
        let output = run(
            out.path(),
            &["generate", "--spec", path.to_str().unwrap(), "--out", out.path().to_str().unwrap()],
        );
        assert_eq!(output.status.code(), Some(1), "{}", path.display());
        assert!(stderr(&output).contains("error["), "{}", stderr(&output));
        assert!(files(out.path()).is_empty(), "{}", path.display());
    }
}

#[test]
fn generate_writes_once_and_is_the_same_from_anywhere() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let spec = document("clean.yaml");
    let spec = spec.to_str().unwrap();
    let generate = |from: &Path, out: &Path| {
        let output = run(from, &["generate", "--spec", spec, "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let first = generate(one.path(), one.path());
    assert!(first.lines().all(|line| line.starts_with("     Written  ")), "{first}");
    assert!(first.ends_with("     Written  spec/generated.lock\n"), "{first}");
    let second = generate(Path::new("/"), one.path());
    assert!(second.lines().all(|line| line.starts_with("       Fresh  ")), "{second}");
    let relative = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words = ["generate", "--spec", "tests/lint/clean.yaml", "--out"];
    run(relative, &[&words[..], &[two.path().to_str().unwrap()]].concat());
    assert_eq!(tree(one.path()), tree(two.path()));
}

#[test]
fn check_finds_drift_and_leaves_it() {
    let out = tempfile::tempdir().unwrap();
    let spec = document("clean.yaml");
    let words =
        ["generate", "--spec", spec.to_str().unwrap(), "--out", out.path().to_str().unwrap()];
    let check = || run(out.path(), &[&words[..], &["--check"]].concat());
    assert_eq!(check().status.code(), Some(1));
    assert!(files(out.path()).is_empty());
    run(out.path(), &words);
    assert_eq!(check().status.code(), Some(0));

    let (path, bytes) = files(out.path()).remove(0);
    let edited = [bytes.as_slice(), b"// by hand\n"].concat();
    replace(&path, &edited);
    let output = check();
    let shown = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        shown.contains("       Stale  crates/") && shown.contains("\n-// by hand\n"),
        "{shown}"
    );
    assert!(shown.contains("Fix with  cargo xtask generate --spec "), "{shown}");
    assert_eq!(std::fs::read(&path).unwrap(), edited);

    let output = run(out.path(), &[&words[..], &["--check", "--json"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let stale = report["files"].as_array().unwrap().iter().filter(|file| file["status"] == "stale");
    assert_eq!(stale.count(), 1);
}

#[test]
fn an_overlay_shows_in_the_output_and_in_its_header() {
    let out = tempfile::tempdir().unwrap();
    let overlay = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/overlay/merge.yaml");
    let spec = document("clean.yaml");
    let output = run(
        out.path(),
        &[
            "generate",
            "--spec",
            spec.to_str().unwrap(),
            "--overlay",
            overlay.to_str().unwrap(),
            "--out",
            out.path().to_str().unwrap(),
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let texts = files(out.path()).into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap());
    let texts: Vec<_> = texts.collect();
    assert!(texts.iter().all(|text| text.contains("  xtask/tests/overlay/merge.yaml\n")));
    assert!(texts.iter().any(|text| text.contains("reason")));
}

#[test]
fn the_repository_is_up_to_date() {
    let output = run(Path::new("/"), &["generate", "--check"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
}

fn replace(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}
