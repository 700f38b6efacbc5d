//! Compares the `x-` keys that the generator reads. An `x-` key that it does not read has no rule.

use super::document::changed;
use super::walk::{Pair, Spot, Walk};
use crate::load::Node;

/// Keys that have one rule: a value that is added, removed or changed means the same.
const SIMPLE: [(&str, &str); 8] = [
    ("x-boxed", "boxed"),
    ("x-constructor-value", "constructor-value"),
    ("x-keep-null", "keep-null"),
    ("x-services", "services"),
    ("x-when-untagged", "when-untagged"),
    ("x-adds-up-to", "stream-whole"),
    ("x-stream-unknown", "stream-unknown"),
    ("x-variant-names", "variant-names"),
];
/// Keys with a function of their own.
const OTHERS: [&str; 4] = ["x-enum-descriptions", "x-enum-names", "x-stream", "x-wire-optional"];

/// Whether a rule is about the key.
pub(super) fn knows(key: &str) -> bool {
    OTHERS.contains(&key) || SIMPLE.iter().any(|(known, _)| *known == key)
}

/// Compares all `x-` keys of two schemas, parameters or headers.
pub(super) fn compare(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    for (key, rule) in SIMPLE.iter().filter(|(key, _)| pair.differs(key)) {
        let rule = match (*key, pair.values(key)) {
            ("x-adds-up-to", (None, _)) => "stream-piece-added",
            ("x-adds-up-to", (_, None)) => "stream-piece-removed",
            _ => rule,
        };
        walk.report(rule, &pair.narrowed(key), changed(pair, key));
    }
    wire_optional(walk, pair);
    enum_table(walk, pair, "x-enum-names", "enum-names");
    enum_table(walk, pair, "x-enum-descriptions", "enum-descriptions");
    stream_rule(walk, pair);
}

/// The reason is a text. Whether there is one decides what `new` takes.
fn wire_optional(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    const KEY: &str = "x-wire-optional";
    let rule = match pair.values(KEY) {
        _ if !pair.differs(KEY) => return,
        (Some(_), Some(_)) => "wire-optional-reason",
        _ => "wire-optional",
    };
    let verb = match pair.values(KEY) {
        (None, _) => "was added",
        (_, None) => "was removed",
        _ => "changed",
    };
    walk.report(rule, &pair.narrowed(KEY), format!("`{KEY}` of `{}` {verb}", pair.subject));
}

/// Compares a table with an entry for each value of the enum. Values that are new or gone have items
/// of their own.
fn enum_table(walk: &mut Walk<'_>, pair: &Pair<'_>, key: &str, rule: &str) {
    let (base, head) = pair.values(key);
    let entry = |table: Option<&'_ Node>, value: &str| {
        table.and_then(|table| table.get(value)).map(Node::to_json)
    };
    let is_only_on_one_side =
        |value: &str| has(pair.base.node, value) != has(pair.head.node, value);
    let mut values = [base, head].into_iter().flatten().flat_map(Node::keys).collect::<Vec<_>>();
    values.sort_unstable();
    values.dedup();
    values.retain(|value| entry(base, value) != entry(head, value) && !is_only_on_one_side(value));
    for value in values {
        let what = format!("`{key}` of the value `{value}` of `{}` changed", pair.subject);
        walk.report(rule, &pair.narrowed(key).narrowed(value), what);
    }
}

fn has(schema: &Node, value: &str) -> bool {
    let values = schema.get("enum").map(Node::items).unwrap_or_default();
    values.iter().any(|item| item.as_str() == Some(value))
}

fn stream_rule(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    const KEY: &str = "x-stream";
    if !pair.differs(KEY) {
        return;
    }
    let rule = match pair.values(KEY) {
        _ if is_hand_written(&pair.base) || is_hand_written(&pair.head) => {
            "stream-rule-hand-written"
        }
        (None, _) => "stream-rule-added",
        (_, None) => "stream-rule-removed",
        _ => "stream-rule-changed",
    };
    walk.report(rule, &pair.narrowed(KEY), changed(pair, KEY));
}

/// Whether the stream crate has code for this key.
pub(super) fn is_hand_written(property: &Spot<'_>) -> bool {
    property.node.get("x-stream").and_then(Node::as_str) == Some("hand-written")
}
