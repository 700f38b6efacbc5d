//! Compares the kinds of JSON that two schemas take: more, fewer or others. [`super::bounds`]
//! compares which values of a kind they take.

use std::collections::BTreeSet;

use super::walk::{Pair, Spot, Walk};
use super::{schemas, unions};
use crate::load::{Document, Node};

/// How the kinds of two schemas differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// They share a kind, so that the rest can be compared.
    Overlapping,
    /// They share none, or one takes any JSON, so that there is nothing more to compare.
    Final,
}

/// The kinds of JSON. Integers are apart from numbers with a fraction.
const ALL: [&str; 6] = ["string", "integer", "fraction", "boolean", "array", "object"];

/// Compares and reports.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) -> Change {
    let (known_base, known_head) = (is_known(pair.base.node), is_known(pair.head.node));
    if !(known_base && known_head) {
        if pair.differs("type") {
            walk.unknown(&pair.narrowed("type"), "`type`");
        }
        return Change::Overlapping;
    }
    let base = of(walk, &pair.base, walk.base);
    let head = of(walk, &pair.head, walk.head);
    let both_unions = unions::is_union(pair.base.node) && unions::is_union(pair.head.node);
    // The arms explain how the kinds of two unions differ.
    if both_unions {
        return Change::Overlapping;
    }
    if base == head {
        written_differently(walk, pair);
        return Change::Overlapping;
    }
    let rule = match (base.is_subset(&head), head.is_subset(&base)) {
        (true, _) => "type-widened",
        (_, true) => "type-narrowed",
        _ => "type-changed",
    };
    let (old, new) = (name(pair.base.node), name(pair.head.node));
    let what = format!("`{}` changed from {old} to {new}", pair.subject);
    walk.judge(rule, &pair.narrowed("type"), what);
    // Compared with any JSON, every limit of the other schema would be one more difference.
    let is_any = [&base, &head].iter().any(|kinds| kinds.len() == ALL.len());
    if is_any || base.is_disjoint(&head) { Change::Final } else { Change::Overlapping }
}

/// Reports a `type` that was implied before, and a union that takes nothing else than before.
fn written_differently(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let is_other_form = unions::is_union(pair.base.node) != unions::is_union(pair.head.node);
    if is_other_form || pair.differs("type") {
        let what = format!("`{}` is written in another way", pair.subject);
        walk.report("written-differently", &pair.narrowed("type"), what);
    }
}

/// Whether the `type` is absent or a word of OpenAPI 3.0.
fn is_known(schema: &Node) -> bool {
    let known = |name: &str| name == "number" || ALL.contains(&name) && name != "fraction";
    schema.get("type").is_none_or(|name| name.as_str().is_some_and(known))
}

/// The kinds that a schema takes. References and unions are followed.
pub(super) fn of<'a>(
    walk: &mut Walk<'a>,
    schema: &Spot<'a>,
    document: &'a Document,
) -> BTreeSet<&'static str> {
    let mut open = vec![schema.clone()];
    // A union may contain itself.
    let mut unions = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    while let Some(schema) = open.pop() {
        let Some(schema) = schemas::target(walk, &schema, document) else {
            return BTreeSet::from(ALL);
        };
        match schema.child("oneOf") {
            None => kinds.extend(of_type(schema.node)),
            Some(arms) if unions.insert(schema.pointer) => {
                open.extend((0..arms.node.items().len()).filter_map(|index| arms.item(index)));
            }
            Some(_) => {}
        }
    }
    kinds
}

fn of_type(schema: &Node) -> BTreeSet<&'static str> {
    let has = |key: &str| schema.get(key).is_some();
    match schema.get("type").and_then(Node::as_str) {
        Some("number") => BTreeSet::from(["integer", "fraction"]),
        Some(name) => ALL.into_iter().filter(|kind| *kind == name).collect(),
        None if has("properties") || has("additionalProperties") => BTreeSet::from(["object"]),
        None if has("enum") => BTreeSet::from(["string"]),
        None if has("items") => BTreeSet::from(["array"]),
        None => BTreeSet::from(ALL),
    }
}

/// The kind of a schema for people.
fn name(schema: &Node) -> String {
    let has = |key: &str| schema.get(key).is_some();
    let word = match schema.get("type").and_then(Node::as_str) {
        _ if has("oneOf") => "a union",
        Some("object") if has("additionalProperties") && !has("properties") => "a map",
        Some("array") => "a list",
        Some(name) => return format!("`{name}`"),
        None if has("properties") => "`object`",
        None if has("enum") => "`string`",
        None => "any JSON",
    };
    word.to_owned()
}
