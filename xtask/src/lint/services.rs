//! Rules on the names of services, so that a typo does not make a service of its own.
//! [`super::extensions`] checks where the lists of names stand.

use super::context::{Context, strings};
use crate::load::{Document, Node};
use crate::problem::Problem;
use crate::suggest;

/// Checks every `x-services`, if the document lists the services.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    let Some(list) = context.model.document.root.get("x-service-names") else { return };
    let known: Vec<&str> = list.entries().iter().map(|entry| entry.key.as_str()).collect();
    for (name, node) in names(context.model.document) {
        if !known.contains(&name) {
            found.push(unknown(name, &known).at(&node.at));
        }
    }
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let fix = match suggest::closest(name, known.iter().copied()) {
        Some(close) => format!("write `{close}`, or add `{name}: …` to `x-service-names`"),
        None => format!("add `{name}: …` to `x-service-names` at the top of the document"),
    };
    Problem::error("unknown-service", format!("`x-services` names `{name}`"))
        .why("`x-service-names` does not have this service")
        .fix(fix)
}

/// The names in all `x-services` of the document, with their places.
fn names(document: &Document) -> Vec<(&str, &Node)> {
    let mut waiting = vec![&document.root];
    let mut found = Vec::new();
    while let Some(node) = waiting.pop() {
        found.extend(strings(node.get("x-services")));
        waiting.extend(node.items());
        waiting.extend(node.entries().iter().map(|entry| &entry.value));
    }
    found
}
