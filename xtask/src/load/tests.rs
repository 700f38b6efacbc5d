//! Tests what a text becomes: values with their places, or problems. `tests/lint.rs` has the
//! documents that break a rule.

use super::*;

/// Parses and shows every value with its pointer and position, or the problems.
fn check(text: &str) -> String {
    match Document::parse("a.yaml", text) {
        Ok(document) => tree(&document, ""),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

fn tree(document: &Document, pointer: &str) -> String {
    let node = document.node_at(pointer).unwrap();
    let keys = node.keys().into_iter().map(escape_step);
    let steps: Vec<_> = match &node.value {
        Value::Object(_) => keys.collect(),
        Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        _ => Vec::new(),
    };
    let at = document.span_of(pointer).unwrap();
    let value = if steps.is_empty() { node.to_json().to_string() } else { node.kind().to_owned() };
    let mut lines = format!("{}:{} {pointer} = {value}\n", at.line, at.col);
    steps.iter().for_each(|step| lines += &tree(document, &format!("{pointer}/{step}")));
    lines
}

#[test]
fn every_value_has_a_place() {
    insta::assert_snapshot!(check(
        "openapi: 3.0.3\npaths:\n  /chat/completions:\n    post:\n      tags: [a, 'b']\n"
    ), @r#"
    1:1  = an object
    1:1 /openapi = "3.0.3"
    2:1 /paths = an object
    3:3 /paths/~1chat~1completions = an object
    4:5 /paths/~1chat~1completions/post = an object
    5:7 /paths/~1chat~1completions/post/tags = a list
    5:14 /paths/~1chat~1completions/post/tags/0 = "a"
    5:17 /paths/~1chat~1completions/post/tags/1 = "b"
    "#);
}

#[test]
fn json_is_yaml() {
    insta::assert_snapshot!(check("{\n\t\"a\": [1, -2.5, true, null],\n\t\"b\": \"\\u00e9\"}"), @r#"
    1:1  = an object
    2:2 /a = a list
    2:8 /a/0 = 1
    2:11 /a/1 = -2.5
    2:17 /a/2 = true
    2:23 /a/3 = null
    3:2 /b = "é"
    "#);
}

#[test]
fn scalars_follow_the_core_schema() {
    insta::assert_snapshot!(check(
        "- no\n- 0x1f\n- 18446744073709551615\n- 3.0.3\n- 1.10\n- ~\n-\n- '5'\n- |\n  a\n  b\n"
    ), @r#"
    1:1  = a list
    1:3 /0 = "no"
    2:3 /1 = 31
    3:3 /2 = 18446744073709551615
    4:3 /3 = "3.0.3"
    5:3 /4 = 1.1
    6:3 /5 = null
    7:2 /6 = null
    8:3 /7 = "5"
    10:3 /8 = "a\nb\n"
    "#);
}

#[test]
fn aliases_are_written_out() {
    insta::assert_snapshot!(check("a: &x {b: 1}\nc: *x\n"), @r"
    1:1  = an object
    1:1 /a = an object
    1:8 /a/b = 1
    2:1 /c = an object
    1:8 /c/b = 1
    ");
}

#[test]
fn broken_text_has_one_problem() {
    for text in ["a: [1, 2", "a: 'x", "a:\n\t- b", "a: b: c", "*x", "{a: 1,\n", "a: &x [*x]", ""] {
        let problems = Document::parse("a.yaml", text).unwrap_err();
        assert_eq!(problems.len(), 1, "{text:?}");
    }
    insta::assert_snapshot!(check("openapi: 3.0.3\ninfo:\n  title: 'x\n  version: 1\n"), @"a.yaml:3:10: error[yaml-syntax]: invalid indentation in quoted scalar; the file cannot be read as YAML from here on; check indentation, quotes and brackets at and just above this line");
    insta::assert_snapshot!(check(""), @"a.yaml:1:1: error[empty-document]: the file is empty; there is nothing to generate from; write an OpenAPI 3.0 document into it");
    insta::assert_snapshot!(check("a: 1\n---\nb: 2\n"), @"a.yaml:2:1: error[second-document]: a second YAML document begins here; only the first would be read; remove the `---`, or put the rest into a file of its own");
    insta::assert_snapshot!(check("a: .nan"), @"a.yaml:1:4: error[yaml-syntax]: `.nan` has no counterpart in JSON; the document is used as JSON; write a finite number, or put the text in quotes");
}

#[test]
fn keys_are_strings_and_stand_once() {
    insta::assert_snapshot!(check("a: 1\nb: 2\na: 3\n200: x\ntrue: x\nnull: x\n1.5: x\n"), @r"
    a.yaml:3:1: error[duplicate-key]: `a` is repeated; only one of the two is used, and the other one is on line 1; keep one of the two
    a.yaml:5:1: error[key-not-string]: the key `true` is not a string; the keys of JSON objects are strings; put the key in quotes
    a.yaml:6:1: error[key-not-string]: the key `null` is not a string; the keys of JSON objects are strings; put the key in quotes
    a.yaml:7:1: error[key-not-string]: the key `1.5` is not a string; the keys of JSON objects are strings; put the key in quotes
    ");
    insta::assert_snapshot!(check("? [a]\n: 1\n"), @"a.yaml:1:3: error[key-not-string]: a list or an object is used as a key; the keys of JSON objects are strings; put the key in quotes");
}

#[test]
fn nothing_grows_without_bound() {
    let deep = "[".repeat(5000);
    insta::assert_snapshot!(check(&deep), @"a.yaml:1:256: error[yaml-syntax]: recursion limit exceeded; the file cannot be read as YAML from here on; check indentation, quotes and brackets at and just above this line");
    let bomb = (0..30).fold("- &a0 [x, x]\n".to_owned(), |text, n| {
        format!("{text}- &a{} [*a{n}, *a{n}]\n", n + 1)
    });
    insta::assert_snapshot!(check(&bomb), @"a.yaml:18:15: error[too-large]: aliases repeat too many values; the document would grow beyond 1000000 values; name the repeated part under `components` and refer to it by `$ref`");
}

#[test]
fn references_lead_somewhere_or_say_why_not() {
    let text = "a: {$ref: '#/b'}\nb: {$ref: '#/c~1d'}\nc/d: 7\nloop: {$ref: '#/loop'}\n\
                typo: {$ref: '#/bb'}\nlost: {$ref: '#/components/schemas/X'}\n\
                other: {$ref: 'x.yaml#/a'}\nnumber: {$ref: 5}\n";
    let document = Document::parse("a.yaml", text).unwrap();
    let show = |entry: &Entry| match document.resolve(&entry.value) {
        Ok(node) => format!("{}\n", node.to_json()),
        Err(problem) => format!("{problem}\n"),
    };
    let shown: String = document.root.entries().iter().map(show).collect();
    insta::assert_snapshot!(shown, @r"
    7
    7
    7
    a.yaml:4:7: error[cyclic-ref]: this `$ref` leads back to itself; it never reaches a definition; refer to a component that is not a `$ref`
    a.yaml:5:14: error[dangling-ref]: `$ref` to `#/bb`, which does not exist; there is nothing to generate a type from; did you mean `#/b`?
    a.yaml:6:14: error[dangling-ref]: `$ref` to `#/components/schemas/X`, which does not exist; there is nothing to generate a type from; add `X` to `components.schemas`, or correct the name
    a.yaml:7:15: error[external-ref]: `$ref` to `x.yaml#/a`; the document is one file; copy the definition under `components` and refer to it by `#/components/…`
    a.yaml:8:16: error[wrong-type]: `$ref` is a number; a reference is a string; write `$ref: '#/components/schemas/Name'`
    ");
}

#[test]
fn the_nearest_place_of_a_pointer_that_leads_nowhere() {
    let document = Document::parse("a.yaml", "a:\n  b: {c: 1}\n").unwrap();
    assert_eq!(document.nearest("/a/b/x/y").to_string(), "a.yaml:2:3");
    assert_eq!(document.nearest("/zzz").to_string(), "a.yaml:1:1");
}

#[test]
fn bytes_that_are_not_text_have_a_place() {
    let problem = decode("a.yaml", b"a: 1\nb: \xff".to_vec()).unwrap_err();
    assert_eq!((problem.line, problem.col), (2, 4));
}

#[test]
fn json_may_write_a_character_as_two_escapes() {
    let document = Document::parse("a.json", r#"{"a": "\ud83d\ude00"}"#).unwrap();
    assert_eq!(document.to_json(), serde_json::json!({ "a": "\u{1f600}" }));
}
