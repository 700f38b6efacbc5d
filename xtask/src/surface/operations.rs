//! Finds every operation below `/chat/`, with its parameters and the facts about both.
//! [`super::roots`] finds the bodies of the six operations that our document has.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::{Document, Entry, Node};
use crate::problem::Position;

use super::differences::Difference;
use super::facts::{Arms, Facts};
use super::merged::Site;
use super::roots::{resolved, segments};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationFacts {
    /// Its id, path, media types and flags, by the names that reports use.
    pub told: BTreeMap<String, String>,
    /// Its parameters by key: `?name` in the query, `{0}` in the path, `name:` for a header.
    pub parameters: BTreeMap<String, Arms>,
}

impl OperationFacts {
    /// The facts on which `self` and `other` disagree, without those about parameters.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let names: BTreeSet<_> = self.told.keys().chain(other.told.keys()).collect();
        let of = |name: &String| Difference::of(name, self.told.get(name), other.told.get(name));
        names.into_iter().map(of).filter(|found| found.from != found.to).collect()
    }
}

/// The operations of a document by key, such as `POST /chat/completions/{}`. The path begins with
/// `/chat`, because everything before that belongs to the base address.
pub fn operations(document: &Document) -> BTreeMap<String, OperationFacts> {
    let facts = |(key, found): (String, Found<'_>)| (key, found.facts(document));
    found(document).into_iter().map(facts).collect()
}

/// Where the operation with `key` is written.
pub fn position_of(document: &Document, key: &str) -> Option<Position> {
    found(document).remove(key).map(|found| found.entry.at.clone())
}

/// The node of the operation with `key`.
pub fn node_of<'a>(document: &'a Document, key: &str) -> Option<&'a Node> {
    found(document).remove(key).map(|found| &found.entry.value)
}

/// The path of the operation with `key` from `/chat` on, with the names of its parameters.
pub fn path_of(document: &Document, key: &str) -> Option<String> {
    let template = found(document).remove(key)?.template;
    let start = template.find("/chat/")?;
    template.get(start..).map(str::to_owned)
}

/// The parameters of the operation with `key`: its own, and then those of its path.
pub fn parameters_of<'a>(document: &'a Document, key: &str) -> Vec<&'a Node> {
    let Some(found) = found(document).remove(key) else { return Vec::new() };
    let levels = [&found.entry.value, found.path_item];
    let nodes = levels.into_iter().filter_map(|level| level.get("parameters"));
    let mut parameters: Vec<&Node> = Vec::new();
    for node in nodes.flat_map(Node::items).map(|node| resolved(document, node)) {
        let name =
            |node: &Node| (node.get("name").map(Node::to_json), node.get("in").map(Node::to_json));
        if parameters.iter().all(|old| name(old) != name(node)) {
            parameters.push(node);
        }
    }
    parameters
}

struct Found<'a> {
    template: &'a str,
    path_item: &'a Node,
    entry: &'a Entry,
}

/// If several paths end alike, the shortest stands for all of them.
fn found(document: &Document) -> BTreeMap<String, Found<'_>> {
    let mut all: BTreeMap<String, Found<'_>> = BTreeMap::new();
    for path in document.root.get("paths").map(Node::entries).unwrap_or_default() {
        let Some(short) = protocol_path(&path.key) else { continue };
        let path_item = resolved(document, &path.value);
        for method in METHODS {
            let Some(entry) = path_item.entry(method) else { continue };
            let key = format!("{} {short}", method.to_uppercase());
            let new = Found { template: &path.key, path_item, entry };
            match all.get(&key) {
                Some(old) if old.template.len() <= new.template.len() => {}
                _ => drop(all.insert(key, new)),
            }
        }
    }
    all
}

/// The path from `/chat` on, with `{}` for its parameters; `None` if it has none, or if nothing
/// follows.
fn protocol_path(template: &str) -> Option<String> {
    let segments = segments(template);
    let start = segments.iter().position(|segment| *segment == "chat")?;
    let rest = segments.get(start..).filter(|rest| rest.len() > 1)?;
    let plain = |segment: &&str| match segment.starts_with('{') && segment.ends_with('}') {
        true => "{}".to_owned(),
        false => (*segment).to_owned(),
    };
    let plain: Vec<_> = rest.iter().map(plain).collect();
    Some(format!("/{}", plain.join("/")))
}

impl<'a> Found<'a> {
    fn facts(&self, document: &'a Document) -> OperationFacts {
        let node = &self.entry.value;
        let mut told = BTreeMap::from([("path".to_owned(), self.template.to_owned())]);
        let mut tell = |name: &str, value: Option<String>| {
            told.extend(value.filter(|text| !text.is_empty()).map(|text| (name.to_owned(), text)));
        };
        tell("id", node.get("operationId").and_then(Node::as_str).map(str::to_owned));
        tell("deprecated", is_set(node, "deprecated"));
        let body = node.get("requestBody").map(|body| resolved(document, body));
        tell("request", body.map(media_types));
        tell("request-required", body.and_then(|body| is_set(body, "required")));
        tell("responses", node.get("responses").map(|all| responses(document, all)));
        OperationFacts { told, parameters: self.parameters(document) }
    }

    fn parameters(&self, document: &'a Document) -> BTreeMap<String, Arms> {
        let mut found = BTreeMap::new();
        for level in [&self.entry.value, self.path_item] {
            for node in level.get("parameters").map(Node::items).unwrap_or_default() {
                let node = resolved(document, node);
                // A parameter of the operation replaces one of the whole path.
                if let Some(key) = parameter_key(node, self.template) {
                    found.entry(key).or_insert_with(|| parameter(document, node));
                }
            }
        }
        found
    }
}

/// How reports name a parameter. The name of a path parameter never reaches the wire, so its
/// place counts from the end.
fn parameter_key(node: &Node, template: &str) -> Option<String> {
    let name = node.get("name")?.as_str()?;
    match node.get("in")?.as_str()? {
        "query" => Some(format!("?{name}")),
        "path" => {
            let wanted = format!("{{{name}}}");
            let place = segments(template).iter().rev().position(|segment| **segment == wanted)?;
            Some(format!("{{{place}}}"))
        }
        "header" => Some(format!("{name}:")),
        _ => Some(format!("{name}=")),
    }
}

/// The facts about the schema of a parameter, and its own flags.
pub fn parameter(document: &Document, node: &Node) -> Arms {
    let schema = node.get("schema").map(Site::of);
    let mut arms = Facts::of_sites(document, schema.as_slice());
    let facts = arms.entry(String::new()).or_default();
    if facts.types.is_empty() {
        facts.types.insert("any".to_owned());
    }
    facts.required = is_set(node, "required").is_some();
    facts.deprecated |= is_set(node, "deprecated").is_some();
    if let Some(style) = node.get("style").and_then(Node::as_str) {
        facts.bounds.insert("style".to_owned(), style.to_owned());
    }
    arms
}

fn is_set(node: &Node, key: &str) -> Option<String> {
    (node.get(key)?.as_bool() == Some(true)).then(|| "true".to_owned())
}

fn media_types(body: &Node) -> String {
    let mut types = body.get("content").map(Node::keys).unwrap_or_default();
    types.sort_unstable();
    types.join(",")
}

fn responses(document: &Document, all: &Node) -> String {
    let response = |entry: &Entry| {
        let types = media_types(resolved(document, &entry.value));
        format!("{}:{types}", entry.key)
    };
    let mut responses: Vec<_> = all.entries().iter().map(response).collect();
    responses.sort();
    responses.join(" ")
}
