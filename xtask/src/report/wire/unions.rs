//! Compares the arms of unions and what chooses between them. [`super::schemas`] compares the arms
//! themselves.

use super::walk::{Pair, Spot, Walk};
use super::{document::changed, kinds, schemas};
use crate::load::Node;
use crate::model;
use crate::names;
use crate::report::item::RustName;

/// Whether a schema is a union.
pub(super) fn is_union(schema: &Node) -> bool {
    schema.get("oneOf").is_some()
}

/// Compares two schemas if one is a union. Returns whether it did.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) -> bool {
    match (is_union(pair.base.node), is_union(pair.head.node)) {
        (true, true) => both(walk, pair),
        (false, false) => return false,
        _ => with_arm(walk, pair),
    }
    true
}

/// Compares a schema that became a union, or was one, with the arms of the same kind.
fn with_arm<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let was_union = is_union(pair.base.node);
    let (union, union_of, other, other_of) = match was_union {
        true => (&pair.base, walk.base, &pair.head, walk.head),
        false => (&pair.head, walk.head, &pair.base, walk.base),
    };
    let wanted = kinds::of(walk, other, other_of);
    for arm in arms(union) {
        if kinds::of(walk, &arm, union_of).is_disjoint(&wanted) {
            continue;
        }
        let both = match was_union {
            true => pair.with(arm, other.clone()),
            false => pair.with(other.clone(), arm),
        };
        schemas::resolved(walk, &both);
    }
}

fn arms<'a>(union: &Spot<'a>) -> Vec<Spot<'a>> {
    let Some(list) = union.child("oneOf") else { return Vec::new() };
    (0..list.node.items().len()).filter_map(|index| list.item(index)).collect()
}

fn both<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let list = pair.narrowed("oneOf");
    let base = arms(&pair.base);
    let mut new = arms(&pair.head);
    let names: [Vec<String>; 2] = [&base, &new].map(|arms| arms.iter().map(identity).collect());
    let mut kept = Vec::new();
    let mut gone = Vec::new();
    for old in base {
        match partner(pair, &old, &new) {
            Some(index) => kept.push((old, new.remove(index))),
            None => gone.push(old),
        }
    }
    for old in &gone {
        let removed = named(&list.with(old.clone(), list.head.clone()), pair, old, &pair.base);
        walk.judge("arm-removed", &removed, format!("`{}` was removed", removed.subject));
    }
    for arm in &new {
        let added = named(&list.with(list.base.clone(), arm.clone()), pair, arm, &pair.head);
        walk.judge("arm-added", &added, format!("`{}` was added", added.subject));
    }
    order(walk, &list, &names);
    discriminator(walk, pair, &kept);
    for (old, arm) in &kept {
        let both = named(&pair.with(old.clone(), arm.clone()), pair, arm, &pair.head);
        schemas::compare(walk, &both);
    }
}

fn order(walk: &mut Walk<'_>, list: &Pair<'_>, [base, head]: &[Vec<String>; 2]) {
    let base: Vec<_> = base.iter().map(String::as_str).collect();
    let head: Vec<_> = head.iter().map(String::as_str).collect();
    walk.order(list, &base, &head, "arms");
}

/// What an arm has in common with itself in the other document: the name of its schema, or the one
/// kind of JSON that it takes. A title may change.
fn identity(arm: &Spot<'_>) -> String {
    let kind = || arm.node.get("type").and_then(Node::as_str).unwrap_or("any").to_owned();
    model::pointer(arm.node).map_or_else(kind, schemas::last_segment)
}

