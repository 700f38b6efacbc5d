//! Tests that the wire as one snapshot shows each edit of the document: reviewers read it first.
//! `api.rs` shows what the edit does to the Rust interface.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has no other way to say so"
)]

use crate::wire_lines;
use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::{Map, Value, json};
use similar::{ChangeTag, TextDiff};
use xtask::load::escape_step;

use crate::document::{document, documents};

/// Keys whose values do not show. Most of them are for people.
const UNSEEN: [&str; 11] = [
    "description",
    "summary",
    "tags",
    "example",
    "examples",
    "externalDocs",
    "info",
    "x-enum-descriptions",
    "x-service-names",
    "x-wire-optional",
    // An object, a list or a map shows as one, which says its type.
    "type",
];

/// Keys of maps whose keys are names, so that one entry stands for all.
const NAMED: [&str; 11] = [
    "paths",
    "responses",
    "content",
    "headers",
    "schemas",
    "securitySchemes",
    "properties",
    "mapping",
    "x-enum-names",
    "x-variant-names",
    "bearerAuth",
];

#[test]
fn the_wire_in_lines() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, document) in documents() {
        let name = if name == "chat" { "wire".to_owned() } else { format!("{name}.wire") };
        settings.bind(|| insta::assert_snapshot!(name, wire_lines::lines(&document)));
    }
}

/// The lines that an edit removes and adds.
fn changed(edit: impl FnOnce(&mut Value)) -> String {
    let before = document();
    let mut after = before.clone();
    edit(&mut after);
    let (before, after) = (wire_lines::lines(&before), wire_lines::lines(&after));
    let diff = TextDiff::from_lines(&before, &after);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
    changes.map(|change| format!("{}{change}", change.tag())).collect()
}

fn object<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Map<String, Value> {
    let found = document.pointer_mut(pointer).and_then(Value::as_object_mut);
    found.unwrap_or_else(|| panic!("the document has no object at {pointer}"))
}

fn property<'v>(document: &'v mut Value, schema: &str, key: &str) -> &'v mut Map<String, Value> {
    object(document, &format!("/components/schemas/{schema}/properties/{key}"))
}

fn operation<'v>(document: &'v mut Value, method: &str) -> &'v mut Map<String, Value> {
    object(document, &format!("/paths/~1chat~1completions/{method}"))
}

/// Gives an entry another key, and keeps its place.
fn rename(map: &mut Map<String, Value>, from: &str, to: &str) {
    assert!(map.contains_key(from));
    let entries = std::mem::take(map).into_iter();
    map.extend(entries.map(|(key, value)| (if key == from { to.to_owned() } else { key }, value)));
}

