//! Rules on prose: every public item in Rust has a description, and rustdoc shows it as plain text.
//! [`super::identifiers`] checks names.

use super::context::{Context, Place, Role};
use crate::load::{Entry, Node};
use crate::model::entries;
use crate::problem::{Position, Problem};

/// Checks every description of the document, and reports those that are missing.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    for place in &context.places {
        schema(place, context, found);
    }
    for operation in &context.model.operations {
        if !is_described(operation.node) {
            let name = format!("`{} {}`", operation.method, operation.path);
            found.push(missing(&name, operation.at));
        }
        for parameter in &operation.parameters {
            if parameter.node.get("$ref").is_none() && !is_described(parameter.node) {
                let name = format!("parameter `{}`", parameter.name);
                found.push(missing(&name, &parameter.node.at));
            }
        }
        let responses = entries(operation.node, "responses");
        responses.iter().for_each(|response| answer(response, found));
    }
    let responses = context.model.document.node_at("/components/responses");
    let responses = responses.map(Node::entries).unwrap_or_default();
    responses.iter().for_each(|response| answer(response, found));
    markup(&context.model.document.root, found);
}

fn schema(place: &Place<'_>, context: &Context<'_>, found: &mut Vec<Problem>) {
    let needs_one = matches!(place.role, Role::Component | Role::Property(_));
    let behind = context.target(place.node);
    let fallback = matches!(place.role, Role::Property(_)) && behind.is_some();
    // `references` reports a dangling reference, and a name alone is not a component.
    let is_reference = place.has("$ref") || fallback;
    if needs_one && place.node.is_object() && !is_described(place.node) && !is_reference {
        found.push(missing(&place.name(), place.at));
    }
}

fn answer(response: &Entry, found: &mut Vec<Problem>) {
    let node = &response.value;
    if node.is_object() && node.get("$ref").is_none() && !is_described(node) {
        found.push(missing(&format!("the answer `{}`", response.key), &response.at));
    }
}

fn is_described(node: &Node) -> bool {
    // `document` reports a description of the wrong kind.
    node.get("description").is_some_and(|text| text.as_str().is_none_or(|t| !t.trim().is_empty()))
}

fn missing(name: &str, at: &Position) -> Problem {
    Problem::error("description", format!("{name} has no description"))
        .why("it becomes the documentation of a public item in Rust")
        .fix("add `description:` with its meaning, unit and bounds")
        .at(at)
}

/// Checks all descriptions for text that rustdoc would take for code or links.
fn markup(node: &Node, found: &mut Vec<Problem>) {
    node.items().iter().for_each(|item| markup(item, found));
    for entry in node.entries() {
        match entry.value.as_str() {
            Some(text) if entry.key == "description" => prose(text, entry, found),
            _ => markup(&entry.value, found),
        }
    }
}

fn prose(text: &str, entry: &Entry, found: &mut Vec<Problem>) {
    let outside_code = || text.split('`').step_by(2);
    let (what, fix) = if text.contains("```") || text.contains("~~~") {
        ("a code block", "write a sentence, with `backticks` for words of the wire")
    } else if text.lines().any(|line| line.starts_with("    ") || line.starts_with('\t')) {
        ("an indented line", "start every line of the text in the same column")
    } else if outside_code().any(|part| part.contains('[') || part.contains('<')) {
        ("a bracket", "put it into `backticks`, or write the address as a plain sentence")
    } else {
        return;
    };
    let problem = Problem::error("description-markup", format!("{what} in a description"))
        .why("rustdoc would run it as a test, or take it for a link or a tag")
        .fix(fix);
    found.push(problem.at(&entry.at));
}
