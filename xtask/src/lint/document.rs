//! Rules on the structure of a document: its version, its keys, the kinds of its values.
//!
//! [`super::grammar`] holds the tables that it walks. The other families rely on it to report every
//! value of the wrong kind.

use super::context::Context;
use super::grammar::{self, DOCUMENT, Grammar, Kind, SCHEMA};
use crate::load::{Entry, Node, Value};
use crate::problem::{Position, Problem};
use crate::suggest;

/// Checks the version and then every value of the document against its grammar.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    let root = &context.model.document.root;
    if !root.is_object() {
        found.push(wrong_type("the document", "an object", root));
        return;
    }
    version(root, found);
    object(root, &root.at, &DOCUMENT, found);
}

fn version(root: &Node, found: &mut Vec<Problem>) {
    let entry = root.entry("openapi");
    let version = entry.and_then(|entry| entry.value.as_str());
    if version.is_some_and(|version| version.starts_with("3.0.")) {
        return;
    }
    let what = match entry {
        Some(entry) => format!("`openapi: {}`", entry.value.to_json()).replace('"', ""),
        None => "the document does not say which OpenAPI it is".to_owned(),
    };
    let problem = Problem::error("openapi-version", what)
        .why("the generator reads only OpenAPI 3.0, and 3.1 gives some keys another meaning")
        .fix("write `openapi: 3.0.3`, and use only keys of 3.0");
    found.push(problem.at(entry.map_or(&root.at, |entry| &entry.value.at)));
}

/// Checks an object by `grammar`, mandatory keys included. `at` is where the object begins for a
/// reader.
pub(super) fn object(
    node: &Node,
    at: &Position,
    grammar: &'static Grammar,
    found: &mut Vec<Problem>,
) {
    if !node.is_object() {
        found.push(wrong_type(grammar.name, "an object", node));
        return;
    }
    if let Some(reference) = node.entry("$ref") {
        match grammar.reference {
            true => reference_only(node, reference, found),
            false => found.push(no_reference(grammar, reference)),
        }
        return;
    }
    for entry in node.entries() {
        match grammar.keys.iter().find(|(key, _)| *key == entry.key) {
            Some((_, kind)) => value(&entry.value, entry, &entry.at, kind, found),
            None => found.push(unknown_key(entry, grammar)),
        }
    }
    for key in grammar.required.iter().filter(|key| node.get(key).is_none()) {
        let problem = Problem::error("missing-key", format!("{} has no `{key}`", grammar.name))
            .why("the key is mandatory")
            .fix(format!("add `{key}:`"));
        found.push(problem.at(at));
    }
}

/// Checks that nothing stands beside a `$ref`.
fn reference_only(node: &Node, reference: &Entry, found: &mut Vec<Problem>) {
    if reference.value.as_str().is_none() {
        found.push(wrong_type("`$ref`", "a string", &reference.value));
    }
    for entry in node.entries().iter().filter(|entry| entry.key != "$ref") {
        let what = format!("`{}` beside `$ref`", entry.key);
        let problem = Problem::error("ref-siblings", what)
            .why("OpenAPI 3.0 ignores everything beside a `$ref`")
            .fix("wrap the reference: `allOf: [{$ref: …}]`, and keep this key beside `allOf`");
        found.push(problem.at(&entry.at));
    }
}

fn no_reference(grammar: &Grammar, reference: &Entry) -> Problem {
    Problem::error("ref-place", format!("{} is a `$ref`", grammar.name))
        .why("only schemas, responses and headers can be referred to; this would be dropped")
        .fix("write the object here")
        .at(&reference.at)
}

