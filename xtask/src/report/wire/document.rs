//! Compares the document as a whole: its versions, servers and security, and then its operations
//! and components by the modules beside this one.

use super::walk::{Pair, Spot, Walk, same};
use super::{bodies, operations, schemas, texts};
use crate::load::{Node, Value};
use crate::report::item::RustName;

/// The kinds of component, each with its comparison.
const COMPONENTS: [(&str, Compare); 5] = [
    ("schemas", schemas::component),
    ("responses", bodies::response),
    ("headers", bodies::header),
    ("securitySchemes", security_scheme),
    ("examples", texts::example),
];

/// The keys of the document that have a rule.
const KNOWN: [&str; 9] = [
    "openapi",
    "info",
    "servers",
    "security",
    "tags",
    "externalDocs",
    "paths",
    "components",
    "x-service-names",
];

type Compare = for<'a> fn(&mut Walk<'a>, &Pair<'a>);

/// Compares everything.
pub(super) fn compare(walk: &mut Walk<'_>) {
    let pair = Pair {
        base: Spot::root(walk.base),
        head: Spot::root(walk.head),
        subject: "document".to_owned(),
        scope: Default::default(),
        names: Vec::new(),
    };
    if pair.differs("openapi") {
        walk.report("openapi-version", &pair.narrowed("openapi"), changed(&pair, "openapi"));
    }
    info(walk, &pair.narrowed("info").named("info".to_owned(), Vec::new()));
    servers(walk, &pair);
    security(walk, &pair);
    texts::compare(walk, &pair, &["tags", "externalDocs"]);
    operations::compare(walk, &pair.narrowed("paths"));
    components(walk, &pair.narrowed("components"));
    service_names(walk, &pair);
    walk.unhandled(&pair, &KNOWN);
}

/// The list of services is read by people, and by the page of accents.
fn service_names(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    const KEY: &str = "x-service-names";
    if pair.differs(KEY) {
        walk.report(
            "service-names",
            &pair.narrowed(KEY),
            "the list of services changed".to_owned(),
        );
    }
}

fn info(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    if pair.differs("version") {
        walk.report("document-version", &pair.narrowed("version"), changed(pair, "version"));
    }
    let texts = ["title", "description", "termsOfService", "contact", "license"];
    texts::compare(walk, pair, &texts);
    walk.unhandled(pair, &[&texts[..], &["version"]].concat());
}

/// Compares the servers of the document or of an operation by their addresses.
pub(super) fn servers(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let list = pair.narrowed("servers");
    let (base, head) = (addresses(pair.base.node), addresses(pair.head.node));
    for url in base.iter().filter(|url| !head.contains(url)) {
        walk.report("server-removed", &list, format!("the server `{url}` was removed"));
    }
    for url in head.iter().filter(|url| !base.contains(url)) {
        walk.report("server-added", &list, format!("the server `{url}` was added"));
    }
    walk.order(&list, &base, &head, "servers");
    for (old, url) in base.iter().enumerate() {
        let Some(new) = head.iter().position(|other| other == url) else { continue };
        let spots = pair
            .child("servers")
            .and_then(|list| Some((list.base.item(old)?, list.head.item(new)?)));
        let Some((base, head)) = spots else { continue };
        let server = pair.with(base, head).named(format!("server {url}"), Vec::new());
        texts::compare(walk, &server, &["description"]);
        walk.unhandled(&server, &["url", "description"]);
    }
}

fn addresses(node: &Node) -> Vec<&str> {
    let servers = node.get("servers").map(Node::items).unwrap_or_default();
    servers.iter().filter_map(|server| server.get("url")?.as_str()).collect()
}

