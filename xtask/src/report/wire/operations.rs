//! Compares operations: their methods, paths and ids. [`super::parameters`] and [`super::bodies`]
//! compare what they send and answer.

use super::reach::{Scope, label};
use super::walk::{Pair, Spot, Walk};
use super::{bodies, document, parameters, texts};
use crate::load::{Document, Entry, Node, escape_step};
use crate::model::{self, METHODS};
use crate::names;
use crate::report::item::RustName;

/// An operation of one document.
#[derive(Clone)]
struct Operation<'a> {
    path: &'a str,
    method: &'a Entry,
    spot: Spot<'a>,
}

/// Compares all paths. `pair` is the object of paths.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    let base = all(walk.base);
    let mut new = all(walk.head);
    let mut gone = Vec::new();
    for old in base {
        let partner = new.iter().position(|new| old.is_at(new));
        let partner = partner.or_else(|| new.iter().position(|new| old.has_moved_to(new)));
        match partner {
            Some(index) => both(walk, &old, &new.remove(index)),
            None => gone.push(old),
        }
    }
    gone.iter().for_each(|old| removed(walk, pair, old));
    new.iter().for_each(|new| added(walk, pair, new));
    path_items(walk, pair);
}

impl Operation<'_> {
    /// The `operationId`; without one, method and path.
    fn name(&self) -> String {
        self.id().map_or_else(|| self.label(), str::to_owned)
    }

    fn id(&self) -> Option<&str> {
        self.method.value.get("operationId").and_then(Node::as_str)
    }

    fn label(&self) -> String {
        label(&self.method.key, self.path)
    }

    fn names(&self) -> Vec<RustName> {
        vec![RustName::Method(names::field(&self.name()))]
    }

    /// Whether both have the same method and path. The names of placeholders do not count, because
    /// they are not sent.
    fn is_at(&self, other: &Self) -> bool {
        self.method.key == other.method.key && template(self.path) == template(other.path)
    }

    fn has_moved_to(&self, other: &Self) -> bool {
        self.id().is_some() && self.id() == other.id()
    }
}

fn all(document: &Document) -> Vec<Operation<'_>> {
    let operation = |(path, method): (&'_ Entry, &'_ Entry)| {
        format!("/paths/{}/{}", escape_step(&path.key), method.key)
    };
    model::in_document(document)
        .map(|each| {
            let (path, method) = each;
            let spot = Spot { node: &method.value, at: &method.at, pointer: operation(each) };
            Operation { path: &path.key, method, spot }
        })
        .collect()
}

/// The path without the names of its placeholders.
fn template(path: &str) -> String {
    let steps = path.split('/').map(|step| if step.starts_with('{') { "{}" } else { step });
    steps.collect::<Vec<_>>().join("/")
}

fn removed(walk: &mut Walk<'_>, paths: &Pair<'_>, old: &Operation<'_>) {
    let mut pair = paths.clone().named(old.name(), old.names());
    pair.scope = Scope::of_request(walk.reach.number(&old.label()));
    pair.head = paths.head.child_or_self(old.path);
    pair.base = old.spot.clone();
    walk.report("operation-removed", &pair, format!("`{}` was removed", old.label()));
}

fn added(walk: &mut Walk<'_>, paths: &Pair<'_>, new: &Operation<'_>) {
    let mut pair = paths.clone().named(new.name(), new.names());
    pair.scope = Scope::of_request(walk.reach.number(&new.label()));
    pair.base = paths.base.child_or_self(new.path);
    pair.head = new.spot.clone();
    walk.report("operation-added", &pair, format!("`{}` was added", new.label()));
}