#[test]
fn a_property_that_becomes_nullable() {
    let edit = |document: &mut Value| {
        property(document, "StreamOptions", "include_usage").insert("nullable".into(), json!(true));
    };
    assert_snapshot!(changed(edit), @"
    -  include_usage: boolean
    +  include_usage: boolean, nullable
    ");
}

#[test]
fn an_operation_that_is_deprecated() {
    let edit = |document: &mut Value| {
        operation(document, "get").insert("deprecated".into(), json!(true));
    };
    assert_snapshot!(changed(edit), @"
    -GET /chat/completions listChatCompletions
    +GET /chat/completions listChatCompletions, deprecated
    ");
}

#[test]
fn a_new_error_status() {
    let edit = |document: &mut Value| {
        let answer = json!({ "$ref": "#/components/responses/BadRequest" });
        operation(document, "post")["responses"]["418"] = answer;
    };
    assert_snapshot!(changed(edit), @"+  418: BadRequest");
}

#[test]
fn another_server() {
    let edit = |document: &mut Value| {
        document["servers"][0]["url"] = json!("https://api.example.com/v2");
    };
    assert_snapshot!(changed(edit), @"
    -server https://api.openai.com/v1
    +server https://api.example.com/v2
    ");
}

#[test]
fn a_property_that_is_renamed() {
    let edit = |document: &mut Value| {
        let properties = object(document, "/components/schemas/StreamOptions/properties");
        rename(properties, "include_usage", "with_usage");
    };
    assert_snapshot!(changed(edit), @"
    -  include_usage: boolean
    +  with_usage: boolean
    ");
}

#[test]
fn a_property_that_is_removed() {
    let edit = |document: &mut Value| {
        object(document, "/components/schemas/StreamOptions/properties")
            .shift_remove("include_usage");
    };
    assert_snapshot!(changed(edit), @"-  include_usage: boolean");
}

#[test]
fn an_enum_value_that_is_renamed() {
    let edit = |document: &mut Value| {
        object(document, "/components/schemas/Verbosity")["enum"][1] = json!("normal");
    };
    assert_snapshot!(changed(edit), @"
    -  medium
    +  normal
    ");
}

#[test]
fn an_enum_value_that_is_removed() {
    let edit = |document: &mut Value| {
        object(document, "/components/schemas/Verbosity")["enum"].as_array_mut().unwrap().remove(1);
    };
    assert_snapshot!(changed(edit), @"-  medium");
}

#[test]
fn an_integer_that_becomes_a_number() {
    let edit = |document: &mut Value| {
        let schema = property(document, "ReasoningOptions", "max_tokens");
        schema.insert("type".into(), json!("number"));
        schema.shift_remove("format");
    };
    assert_snapshot!(changed(edit), @"
    -  max_tokens: integer int64, minimum=0, x-services=[openrouter]
    +  max_tokens: number, minimum=0, x-services=[openrouter]
    ");
}

#[test]
fn a_minimum_of_0() {
    let edit = |document: &mut Value| {
        property(document, "CreateChatCompletionRequest", "max_completion_tokens")
            .insert("minimum".into(), json!(0));
    };
    assert_snapshot!(changed(edit), @"
    -  max_completion_tokens: integer int64, nullable
    +  max_completion_tokens: integer int64, nullable, minimum=0
    ");
}

#[test]
fn a_bool_that_becomes_a_map() {
    let edit = |document: &mut Value| {
        let schema = property(document, "StreamOptions", "include_usage");
        schema.insert("type".into(), json!("object"));
        schema.insert("additionalProperties".into(), json!({ "type": "string" }));
    };
    assert_snapshot!(changed(edit), @"
    -  include_usage: boolean
    +  include_usage: {string}
    ");
}

#[test]
fn an_operation_id_that_is_renamed() {
    let edit = |document: &mut Value| {
        operation(document, "post").insert("operationId".into(), json!("createCompletion"));
    };
    assert_snapshot!(changed(edit), @"
    -POST /chat/completions createChatCompletion
    +POST /chat/completions createCompletion
    ");
}

#[test]
fn a_new_query_parameter() {
    let edit = |document: &mut Value| {
        let parameter = json!({ "name": "before", "in": "query", "schema": { "type": "string" } });
        operation(document, "get")["parameters"].as_array_mut().unwrap().insert(1, parameter);
    };
    assert_snapshot!(changed(edit), @"+  query before: string");
}

#[test]
fn a_changed_path() {
    let edit = |document: &mut Value| {
        rename(object(document, "/paths"), "/chat/completions", "/chat/answers");
    };
    assert_snapshot!(changed(edit), @"
    -GET /chat/completions listChatCompletions
    +GET /chat/answers listChatCompletions
    -POST /chat/completions createChatCompletion
    +POST /chat/answers createChatCompletion
    ");
}

#[test]
fn a_maximum_of_1_instead_of_2() {
    let edit = |document: &mut Value| {
        property(document, "CreateChatCompletionRequest", "temperature")
            .insert("maximum".into(), json!(1));
    };
    assert_snapshot!(changed(edit), @"
    -  temperature: number, nullable, minimum=0, maximum=2
    +  temperature: number, nullable, minimum=0, maximum=1
    ");
}

/// Changes one value of each kind that the document has, such as the `minimum` of a property.
#[test]
fn no_edit_goes_unseen() {
    let mut document = document();
    let mut pointers = BTreeMap::new();
    leaves(&document, "", "", &mut pointers);
    assert!(pointers.len() > 50, "{pointers:#?}");
    let before = wire_lines::lines(&document);
    let mut unseen = Vec::new();
    for (kind, pointer) in pointers {
        let value = document.pointer_mut(&pointer).unwrap();
        let old = std::mem::replace(value, other(value));
        if wire_lines::lines(&document) == before {
            unseen.push(kind);
        }
        *document.pointer_mut(&pointer).unwrap() = old;
    }
    assert_eq!(unseen, [""; 0]);
}

/// Finds a pointer to one value of each kind: a pointer with `*` for names and places in lists.
fn leaves(value: &Value, kind: &str, pointer: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            let is_named = NAMED.iter().any(|name| kind.ends_with(&format!("/{name}")));
            for (key, value) in map.iter().filter(|(key, _)| !UNSEEN.contains(&key.as_str())) {
                let kind = format!("{kind}/{}", if is_named { "*" } else { key });
                leaves(value, &kind, &format!("{pointer}/{}", escape_step(key)), found);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                leaves(value, &format!("{kind}/*"), &format!("{pointer}/{index}"), found);
            }
        }
        _ => drop(found.insert(kind.to_owned(), pointer.to_owned())),
    }
}

fn other(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!(!flag),
        Value::String(text) => json!(format!("{text}x")),
        Value::Number(number) => json!(number.as_f64().unwrap() + 1.5),
        _ => panic!("an unexpected kind of value: {value}"),
    }
}