/// Compares what a client must prove, for the document or an operation.
pub(super) fn security(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    let (base, head) = pair.values("security");
    if same(base, head) {
        return;
    }
    let subject = &pair.subject;
    // An operation without the key follows the document.
    let base = base.or_else(|| walk.base.root.get("security"));
    let head = head.or_else(|| walk.head.root.get("security"));
    let (rule, what) = match (needs_none(base), needs_none(head)) {
        (true, false) => ("security-added", "now asks for credentials"),
        (false, true) => ("security-removed", "no longer asks for credentials"),
        _ => ("security-changed", "asks for other credentials"),
    };
    walk.report(rule, &pair.narrowed("security"), format!("`{subject}` {what}"));
}

fn needs_none(security: Option<&Node>) -> bool {
    security.is_none_or(|list| list.items().is_empty())
}

fn security_scheme(walk: &mut Walk<'_>, pair: &Pair<'_>) {
    texts::compare(walk, pair, &["description"]);
    for key in pair.keys() {
        if key != "description" && pair.differs(key) {
            let what = format!("`{key}` of the security scheme `{}` changed", pair.subject);
            walk.report("security-scheme-changed", &pair.narrowed(key), what);
        }
    }
}

fn components<'a>(walk: &mut Walk<'a>, pair: &Pair<'a>) {
    for (kind, compare) in COMPONENTS {
        let list = pair.narrowed(kind);
        let present = |side: &Spot<'a>| side.child(kind).map(|list| list.node).map(Node::keys);
        let base = present(&pair.base).unwrap_or_default();
        let head = present(&pair.head).unwrap_or_default();
        for name in base.iter().filter(|name| head.contains(name)) {
            let Some(both) = pair.child(kind).and_then(|list| list.child(name)) else { continue };
            let mut both = both.named((*name).to_owned(), vec![RustName::Type((*name).to_owned())]);
            both.scope = walk.reach.of(&both.head.pointer);
            compare(walk, &both);
        }
        walk.order(&list.clone().named(kind.to_owned(), Vec::new()), &base, &head, "components");
        only_one_side(walk, &list, kind, &base, &head);
    }
    let known = COMPONENTS.map(|(kind, _)| kind);
    walk.unhandled(&pair.clone().named("components".to_owned(), Vec::new()), &known);
}

fn only_one_side(walk: &mut Walk<'_>, list: &Pair<'_>, kind: &str, base: &[&str], head: &[&str]) {
    let what_kind = match kind {
        "securitySchemes" => "security-scheme",
        _ => "component",
    };
    let whole = |name: &str| {
        list.narrowed(name).named(name.to_owned(), vec![RustName::Type(name.to_owned())])
    };
    for name in base.iter().filter(|name| !head.contains(name)) {
        if !walk.renamed.contains_key(*name) {
            let what = format!("`{name}` was removed from `components.{kind}`");
            walk.report(&format!("{what_kind}-removed"), &whole(name), what);
            schemas::lost(walk, &whole(name));
        }
    }
    for name in head.iter().filter(|name| !base.contains(name)) {
        if !walk.renamed.values().any(|new| new == name) {
            let what = format!("`{name}` was added to `components.{kind}`");
            walk.report(&format!("{what_kind}-added"), &whole(name), what);
            schemas::gained(walk, &whole(name));
        }
    }
}

/// The old and the new value of a key, in one sentence.
pub(super) fn changed(pair: &Pair<'_>, key: &str) -> String {
    let (base, head) = pair.values(key);
    let subject = &pair.subject;
    match (base.map(short), head.map(short)) {
        (Some(base), Some(head)) => {
            format!("`{key}` of `{subject}` changed from `{base}` to `{head}`")
        }
        (Some(base), None) => format!("`{key}: {base}` of `{subject}` was removed"),
        (None, Some(head)) => format!("`{key}: {head}` was added to `{subject}`"),
        (None, None) => format!("`{key}` of `{subject}` is the same"),
    }
}

/// A scalar or a list of scalars as it is written; `…` for what is inside any other value.
fn short(node: &Node) -> String {
    match &node.value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(short).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(_) => "{…}".to_owned(),
        _ => node.to_json().to_string(),
    }
}
