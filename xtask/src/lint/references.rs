//! Rules on `$ref`: each leads to something of the right sort, and all that has a name is referred
//! to. What may stand beside a `$ref` is checked in [`super::document`].

use super::context::Context;
use crate::load::{Entry, Node, escape_step};
use crate::problem::Problem;

/// Checks every reference of the document and every name of `components`.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    references(&context.document.root, Below::SCHEMA, context, found);
    // While a reference or a key is wrong, what it stands for only seems to be unused.
    if found.is_empty() {
        unreferenced(context, found);
    }
}

/// What a `$ref` below some key has to lead to.
#[derive(Clone, Copy)]
struct Below {
    /// The part of `components`.
    section: &'static str,
    /// Whether the keys here are names that the author chose, not words of OpenAPI.
    names: bool,
}

impl Below {
    const SCHEMA: Self = Self { section: "schemas", names: false };

    /// What holds below `key`; `None` where payloads stand, in which `$ref` is a key like any other.
    fn key(self, key: &str) -> Option<Self> {
        match key {
            _ if self.names => Some(Self { names: false, ..self }),
            "example" | "examples" | "default" => None,
            "responses" => Some(Self { section: "responses", names: true }),
            "headers" => Some(Self { section: "headers", names: true }),
            "properties" | "schemas" | "content" | "paths" => {
                Some(Self { section: "schemas", names: true })
            }
            _ => Some(Self::SCHEMA),
        }
    }
}

fn references(node: &Node, below: Below, context: &Context<'_>, found: &mut Vec<Problem>) {
    for item in node.items() {
        references(item, below, context, found);
    }
    for entry in node.entries() {
        if entry.key == "$ref" && !below.names && entry.value.as_str().is_some() {
            reference(node, entry, below.section, context, found);
        } else if let Some(below) = below.key(&entry.key) {
            references(&entry.value, below, context, found);
        }
    }
}

fn reference(
    owner: &Node,
    entry: &Entry,
    section: &str,
    context: &Context<'_>,
    found: &mut Vec<Problem>,
) {
    if let Err(problem) = context.document.resolve(owner) {
        found.push(problem);
        return;
    }
    let target = entry.value.as_str().unwrap_or_default();
    if !is_directly_in(target, section) {
        let problem = Problem::error("ref-target", format!("`$ref` to `{target}`"))
            .why("a type is made of a whole named component, not of something else or inside one")
            .fix(format!("refer to `#/components/{section}/Name`, naming the part if need be"));
        found.push(problem.at(&entry.value.at));
    }
}

fn is_directly_in(target: &str, section: &str) -> bool {
    let name = target.strip_prefix("#/components/").and_then(|rest| rest.strip_prefix(section));
    name.and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.contains('/'))
}

fn unreferenced(context: &Context<'_>, found: &mut Vec<Problem>) {
    for section in ["schemas", "responses", "headers"] {
        let pointer = format!("/components/{section}");
        let named = context.document.node_at(&pointer).map(Node::entries).unwrap_or_default();
        for entry in named {
            let pointer = format!("#{pointer}/{}", escape_step(&entry.key));
            if !context.used.contains(pointer.as_str()) {
                found.push(never_used(entry));
            }
        }
    }
}

fn never_used(entry: &Entry) -> Problem {
    Problem::error("unreferenced", format!("no operation needs `{}`", entry.key))
        .why("a type that nothing sends or returns is dead weight, or a reference is missing")
        .fix("refer to it where it belongs, or remove it")
        .at(&entry.at)
}
