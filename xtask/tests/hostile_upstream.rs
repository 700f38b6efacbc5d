//! Tests that `drift` and `coverage` end soon and never panic, whatever the upstream document or the
//! lock contains. `drift.rs` tests what they say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are not exempt by themselves"
)]

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use xtask::coverage::Reasons;
use xtask::drift::Report;
use xtask::load::Document;
use xtask::surface::Lock;

fn document(name: &str) -> Document {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drift");
    Document::load(&folder.join(name)).unwrap()
}

/// Compares, and prints everything. A problem must have a place. No clock is read, because a busy machine would
/// make the test fail.
fn check(upstream: &str) {
    let ours = document("ours.yaml");
    let report = Document::parse("upstream.yaml", upstream).and_then(|upstream| {
        let recorded = Lock::of(&ours)?;
        Report::new(&ours, &upstream, Reasons::default(), Some(recorded))
    });
    match report {
        Ok(report) => {
            report.render(&mut Vec::new()).unwrap();
            drop(report.to_json());
            let text = report.lock.to_text();
            assert!(Lock::parse("a.lock", &text).unwrap() == report.lock, "{text}");
            for paste in report.missing.iter().flat_map(|(_, pastes)| pastes) {
                Document::parse("paste.yaml", &paste.yaml).unwrap();
            }
        }
        Err(problems) => {
            assert!(problems.iter().all(|problem| problem.line > 0 && !problem.fix.is_empty()));
        }
    }
}

/// A chat document whose request has the schema `S0`.
fn with_schemas(schemas: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: Ours, version: '1'}}\npaths:\n  /chat/completions:\n    post:\n      \
         requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/S0'}}}}}}}}\n\
         components:\n  schemas:\n{schemas}"
    )
}

#[test]
fn a_long_chain_of_references_ends() {
    let mut schemas = String::new();
    for number in 0..10_000 {
        writeln!(schemas, "    S{number}: {{$ref: '#/components/schemas/S{}'}}", number + 1)
            .unwrap();
    }
    schemas += "    S10000: {type: object, properties: {a: {type: string}}}\n";
    check(&with_schemas(&schemas));
}

#[test]
fn a_long_chain_of_objects_ends() {
    let mut schemas = String::new();
    for number in 0..2_000 {
        let next = number + 1;
        writeln!(
            schemas,
            "    S{number}: {{properties: {{a: {{$ref: '#/components/schemas/S{next}'}}}}}}"
        )
        .unwrap();
    }
    schemas += "    S2000: {type: string}\n";
    check(&with_schemas(&schemas));
}

#[test]
fn schemas_that_contain_themselves_end() {
    let me = "{$ref: '#/components/schemas/S0'}";
    for schema in [
        me.to_owned(),
        format!("{{type: array, items: {me}}}"),
        format!("{{additionalProperties: {me}}}"),
        format!("{{anyOf: [{me}, {{type: 'null'}}]}}"),
        format!("{{oneOf: [{me}, {{properties: {{a: {me}, b: {{allOf: [{me}, {me}]}}}}}}]}}"),
        format!("{{properties: {{a: {{items: {{items: {me}}}}}}}}}"),
    ] {
        check(&with_schemas(&format!("    S0: {schema}\n")));
        let inside = format!(
            "    S0: {{properties: {{x: {{$ref: '#/components/schemas/S1'}}}}}}\n    S1: {}\n",
            schema.replace("S0", "S1")
        );
        check(&with_schemas(&inside));
    }
}

#[test]
fn many_keys_take_linear_time() {
    // If each key were compared with all others, there would be 25 million comparisons of schemas.
    let mut schemas = "    S0:\n      required: [k1, k2]\n      properties:\n".to_owned();
    for number in 0..5_000 {
        writeln!(schemas, "        k{number}: {{type: string, enum: [a{number}, b]}}").unwrap();
    }
    check(&with_schemas(&schemas));
}

#[test]
fn odd_keys_and_values_come_back_from_the_lock() {
    let keys = [
        "",
        " ",
        "a b",
        "a=b",
        "a|b",
        "a,b",
        "[x]",
        "@role=user",
        "é",
        "\"",
        "\u{7}",
        "#",
        "same as",
    ];
    let properties: serde_json::Map<_, _> = keys
        .iter()
        .map(|key| {
            (key.to_string(), json!({"type": ["string", key], "enum": keys, "pattern": key}))
        })
        .collect();
    let tagged = json!({"properties": {"type": {"const": "a=b c"}, "x": {"deprecated": true}}});
    let body =
        json!({"properties": {"all": {"properties": properties}, "tag": {"oneOf": [tagged]}}});
    let upstream = json!({
        "openapi": "3.1.0", "info": {"title": "a\nb", "version": ""},
        "paths": {"/chat/ x\n]": {"post": {"operationId": "a b"}}, "/chat/completions": {"post": {
            "operationId": "",
            "parameters": [{"name": "a b", "in": "query"}, {"name": "", "in": "header"}, {"name": "c", "in": "?"}],
            "requestBody": {"content": {"application/json": {"schema": body}}},
        }}},
    });
    check(&upstream.to_string());
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

fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(-1.5)),
        Just(json!(true)),
        Just(json!("é\u{0}\n😀[`")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["a", 1, {"$ref": "#"}])),
        Just(json!({"$ref": "#/components/schemas/Tree"})),
        Just(json!({"$ref": "#/paths"})),
        Just(json!({"type": "object", "properties": {"": {"type": "object"}}})),
        Just(json!({"oneOf": [{"oneOf": []}, 1, {"$ref": 5}], "discriminator": []})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if crate::thorough() { 200 } else { 50 }, failure_persistence: None, ..Default::default() })]

    #[test]
    fn values_replaced(edits in prop::collection::vec((any::<Index>(), strange(), any::<Option<Index>>()), 1..4)) {
        let mut tree = document("upstream.yaml").to_json();
        for (place, value, other) in edits {
            let mut all = Vec::new();
            pointers(&tree, "", &mut all);
            let copied = other.and_then(|other| tree.pointer(&all[other.index(all.len())]).cloned());
            *tree.pointer_mut(&all[place.index(all.len())]).unwrap() = copied.unwrap_or(value);
        }
        check(&tree.to_string());
    }

    #[test]
    fn a_damaged_lock_is_a_problem_with_a_place(edits in prop::collection::vec((any::<Index>(), any::<char>()), 1..4)) {
        let mut text: Vec<char> = Lock::of(&document("upstream.yaml")).unwrap().to_text().chars().collect();
        for (place, character) in edits {
            let place = place.index(text.len());
            text[place] = character;
        }
        if let Err(problems) = Lock::parse("a.lock", &text.into_iter().collect::<String>()) {
            prop_assert!(problems.iter().all(|problem| problem.line > 0 && problem.col > 0));
        }
    }
}
