//! Rules on enums: the values are strings, each occurs once, and each has a description.
//! [`super::identifiers`] checks the names of their variants.

use std::collections::{HashMap, HashSet};

use super::context::{Context, Place, Role, strings};
use super::document::wrong_type;
use crate::load::Node;
use crate::problem::Problem;
use crate::suggest;

/// Checks every enum of the document, named or not.
pub(super) fn check(context: &Context<'_>, found: &mut Vec<Problem>) {
    for place in &context.places {
        let Some(entry) = place.node.entry("enum") else { continue };
        if !entry.value.is_array() {
            continue; // Reported by `document`.
        }
        kind(place, found);
        values(place, &entry.value, found);
        if place.role == Role::Component {
            described(place, &entry.value, found);
            known_keys(place, &entry.value, found);
        }
    }
}

fn kind(place: &Place<'_>, found: &mut Vec<Problem>) {
    if place.type_name() != Some("string") && !place.has("oneOf") {
        let problem = Problem::error(
            "enum-type",
            format!("{} is an enum without `type: string`", place.name()),
        )
        .why("only enums of strings are generated")
        // Another type would change what is sent.
        .fix(match place.type_name() {
            None => {
                "write `type: string`, or remove `enum` and say in the description what it can be"
            }
            Some(_) => "remove `enum`, and say in the description what it can be",
        });
        found.push(problem.at(place.at));
    }
}

fn values(place: &Place<'_>, list: &Node, found: &mut Vec<Problem>) {
    if list.items().is_empty() {
        let problem =
            Problem::error("enum-values", format!("the enum of {} is empty", place.name()))
                .why("no value would be valid")
                .fix("list the values");
        found.push(problem.at(&list.at));
    }
    for node in list.items().iter().filter(|node| node.as_str().is_none()) {
        // Quotes would change what is sent.
        let problem = wrong_type("a value of `enum`", "a string", node);
        let fix = "remove `enum`, and say in the description what the value can be";
        found.push(problem.why("only enums of strings are generated").fix(fix));
    }
    let mut seen = HashSet::new();
    for (value, node) in strings(Some(list)) {
        if seen.contains(&value) {
            let problem = Problem::error("enum-values", format!("`{value}` is repeated"))
                .why("a value becomes one variant")
                .fix("remove one of the two");
            found.push(problem.at(&node.at));
        }
        seen.insert(value);
    }
}

/// Every value of a named enum has a nonempty description.
fn described(place: &Place<'_>, list: &Node, found: &mut Vec<Problem>) {
    let descriptions = place.node.get("x-enum-descriptions").map(Node::entries).unwrap_or_default();
    let descriptions: HashMap<&str, &Node> =
        descriptions.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
    for (value, node) in strings(Some(list)) {
        let text = descriptions.get(value).and_then(|told| told.as_str());
        if text.is_none_or(|text| text.trim().is_empty()) {
            let what = format!("the value `{value}` of {} has no description", place.name());
            let problem = Problem::error("enum-descriptions", what)
                .why("it is what people read at the variant")
                .fix(format!("add `{value}: …` under `x-enum-descriptions`"));
            found.push(problem.at(&node.at));
        }
    }
}

/// The keys of the tables beside an enum are values of the enum.
fn known_keys(place: &Place<'_>, list: &Node, found: &mut Vec<Problem>) {
    let values: Vec<_> = strings(Some(list)).map(|(value, _)| value).collect();
    let known: HashSet<&str> = values.iter().copied().collect();
    for table in ["x-enum-descriptions", "x-enum-names"] {
        let entries = place.node.get(table).map(Node::entries).unwrap_or_default();
        for entry in entries.iter().filter(|entry| !known.contains(entry.key.as_str())) {
            let what = format!("`{table}` of {} names `{}`", place.name(), entry.key);
            let problem = Problem::error("enum-key", what).why("the enum has no such value").fix(
                match suggest::closest(&entry.key, values.iter().copied()) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => "remove it, or add the value to `enum`".to_owned(),
                },
            );
            found.push(problem.at(&entry.at));
        }
    }
}
