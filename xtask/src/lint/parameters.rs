//! Rules on parameters: their place, their style, and that a path has the parameters that it names.
//! [`super::operations`] checks the rest of an operation.

use std::collections::BTreeMap;

use super::context::Context;
use super::identifiers::{is_snake_case, no_field_name};
use crate::load::Node;
use crate::model::{Operation, flag, items};
use crate::names;
use crate::problem::Problem;

/// Checks the parameters of every operation.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    context.model.operations.iter().for_each(|operation| parameters(operation, context, found));
}

fn parameters(operation: &Operation, context: &Context<'_>, found: &mut Vec<Problem>) {
    let list = items(operation.node, "parameters");
    let mut fields = BTreeMap::new();
    for parameter in list {
        place_and_style(parameter, context, found);
        let Some(name) = parameter.entry("name") else { continue };
        let text = name.value.as_str().unwrap_or_default();
        if !is_snake_case(&names::field(text)) {
            found.push(
                no_field_name("parameter-name", text, &name.value.at)
                    .fix("remove it, because the method can have no argument for it"),
            );
        }
        if let Some(first) = fields.insert(names::field(text), name) {
            let what = format!("parameter `{text}` makes a second argument of the same name");
            let problem = Problem::error("duplicate-parameter", what)
                .why(format!("line {} already makes one", first.at.line))
                .fix("remove the one that callers need less");
            found.push(problem.at(&name.value.at));
        }
    }
    match is_template(operation.path) {
        true => placeholders(operation, list, found),
        false => {
            let problem = Problem::error("path", format!("the path `{}`", operation.path))
                .why("it cannot follow the base address of a service")
                .fix("begin it with `/`, and write placeholders as `{name}`");
            found.push(problem.at(operation.at));
        }
    }
}

fn is_template(path: &str) -> bool {
    path.starts_with('/') && names::placeholders(path).is_some()
}

fn place_and_style(parameter: &Node, context: &Context<'_>, found: &mut Vec<Problem>) {
    let Some(place) = parameter.get("in").and_then(Node::as_str) else { return };
    if !["path", "query", "header", "cookie"].contains(&place) {
        let problem = Problem::error("parameter-in", format!("a parameter in `{place}`"))
            .why("OpenAPI has parameters in the path, the query, headers and cookies")
            .fix("write one of `path`, `query`, `header` and `cookie`");
        found.push(problem.at(parameter.get("in").map_or(&parameter.at, |node| &node.at)));
    }
    if ["header", "cookie"].contains(&place) {
        header_name(parameter, found);
    }
    if place == "path" && !flag(parameter, "required") {
        let problem = Problem::error("path-parameter", "a path parameter that is not required")
            .why("the path needs every parameter")
            .fix("add `required: true`");
        found.push(problem.at(&parameter.at));
    }
    if !can_be_written(parameter, place, context) {
        let problem = Problem::error("parameter-style", "a parameter with an unsupported style")
            .why("the client writes `name=value` or a header, and maps in the query as `name[key]=value`")
            .fix("describe it as `type: string`, so that the caller writes the value in the form that the service reads");
        found.push(problem.at(parameter.get("style").map_or(&parameter.at, |node| &node.at)));
    }
}

/// A header or a cookie has a name that HTTP allows, and the client does not set it by itself.
fn header_name(parameter: &Node, found: &mut Vec<Problem>) {
    let Some(name) = parameter.get("name") else { return };
    let text = name.as_str().unwrap_or_default();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_header = parameter.get("in").and_then(Node::as_str) == Some("header");
    let kind = if is_header { "header" } else { "cookie" };
    let problem = Problem::error("parameter-in", format!("the {kind} parameter `{text}`"));
    if text.is_empty() || !text.bytes().all(is_token) {
        let problem = problem
            .why(format!("HTTP has no {kind} of this name"))
            .fix("correct the name, or remove the parameter");
        found.push(problem.at(&name.at));
    } else if is_header && is_own_header(text) {
        let problem = problem
            .why("the client sets this header by itself")
            .fix("remove it; the media types and the security of the operation say what it holds");
        found.push(problem.at(&name.at));
    }
}

/// The headers that say how a request is sent: the formats, the key and the connection.
const OWN_HEADERS: [&str; 11] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "te",
    "transfer-encoding",
];

/// Whether the client sets this header by itself.
pub(super) fn is_own_header(name: &str) -> bool {
    OWN_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// Whether style and schema fit each other. Other families report a missing name or a dangling
/// reference.
fn can_be_written(parameter: &Node, place: &str, context: &Context<'_>) -> bool {
    let Some(schema) = parameter.get("schema") else { return true };
    // A list in a header is joined with commas in both cases.
    let explodes =
        place == "header" || parameter.get("explode").is_none() || flag(parameter, "explode");
    let (kind, is_union) = match context.target(schema) {
        Some(target) => (target.schema.get("type"), target.schema.get("oneOf").is_some()),
        None => (schema.get("type"), false),
    };
    let is_map = kind.and_then(Node::as_str) == Some("object");
    let fits = match (parameter.get("style").and_then(Node::as_str), place) {
        (Some("deepObject"), "query") => is_map,
        (None | Some("simple"), "header") => !is_map,
        (None | Some("form"), "cookie") => !is_map && kind.and_then(Node::as_str) != Some("array"),
        (Some("form"), "query") | (Some("simple"), "path") | (None, _) => {
            !is_map || context.target(schema).is_none()
        }
        _ => false,
    };
    fits && explodes && !is_union
}

/// The `{placeholders}` of the path are the parameters with `in: path`.
fn placeholders(operation: &Operation, parameters: &[Node], found: &mut Vec<Problem>) {
    let in_path = parameters
        .iter()
        .filter(|parameter| parameter.get("in").and_then(Node::as_str) == Some("path"));
    let mut named: Vec<&Node> = in_path.filter_map(|parameter| parameter.get("name")).collect();
    for placeholder in names::placeholders(operation.path).unwrap_or_default() {
        match named.iter().position(|name| name.as_str() == Some(placeholder)) {
            Some(position) => drop(named.remove(position)),
            None => {
                let problem =
                    placeholder_problem(&format!("`{{{placeholder}}}` is not a parameter"));
                found.push(problem.at(operation.at));
            }
        }
    }
    for name in named {
        let text = name.as_str().unwrap_or_default();
        let what = format!("path parameter `{text}` is not in `{}`", operation.path);
        found.push(placeholder_problem(&what).at(&name.at));
    }
}

fn placeholder_problem(what: &str) -> Problem {
    Problem::error("path-parameter", what)
        .why("the client cannot build the path")
        .fix("write the same name as `{name}` in the path and as a parameter with `in: path`")
}
