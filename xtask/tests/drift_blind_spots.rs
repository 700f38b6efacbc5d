//! Tests that no change of a single property of the official document goes unnoticed. `drift.rs`
//! tests how changes are told.
#![allow(clippy::unwrap_used, reason = "helpers of tests are not exempt by themselves")]

use std::io::Write;

use serde_json::{Map, Value, json};
use xtask::load::Document;
use xtask::surface::{State, changes};

/// Every property of the document, as the pointer of its object and its key.
fn properties(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    if let Some(Value::Object(properties)) = value.get("properties") {
        found.extend(properties.keys().map(|key| (at.to_owned(), key.clone())));
    }
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| properties(item, &format!("{at}/{index}"), found));
        }
        Value::Object(entries) => {
            for (key, value) in entries.iter().filter(|(key, _)| *key != "example") {
                properties(value, &format!("{at}/{}", xtask::load::escape_step(key)), found);
            }
        }
        _ => {}
    }
}

/// One change of a property of `owner`; false if it would change nothing.
type Edit = fn(owner: &mut Map<String, Value>, key: &str) -> bool;

const EDITS: [(&str, Edit); 6] = [
    ("removed", |owner, key| map(owner).remove(key).is_some()),
    ("renamed", |owner, key| {
        let value = map(owner).remove(key).unwrap();
        map(owner).insert(format!("{key}_2"), value).is_none()
    }),
    ("deprecated", |owner, key| set(owner, key, "deprecated", json!(true))),
    ("bound", |owner, key| set(owner, key, "maxProperties", json!(77))),
    ("type", |owner, key| set(owner, key, "type", json!("file"))),
    ("required", |owner, key| {
        let required = owner.entry("required").or_insert_with(|| json!([]));
        let required = required.as_array_mut().unwrap();
        let before = required.len();
        required.retain(|name| name != key);
        if required.len() == before {
            required.push(json!(key));
        }
        true
    }),
];

fn map(owner: &mut Map<String, Value>) -> &mut Map<String, Value> {
    owner.get_mut("properties").and_then(Value::as_object_mut).unwrap()
}

fn set(owner: &mut Map<String, Value>, key: &str, keyword: &str, value: Value) -> bool {
    let property = map(owner).get_mut(key).and_then(Value::as_object_mut).unwrap();
    property.insert(keyword.to_owned(), value.clone()) != Some(value)
}

/// What changes nothing, because the document says it a second time.
const SAID_TWICE: [&str; 4] = [
    "deprecated /components/schemas/ChatCompletionRequestAssistantMessage function_call",
    "removed /components/schemas/CreateChatCompletionRequest/allOf/1 top_logprobs",
    "removed /components/schemas/CreateModelResponseProperties/allOf/1 top_logprobs",
    "removed /components/schemas/ModelResponseProperties top_logprobs",
];

/// Comparing takes time, so only every so many pairs of property and edit are tried. The number has
/// no factor in common with the number of edits, so that each of them is tried.
fn step() -> usize {
    if crate::thorough() { 13 } else { 53 }
}

#[test]
fn every_change_of_a_property_is_noticed() {
    let path = xtask::repository::root().join("../shared/official/chat-official.yaml");
    if !path.exists() {
        // `eprintln` does not work here, because a test runner captures it.
        writeln!(std::io::stderr(), "skipped: ../shared/official not found").unwrap();
        return;
    }
    let tree = Document::load(&path).unwrap().to_json();
    let state = |tree: &Value| State::of(&Document::parse("a.json", &tree.to_string()).unwrap());
    let before = state(&tree).unwrap();
    let mut found = Vec::new();
    properties(&tree["components"], "/components", &mut found);
    let pairs = found.iter().flat_map(|property| EDITS.map(|edit| (property, edit)));
    let mut unnoticed = Vec::new();
    for ((owner, key), (name, edit)) in pairs.step_by(step()) {
        let mut changed = tree.clone();
        let target = changed.pointer_mut(owner).and_then(Value::as_object_mut).unwrap();
        if edit(target, key)
            && state(&changed).is_ok_and(|after| changes(&before, &after).is_empty())
        {
            unnoticed.push(format!("{name} {owner} {key}"));
        }
    }
    unnoticed.retain(|edit| !SAID_TWICE.contains(&edit.as_str()));
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}