/// Checks the value of `entry`. `at` is where the value begins for a reader.
fn value(node: &Node, entry: &Entry, at: &Position, kind: &'static Kind, found: &mut Vec<Problem>) {
    let name = || format!("`{}`", entry.key);
    match (kind, &node.value) {
        (Kind::Any, _)
        | (Kind::Text, Value::String(_))
        | (Kind::Flag | Kind::FlagOr(_) | Kind::SchemaOrFlag, Value::Bool(_))
        | (Kind::Number, Value::Number(_)) => {}
        (Kind::Whole, Value::Number(number)) if number.is_u64() => {}
        (Kind::FlagOr(word), Value::String(text)) if text == word => {}
        (Kind::List(kind), Value::Array(items)) => {
            items.iter().for_each(|item| value(item, entry, &item.at, kind, found));
        }
        (Kind::Map(kind), Value::Object(entries)) => {
            entries.iter().for_each(|entry| value(&entry.value, entry, &entry.at, kind, found));
        }
        (Kind::Object(grammar), Value::Object(_)) => object(node, at, grammar, found),
        (Kind::SchemaOrFlag, Value::Object(_)) => object(node, at, &SCHEMA, found),
        _ => found.push(wrong_type(&name(), expected(kind), node)),
    }
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Any => "anything",
        Kind::Text => "a string",
        Kind::Flag | Kind::FlagOr(_) => "`true` or `false`",
        Kind::Number => "a number",
        Kind::Whole => "a whole number of 0 or more",
        Kind::List(_) => "a list",
        Kind::Map(_) | Kind::Object(_) => "an object",
        Kind::SchemaOrFlag => "a schema",
    }
}

/// Makes the problem for a value of the wrong kind.
pub(super) fn wrong_type(name: &str, expected: &str, node: &Node) -> Problem {
    let fix = match (expected, &node.value) {
        ("a string", Value::Number(_) | Value::Bool(_)) => "put it in quotes".to_owned(),
        (_, Value::Null) => format!("write {expected} after the colon, or remove the key"),
        _ => format!("make it {expected}"),
    };
    Problem::error("wrong-type", format!("{name} should be {expected} and is {}", node.kind()))
        .why("the generator needs another kind of value")
        .fix(fix)
        .at(&node.at)
}

fn unknown_key(entry: &Entry, grammar: &Grammar) -> Problem {
    let key = entry.key.as_str();
    let problem = match key {
        _ if key.starts_with("x-") => unknown_extension(key, grammar),
        _ if grammar::NEW_IN_31.contains(&key) => new_in_31(key),
        _ if grammar::UNSUPPORTED.contains(&key) => {
            Problem::error("unsupported-key", format!("`{key}` in {}", grammar.name))
                .why("the generator does not understand it and would drop it")
                .fix("remove it, and describe its meaning in the description")
        }
        _ => {
            let known = grammar.keys.iter().map(|(key, _)| *key);
            Problem::error("unknown-key", format!("{} has no key `{key}`", grammar.name))
                .why("the generator would drop it")
                .fix(match suggest::closest(key, known) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => "remove it, or indent it to where it belongs".to_owned(),
                })
        }
    };
    problem.at(&entry.at)
}

/// Makes the problem for a keyword of OpenAPI 3.1.
pub(super) fn new_in_31(key: &str) -> Problem {
    let fix = match key {
        "const" => "write `enum` with the one value".to_owned(),
        "examples" => "write `example` with one value".to_owned(),
        "$defs" => "name the schemas under `components.schemas`".to_owned(),
        _ => format!("say it without `{key}`, with what 3.0 has"),
    };
    Problem::error("openapi-31", format!("`{key}` comes from OpenAPI 3.1"))
        .why("it has no meaning in OpenAPI 3.0")
        .fix(fix)
}

fn unknown_extension(key: &str, grammar: &Grammar) -> Problem {
    let problem = Problem::error("unknown-extension", format!("`{key}` in {}", grammar.name));
    if grammar::extensions().any(|known| known == key) {
        return problem
            .why("it has no meaning here")
            .fix("move it to the schema that it describes");
    }
    problem.why("the generator does not know this extension and would drop it").fix(
        match suggest::closest(key, grammar::extensions()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("use one of {}", grammar::extensions().collect::<Vec<_>>().join(", ")),
        },
    )
}
