//! Compares request bodies, answers, media types and headers. [`super::schemas`] compares the values
//! in them.

use super::reach::{EVENT_STREAM, Scope};
use super::walk::{Pair, Spot, Walk};
use super::{extensions, operations, schemas, texts};

/// Compares the request body of an operation.
pub(super) fn request<'a>(walk: &mut Walk<'a>, operation: &Pair<'a>) {
    let name = format!("{}.request", operation.subject);
    let body = operation.narrowed("requestBody").named(name, operation.names.clone());
    match operation.values("requestBody") {
        (None, None) => {}
        (Some(_), None) => {
            walk.report("request-body-removed", &body, format!("`{}` was removed", body.subject));
        }
        (None, Some(_)) => {
            let (rule, kind) = match body.flags("required") {
                (_, true) => ("request-body-added-required", "required"),
                _ => ("request-body-added-optional", "optional"),
            };
            walk.report(rule, &body, format!("the {kind} body `{}` was added", body.subject));
        }
        (Some(_), Some(_)) => both_requests(walk, &body),
    }
}

fn both_requests<'a>(walk: &mut Walk<'a>, body: &Pair<'a>) {
    let required = match body.flags("required") {
        (false, true) => Some(("request-body-became-required", "is now required")),
        (true, false) => Some(("request-body-became-optional", "is now optional")),
        _ => None,
    };
    if let Some((rule, what)) = required {
        walk.report(rule, &body.narrowed("required"), format!("`{}` {what}", body.subject));
    }
    texts::compare(walk, body, &["description"]);
    contents(walk, body, "request", None);
    walk.unhandled(body, &["description", "required", "content"]);
}

/// Compares the answers of an operation by status.
pub(super) fn responses<'a>(walk: &mut Walk<'a>, operation: &Pair<'a>, number: usize) {
    let list = operation.narrowed("responses");
    for status in list.keys() {
        let name = format!("{}.{status}", operation.subject);
        let mut answer = list.narrowed(status).named(name, operation.names.clone());
        answer.scope = Scope::of_response(number);
        match list.values(status) {
            (Some(_), None) => {
                let rule = match status.starts_with('2') {
                    true => "success-status-removed",
                    false => "error-status-removed",
                };
                walk.report(rule, &answer, format!("the answer `{}` was removed", answer.subject));
            }
            (None, Some(_)) => {
                let what = format!("the answer `{}` was added", answer.subject);
                walk.report("status-added", &answer, what);
            }
            _ => both_answers(walk, &answer, number),
        }
    }
}

/// Compares two answers of one status, named or not.
fn both_answers<'a>(walk: &mut Walk<'a>, answer: &Pair<'a>, number: usize) {
    let (base, head) = answer.texts("$ref");
    if base.is_some() && base == head {
        // `document` compares the components.
        walk.unhandled(answer, &["$ref"]);
        return;
    }
    if base != head {
        let what = format!("`{}` refers to another answer", answer.subject);
        walk.report("reference", answer, what);
    }
    let base = walk.resolve(&answer.base, walk.base);
    let head = walk.resolve(&answer.head, walk.head);
    if let (Some(base), Some(head)) = (base, head) {
        of_status(walk, &answer.with(base, head), Some(number));
    }
}

/// Compares two named answers.
pub(super) fn response<'a>(walk: &mut Walk<'a>, answer: &Pair<'a>) {
    of_status(walk, answer, None);
}

fn of_status<'a>(walk: &mut Walk<'a>, answer: &Pair<'a>, number: Option<usize>) {
    texts::compare(walk, answer, &["description"]);
    headers(walk, answer);
    contents(walk, answer, "response", number);
    walk.unhandled(answer, &["description", "headers", "content"]);
}

