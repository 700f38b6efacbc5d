//! Rules on operations: their names, parameters, requests and answers. The schemas in them are
//! checked where all schemas are, in [`super::schemas`].

use std::collections::BTreeMap;

use super::context::{Context, Operation, flag};
use super::identifiers::{is_snake_case, no_field_name};
use crate::load::{Entry, Node};
use crate::names;
use crate::problem::Problem;

/// Names that the client has for itself.
const TAKEN: [&str; 6] = ["new", "new_with_client", "client", "baseurl", "api_version", "inner"];
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Checks every operation, and that no two are called the same.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut methods = BTreeMap::new();
    for operation in &context.operations {
        name(operation, &mut methods, found);
        parameters(operation, context, found);
        request(operation, found);
        answers(operation, context, found);
    }
}

fn name<'a>(
    operation: &Operation<'a>,
    methods: &mut BTreeMap<String, &'a Entry>,
    found: &mut Vec<Problem>,
) {
    let entry = operation.entry;
    let Some(id) = entry.value.entry("operationId") else {
        let what = format!("`{} {}` has no `operationId`", entry.key, operation.path);
        let problem = Problem::error("operation-id", what)
            .why("it is the name of the client's method")
            .fix("add `operationId:` with a name in camelCase");
        found.push(problem.at(&entry.at));
        return;
    };
    let Some(text) = id.value.as_str() else { return };
    let method = names::field(text);
    if TAKEN.contains(&method.as_str()) || !starts_with_letter(text) || !is_snake_case(&method) {
        let problem = Problem::error("operation-id-name", format!("`operationId: {text}`"))
            .why(format!("the client cannot have a method `{method}` for it"))
            .fix("choose a name in camelCase that says what it does, such as `listModels`");
        found.push(problem.at(&id.value.at));
    }
    if let Some(first) = methods.insert(method.clone(), id) {
        let what = format!("`operationId: {text}` makes a second method `{method}`");
        let problem = Problem::error("duplicate-operation-id", what)
            .why(format!("line {} makes one already", first.at.line))
            .fix("give one of the two another name");
        found.push(problem.at(&id.value.at));
    }
}

fn starts_with_letter(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn parameters(operation: &Operation<'_>, context: &Context<'_>, found: &mut Vec<Problem>) {
    let list = operation.entry.value.get("parameters").map(Node::items).unwrap_or_default();
    let mut fields = BTreeMap::new();
    for parameter in list {
        parameter_place(parameter, context, found);
        let Some(name) = parameter.entry("name") else { continue };
        let text = name.value.as_str().unwrap_or_default();
        if !is_snake_case(&names::field(text)) {
            found.push(no_field_name("parameter-name", text, &name.value.at).fix("rename it"));
        }
        if let Some(first) = fields.insert(names::field(text), name) {
            let what = format!("parameter `{text}` makes a second argument of the same name");
            let problem = Problem::error("duplicate-parameter", what)
                .why(format!("line {} makes one already", first.at.line))
                .fix("remove one of the two, or move one of them into the request body");
            found.push(problem.at(&name.value.at));
        }
    }
    match is_template(operation.path) {
        true => placeholders(operation, list, found),
        false => {
            let problem = Problem::error("path", format!("the path `{}`", operation.path))
                .why("it cannot be appended to the address of a service")
                .fix("begin it with `/`, and write placeholders as `{name}`");
            found.push(problem.at(&operation.entry.at));
        }
    }
}

fn is_template(path: &str) -> bool {
    let step = |step: &str| match step.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => !name.is_empty() && !name.contains(['{', '}']),
        None => !step.contains(['{', '}']),
    };
    path.starts_with('/') && path.split('/').all(step)
}

fn parameter_place(parameter: &Node, context: &Context<'_>, found: &mut Vec<Problem>) {
    let word = |key: &str| parameter.get(key).and_then(Node::as_str);
    let (Some(place), Some(schema)) = (word("in"), parameter.get("schema")) else { return };
    if !["path", "query", "header"].contains(&place) {
        let problem = Problem::error("parameter-in", format!("a parameter in `{place}`"))
            .why("the generator writes parameters into the path, the query and the header only")
            .fix("write `in: query`, or leave it to the hand-written part of the client");
        found.push(problem.at(parameter.get("in").map_or(&parameter.at, |node| &node.at)));
    }
    if place == "path" && !flag(parameter, "required") {
        let problem = Problem::error("path-parameter", "a path parameter that is not required")
            .why("without it there is no path")
            .fix("add `required: true`");
        found.push(problem.at(&parameter.at));
    }
    let schema = context.target(schema).map_or(schema, |entry| &entry.value);
    let is_map = schema.get("type").and_then(Node::as_str) == Some("object");
    let is_union = schema.get("oneOf").is_some();
    let style = match (word("style"), place) {
        _ if is_union => false,
        (Some("deepObject"), "query") => is_map,
        (Some("form"), "query") | (Some("simple"), "path" | "header") | (None, _) => !is_map,
        _ => false,
    };
    if !style || (parameter.get("explode").is_some() && !flag(parameter, "explode")) {
        let problem = Problem::error("parameter-style", "a parameter that cannot be written")
            .why("it writes `name=value`, and maps in the query as `name[key]=value`")
            .fix(
                "leave `style` and `explode` out; for a map in the query write `style: deepObject`",
            );
        found.push(problem.at(parameter.get("style").map_or(&parameter.at, |node| &node.at)));
    }
}