/// The same arm in the newer union: of the same identity, else of the same tags.
fn partner(pair: &Pair<'_>, old: &Spot<'_>, new: &[Spot<'_>]) -> Option<usize> {
    let by_name = new.iter().position(|arm| identity(arm) == identity(old));
    let wanted = tags(&pair.base, old);
    let by_tags = || new.iter().position(|arm| tags(&pair.head, arm) == wanted);
    by_name.or_else(|| if wanted.is_empty() { None } else { by_tags() })
}

/// The name of the schema of an arm, its title, or its type.
fn name(arm: &Spot<'_>) -> String {
    let text = |key: &str| arm.node.get(key).and_then(Node::as_str);
    match model::pointer(arm.node) {
        Some(pointer) => schemas::last_segment(pointer),
        None => text("title").or_else(|| text("type")).unwrap_or("any").to_owned(),
    }
}

/// The values of the discriminator that choose an arm.
fn tags<'a>(union: &Spot<'a>, arm: &Spot<'_>) -> Vec<&'a str> {
    let wanted = model::pointer(arm.node);
    let mapping = union.node.get("discriminator").and_then(|found| found.get("mapping"));
    let entries = mapping.map(Node::entries).unwrap_or_default();
    let chosen = entries.iter().filter(|entry| wanted.is_some() && entry.value.as_str() == wanted);
    chosen.map(|entry| entry.key.as_str()).collect()
}

/// The pair under the name of the arm, with its Rust variant.
fn named<'a>(pair: &Pair<'a>, union: &Pair<'a>, arm: &Spot<'a>, of: &Spot<'a>) -> Pair<'a> {
    let tags = tags(of, arm);
    let name = name(arm);
    let title = arm.node.get("title").and_then(Node::as_str);
    let given = of.node.get("x-variant-names");
    let mut keys = tags.iter().copied().chain([name.as_str()]);
    let given = keys.find_map(|key| given?.get(key)?.as_str());
    let default = || names::variant(title.or(tags.first().copied()).unwrap_or(&name));
    let variant = given.map_or_else(default, str::to_owned);
    let owner = union.names.iter().filter_map(|name| match name {
        RustName::Type(owner) => Some(owner.clone()),
        _ => None,
    });
    let names = owner.map(|owner| RustName::Variant { owner, name: variant.clone() }).collect();
    pair.clone().named(format!("{} as {name}", union.subject), names)
}

/// Compares what chooses an arm. `kept` holds the arms of both sides.
fn discriminator(walk: &mut Walk<'_>, pair: &Pair<'_>, kept: &[(Spot<'_>, Spot<'_>)]) {
    let Some(place) = pair.child("discriminator") else {
        if pair.differs("discriminator") {
            let what = changed(pair, "discriminator");
            walk.judge("discriminator", &pair.narrowed("discriminator"), what);
        }
        return;
    };
    if place.differs("propertyName") {
        let what = changed(&place, "propertyName");
        walk.judge("discriminator", &place.narrowed("propertyName"), what);
    }
    mapping(walk, &place.narrowed("mapping"), place.values("mapping"), kept);
    walk.unhandled(&place, &["propertyName", "mapping"]);
}

fn mapping(
    walk: &mut Walk<'_>,
    place: &Pair<'_>,
    (base, head): (Option<&Node>, Option<&Node>),
    kept: &[(Spot<'_>, Spot<'_>)],
) {
    let target = |side: Option<&Node>, tag: &str| Some(side?.get(tag)?.as_str()?.to_owned());
    let is_kept = |old: Option<&str>, new: Option<&str>| {
        let is = |arm: &Spot<'_>, wanted: Option<&str>| {
            wanted.is_none() || model::pointer(arm.node) == wanted
        };
        kept.iter().any(|(arm, other)| is(arm, old) && is(other, new))
    };
    let tags = |side: Option<&Node>| -> Vec<String> {
        side.map(Node::keys).unwrap_or_default().into_iter().map(str::to_owned).collect()
    };
    let mut all = tags(base);
    all.extend(tags(head));
    all.sort();
    all.dedup();
    for tag in all {
        let (old, new) = (target(base, &tag), target(head, &tag));
        let subject = &place.subject;
        let (rule, what) = match (&old, &new) {
            _ if !is_kept(old.as_deref(), new.as_deref()) && (old.is_none() || new.is_none()) => {
                // The arm is new or gone, and has its own item.
                continue;
            }
            (Some(_), None) => ("tag-removed", "no longer chooses an arm"),
            (None, Some(_)) => ("tag-added", "now chooses an arm"),
            _ if old == new || is_kept(old.as_deref(), new.as_deref()) => continue,
            _ => ("tag-moved", "chooses another arm"),
        };
        let what = format!("the tag `{tag}` of `{subject}` {what}");
        walk.judge(rule, &place.narrowed(&tag), what);
    }
}
