//! Prepares what the families of rules share: the schemas with their roles, the operations, and
//! what is reachable from where. It accepts every document; the families judge it.

use std::collections::BTreeSet;

use crate::load::{Document, Entry, Node};
use crate::problem::Position;

/// The HTTP methods that a path item can have.
pub(super) const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// A document, taken apart.
pub(super) struct Context<'a> {
    /// The whole document.
    pub document: &'a Document,
    /// The named schemas.
    pub components: &'a [Entry],
    /// Every schema in the document, named or not, outer ones before inner ones.
    pub places: Vec<Place<'a>>,
    /// Every operation.
    pub operations: Vec<Operation<'a>>,
    /// Pointers, such as `#/components/schemas/Role`, to everything that an operation needs.
    pub used: BTreeSet<&'a str>,
    /// Those pointers that an answer needs.
    pub answered: BTreeSet<&'a str>,
}

/// An operation and its place.
pub(super) struct Operation<'a> {
    /// The path with its placeholders.
    pub path: &'a str,
    /// The method's key.
    pub entry: &'a Entry,
}

/// A schema and its role.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The schema.
    pub node: &'a Node,
    /// The key of the schema, or its first character if it stands in a list.
    pub at: &'a Position,
    /// The role of the schema.
    pub role: Role<'a>,
    /// The component or operation that it is part of.
    pub owner: &'a str,
}

/// The role of a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role<'a> {
    /// A named schema.
    Component,
    /// The value of this key of an object.
    Property(&'a str),
    /// An item of a list.
    Item,
    /// A value of a map.
    MapValue,
    /// One form of a union.
    Arm,
    /// The schema in an `allOf`.
    Wrapped,
    /// This parameter of an operation.
    Parameter(&'a str),
    /// A request, an answer, or a header of one.
    Body,
}

impl<'a> Context<'a> {
    /// Splits a document into its schemas and operations.
    pub(super) fn new(document: &'a Document) -> Self {
        let components = entries_at(document, "/components/schemas");
        let operations = operations(document);
        let used = reachable(document, document.root.get("paths"));
        let answers = operations.iter().filter_map(|each| each.entry.value.get("responses"));
        let answered = reachable(document, answers);
        let places = places(document, components, &operations);
        Self { document, components, places, operations, used, answered }
    }

    /// The named schema behind a bare or wrapped `$ref`, with its entry.
    pub(super) fn target(&self, schema: &Node) -> Option<&'a Entry> {
        self.component(reference(schema)?)
    }

    /// The named schema behind `#/components/schemas/Name`.
    pub(super) fn component(&self, pointer: &str) -> Option<&'a Entry> {
        let name = pointer.strip_prefix("#/components/schemas/")?;
        self.components.iter().find(|entry| entry.key == name)
    }

    /// Whether a named schema is part of an answer.
    pub(super) fn is_answered(&self, component: &str) -> bool {
        self.answered.contains(format!("#/components/schemas/{component}").as_str())
    }
}

impl Place<'_> {
    /// The name of the schema in messages.
    pub(super) fn name(&self) -> String {
        let owner = self.owner;
        match self.role {
            Role::Component => format!("`{owner}`"),
            Role::Property(name) => format!("property `{name}` of `{owner}`"),
            Role::Item => format!("an item of a list in `{owner}`"),
            Role::MapValue => format!("a value of a map in `{owner}`"),
            Role::Arm => format!("a form of `{owner}`"),
            Role::Wrapped => format!("what `allOf` wraps in `{owner}`"),
            Role::Parameter(name) => format!("parameter `{name}` of `{owner}`"),
            Role::Body => format!("a body or header of `{owner}`"),
        }
    }

    /// Whether the key exists.
    pub(super) fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    /// The `type`, if it is one word.
    pub(super) fn type_name(&self) -> Option<&str> {
        self.node.get("type").and_then(Node::as_str)
    }
}

/// The pointer of a bare `$ref`, or of one that is alone in an `allOf`.
pub(super) fn reference(schema: &Node) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Node::as_str);
    direct.or_else(|| match schema.get("allOf")?.items() {
        [only] => only.get("$ref")?.as_str(),
        _ => None,
    })
}

