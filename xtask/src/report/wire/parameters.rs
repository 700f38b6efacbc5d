//! Compares the parameters of an operation by name and place. [`super::schemas`] compares their
//! values, as part of the request.

use super::walk::{Pair, Spot, Walk};
use super::{extensions, operations, schemas, texts};
use crate::load::Node;
use crate::names;
use crate::report::item::RustName;

/// Compares the parameters. `renamed` holds the placeholders of the path with another name.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>, renamed: &[(&str, &str)]) {
    let list = pair.narrowed("parameters");
    let base = all(&pair.base);
    let head = all(&pair.head);
    let mut new = head.clone();
    for old in &base {
        match new.iter().position(|new| is_same(old, new, renamed)) {
            Some(index) => both(walk, &named(&pair.with(old.clone(), new.remove(index)))),
            None => removed(walk, &named(&pair.with(old.clone(), list.head.clone()))),
        }
    }
    for new in new {
        added(walk, &named(&pair.with(list.base.clone(), new)));
    }
    let names = |spots: &[Spot<'a>]| spots.iter().map(name).collect::<Vec<_>>();
    walk.order(&list, &names(&base), &names(&head), "parameters");
}

fn all<'a>(operation: &Spot<'a>) -> Vec<Spot<'a>> {
    let Some(list) = operation.child("parameters") else { return Vec::new() };
    (0..list.node.items().len()).filter_map(|index| list.item(index)).collect()
}

fn name<'a>(parameter: &Spot<'a>) -> &'a str {
    parameter.node.get("name").and_then(Node::as_str).unwrap_or_default()
}

fn place<'a>(parameter: &Spot<'a>) -> &'a str {
    parameter.node.get("in").and_then(Node::as_str).unwrap_or_default()
}

fn is_same(old: &Spot<'_>, new: &Spot<'_>, renamed: &[(&str, &str)]) -> bool {
    let moved = place(old) == "path" && renamed.contains(&(name(old), name(new)));
    place(old) == place(new) && (name(old) == name(new) || moved)
}

/// The pair under the name of the parameter.
fn named<'a>(pair: &Pair<'a>) -> Pair<'a> {
    let name = [name(&pair.head), name(&pair.base)].into_iter().find(|name| !name.is_empty());
    let name = name.unwrap_or("a parameter");
    let field = RustName::Field { owner: names::field(&pair.subject), name: names::field(name) };
    pair.clone().named(format!("{}.{name}", pair.subject), vec![field])
}

fn removed(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    walk.report("parameter-removed", pair, format!("the parameter `{}` was removed", pair.subject));
}

fn added(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let (rule, kind) = match pair.flags("required") {
        (_, true) => ("parameter-added-required", "required"),
        _ => ("parameter-added-optional", "optional"),
    };
    walk.report(rule, pair, format!("the {kind} parameter `{}` was added", pair.subject));
}

fn both<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let required = match pair.flags("required") {
        (false, true) => Some(("parameter-became-required", "is now required")),
        (true, false) => Some(("parameter-became-optional", "is now optional")),
        _ => None,
    };
    if let Some((rule, what)) = required {
        let what = format!("the parameter `{}` {what}", pair.subject);
        walk.report(rule, &pair.narrowed("required"), what);
    }
    style(walk, pair);
    operations::deprecation(walk, pair);
    texts::compare(walk, pair, &["description", "example", "examples"]);
    extensions::compare(walk, pair);
    schemas::under(walk, pair, "schema");
    walk.unhandled(pair, &KEYS);
}

const KEYS: [&str; 11] = [
    "name",
    "in",
    "description",
    "required",
    "deprecated",
    "style",
    "explode",
    "schema",
    "example",
    "examples",
    "x-services",
];

fn style(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    for key in ["style", "explode"].iter().filter(|key| pair.differs(key)) {
        let what = format!("`{key}` of the parameter `{}` changed", pair.subject);
        walk.report("parameter-style", &pair.narrowed(key), what);
    }
}
