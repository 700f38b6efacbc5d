//! Rules on `$ref`: each leads to something of the right kind, and something refers to each
//! component. [`super::document`] checks what stands beside a `$ref`.

use super::context::Context;
use crate::load::{Entry, Node, escape_step};
use crate::problem::Problem;

/// Checks every reference of the document and every name of `components`.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    references(&context.model.document.root, Below::SCHEMA, context, found);
    // A wrong reference or key makes components look unused, so those are reported only without
    // such errors.
    if found.is_empty() {
        unreferenced(context, found);
    }
}

/// What a `$ref` below a key must lead to.
#[derive(Clone, Copy)]
struct Below {
    /// The section of `components`.
    section: &'static str,
    /// Whether the keys here are names of the author, not words of OpenAPI.
    names: bool,
}

impl Below {
    const SCHEMA: Self = Self { section: "schemas", names: false };

    /// The target below `key`. `None` for payloads, in which `$ref` is an ordinary key.
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
    if let Err(problem) = context.model.document.resolve(owner) {
        found.push(problem);
        return;
    }
    let target = entry.value.as_str().unwrap_or_default();
    if !is_directly_in(target, section) {
        let problem = Problem::error("ref-target", format!("`$ref` to `{target}`"))
            .why("a type comes from a whole named component, not from a part of one")
            .fix(format!(
                "refer to `#/components/{section}/Name`; give the part a name if it has none"
            ));
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
        let named = context.model.document.node_at(&pointer).map(Node::entries).unwrap_or_default();
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
        .why("nothing sends or returns this type, so it is superfluous or a reference is missing")
        .fix("refer to it where it belongs, or remove it")
        .at(&entry.at)
}