/// The strings of a list, with their nodes.
pub(super) fn strings(list: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let items = list.map(Node::items).unwrap_or_default();
    items.iter().filter_map(|node| Some((node.as_str()?, node)))
}

/// Whether the key exists and is true.
pub(super) fn flag(schema: &Node, key: &str) -> bool {
    schema.get(key).and_then(Node::as_bool).unwrap_or_default()
}

fn entries_at<'a>(document: &'a Document, pointer: &str) -> &'a [Entry] {
    document.node_at(pointer).map(Node::entries).unwrap_or_default()
}

fn operations(document: &Document) -> Vec<Operation<'_>> {
    entries_at(document, "/paths").iter().flat_map(operations_of).collect()
}

fn operations_of(path: &Entry) -> impl Iterator<Item = Operation<'_>> {
    let methods = path.value.entries().iter();
    let methods = methods.filter(|entry| METHODS.contains(&entry.key.as_str()));
    methods.map(|entry| Operation { path: &path.key, entry })
}

/// The targets of all local references in `roots`, directly or through other targets.
fn reachable<'a>(
    document: &'a Document,
    roots: impl IntoIterator<Item = &'a Node>,
) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Node> = roots.into_iter().collect();
    while let Some(node) = open.pop() {
        open.extend(node.items());
        for entry in node.entries() {
            let target = entry.value.as_str().filter(|_| entry.key == "$ref");
            if let Some(target) = target.filter(|target| found.insert(*target)) {
                open.extend(document.node_at(target));
            }
            open.push(&entry.value);
        }
    }
    found
}

fn places<'a>(
    document: &'a Document,
    components: &'a [Entry],
    operations: &[Operation<'a>],
) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    for entry in components {
        let place = place(entry, Role::Component, &entry.key);
        collect(place, &mut found);
    }
    for Operation { entry, .. } in operations {
        let owner = entry.value.get("operationId").and_then(Node::as_str).unwrap_or(&entry.key);
        bodies(&entry.value, owner, &mut found);
    }
    let responses = entries_at(document, "/components/responses");
    responses.iter().for_each(|entry| bodies(&entry.value, &entry.key, &mut found));
    found
}

fn place<'a>(entry: &'a Entry, role: Role<'a>, owner: &'a str) -> Place<'a> {
    Place { node: &entry.value, at: &entry.at, role, owner }
}

/// The schemas of an operation or an answer: parameters, headers and contents, at any depth.
fn bodies<'a>(node: &'a Node, owner: &'a str, found: &mut Vec<Place<'a>>) {
    for item in node.items() {
        bodies(item, owner, found);
    }
    for entry in node.entries() {
        match entry.key.as_str() {
            "example" | "examples" => {}
            "schema" => {
                let role = match node.get("name").and_then(Node::as_str) {
                    Some(name) => Role::Parameter(name),
                    None => Role::Body,
                };
                collect(place(entry, role, owner), found);
            }
            _ => bodies(&entry.value, owner, found),
        }
    }
}

/// A schema and all schemas inside it.
fn collect<'a>(outer: Place<'a>, found: &mut Vec<Place<'a>>) {
    found.push(outer);
    let owner = outer.owner;
    let inner = |key: &str| outer.node.entry(key);
    for entry in inner("properties").map(|entry| entry.value.entries()).unwrap_or_default() {
        collect(place(entry, Role::Property(&entry.key), owner), found);
    }
    if let Some(items) = inner("items") {
        collect(place(items, Role::Item, owner), found);
    }
    if let Some(values) = inner("additionalProperties").filter(|entry| entry.value.is_object()) {
        collect(place(values, Role::MapValue, owner), found);
    }
    for (key, role) in [("oneOf", Role::Arm), ("allOf", Role::Wrapped)] {
        for node in inner(key).map(|entry| entry.value.items()).unwrap_or_default() {
            collect(Place { node, at: &node.at, role, owner }, found);
        }
    }
}
