//! Whatever is done to a document, reading and linting it ends in problems with places: never in a
//! panic, never in a problem that nobody can find.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use xtask::lint::{RULES, lint};
use xtask::load::Document;

/// A document that breaks no rule.
fn sound() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/clean.yaml");
    std::fs::read_to_string(path).unwrap()
}

/// Reads and lints; every problem has a known rule, and a line that the text has.
fn check(text: &str) {
    let problems = match Document::parse("a.yaml", text) {
        Ok(document) => lint(&document),
        Err(problems) => problems,
    };
    let lines = text.lines().count().max(1) + 1;
    for problem in problems {
        assert!(RULES.iter().any(|rule| rule.id == problem.rule), "{problem}");
        assert!((1..=lines).contains(&problem.line) && problem.col > 0, "{problem}");
        assert_eq!(problem.to_string().lines().count(), 1, "{problem}");
        assert!(!problem.what.is_empty() && !problem.fix.is_empty(), "{problem}");
    }
}

/// Every value of a tree, as JSON pointers.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), found));
        }
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            pointers(value, &format!("{at}/{key}"), found);
        }),
        _ => {}
    }
}

fn strange_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(3)),
        Just(json!(-1.5)),
        Just(json!(true)),
        Just(json!("")),
        Just(json!("é\u{0}\n😀[`")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["a", 1, {"$ref": "#"}])),
        Just(json!({"$ref": "#/components/schemas/Question"})),
        Just(json!({"$ref": "#/paths"})),
        Just(json!({"type": "object", "properties": {"": {"type": "object"}}})),
        Just(json!({"oneOf": [{"oneOf": []}, 1, {"$ref": 5}], "discriminator": []})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn yaml_like_text(text in "([-?:,\\[\\]{}#&*!|>'\"%@ \\t\\na1~]|\\$ref|: |- |\\n  ){0,120}") {
        check(&text);
    }

    #[test]
    fn cut_off(end in any::<Index>()) {
        let text = sound();
        let characters: Vec<_> = text.chars().collect();
        check(&characters[..end.index(characters.len())].iter().collect::<String>());
    }

    #[test]
    fn lines_lost_moved_and_indented(
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), 0..4), 1..6)
    ) {
        let text = sound();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (from, to, edit) in edits {
            let (from, to) = (from.index(lines.len()), to.index(lines.len()));
            match edit {
                0 => drop(lines.remove(from)),
                1 => lines.swap(from, to),
                2 => lines[from].insert_str(0, "  "),
                _ => lines[from] = lines[from].trim_start().to_owned(),
            }
        }
        check(&lines.join("\n"));
    }

    #[test]
    fn values_replaced(
        edits in prop::collection::vec((any::<Index>(), strange_value()), 1..4)
    ) {
        let mut tree = Document::parse("a.yaml", &sound()).unwrap().to_json();
        for (place, value) in edits {
            let mut all = Vec::new();
            pointers(&tree, "", &mut all);
            *tree.pointer_mut(&all[place.index(all.len())]).unwrap() = value;
        }
        check(&serde_json::to_string_pretty(&tree).unwrap());
    }
}
