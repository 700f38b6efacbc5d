//! Compares the values of enums and constants. [`super::extensions`] compares the tables beside
//! them.

use super::document::changed;
use super::walk::{Pair, Walk};
use crate::load::Node;
use crate::names;
use crate::report::item::RustName;

/// Compares the `enum` of two schemas.
pub(super) fn compare(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let list = pair.narrowed("enum");
    if !pair.differs("enum") {
        return;
    }
    let (Some(base), Some(head)) = pair.values("enum") else {
        let rule = if pair.values("enum").0.is_none() { "enum-added" } else { "enum-removed" };
        return walk.judge(rule, &list, changed(pair, "enum"));
    };
    let (Some(base), Some(head)) = (texts(base), texts(head)) else {
        return walk.unknown(&list, "`enum`");
    };
    match (base.as_slice(), head.as_slice()) {
        ([old], [new]) => {
            let what = format!("the constant `{}` changed from `{old}` to `{new}`", pair.subject);
            walk.judge("constant-changed", &list, what);
        }
        _ => values(walk, &list, pair, &base, &head),
    }
}

/// The values, if all are texts and none is repeated.
fn texts(list: &Node) -> Option<Vec<&str>> {
    let texts: Vec<_> = list.items().iter().map(Node::as_str).collect::<Option<_>>()?;
    let is_repeated = |(at, text): (usize, &&str)| texts.iter().take(at).any(|other| other == text);
    (!texts.iter().enumerate().any(is_repeated)).then_some(texts)
}

fn values(walk: &mut Walk<'_>, list: &Pair<'_>, pair: &Pair<'_>, base: &[&str], head: &[&str]) {
    let subject = &pair.subject;
    for (index, value) in base.iter().enumerate().filter(|(_, value)| !head.contains(value)) {
        let mut removed = list.clone().named(subject.clone(), variant(pair, pair.base.node, value));
        removed.base = list.base.item(index).unwrap_or(removed.base);
        let what = format!("the value `{value}` of `{subject}` was removed");
        walk.judge("enum-value-removed", &removed, what);
    }
    for (index, value) in head.iter().enumerate().filter(|(_, value)| !base.contains(value)) {
        let mut added = list.clone().named(subject.clone(), variant(pair, pair.head.node, value));
        added.head = list.head.item(index).unwrap_or(added.head);
        let what = format!("the value `{value}` of `{subject}` was added");
        walk.judge("enum-value-added", &added, what);
    }
    walk.order(list, base, head, "values");
}

/// The Rust name of a value.
fn variant(pair: &Pair<'_>, schema: &Node, value: &str) -> Vec<RustName> {
    let given = schema.get("x-enum-names").and_then(|names| names.get(value)?.as_str());
    let name = given.map_or_else(|| names::variant(value), str::to_owned);
    let owner = pair.names.iter().find_map(|name| match name {
        RustName::Type(owner) => Some(owner.clone()),
        _ => None,
    });
    owner.map(|owner| RustName::Variant { owner, name }).into_iter().collect()
}
