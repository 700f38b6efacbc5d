//! Rules on operations: their names, requests and answers. [`super::parameters`] checks their
//! parameters, and [`super::schemas`] all schemas.

use std::collections::BTreeMap;

use super::context::Context;
use super::identifiers::{self, is_snake_case};
use crate::load::{Entry, Node};
use crate::model::{MethodForm, Operation, entries, pointer};
use crate::names;
use crate::problem::Problem;

/// Names that the client uses itself.
const TAKEN: [&str; 6] = ["new", "new_with_client", "client", "baseurl", "api_version", "inner"];
/// Types that the client uses itself.
const TAKEN_TYPES: [&str; 12] = [
    "ByteStream",
    "Client",
    "Error",
    "Form",
    "Items",
    "OperationInfo",
    "PageParts",
    "PageReader",
    "QueryParam",
    "RequestBuilder",
    "Response",
    "Streamed",
];
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Checks every operation, and that no two have the same method name.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut methods = BTreeMap::new();
    for operation in &context.model.operations {
        name(operation, &mut methods, found);
        request(operation, found);
        answers(operation, context, found);
    }
}

fn name<'a>(
    operation: &Operation<'a>,
    methods: &mut BTreeMap<String, &'a Entry>,
    found: &mut Vec<Problem>,
) {
    let Some(id) = operation.node.entry("operationId") else {
        let what = format!("`{} {}` has no `operationId`", operation.method, operation.path);
        let problem = Problem::error("operation-id", what)
            .why("it becomes the name of the client's method")
            .fix("add `operationId:` with a name in camelCase");
        found.push(problem.at(operation.at));
        return;
    };
    let Some(text) = id.value.as_str() else { return };
    let method = &operation.method_name;
    let optional = optional(operation);
    if is_taken(method, &optional) || !starts_with_letter(text) || !is_snake_case(method) {
        let problem = Problem::error("operation-id-name", format!("`operationId: {text}`"))
            .why(format!(
                "the client cannot have a method `{method}` or a type `{}`",
                names::variant(text)
            ))
            .fix("use a name in camelCase, such as `listModels`");
        found.push(problem.at(&id.value.at));
    }
    let names = MethodForm::names_of(method, streams(operation), &optional);
    let taken = names.iter().find_map(|name| Some((name.clone(), *methods.get(name)?)));
    methods.extend(names.into_iter().map(|name| (name, id)));
    if let Some((method, first)) = taken {
        let what = format!("`operationId: {text}` makes a second method `{method}`");
        let problem = Problem::error("duplicate-operation-id", what)
            .why(format!("line {} already makes one", first.at.line))
            .fix("give one of the two another name");
        found.push(problem.at(&id.value.at));
    }
}

fn streams(operation: &Operation) -> bool {
    let responses = entries(operation.node, "responses");
    responses.iter().any(|response| {
        content(Some(&response.value)).is_some_and(|content| content.value.get(EVENTS).is_some())
    })
}

/// The parameters that may be left out.
fn optional<'a>(operation: &Operation<'a>) -> Vec<&'a str> {
    let optional = operation.parameters.iter().filter(|each| !each.required);
    optional.map(|each| each.name).filter(|name| !name.is_empty()).collect()
}

/// Whether the client has something of the name of this method, or of the type of its optional parameters.
pub(super) fn is_taken(method: &str, optional: &[&str]) -> bool {
    let parameters = names::variant(method);
    let is_type = TAKEN_TYPES.contains(&&*parameters) || identifiers::is_taken(&parameters);
    TAKEN.contains(&method) || (!optional.is_empty() && is_type)
}

fn starts_with_letter(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn request(operation: &Operation, found: &mut Vec<Problem>) {
    let body = operation.node.get("requestBody");
    if let Some(required) = body.and_then(|body| body.entry("required"))
        && required.value.as_bool() == Some(false)
    {
        let problem = Problem::error("request-required", "a request body that is not required")
            .why("the client's method takes the body as an argument and always sends it")
            .fix("write `required: true`, or remove the body");
        found.push(problem.at(&required.at));
    }
    let Some(content) = content(body) else { return };
    let types: Vec<_> = content.value.keys();
    if types.len() != 1 {
        let problem =
            Problem::error("request-media-type", format!("a request as {}", list(&types)))
                .why("a method sends one of them, so the others would be dropped")
                .fix("keep the one that the client is to send");
        found.push(problem.at(&content.at));
    }
    schemas_of(content, found);
}

fn answers(operation: &Operation, context: &Context<'_>, found: &mut Vec<Problem>) {
    let Some(responses) = operation.node.entry("responses") else { return };
    for entry in responses.value.entries().iter().filter(|entry| !is_status(&entry.key)) {
        let problem =
            Problem::error("status", format!("an answer with the status `{}`", entry.key))
                .why("it is not an HTTP status")
                .fix("write three digits such as `200`, a range such as `4XX`, or `default`");
        found.push(problem.at(&entry.at));
    }
    let (good, bad): (Vec<_>, Vec<_>) =
        responses.value.entries().iter().partition(|entry| entry.key.starts_with('2'));
    match good.as_slice() {
        [only] => success(only, found),
        _ => {
            let what = format!("an operation with {} success answers", good.len());
            let problem = Problem::error("one-success", what)
                .why("the method returns one type")
                .fix("describe exactly one 2xx status");
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
        let problem = Problem::error("inline-success", "the success answer is a `$ref`")
            .why("the generator looks for its content in the operation")
            .fix("write the response here; only its schema is a `$ref`");
        found.push(problem.at(&response.at));
        return;
    }
    let content = content(Some(&response.value));
    content.into_iter().for_each(|content| schemas_of(content, found));
    let types = content.map(|content| content.value.keys()).unwrap_or_default();
    let both = types == [JSON, EVENTS] || types == [EVENTS, JSON];
    if types == [EVENTS] || (types.len() > 1 && !both) {
        found.push(answer_media_type(&types).at(&response.at));
    }
}

fn answer_media_type(types: &[&str]) -> Problem {
    Problem::error("response-media-type", format!("an answer as {}", list(types)))
        .why("the client reads one media type, or JSON and a stream of events")
        .fix("keep the one that the client is to read; for a stream, also describe the JSON of an answer in one piece")
}

/// All other statuses share one error type, or have none.
fn errors(responses: &[&Entry], context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut first: Option<&str> = None;
    for response in responses {
        let Ok(whole) = context.model.document.resolve(&response.value) else { continue };
        let Some(content) = content(Some(whole)) else { continue };
        schemas_of(content, found);
        if content.value.keys() != [JSON] {
            found.push(answer_media_type(&content.value.keys()).at(&content.at));
        }
        let schema = content.value.get(JSON).and_then(|media| media.get("schema"));
        let Some(name) = schema.and_then(pointer) else { continue };
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

/// Every media type has a schema.
fn schemas_of(content: &Entry, found: &mut Vec<Problem>) {
    let media = content.value.entries().iter();
    for entry in
        media.filter(|entry| entry.value.is_object() && entry.value.get("schema").is_none())
    {
        let problem =
            Problem::error("media-type-schema", format!("`{}` has no `schema`", entry.key))
                .why("the client has no type to decode it into")
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
