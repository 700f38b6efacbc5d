//! Rules that hold for every kind of schema: its type is known, it has a name if it needs one, and
//! it has no keyword that the generator gets wrong.
//!
//! [`super::objects`], [`super::unions`] and [`super::enums`] check what holds for one kind only.

use super::context::{Context, Place, Role};
use super::document::new_in_31;
use crate::load::{Node, Value};
use crate::model::flag;
use crate::problem::Problem;
use crate::shape::character_class;

/// Keys that give a schema its kind. A schema without any of them is any JSON.
const SHAPES: [&str; 6] = ["type", "$ref", "oneOf", "allOf", "anyOf", "enum"];
const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];
const STRING_FORMATS: [&str; 5] = ["uri", "byte", "date-time", "date", "uuid"];

/// Checks every schema of the document.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    for place in &context.places {
        if !place.node.is_object() {
            continue;
        }
        if place.has("$ref") {
            second_name(place, found);
            continue;
        }
        keywords(place, found);
        kind(place, found);
        numbers(place, found);
        pattern(place, found);
        unnamed(place, found);
        nullable(place, found);
        wrapped(place, found);
    }
}

fn second_name(place: &Place<'_>, found: &mut Vec<Problem>) {
    if place.role == Role::Component {
        let problem = Problem::error("second-name", format!("{} is only a `$ref`", place.name()))
            .why("it would be a second name for the same type")
            .fix("refer to the other component directly, and remove this one");
        found.push(problem.at(place.at));
    }
}

fn keywords(place: &Place<'_>, found: &mut Vec<Problem>) {
    if let Some(entry) = place.node.entry("anyOf") {
        let problem = Problem::error("any-of", format!("`anyOf` in {}", place.name()))
            .why("it would become a struct in which every form is optional")
            .fix("write `oneOf` with forms that differ; for `null` write `nullable: true`");
        found.push(problem.at(&entry.at));
    }
    if let Some(entry) = place.node.entry("default") {
        let problem = Problem::error("default", format!("`default` in {}", place.name()))
            .why("the client would send it although the caller did not set it")
            .fix("remove it, and say in the description what services do without it");
        found.push(problem.at(&entry.at));
    }
}

fn kind(place: &Place<'_>, found: &mut Vec<Problem>) {
    let Some(entry) = place.node.entry("type") else {
        if !SHAPES.iter().any(|key| place.has(key)) && place.role != Role::Component {
            found.push(untyped(place));
        }
        return;
    };
    match &entry.value.value {
        Value::String(name) if TYPES.contains(&name.as_str()) => format(place, name, found),
        Value::String(name) if name == "null" => {
            found.push(new_in_31("type: 'null'").fix("write `nullable: true`").at(&entry.value.at));
        }
        Value::Array(_) => {
            let problem = new_in_31("type: […]");
            let fix = "write one type, and `nullable: true` if `null` was in the list";
            found.push(problem.fix(fix).at(&entry.value.at));
        }
        Value::String(name) => {
            let problem = Problem::error("type", format!("`type: {name}` in {}", place.name()))
                .why("OpenAPI does not have this type")
                .fix(format!("write one of {}", TYPES.join(", ")));
            found.push(problem.at(&entry.value.at));
        }
        _ => found.push(super::document::wrong_type("`type`", "a string", &entry.value)),
    }
    if place.type_name() == Some("array") && !place.has("items") {
        let problem =
            Problem::error("items", format!("{} is a list without `items`", place.name()))
                .why("the type of its items is unknown")
                .fix("add `items:` with a scalar type or a `$ref`");
        found.push(problem.at(place.at));
    }
}

fn untyped(place: &Place<'_>) -> Problem {
    Problem::error("untyped", format!("{} has no type", place.name()))
        .why("the generator would have to guess it")
        .fix("add `type:`; for any JSON, refer to a component that has only a description")
        .at(place.at)
}

