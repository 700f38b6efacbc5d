//! Tests that two branches with edits in different schemas merge: only the file with the hashes of
//! the inputs conflicts, and `generate` settles it. Runs git on the generated files of the document.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use crate::wire_lines;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use xtask::bindings::Set;
use xtask::load::Document;
use xtask::pipeline;
use xtask::progress::Progress;
use xtask::repository::{SPEC, root};
use xtask::write::{self, Mode};

/// The file with the hash of the document.
const LOCK: &str = "spec/generated.lock";

/// A new optional property of a request.
const PROPERTY: [&str; 2] = [
    "        include_obfuscation:\n",
    "        include_timings:
          type: boolean
          description: Whether the service sends how long each step took.
        include_obfuscation:\n",
];

/// Another description.
const DESCRIPTION: [&str; 2] = [
    "          description: The sum of `prompt_tokens` and `completion_tokens`.\n",
    "          description: All tokens of the request, in both directions.\n",
];

/// A new value of an enum.
const VALUE: [&str; 2] = [
    "        length: The answer reached the token limit.\n",
    "        length: The answer reached the token limit.
        budget: The answer reached the cost limit.\n",
];
const VALUE_ITSELF: [&str; 2] =
    ["      - stop\n      - length\n", "      - stop\n      - length\n      - budget\n"];

/// A new key of a stream, which every generated file shows.
const STREAMED: [&str; 2] = [
    "          description: The next stretch of the refusal.\n",
    "          description: The next stretch of the refusal.
          x-stream: join
        apology:
          type: string
          description: The next stretch of the apology.\n",
];
const STREAMED_WHOLE: [&str; 2] = [
    "    ResponseMessage:
      type: object
      description: The message that the model wrote.
      properties:\n",
    "    ResponseMessage:
      type: object
      description: The message that the model wrote.
      properties:
        apology:
          type: string
          description: The apology.\n",
];

/// Another key of a stream.
const AUDIO: [&str; 2] = [
    "          description: The next stretch of the words that are spoken.\n",
    "          description: The next stretch of the words that are spoken.
          x-stream: join
        language:
          type: string
          description: The next stretch of the language.\n",
];
const AUDIO_WHOLE: [&str; 2] = [
    "      description: A spoken answer.\n      properties:\n",
    "      description: A spoken answer.\n      properties:
        language:
          type: string
          description: The language.\n",
];

/// A description right below the schema that has [`PROPERTY`].
const NEIGHBOUR: [&str; 2] = [
    "      description: One stop sequence, or up to four of them.\n",
    "      description: Up to four stop sequences.\n",
];

#[test]
fn a_property_and_descriptions() {
    check(&[PROPERTY], &[NEIGHBOUR, DESCRIPTION]);
}

#[test]
fn an_enum_value_and_a_streamed_key() {
    check(&[VALUE, VALUE_ITSELF], &[STREAMED, STREAMED_WHOLE]);
}

#[test]
fn two_streamed_keys() {
    check(&[STREAMED, STREAMED_WHOLE], &[AUDIO, AUDIO_WHOLE]);
}

/// Makes the edits on two branches, and merges the second into the first.
fn check(one: &[[&str; 2]], two: &[[&str; 2]]) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let document = fs::read_to_string(root().join(SPEC)).unwrap();
    git(here, &["init", "--quiet", "--initial-branch", "one"]);
    commit(here, &document);
    git(here, &["branch", "two"]);
    commit(here, &edited(&document, one));
    git(here, &["switch", "--quiet", "two"]);
    commit(here, &edited(&document, two));
    git(here, &["switch", "--quiet", "one"]);

    let merge = run(here, &["merge", "--quiet", "two"]);
    assert!(!merge.status.success(), "both branches change {}", LOCK);
    let conflicts = git(here, &["diff", "--name-only", "--diff-filter=U"]);
    assert_eq!(conflicts.trim(), LOCK);

    let merged = fs::read_to_string(here.join(SPEC)).unwrap();
    assert_eq!(merged, edited(&edited(&document, one), two));
    git(here, &["add", "--all"]);
    generate(here);
    assert_eq!(git(here, &["diff", "--name-only"]).trim(), LOCK);
}

fn edited(document: &str, edits: &[[&str; 2]]) -> String {
    edits.iter().fold(document.to_owned(), |text, [from, to]| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

/// Commits the document with everything that follows from it.
fn commit(here: &Path, document: &str) {
    fs::create_dir_all(here.join("spec")).unwrap();
    fs::write(here.join(SPEC), document).unwrap();
    generate(here);
    git(here, &["add", "--all"]);
    git(here, &["commit", "--quiet", "--message", "edit"]);
}

/// Generates the code and the snapshot of the wire.
fn generate(here: &Path) {
    let set = Set::default();
    let inputs = set.inputs(here);
    let files = pipeline::run(&inputs, &set.layout, &Progress::silent()).unwrap();
    write::write(here, &files, Mode::Write).unwrap();
    let document = Document::load(&inputs.spec).unwrap().to_json();
    fs::write(here.join("wire.snap"), wire_lines::lines(&document)).unwrap();
}

/// Runs git, and returns what it prints.
fn git(here: &Path, words: &[&str]) -> String {
    let output = run(here, words);
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Settings of the machine do not matter, such as hooks, signing and other ways to merge.
fn run(here: &Path, words: &[&str]) -> Output {
    let mut git = Command::new("git");
    git.args(words).current_dir(here);
    // A test that runs in a hook must not use the repository of the hook.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        git.env_remove(name);
    }
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "A person");
        git.env(format!("GIT_{role}_EMAIL"), "person@example.com");
    }
    git.output().unwrap()
}
