//! Compares schemas: first what stands at the use of a schema, then its shape. [`super::kinds`] says
//! which values a shape takes; [`super::objects`], [`super::unions`] and [`super::enums`] look into
//! one kind each.

use std::sync::LazyLock;

use super::walk::{Pair, Spot, Walk};
use super::{bounds, enums, extensions, kinds, objects, operations, texts, unions};
use crate::load::{Document, Node, Value};
use crate::model::pointer;
use crate::problem::Position;
use crate::report::item::RustName;

/// The schema of any JSON, which stands for a schema that is absent.
static ANY: LazyLock<Node> =
    LazyLock::new(|| Node { at: Position::start_of(""), value: Value::Object(Vec::new()) });

/// Keys that stand at the use of a schema.
const AT_USE: [&str; 6] =
    ["title", "description", "nullable", "deprecated", "example", "externalDocs"];
/// Keys that say which values a schema takes.
const SHAPE: [&str; 21] = [
    "type",
    "format",
    "enum",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "oneOf",
    "allOf",
    "discriminator",
    "default",
    "$ref",
];

/// Compares two named schemas.
pub(super) fn component<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    compare(walk, pair);
}

/// Compares the schemas under a key. An absent schema takes any JSON.
pub(super) fn under<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>, key: &str) {
    let any = |spot: &Spot<'a>| Spot { node: &ANY, ..spot.clone() };
    let side = |spot: &Spot<'a>| match spot.child(key) {
        Some(schema) if schema.node.is_object() => schema,
        _ => any(spot),
    };
    if pair.child(key).is_some() || pair.differs(key) {
        compare(walk, &pair.with(side(&pair.base), side(&pair.head)));
    }
}

/// Compares two schemas.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    at_use(walk, pair);
    match (pointer(pair.base.node), pointer(pair.head.node)) {
        (None, None) => shape(walk, pair),
        // The two named schemas are compared once, as components.
        (Some(base), Some(head)) if base == head => beside_reference(walk, pair),
        (Some(base), Some(head)) => {
            beside_reference(walk, pair);
            renamed(walk, pair, base, head);
        }
        _ => {
            let what = format!("`{}` got or lost the name of a schema", pair.subject);
            walk.report("reference", pair, what);
            resolved(walk, pair);
        }
    }
}

/// What stands at the use of a schema: texts, `nullable`, `deprecated` and `x-` keys.
fn at_use(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    texts::compare(walk, pair, &["description", "example", "externalDocs"]);
    operations::deprecation(walk, pair);
    extensions::compare(walk, pair);
    let nullable = match pair.flags("nullable") {
        (false, true) => Some(("became-nullable", "may now be null")),
        (true, false) => Some(("no-longer-nullable", "may no longer be null")),
        _ => None,
    };
    if let Some((rule, what)) = nullable {
        walk.judge(rule, &pair.narrowed("nullable"), format!("`{}` {what}", pair.subject));
    }
    if pair.differs("title") {
        let what = format!("`title` of `{}` changed", pair.subject);
        walk.report("title", &pair.narrowed("title"), what);
    }
    let known = |key: &&str| AT_USE.contains(key) || SHAPE.contains(key) || extensions::knows(key);
    let known: Vec<_> = pair.keys().into_iter().filter(known).collect();
    walk.unhandled(pair, &known);
}

/// A `$ref` has nothing beside it that changes its shape.
fn beside_reference(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let is_shape = |key: &&str| SHAPE.contains(key) && !["$ref", "allOf"].contains(key);
    for key in pair.keys().into_iter().filter(is_shape) {
        if pair.differs(key) {
            walk.unknown(&pair.narrowed(key), &format!("`{key}` beside a `$ref`"));
        }
    }
}

/// Compares two schemas of different names: as one schema with a new name if the old name is gone
/// and the new one did not exist.
fn renamed<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>, base: &str, head: &str) {
    let (old, new) = (last_segment(base), last_segment(head));
    let exists = |document: &Document, pointer: &str| document.node_at(pointer).is_some();
    let is_rename = !exists(walk.head, base) && !exists(walk.base, head);
    let is_known = walk.renamed.get(&old) == Some(&new);
    if !is_rename {
        let what = format!("`{}` changed from the schema `{old}` to `{new}`", pair.subject);
        walk.report("reference", pair, what);
        return resolved(walk, pair);
    }
    if is_known {
        return;
    }
    let Some(mut component) = targets(walk, pair) else { return };
    component.scope = walk.reach.of(&component.base.pointer);
    component.scope.join(&walk.reach.of(&component.head.pointer));
    let component = component.named(new.clone(), vec![RustName::Type(old.clone())]);
    walk.renamed.insert(old.clone(), new.clone());
    walk.report("component-renamed", &component, format!("`{old}` is now named `{new}`"));
    compare(walk, &component);
}

/// Compares the shapes behind the references of either side.
pub(super) fn resolved<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let Some(targets) = targets(walk, pair) else { return };
    // A component that both sides have is compared on its own.
    if targets.base.pointer != targets.head.pointer && walk.is_new(&targets) {
        shape(walk, &targets);
    }
}

fn targets<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) -> Option<Pair<'a>> {
    let base = target(walk, &pair.base, walk.base)?;
    let head = target(walk, &pair.head, walk.head)?;
    Some(pair.with(base, head))
}

/// The schema behind a bare or wrapped `$ref`, or the schema itself.
pub(super) fn target<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'a>,
    document: &'a Document,
) -> Option<Spot<'a>> {
    let wrapped = spot.child("allOf").filter(|_| pointer(spot.node).is_some());
    let inner = wrapped.and_then(|list| list.item(0)).unwrap_or_else(|| spot.clone());
    walk.resolve(&inner, document)
}

/// The text after the last slash of a pointer.
pub(super) fn last_segment(pointer: &str) -> String {
    pointer.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Compares which values two schemas take.
fn shape<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    if pair.differs("allOf") {
        walk.unknown(&pair.narrowed("allOf"), "`allOf`");
    }
    if kinds::compare(walk, pair) == kinds::Change::Final || unions::compare(walk, pair) {
        return;
    }
    bounds::compare(walk, pair);
    enums::compare(walk, pair);
    objects::compare(walk, pair);
    let items = format!("{}[]", pair.subject);
    under(walk, &pair.clone().named(items, pair.names.clone()), "items");
}

/// Reports what the stream crate loses with a named schema.
pub(super) fn lost(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    if pair.base.node.get("x-adds-up-to").is_some() {
        let what = format!("`{}`, which pieces of a stream had, was removed", pair.subject);
        walk.report("stream-piece-removed", pair, what);
    }
}

/// Reports what the stream crate gains with a named schema.
pub(super) fn gained(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    if pair.head.node.get("x-adds-up-to").is_some() {
        let what = format!("`{}`, a new piece of a stream, was added", pair.subject);
        walk.report("stream-piece-added", pair, what);
    }
}
