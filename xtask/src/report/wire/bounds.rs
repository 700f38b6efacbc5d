//! Compares what limits the values of one kind: bounds, `pattern`, `format` and `default`.
//! [`super::enums`] compares lists of values.

use std::cmp::Ordering;

use super::document::changed;
use super::walk::{Pair, Walk};
use crate::load::{Node, Value};

const LOWER: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];
const UPPER: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];

/// Compares all limits of two schemas.
pub(super) fn compare(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    LOWER.iter().for_each(|key| bound(walk, pair, key, Ordering::Greater));
    UPPER.iter().for_each(|key| bound(walk, pair, key, Ordering::Less));
    ["pattern", "format"].iter().for_each(|key| limit(walk, pair, key));
    if pair.differs("default") {
        walk.judge("default", &pair.narrowed("default"), changed(pair, "default"));
    }
}

/// Compares one bound. A value that compares as `tighter` to the old one allows fewer values.
fn bound(walk: &mut Walk<'_>, pair: &Pair<'_>, key: &str, tighter: Ordering) {
    if !pair.differs(key) {
        return;
    }
    let is_tighter = match pair.values(key) {
        (None, _) => true,
        (_, None) => false,
        (Some(base), Some(head)) => match compared(head, base) {
            Some(order) => order == tighter,
            None => return walk.unknown(&pair.narrowed(key), &format!("`{key}`")),
        },
    };
    let rule = if is_tighter { "bound-tightened" } else { "bound-loosened" };
    let note = if changes_sign(pair, key) { ", which decides between `u64` and `i64`" } else { "" };
    walk.judge(rule, &pair.narrowed(key), format!("{}{note}", changed(pair, key)));
}

fn compared(one: &Node, other: &Node) -> Option<Ordering> {
    match (&one.value, &other.value) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
        },
        _ => None,
    }
}

/// Whether an integer begins or stops to have the lower bound 0, which makes it unsigned in Rust.
fn changes_sign(pair: &Pair<'_>, key: &str) -> bool {
    let is_unsigned = |bound: Option<&Node>| {
        bound.is_some_and(|bound| match &bound.value {
            Value::Number(number) => number.as_i64().is_some_and(|number| number >= 0),
            _ => false,
        })
    };
    let (base, head) = pair.values(key);
    let is_integer = pair.texts("type").1 == Some("integer");
    key == "minimum" && is_integer && is_unsigned(base) != is_unsigned(head)
}

fn limit(walk: &mut Walk<'_>, pair: &Pair<'_>, key: &str) {
    let verb = match pair.values(key) {
        _ if !pair.differs(key) => return,
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    walk.judge(&format!("{key}-{verb}"), &pair.narrowed(key), changed(pair, key));
}
