//! Tests what a change file says, what is wrong with a bad one, and that writing keeps the words of
//! people.

use super::*;

fn put(root: &Path, name: &str, text: &str) {
    let file = crate::write::OutputFile { path: format!("{FOLDER}/{name}"), contents: text.into() };
    write::write_one(root, &file, Mode::Write).unwrap();
}

fn sample() -> Change {
    let bumps = Bumps { wire: Bump::Minor, types: Bump::Minor, client: Bump::None };
    Change::new("max-tool-calls", bumps, "Requests take `max_tool_calls`.")
}

/// What is wrong with a file of that name.
fn problems(name: &str, text: &str) -> String {
    let problems = Change::parse(&format!("{FOLDER}/{name}"), text).unwrap_err();
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(read(root.path()).unwrap(), []);
    write(root.path(), &sample(), Mode::Write).unwrap();
    let text = std::fs::read_to_string(root.path().join(sample().path())).unwrap();
    insta::assert_snapshot!(text, @"
    ---
    wire: minor
    types: minor
    client: none
    ---

    Requests take `max_tool_calls`.
    ");
    assert_eq!(read(root.path()).unwrap(), [sample()]);
    let of_windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(Change::parse(&sample().path(), &of_windows).unwrap(), sample());
}

#[test]
fn writing_again_keeps_the_sentence_and_the_larger_bump() {
    let root = tempfile::tempdir().unwrap();
    let by_hand = "---\nwire: none\ntypes: major\nclient: none\n---\nBy hand.\n";
    put(root.path(), "max-tool-calls.md", by_hand);
    write(root.path(), &sample(), Mode::Write).unwrap();
    let found = read(root.path()).unwrap().remove(0);
    assert_eq!(found.text, "By hand.");
    assert_eq!(found.bumps, Bumps { wire: Bump::Minor, types: Bump::Major, client: Bump::None });
}

#[test]
fn a_check_writes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let outcome = write(root.path(), &sample(), Mode::Check).unwrap();
    assert!(matches!(outcome.status, write::Status::Stale(_)));
    assert!(!root.path().join(FOLDER).exists());
}

#[test]
fn the_problems_of_all_files_are_reported_at_once() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "b.md", "Only words.\n");
    put(root.path(), "a.md", "---\nwire: big\n---\n");
    let Err(Failure::Problems(problems)) = read(root.path()) else {
        panic!("bad files were read");
    };
    let places: Vec<_> = problems.iter().map(|p| (p.file.as_str(), p.line, p.rule)).collect();
    let expected = [
        ("changes/a.md", 2, "missing-key"),
        ("changes/a.md", 2, "missing-key"),
        ("changes/a.md", 2, "bump"),
        ("changes/a.md", 3, "change-text"),
        ("changes/b.md", 1, "front-matter"),
    ];
    assert_eq!(places, expected);
}

#[test]
fn no_front_matter() {
    insta::assert_snapshot!(problems("a.md", "Requests take it.\n"), @"changes/a.md:1:1: error[front-matter]: a change file without front matter; a release reads from it which version the change needs; begin with `---`, the lines `wire:`, `types:` and `client:`, and `---`");
    insta::assert_snapshot!(problems("a.md", ""), @"changes/a.md:1:1: error[front-matter]: a change file without front matter; a release reads from it which version the change needs; begin with `---`, the lines `wire:`, `types:` and `client:`, and `---`");
}

#[test]
fn front_matter_without_an_end() {
    insta::assert_snapshot!(problems("a.md", "---\nwire: none\n\nRequests take it.\n"), @"changes/a.md:1:1: error[front-matter]: front matter without an end; the text for people begins after it; write `---` on a line after `client:`");
}

