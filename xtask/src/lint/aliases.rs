//! Rules on named lists and maps: they become type aliases in Rust, so they cannot contain
//! themselves. [`super::schemas`] checks what a single schema may say.

use std::collections::BTreeSet;

use super::context::Context;
use crate::load::Node;
use crate::model::Component;
use crate::problem::Problem;

/// Reports every circle of aliases once, at the first of them.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    let mut reported = BTreeSet::new();
    for component in &context.model.components {
        let Some(circle) = circle(component, context) else { continue };
        if reported.contains(component.name) {
            continue;
        }
        found.push(endless(&circle).at(component.at));
        reported.extend(circle);
    }
}

fn endless(circle: &[&str]) -> Problem {
    let what = match circle {
        [first, second, ..] => format!("`{first}` contains `{second}`, which contains `{first}`"),
        _ => format!("`{}` contains itself", circle.join("")),
    };
    Problem::error("endless-alias", what)
        .why("a named list or map is an alias of a Rust type, and this one never ends")
        .fix("describe the inner list or map as any JSON: refer to a component that has only a description")
}

/// Follows the aliases from `start`, and returns them if they lead back to it.
fn circle<'a>(start: &'a Component<'a>, context: &Context<'a>) -> Option<Vec<&'a str>> {
    let mut names = vec![start.name];
    let mut current = start;
    loop {
        current = contained(current, context)?;
        if current.name == start.name {
            return Some(names);
        }
        if names.contains(&current.name) {
            return None;
        }
        names.push(current.name);
    }
}

/// The component of the items or values of an alias, at any depth.
fn contained<'a>(alias: &Component, context: &Context<'a>) -> Option<&'a Component<'a>> {
    let mut node = alias.schema;
    // `schemas` reports a component that is only a `$ref`.
    if node.get("$ref").is_some() || ["oneOf", "enum"].iter().any(|key| node.get(key).is_some()) {
        return None;
    }
    while let Some(inner) = inner(node) {
        node = inner;
    }
    context.target(node)
}

fn inner(node: &Node) -> Option<&Node> {
    let values = || node.get("additionalProperties").filter(|values| values.is_object());
    let is_struct = node.get("properties").is_some();
    node.get("items").or_else(values).filter(|_| !is_struct)
}