/// Compares the media types of a body. `number` is the operation, if only one has the body.
fn contents<'a>(walk: &mut Walk<'a>, body: &Pair<'a>, side: &str, number: Option<usize>) {
    let list = body.narrowed("content");
    for media in keys(body, "content") {
        let both = |spot: &Spot<'a>| spot.child("content").and_then(|list| list.child(media));
        let (base, head) = (both(&body.base), both(&body.head));
        let (rule, verb) = match (base, head) {
            (Some(base), Some(head)) => {
                let mut pair = body.with(base, head);
                if let Some(number) = number.filter(|_| media == EVENT_STREAM) {
                    pair.scope = Scope::of_stream(number);
                }
                media_type(walk, &pair);
                continue;
            }
            (Some(_), None) => ("removed", "no longer has"),
            _ => ("added", "also has"),
        };
        let what = format!("`{}` {verb} the media type `{media}`", body.subject);
        walk.report(&format!("{side}-media-type-{rule}"), &list.narrowed(media), what);
        if media == EVENT_STREAM {
            stream(walk, &list.narrowed(media), rule);
        }
    }
}

fn stream(walk: &mut Walk<'_>, pair: &Pair<'_>, rule: &str) {
    let what = match rule {
        "added" => format!("`{}` can now be streamed", pair.subject),
        _ => format!("`{}` can no longer be streamed", pair.subject),
    };
    walk.report(&format!("stream-answer-{rule}"), pair, what);
}

fn media_type<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    texts::compare(walk, pair, &["example", "examples"]);
    schemas::under(walk, pair, "schema");
    walk.unhandled(pair, &["schema", "example", "examples"]);
}

fn headers<'a>(walk: &mut Walk<'a>, answer: &Pair<'a>) {
    let list = answer.narrowed("headers");
    for name in keys(answer, "headers") {
        let both = |spot: &Spot<'a>| spot.child("headers").and_then(|list| list.child(name));
        let subject = format!("{}.{name}", answer.subject);
        let (rule, verb) = match (both(&answer.base), both(&answer.head)) {
            (Some(base), Some(head)) => {
                used_header(walk, &answer.with(base, head).named(subject, Vec::new()));
                continue;
            }
            (Some(_), None) => ("header-removed", "was removed"),
            _ => ("header-added", "was added"),
        };
        let pair = list.narrowed(name).named(subject, Vec::new());
        walk.report(rule, &pair, format!("the header `{}` {verb}", pair.subject));
    }
}

/// Compares a header where it is used: it is often a reference.
fn used_header<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let (base, head) = pair.texts("$ref");
    if base.is_some() && base == head {
        walk.unhandled(pair, &["$ref"]);
        return;
    }
    if base != head {
        walk.report("reference", pair, format!("`{}` refers to another header", pair.subject));
    }
    let base = walk.resolve(&pair.base, walk.base);
    let head = walk.resolve(&pair.head, walk.head);
    if let (Some(base), Some(head)) = (base, head) {
        header(walk, &pair.with(base, head));
    }
}

/// Compares two headers.
pub(super) fn header<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let required = match pair.flags("required") {
        (false, true) => Some(("header-became-required", "is now always sent")),
        (true, false) => Some(("header-became-optional", "may now be absent")),
        _ => None,
    };
    if let Some((rule, what)) = required {
        let what = format!("the header `{}` {what}", pair.subject);
        walk.report(rule, &pair.narrowed("required"), what);
    }
    operations::deprecation(walk, pair);
    texts::compare(walk, pair, &["description", "example"]);
    extensions::compare(walk, pair);
    schemas::under(walk, pair, "schema");
    let known = ["description", "required", "deprecated", "schema", "example", "x-services"];
    walk.unhandled(pair, &known);
}

/// The keys of an object inside both sides, each once.
fn keys<'a>(pair: &Pair<'a>, key: &str) -> Vec<&'a str> {
    let of = |spot: &Spot<'a>| spot.child(key).map(|spot| spot.node.keys()).unwrap_or_default();
    let mut keys = of(&pair.base);
    let known = keys.clone();
    keys.extend(of(&pair.head).into_iter().filter(|key| !known.contains(key)));
    keys
}
