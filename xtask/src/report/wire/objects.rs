//! Compares objects and maps: which keys they have, which are required, and what other keys they
//! take. [`super::schemas`] compares the values.

use super::walk::{Pair, Spot, Walk, same};
use super::{extensions, schemas};
use crate::load::{Node, Value};
use crate::names;
use crate::report::item::{Level, RustName};

/// Compares what two schemas say about objects.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let list = pair.narrowed("properties");
    let keys = |spot: &Spot<'a>| spot.child("properties").map(|list| list.node.keys());
    let base = keys(&pair.base).unwrap_or_default();
    let head = keys(&pair.head).unwrap_or_default();
    for key in &base {
        match head.contains(key) {
            true => both(walk, pair, &list, key),
            false => removed(walk, pair, &list, key),
        }
    }
    for key in head.iter().filter(|key| !base.contains(key)) {
        added(walk, pair, &property(pair, &list, key), key);
    }
    walk.order(&list, &base, &head, "properties");
    required_of_nothing(walk, pair, &[base, head].concat());
    other_keys(walk, pair);
}

fn property<'a>(owner: &Pair<'a>, list: &Pair<'a>, key: &str) -> Pair<'a> {
    let field = |name: &RustName| match name {
        RustName::Type(owner) => {
            Some(RustName::Field { owner: owner.clone(), name: names::field(key) })
        }
        _ => None,
    };
    let names = owner.names.iter().filter_map(field).collect();
    list.narrowed(key).named(format!("{}.{key}", owner.subject), names)
}

fn requires(owner: &Spot<'_>, key: &str) -> bool {
    let list = owner.node.get("required").map(Node::items).unwrap_or_default();
    list.iter().any(|item| item.as_str() == Some(key))
}

fn removed(walk: &mut Walk<'_>, owner: &Pair<'_>, list: &Pair<'_>, key: &str) {
    let pair = &property(owner, list, key);
    let kind = if requires(&owner.base, key) { "required" } else { "optional" };
    let what = format!("the {kind} property `{}` was removed", pair.subject);
    let what = match new_name(list, key) {
        Some(name) => format!("{what}; the new `{name}` has the same schema"),
        None => what,
    };
    walk.judge("property-removed", pair, what);
    if is_piece(&owner.base) {
        let rule = match extensions::is_hand_written(&pair.base) {
            true => "stream-hand-written-key-removed",
            false => "stream-key-removed",
        };
        walk.report(rule, pair, format!("`{}` no longer arrives in pieces", pair.subject));
    }
}

/// A new property with the schema of one that is gone. It is probably the same under another name.
fn new_name<'a>(list: &Pair<'a>, key: &str) -> Option<&'a str> {
    let old = list.base.node.get(key);
    let is_new = |name: &&str| list.base.node.get(name).is_none();
    let mut new = list.head.node.keys().into_iter().filter(is_new);
    new.find(|name| same(old, list.head.node.get(name)))
}

fn added(walk: &mut Walk<'_>, owner: &Pair<'_>, pair: &Pair<'_>, key: &str) {
    let (rule, kind) = match requires(&owner.head, key) {
        true => ("property-added-required", "required"),
        false => ("property-added-optional", "optional"),
    };
    walk.judge(rule, pair, format!("the {kind} property `{}` was added", pair.subject));
    if is_piece(&owner.head) {
        let rule = match extensions::is_hand_written(&pair.head) {
            true => "stream-hand-written-key-added",
            false => "stream-key-added",
        };
        walk.report(rule, pair, format!("`{}` now arrives in pieces", pair.subject));
    }
}

fn both<'a>(walk: &mut Walk<'a>, owner: &Pair<'a>, list: &Pair<'a>, key: &str) {
    let pair = property(owner, list, key);
    let before = walk.count();
    let required = match (requires(&owner.base, key), requires(&owner.head, key)) {
        (false, true) => Some(("property-became-required", "is now required")),
        (true, false) => Some(("property-became-optional", "is now optional")),
        _ => None,
    };
    if let Some((rule, what)) = required {
        walk.judge(rule, &pair, format!("`{}` {what}", pair.subject));
    }
    schemas::compare(walk, &pair);
    let is_other_type = walk.since(before).iter().any(|item| {
        let is_type = item.rule == "reference" || item.rule.contains("-type-");
        is_type || item.level == Level::Unhandled || item.rule.contains("nullable")
    });
    if is_other_type && is_piece(&owner.base) && is_piece(&owner.head) {
        let rule = match is_hand_written(&pair) {
            true => "stream-hand-written-key-changed",
            false => "stream-key-changed",
        };
        walk.report(rule, &pair, format!("the pieces of `{}` have another type", pair.subject));
    }
}

fn is_hand_written(pair: &Pair<'_>) -> bool {
    extensions::is_hand_written(&pair.base) || extensions::is_hand_written(&pair.head)
}

/// Whether an object is a piece of a stream.
fn is_piece(owner: &Spot<'_>) -> bool {
    owner.node.get("x-adds-up-to").is_some()
}

/// Reports keys of `required` that are not properties, because no rule says what they mean.
fn required_of_nothing(walk: &mut Walk<'_>, pair: &Pair<'_>, properties: &[&str]) {
    let names = |spot: &Spot<'_>| -> Vec<String> {
        let list = spot.node.get("required").map(Node::items).unwrap_or_default();
        let names = list.iter().filter_map(Node::as_str);
        names.filter(|name| !properties.contains(name)).map(str::to_owned).collect()
    };
    if names(&pair.base) != names(&pair.head) {
        walk.unknown(&pair.narrowed("required"), "`required` without a property");
    }
}

/// What an object takes beside its properties.
#[derive(PartialEq, Eq)]
enum Others {
    /// Nothing is said, so anything goes.
    Unsaid,
    /// Anything, or values of a schema.
    Allowed,
    /// Nothing.
    Refused,
}

fn is_flag(spot: &Spot<'_>, key: &str) -> bool {
    spot.node.get(key).and_then(Node::as_bool).is_some()
}

fn others(spot: &Spot<'_>) -> Others {
    match spot.node.get("additionalProperties").map(|node| &node.value) {
        None => Others::Unsaid,
        Some(Value::Bool(false)) => Others::Refused,
        Some(_) => Others::Allowed,
    }
}

fn other_keys<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    const KEY: &str = "additionalProperties";
    let place = pair.narrowed(KEY);
    let subject = &pair.subject;
    match (others(&pair.base), others(&pair.head)) {
        (Others::Refused, Others::Refused) => return,
        (_, Others::Refused) => {
            let what = format!("`{subject}` now refuses unknown keys");
            return walk.judge("object-closed", &place, what);
        }
        (Others::Refused, _) => {
            walk.judge("object-opened", &place, format!("`{subject}` now takes unknown keys"));
        }
        (base, head) if base != head => {
            walk.report("map", &place, format!("`{subject}` became a map or stopped being one"));
        }
        _ if is_flag(&pair.base, KEY) != is_flag(&pair.head, KEY) => {
            let what = format!("`{KEY}` of `{subject}` is written in another way");
            walk.report("written-differently", &place, what);
        }
        _ => {}
    }
    let values = pair.clone().named(format!("{subject}.*"), pair.names.clone());
    schemas::under(walk, &values, KEY);
}