/// The `{placeholders}` of the path are the parameters that are in the path.
fn placeholders(operation: &Operation<'_>, parameters: &[Node], found: &mut Vec<Problem>) {
    let in_path = parameters
        .iter()
        .filter(|parameter| parameter.get("in").and_then(Node::as_str) == Some("path"));
    let mut named: Vec<&Node> = in_path.filter_map(|parameter| parameter.get("name")).collect();
    for step in operation.path.split('/').filter(|step| step.starts_with('{')) {
        let placeholder = step.trim_matches(['{', '}']);
        match named.iter().position(|name| name.as_str() == Some(placeholder)) {
            Some(position) => drop(named.remove(position)),
            None => {
                let problem = placeholder_problem(&format!("`{step}` is no parameter"));
                found.push(problem.at(&operation.entry.at));
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
        .why("the path cannot be put together")
        .fix("write the same name as `{name}` in the path and as a parameter with `in: path`")
}

fn request(operation: &Operation<'_>, found: &mut Vec<Problem>) {
    let Some(content) = content(operation.entry.value.get("requestBody")) else { return };
    let types: Vec<_> = content.value.keys();
    if types != [JSON] {
        let problem =
            Problem::error("request-media-type", format!("a request as {}", list(&types)))
                .why("the generator writes JSON and would drop the rest")
                .fix(format!("keep `{JSON}` only"));
        found.push(problem.at(&content.at));
    }
    schemas_of(content, found);
}

fn answers(operation: &Operation<'_>, context: &Context<'_>, found: &mut Vec<Problem>) {
    let Some(responses) = operation.entry.value.entry("responses") else { return };
    for entry in responses.value.entries().iter().filter(|entry| !is_status(&entry.key)) {
        let problem =
            Problem::error("status", format!("an answer with the status `{}`", entry.key))
                .why("there is no such status")
                .fix("write three digits such as `200`, a range such as `4XX`, or `default`");
        found.push(problem.at(&entry.at));
    }
    let (good, bad): (Vec<_>, Vec<_>) =
        responses.value.entries().iter().partition(|entry| entry.key.starts_with('2'));
    match good.as_slice() {
        [only] => success(only, found),
        _ => {
            let what = format!("an operation with {} answers of success", good.len());
            let problem = Problem::error("one-success", what)
                .why("its method returns one type")
                .fix("describe one status of the 2xx kind");
            found.push(problem.at(&responses.at));
        }
    }
    errors(&bad, context, found);
}

fn is_status(key: &str) -> bool {
    let (Some(first), Some(rest)) = (key.get(..1), key.get(1..)) else { return false };
    let digits = rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit());
    key == "default" || (("1"..="5").contains(&first) && (digits || rest == "XX"))
}

fn success(response: &Entry, found: &mut Vec<Problem>) {
    if response.value.get("$ref").is_some() {
        let problem = Problem::error("inline-success", "the answer of success is a `$ref`")
            .why("the generator looks for its content in the operation")
            .fix("write the response out here; only its schema is a `$ref`");
        found.push(problem.at(&response.at));
        return;
    }
    let content = content(Some(&response.value));
    content.into_iter().for_each(|content| schemas_of(content, found));
    let types = content.map(|content| content.value.keys()).unwrap_or_default();
    if types != [JSON] && types != [JSON, EVENTS] && types != [EVENTS, JSON] {
        found.push(answer_media_type(&types).at(&response.at));
    }
}

fn answer_media_type(types: &[&str]) -> Problem {
    Problem::error("response-media-type", format!("an answer as {}", list(types)))
        .why("the client decodes JSON, or JSON and a stream of events beside it")
        .fix(format!("describe `{JSON}`, and beside it `{EVENTS}` if it can be streamed"))
}

/// Every other status has the one error type, or none.
fn errors(responses: &[&Entry], context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut first: Option<&str> = None;
    for response in responses {
        let Ok(whole) = context.document.resolve(&response.value) else { continue };
        let Some(content) = content(Some(whole)) else { continue };
        schemas_of(content, found);
        if content.value.keys() != [JSON] {
            found.push(answer_media_type(&content.value.keys()).at(&content.at));
        }
        let schema = content.value.get(JSON).and_then(|media| media.get("schema"));
        let Some(name) = schema.and_then(super::context::reference) else { continue };
        if *first.get_or_insert(name) != name {
            let what = format!("`{}` answers with `{name}`", response.key);
            let problem = Problem::error("one-error-type", what)
                .why(
                    "the client has one error type, and another status answers with another schema",
                )
                .fix("let all errors of the operation share one schema, a union if need be");
            found.push(problem.at(&response.at));
        }
    }
}

/// Every media type says what is in it.
fn schemas_of(content: &Entry, found: &mut Vec<Problem>) {
    let media = content.value.entries().iter();
    for entry in
        media.filter(|entry| entry.value.is_object() && entry.value.get("schema").is_none())
    {
        let problem =
            Problem::error("media-type-schema", format!("`{}` has no `schema`", entry.key))
                .why("there is no type to decode it into")
                .fix("add `schema: {$ref: '#/components/schemas/Name'}`");
        found.push(problem.at(&entry.at));
    }
}

fn content(node: Option<&Node>) -> Option<&Entry> {
    node?.entry("content").filter(|entry| entry.value.is_object())
}

fn list(types: &[&str]) -> String {
    match types {
        [] => "nothing".to_owned(),
        _ => types.iter().map(|each| format!("`{each}`")).collect::<Vec<_>>().join(" and "),
    }
}