fn format(place: &Place<'_>, kind: &str, found: &mut Vec<Problem>) {
    let entry = place.node.entry("format");
    let format = entry.and_then(|entry| entry.value.as_str());
    if kind == "integer" && format != Some("int64") {
        let problem = Problem::error("integer-format", format!("{} is an integer", place.name()))
            .why("integers have 64 bits here, and the document must say so")
            .fix("write `format: int64`");
        found.push(problem.at(entry.map_or(place.at, |entry| &entry.at)));
        return;
    }
    let (Some(entry), Some(format)) = (entry, format) else { return };
    let known = match kind {
        "string" => STRING_FORMATS.contains(&format),
        "number" => ["double", "float"].contains(&format),
        "integer" => true,
        _ => false,
    };
    if !known {
        let problem = Problem::error("format", format!("`format: {format}` in {}", place.name()))
            .why(format!("it has no meaning for `type: {kind}` and would be dropped"))
            .fix("remove it, and describe the form of the value in the description");
        found.push(problem.at(&entry.at));
    }
}

fn numbers(place: &Place<'_>, found: &mut Vec<Problem>) {
    if place.type_name() != Some("integer") {
        return;
    }
    for key in ["minimum", "maximum"] {
        let Some(entry) = place.node.entry(key) else { continue };
        let Value::Number(number) = &entry.value.value else { continue };
        if number.as_i64().is_none() {
            let what = format!("`{key}: {number}` in {}", place.name());
            let problem = Problem::error("integer-bounds", what)
                .why("it is not a signed 64-bit integer, as the value itself is")
                .fix("remove the bound, or write one that a client can check");
            found.push(problem.at(&entry.value.at));
        }
    }
}

/// A pattern of a request is checked without a crate for regular expressions.
fn pattern(place: &Place<'_>, found: &mut Vec<Problem>) {
    let Some(entry) = place.node.entry("pattern") else { return };
    let Some(pattern) = entry.value.as_str() else { return };
    if character_class(pattern).is_none() {
        let problem = Problem::error(
            "pattern",
            format!("`pattern: {pattern}` in {}", place.name()),
        )
        .why("`validate` can only check that every character is in one class")
        .fix("write `^[a-z]+$` with a class of your own, or describe the form in the description");
        found.push(problem.at(&entry.value.at));
    }
}

/// Objects, unions and enums need a name, and so does a list or map of them.
fn unnamed(place: &Place<'_>, found: &mut Vec<Problem>) {
    if place.role == Role::Component {
        return;
    }
    let values = place.node.get("enum").map(Node::items).unwrap_or_default();
    let (rule, what) = match () {
        () if place.type_name() == Some("object") || place.has("properties") => {
            ("inline-object", "is an object without a name")
        }
        () if place.has("oneOf") => ("inline-union", "is a union without a name"),
        () if values.len() > 1 => ("inline-enum", "is an enum without a name"),
        () => return,
    };
    let problem = Problem::error(rule, format!("{} {what}", place.name()))
        .why("the generator would have to make one up, which changes with its surroundings")
        .fix("move it under `components.schemas` with a name and a description, and `$ref` it");
    found.push(problem.at(place.at));
}

fn nullable(place: &Place<'_>, found: &mut Vec<Problem>) {
    if place.role != Role::Component || !flag(place.node, "nullable") {
        return;
    }
    let problem = Problem::error("nullable-component", format!("{} is nullable", place.name()))
        .why("the type would come out twice under one name and not compile")
        .fix("remove it here; where it is used write `allOf: [{$ref: …}]` and `nullable: true`");
    found.push(problem.at(place.node.entry("nullable").map_or(place.at, |entry| &entry.at)));
}

fn wrapped(place: &Place<'_>, found: &mut Vec<Problem>) {
    const BESIDE: [&str; 5] = ["allOf", "description", "nullable", "deprecated", "example"];
    let Some(entry) = place.node.entry("allOf") else { return };
    let is_wrapper = matches!(entry.value.items(), [only] if only.get("$ref").is_some());
    let mut beside = place.node.entries().iter();
    let alone = beside.all(|e| BESIDE.contains(&e.key.as_str()) || e.key.starts_with("x-"));
    if is_wrapper && alone && place.role != Role::Component {
        return;
    }
    let problem = Problem::error("all-of", format!("`allOf` in {}", place.name()))
        .why("it only serves to put a description, `nullable` or `x-` keys beside one `$ref`")
        .fix("write the object out with all of its properties, or `allOf: [{$ref: …}]` alone");
    found.push(problem.at(&entry.at));
}
