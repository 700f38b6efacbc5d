//! Prepares what the families of rules share beside the [`Model`]: every schema with its role, and what is reachable
//! from where. It accepts every document; the families judge it.

use std::collections::BTreeSet;

use crate::load::{Document, Entry, Node};
use crate::model::{Component, Model, component_name};
use crate::problem::Position;

/// A document, taken apart.
pub(super) struct Context<'a> {
    /// The document.
    pub model: &'a Model<'a>,
    /// Every schema in the document, named or not, outer ones before inner ones.
    pub places: Vec<Place<'a>>,
    /// Pointers, such as `#/components/schemas/Role`, to everything that an operation needs.
    pub used: BTreeSet<&'a str>,
    /// Those pointers that an answer needs.
    pub answered: BTreeSet<&'a str>,
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
    /// Finds every schema of a document.
    pub(super) fn new(model: &'a Model<'a>) -> Self {
        let document = model.document;
        let used = reachable(document, document.root.get("paths"));
        let answers = model.operations.iter().filter_map(|each| each.node.get("responses"));
        let answered = reachable(document, answers);
        Self { model, places: places(model), used, answered }
    }

    /// The named schema behind a bare or wrapped `$ref`.
    pub(super) fn target(&self, schema: &Node) -> Option<&'a Component<'a>> {
        self.model.target(schema)
    }

    /// The schema itself, or the named one that it refers to.
    pub(super) fn resolved(&self, schema: &'a Node) -> &'a Node {
        self.target(schema).map_or(schema, |component| component.schema)
    }

    /// The named schema behind `#/components/schemas/Name`.
    pub(super) fn component(&self, pointer: &str) -> Option<&'a Component<'a>> {
        self.model.component(component_name(pointer)?)
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

/// The strings of a list, with their nodes.
pub(super) fn strings(list: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let items = list.map(Node::items).unwrap_or_default();
    items.iter().filter_map(|node| Some((node.as_str()?, node)))
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

fn places<'a>(model: &'a Model<'a>) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    for Component { name, at, schema, .. } in &model.components {
        collect(Place { node: schema, at, role: Role::Component, owner: name }, &mut found);
    }
    for operation in &model.operations {
        let owner = if operation.id.is_empty() { operation.method } else { operation.id };
        bodies(operation.node, owner, &mut found);
    }
    let responses = model.document.node_at("/components/responses");
    let responses = responses.map(Node::entries).unwrap_or_default();
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
