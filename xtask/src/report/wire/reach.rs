//! Finds the operations that reach each component, apart for requests, answers and streams.
//! [`super::walk`] asks for it to decide which of two rules a difference falls under.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::{Document, Node};
use crate::model;

/// The media type of a stream of events.
pub(super) const EVENT_STREAM: &str = "text/event-stream";

/// The operations that reach a part of the document, by their numbers in [`Reach`].
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// By what they send.
    pub request: BTreeSet<usize>,
    /// By an answer that comes whole.
    pub response: BTreeSet<usize>,
    /// By a stream of events.
    pub stream: BTreeSet<usize>,
}

impl Scope {
    /// The scope of what one operation sends.
    pub(super) fn of_request(operation: usize) -> Self {
        Self { request: BTreeSet::from([operation]), ..Self::default() }
    }

    /// The scope of what one operation answers.
    pub(super) fn of_response(operation: usize) -> Self {
        Self { response: BTreeSet::from([operation]), ..Self::default() }
    }

    /// The scope of what one operation streams.
    pub(super) fn of_stream(operation: usize) -> Self {
        Self { stream: BTreeSet::from([operation]), ..Self::default() }
    }

    /// Whether nothing reaches the part.
    pub(super) fn is_empty(&self) -> bool {
        self.request.is_empty() && self.response.is_empty() && self.stream.is_empty()
    }

    /// All operations, in any direction.
    pub(super) fn all(&self) -> BTreeSet<usize> {
        let answers = self.response.iter().chain(&self.stream);
        self.request.iter().chain(answers).copied().collect()
    }

    /// Adds what another scope has.
    pub(super) fn join(&mut self, other: &Self) {
        self.request.extend(&other.request);
        self.response.extend(&other.response);
        self.stream.extend(&other.stream);
    }
}

/// The operations of two documents, and what they reach in either of them.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// The operations, such as `POST /chat/completions`: first those of the newer document.
    operations: Vec<String>,
    /// The scope of each component, by its pointer without `#`.
    scopes: BTreeMap<String, Scope>,
}

impl Reach {
    /// Follows every `$ref` of both documents.
    pub(super) fn new(base: &Document, head: &Document) -> Self {
        let mut reach = Self::default();
        for document in [head, base] {
            let graph = graph(document);
            for (path, method) in model::in_document(document) {
                let number = reach.number(&label(&method.key, &path.key));
                reach.add(&method.value, number, &graph);
            }
        }
        reach
    }

    /// The number of an operation. An unknown one gets the next number.
    pub(super) fn number(&mut self, label: &str) -> usize {
        let known = self.operations.iter().position(|operation| operation == label);
        known.unwrap_or_else(|| {
            self.operations.push(label.to_owned());
            self.operations.len() - 1
        })
    }

    /// The scope of a component.
    pub(super) fn of(&self, pointer: &str) -> Scope {
        self.scopes.get(pointer).cloned().unwrap_or_default()
    }

    /// The names of operations, in the document's order.
    pub(super) fn names(&self, numbers: &BTreeSet<usize>) -> Vec<String> {
        numbers.iter().filter_map(|number| self.operations.get(*number).cloned()).collect()
    }

    fn add(&mut self, operation: &Node, number: usize, graph: &Graph<'_>) {
        let sent = ["parameters", "requestBody"].iter().filter_map(|key| operation.get(key));
        for pointer in graph.reachable(sent) {
            self.scope(pointer).request.insert(number);
        }
        let (streams, answers) = answers(operation);
        for pointer in graph.reachable(answers) {
            self.scope(pointer).response.insert(number);
        }
        for pointer in graph.reachable(streams) {
            self.scope(pointer).stream.insert(number);
        }
    }

    fn scope(&mut self, pointer: &str) -> &mut Scope {
        self.scopes.entry(pointer.to_owned()).or_default()
    }
}

/// The name of an operation in reports.
pub(super) fn label(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_uppercase())
}

/// The contents of the answers: first those that are streams of events.
fn answers(operation: &Node) -> (Vec<&Node>, Vec<&Node>) {
    let answers = operation.get("responses").map(Node::entries).unwrap_or_default();
    let mut streams = Vec::new();
    let mut whole = Vec::new();
    for entry in answers.iter().flat_map(|answer| answer.value.entries()) {
        match entry.key.as_str() {
            "content" => {
                let media = entry.value.entries().iter();
                let (of_events, others): (Vec<_>, Vec<_>) =
                    media.partition(|media| media.key == EVENT_STREAM);
                streams.extend(of_events.iter().map(|media| &media.value));
                whole.extend(others.iter().map(|media| &media.value));
            }
            _ => whole.push(&entry.value),
        }
    }
    whole.extend(answers.iter().map(|answer| &answer.value).filter(|node| is_reference(node)));
    (streams, whole)
}

fn is_reference(node: &Node) -> bool {
    node.get("$ref").is_some()
}

/// The components that each component refers to, by their pointers without `#`.
struct Graph<'a> {
    edges: BTreeMap<String, Vec<&'a str>>,
}

fn graph(document: &Document) -> Graph<'_> {
    let kinds = document.root.get("components").map(Node::entries).unwrap_or_default();
    let mut edges = BTreeMap::new();
    for kind in kinds {
        for component in kind.value.entries() {
            let name = crate::load::escape_step(&component.key);
            let pointer = format!("/components/{}/{name}", kind.key);
            edges.insert(pointer, references(&component.value));
        }
    }
    Graph { edges }
}

impl<'a> Graph<'a> {
    fn reachable(&self, roots: impl IntoIterator<Item = &'a Node>) -> BTreeSet<&'a str> {
        let mut open: Vec<&str> = roots.into_iter().flat_map(references).collect();
        let mut found = BTreeSet::new();
        while let Some(pointer) = open.pop() {
            if found.insert(pointer) {
                open.extend(self.edges.get(pointer).into_iter().flatten());
            }
        }
        found
    }
}

/// The targets of all `$ref` inside a value, without `#`.
fn references(node: &Node) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        open.extend(node.items());
        for entry in node.entries() {
            match (entry.key.as_str(), entry.value.as_str()) {
                ("$ref", Some(target)) => found.extend(target.strip_prefix('#')),
                // A payload may have any keys.
                ("example" | "examples", _) => {}
                _ => open.push(&entry.value),
            }
        }
    }
    found
}
