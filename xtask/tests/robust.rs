//! Tests that reading, linting and comparing a damaged document ends in problems with places: never in a
//! panic, and never in a problem without a place. `lint.rs` tests each rule alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use xtask::generator::generate;
use xtask::layout::Layout;
use xtask::lint::{RULES, lint};
use xtask::load::Document;
use xtask::model::Model;
use xtask::problem::Problem;
use xtask::report::Report;
use xtask::write::Header;

/// A document that breaks no rule.
fn sound() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/clean.yaml");
    std::fs::read_to_string(path).unwrap()
}

/// Reads and lints. Every problem must have a known rule, and a line of the text. The generator
/// must accept what the lint accepts.
fn check(text: &str) {
    let problems = match Document::parse("a.yaml", text) {
        Ok(document) => {
            compare(&document);
            lint_and_generate(&document)
        }
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

/// Compares with a sound document, which may fail but not panic, and with itself.
fn compare(document: &Document) {
    static SOUND: LazyLock<Document> =
        LazyLock::new(|| Document::parse("sound.yaml", &sound()).unwrap());
    drop(Report::new(&SOUND, document));
    drop(Report::new(document, &SOUND));
    if let Ok(report) = Report::new(document, document) {
        assert!(report.level().is_none(), "{:?}", report.wire);
    }
}

fn lint_and_generate(document: &Document) -> Vec<Problem> {
    let model = Model::read(document);
    let problems = lint(&model);
    if problems.is_empty() {
        let files = generate(&model, &Layout::default(), &Header::new(document, &[])).unwrap();
        files.iter().for_each(|file| drop(syn::parse_file(&file.contents).unwrap()));
    }
    problems
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

/// A change of a value.
#[derive(Clone, Debug)]
enum Edit {
    Remove,
    Rename(&'static str),
    Replace(Value),
    ReplaceBy(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let names =
        ["", "a-b", "type", "self", "24h", "Unknown", "é", "a b", "$ref", "x-y", "200", "{"];
    prop_oneof![
        2 => Just(Edit::Remove),
        2 => prop::sample::select(names.as_slice().to_vec()).prop_map(Edit::Rename),
        1 => strange_value().prop_map(Edit::Replace),
        3 => any::<Index>().prop_map(Edit::ReplaceBy),
    ]
}

fn apply(tree: &mut Value, place: Index, edit: Edit) {
    let mut all = Vec::new();
    pointers(tree, "", &mut all);
    let at = &all[place.index(all.len())];
    match edit {
        Edit::Replace(value) => *tree.pointer_mut(at).unwrap() = value,
        Edit::ReplaceBy(other) => {
            let other = tree.pointer(&all[other.index(all.len())]).unwrap().clone();
            *tree.pointer_mut(at).unwrap() = other;
        }
        Edit::Remove | Edit::Rename(_) => {
            let Some((parent, key)) = at.rsplit_once('/') else { return };
            let key = key.replace("~1", "/").replace("~0", "~");
            let Some(entries) = tree.pointer_mut(parent).unwrap().as_object_mut() else { return };
            let value = entries.shift_remove(&key);
            if let (Edit::Rename(name), Some(value)) = (edit, value) {
                entries.insert(name.to_owned(), value);
            }
        }
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
    #![proptest_config(ProptestConfig { cases: if crate::thorough() { 400 } else { 100 }, failure_persistence: None, ..Default::default() })]

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
    fn values_replaced(edits in prop::collection::vec((any::<Index>(), edit()), 1..4)) {
        let mut tree = Document::parse("a.yaml", &sound()).unwrap().to_json();
        edits.into_iter().for_each(|(place, edit)| apply(&mut tree, place, edit));
        check(&serde_json::to_string_pretty(&tree).unwrap());
    }
}