#[test]
fn front_matter_that_is_empty() {
    insta::assert_snapshot!(problems("a.md", "---\n---\nText.\n"), @"
    changes/a.md:2:1: error[missing-key]: no `wire` in front matter; a release cannot guess what the change means for these users; add `wire: none`, or the bump that they need
    changes/a.md:2:1: error[missing-key]: no `types` in front matter; a release cannot guess what the change means for these users; add `types: none`, or the bump that they need
    changes/a.md:2:1: error[missing-key]: no `client` in front matter; a release cannot guess what the change means for these users; add `client: none`, or the bump that they need
    ");
    insta::assert_snapshot!(problems("a.md", "---\n\n---\nText.\n"), @"
    changes/a.md:2:1: error[missing-key]: no `wire` in front matter; a release cannot guess what the change means for these users; add `wire: none`, or the bump that they need
    changes/a.md:2:1: error[missing-key]: no `types` in front matter; a release cannot guess what the change means for these users; add `types: none`, or the bump that they need
    changes/a.md:2:1: error[missing-key]: no `client` in front matter; a release cannot guess what the change means for these users; add `client: none`, or the bump that they need
    ");
}

#[test]
fn front_matter_that_is_not_yaml() {
    insta::assert_snapshot!(problems("a.md", "---\nwire: [none\n---\nText.\n"), @"changes/a.md:3:1: error[yaml-syntax]: while parsing a flow sequence, expected ',' or ']'; the file cannot be read as YAML from here on; check indentation, quotes and brackets at and just above this line");
}

#[test]
fn wrong_keys() {
    let text = "---\nwire: none\ntype: none\nclient: none\nclient: none\n---\nText.\n";
    insta::assert_snapshot!(problems("a.md", text), @"changes/a.md:5:1: error[duplicate-key]: `client` is repeated; only one of the two is used, and the other one is on line 4; keep one of the two");
    let text = "---\nwire: none\ntype: none\nclient: none\nsince: today\n---\nText.\n";
    insta::assert_snapshot!(problems("a.md", text), @"
    changes/a.md:3:1: error[unknown-key]: `type` in front matter; a change has the keys `wire`, `types` and `client`; did you mean `types`?
    changes/a.md:5:1: error[unknown-key]: `since` in front matter; a change has the keys `wire`, `types` and `client`; remove it
    changes/a.md:2:1: error[missing-key]: no `types` in front matter; a release cannot guess what the change means for these users; add `types: none`, or the bump that they need
    ");
}

#[test]
fn wrong_bumps() {
    let text = "---\nwire: Minor\ntypes: 1\nclient:\n---\nText.\n";
    insta::assert_snapshot!(problems("a.md", text), @"
    changes/a.md:2:7: error[bump]: `wire` is `Minor`; a bump is a word that says how large the change is; write `none`, `patch`, `minor` or `major`
    changes/a.md:3:8: error[bump]: `types` is a number; a bump is a word that says how large the change is; write `none`, `patch`, `minor` or `major`
    changes/a.md:4:7: error[bump]: `client` is empty; a bump is a word that says how large the change is; write `none`, `patch`, `minor` or `major`
    ");
}

#[test]
fn no_text() {
    let text = "---\nwire: none\ntypes: none\nclient: none\n---";
    insta::assert_snapshot!(problems("a.md", text), @"changes/a.md:5:1: error[change-text]: a change file without a text; the changelog would say nothing about the change; write after the front matter what changes for users, in a sentence");
}

#[test]
fn unusual_names() {
    let text = "---\nwire: none\ntypes: none\nclient: none\n---\nText.\n";
    insta::assert_snapshot!(problems("Ärger.md", text), @"changes/Ärger.md:1:1: error[change-name]: a change file with an unusual name; the name has to be the same on every file system; name it `changes/what-changed.md`, with a-z, 0-9 and hyphens");
    insta::assert_snapshot!(problems("a.txt", text), @"changes/a.txt:1:1: error[change-name]: a change file with an unusual name; the name has to be the same on every file system; name it `changes/what-changed.md`, with a-z, 0-9 and hyphens");
    insta::assert_snapshot!(problems("more/a.md", text), @"changes/more/a.md:1:1: error[change-name]: a change file with an unusual name; the name has to be the same on every file system; name it `changes/what-changed.md`, with a-z, 0-9 and hyphens");
}

#[test]
fn names_from_sentences() {
    assert_eq!(slug("`FinishReason` gains \"budget\"!"), "finishreason-gains-budget");
    assert_eq!(slug("…"), "change");
    assert_eq!(slug("One two three four five six seven."), "one-two-three-four-five-six");
}