fn both<'a>(walk: &mut Walk<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let number = walk.reach.number(&new.label());
    let pair = Pair {
        base: old.spot.clone(),
        head: new.spot.clone(),
        subject: new.name(),
        scope: Scope::of_request(number),
        names: old.names(),
    };
    place(walk, &pair, old, new);
    deprecation(walk, &pair);
    texts::compare(walk, &pair, &["tags", "summary", "description", "externalDocs"]);
    document::servers(walk, &pair);
    document::security(walk, &pair);
    parameters::compare(walk, &pair, &renamed_placeholders(old.path, new.path));
    bodies::request(walk, &pair);
    bodies::responses(walk, &pair, number);
    walk.unhandled(&pair, &KEYS);
}

const KEYS: [&str; 11] = [
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "deprecated",
    "security",
    "servers",
];

fn place(walk: &mut Walk<'_>, pair: &Pair<'_>, old: &Operation<'_>, new: &Operation<'_>) {
    if old.method.key != new.method.key {
        let what = format!("`{}` became `{}`", old.label(), new.label());
        walk.report("operation-method", pair, what);
    }
    if template(old.path) != template(new.path) {
        let what = format!("`{}` moved from `{}` to `{}`", new.name(), old.path, new.path);
        walk.report("operation-path", pair, what);
    } else if old.path != new.path {
        let what = format!("the path `{}` is now written `{}`", old.path, new.path);
        walk.report("placeholder-name", pair, what);
    }
    if old.id() != new.id() {
        let what = format!("the operation `{}` is now named `{}`", old.name(), new.name());
        walk.report("operation-id", &pair.narrowed("operationId"), what);
    }
}

/// Compares `deprecated` of an operation, a parameter or a schema.
pub(super) fn deprecation(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let (rule, what) = match pair.flags("deprecated") {
        (false, true) => ("deprecated", "is now deprecated"),
        (true, false) => ("no-longer-deprecated", "is no longer deprecated"),
        _ => return,
    };
    walk.report(rule, &pair.narrowed("deprecated"), format!("`{}` {what}", pair.subject));
}

/// The placeholders that have another name at the same step of a path: old and new.
fn renamed_placeholders<'a>(old: &'a str, new: &'a str) -> Vec<(&'a str, &'a str)> {
    fn name(step: &str) -> Option<&str> {
        step.strip_prefix('{')?.strip_suffix('}')
    }
    if template(old) != template(new) {
        return Vec::new();
    }
    let steps = old.split('/').zip(new.split('/'));
    steps.filter_map(|(old, new)| Some((name(old)?, name(new)?))).collect()
}

/// Compares what stands beside the operations of a path.
fn path_items(walk: &mut Walk<'_>, paths: &Pair<'_>) {
    let (base, head) = (paths.base.node.keys(), paths.head.node.keys());
    walk.order(&paths.clone().named("paths".to_owned(), Vec::new()), &base, &head, "paths");
    for path in paths.keys() {
        let item = paths.narrowed(path).named(path.to_owned(), Vec::new());
        match paths.child(path) {
            Some(both) => {
                let both = both.named(path.to_owned(), Vec::new());
                texts::compare(walk, &both, &["summary", "description"]);
                walk.unhandled(&both, &[&METHODS[..], &["summary", "description"]].concat());
                methods_order(walk, &both);
            }
            None if !has_operations(&item) => walk.unknown(&item, "the path"),
            None => {}
        }
    }
}

fn methods_order(walk: &mut Walk<'_>, item: &Pair<'_>) {
    let methods = |node: &'_ Node| -> Vec<String> {
        let keys = node.keys().into_iter().filter(|key| METHODS.contains(key));
        keys.map(str::to_owned).collect()
    };
    let (base, head) = (methods(item.base.node), methods(item.head.node));
    let base: Vec<_> = base.iter().map(String::as_str).collect();
    let head: Vec<_> = head.iter().map(String::as_str).collect();
    walk.order(item, &base, &head, "operations");
}

fn has_operations(item: &Pair<'_>) -> bool {
    let has = |node: &Node| node.keys().iter().any(|key| METHODS.contains(key));
    has(item.base.node) || has(item.head.node)
}
