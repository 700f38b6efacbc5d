//! Checks that the parts of a document have the kinds of values that OpenAPI gives them, because a part of another
//! kind would be left out without a word. [`super::read`] and [`super::operations`] rely on that.

use crate::load::{Document, Node, Value};
use crate::model::METHODS;
use crate::problem::Problem;

/// How the value of a key must look.
#[derive(Clone, Copy)]
enum Form {
    /// An object, whose parts are checked by the function.
    Object(Check),
    /// An object with any keys, each value checked by the function.
    Map(Check),
    /// A list, each item checked by the function.
    List(Check),
    /// A schema: an object, or `true` or `false` in OpenAPI 3.1.
    Schema,
    /// Text.
    Text,
}

type Check = fn(&Node, &mut Vec<Problem>);

/// All that has another kind.
pub(super) fn check(document: &Document) -> Vec<Problem> {
    let mut found = Vec::new();
    let root = &document.root;
    keys(
        root,
        &[("info", Form::Object(anything)), ("components", Form::Object(components))],
        &mut found,
    );
    keys(root, &[("paths", Form::Map(path_item))], &mut found);
    found
}

fn components(node: &Node, found: &mut Vec<Problem>) {
    let forms = [
        ("schemas", Form::Map(schema)),
        ("parameters", Form::Map(parameter)),
        ("requestBodies", Form::Map(body)),
        ("responses", Form::Map(body)),
        ("pathItems", Form::Map(path_item)),
    ];
    keys(node, &forms, found);
}

fn path_item(node: &Node, found: &mut Vec<Problem>) {
    keys(node, &[("parameters", Form::List(parameter))], found);
    METHODS.iter().for_each(|method| keys(node, &[(method, Form::Object(operation))], found));
}

fn operation(node: &Node, found: &mut Vec<Problem>) {
    let forms = [
        ("operationId", Form::Text),
        ("parameters", Form::List(parameter)),
        ("requestBody", Form::Object(body)),
        ("responses", Form::Map(body)),
    ];
    keys(node, &forms, found);
}

fn parameter(node: &Node, found: &mut Vec<Problem>) {
    if node.get("$ref").is_some() {
        return;
    }
    for key in ["name", "in"] {
        if node.get(key).is_none() {
            let problem = Problem::error("missing-key", format!("a parameter has no `{key}`"))
                .why("the client could not send it")
                .fix(format!("add `{key}:`"));
            found.push(problem.at(&node.at));
        }
    }
    let place = node.get("in").and_then(Node::as_str).unwrap_or("query");
    if !["path", "query", "header", "cookie"].contains(&place) {
        let problem = Problem::error("parameter-in", format!("a parameter in `{place}`"))
            .why("OpenAPI 3 has parameters in the path, the query, headers and cookies")
            .fix("write a body or a form as `requestBody`");
        found.push(problem.at(node.get("in").map_or(&node.at, |place| &place.at)));
    }
    let forms = [("name", Form::Text), ("in", Form::Text), ("schema", Form::Schema)];
    keys(node, &forms, found);
    keys(node, &[("content", Form::Map(media))], found);
}

/// A request body or an answer.
fn body(node: &Node, found: &mut Vec<Problem>) {
    keys(node, &[("content", Form::Map(media))], found);
}

fn media(node: &Node, found: &mut Vec<Problem>) {
    keys(node, &[("schema", Form::Schema)], found);
}

fn schema(node: &Node, found: &mut Vec<Problem>) {
    match node.value {
        Value::Object(_) => {}
        Value::Bool(_) => return,
        _ => return found.push(wrong("a form", "a schema", node)),
    }
    let forms = [
        ("properties", Form::Map(schema)),
        ("required", Form::List(anything)),
        ("enum", Form::List(anything)),
        ("oneOf", Form::List(schema)),
        ("anyOf", Form::List(schema)),
        ("allOf", Form::List(schema)),
        ("items", Form::Schema),
        ("additionalProperties", Form::Schema),
    ];
    keys(node, &forms, found);
}

fn anything(_: &Node, _: &mut Vec<Problem>) {}

/// Checks the values of these keys, if there are any.
fn keys(node: &Node, forms: &[(&str, Form)], found: &mut Vec<Problem>) {
    for (key, form) in forms {
        let Some(entry) = node.entry(key) else { continue };
        let value = &entry.value;
        let expected = match (form, &value.value) {
            (Form::Object(check), Value::Object(_)) => {
                check(value, found);
                continue;
            }
            (Form::Map(check), Value::Object(entries)) => {
                let inner = entries.iter().filter(|entry| !entry.key.starts_with("x-"));
                inner.for_each(|entry| part(&entry.key, &entry.value, *check, found));
                continue;
            }
            (Form::List(check), Value::Array(items)) => {
                items.iter().for_each(|item| check(item, found));
                continue;
            }
            (Form::Schema, Value::Object(_) | Value::Bool(_)) => {
                schema(value, found);
                continue;
            }
            // `required: true` of a property is an old habit, and harmless.
            (Form::List(_), Value::Bool(_)) if *key == "required" => continue,
            (Form::Text, Value::String(_)) | (_, Value::Null) => continue,
            (Form::Object(_) | Form::Map(_), _) => "an object",
            (Form::List(_), _) => "a list",
            (Form::Schema, _) => "a schema",
            (Form::Text, _) => "a string",
        };
        found.push(wrong(key, expected, value));
    }
}

/// A value of a map. A schema may also be `true` or `false`.
fn part(key: &str, node: &Node, check: Check, found: &mut Vec<Problem>) {
    let is_flag =
        matches!(node.value, Value::Bool(_)) && std::ptr::fn_addr_eq(check, schema as Check);
    match &node.value {
        Value::Object(_) => check(node, found),
        Value::Null => {}
        _ if is_flag => {}
        _ => found.push(wrong(key, "an object", node)),
    }
}

fn wrong(key: &str, expected: &str, node: &Node) -> Problem {
    Problem::error("wrong-type", format!("`{key}` should be {expected} and is {}", node.kind()))
        .why("it would be left out without a word")
        .fix(format!("make it {expected}"))
        .at(&node.at)
}
