//! Reads every key of requests, answers, chunks and errors, with what the document says about the
//! services. [`super::services`] knows the services themselves.

use crate::load::{Document, Node};
use crate::names;
use crate::problem::Problem;
use crate::surface::{Facts, Merged, Root, Site, Surface, Visit, walk};

/// The keys of one kind of message.
#[derive(Clone, Debug)]
pub struct Body {
    /// The heading.
    pub title: &'static str,
    /// The id of the section.
    pub id: &'static str,
    /// What the message is.
    pub about: &'static str,
    /// The keys, parents before children, in the order of the document.
    pub keys: Vec<Key>,
}

/// One key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The wire path, such as `choices[].message.content`.
    pub path: String,
    /// The JSON types, and whether null is one of them.
    pub types: Vec<String>,
    /// Whether the document deprecates it.
    pub is_deprecated: bool,
    /// The description.
    pub about: String,
    /// Whether the official reference has it.
    pub is_standard: bool,
    /// The services that have it, beside those that follow the official reference.
    pub services: Vec<String>,
    /// The reasons why it may be missing, or differ.
    pub reasons: Vec<String>,
    /// The Rust items for it. Several if several types have the key.
    pub rust: Vec<RustItem>,
}

/// A Rust struct or one of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustItem {
    /// The struct.
    pub name: String,
    /// The field; `None` for a constant, which is always written and therefore has no field.
    pub field: Option<String>,
}

/// The bodies of the page, in their order.
const BODIES: [(Root, &str, &str, &str); 4] = [
    (Root::Request, "Request", "request", "What a client sends to `POST /chat/completions`."),
    (Root::Response, "Answer", "answer", "What a server answers if the request has no `stream`."),
    (Root::Chunk, "Chunk", "chunk", "One event of a streamed answer."),
    (Root::Error, "Error", "error", "What a server answers if it refuses a request."),
];

/// Reads the bodies of `document`.
///
/// # Errors
///
/// Returns problems if the document has no chat operation, or references that lead nowhere.
pub(super) fn bodies(document: &Document) -> Result<Vec<Body>, Vec<Problem>> {
    let surface = Surface::new(document).map_err(|problem| vec![problem])?;
    let mut broken = Vec::new();
    let mut bodies = Vec::new();
    for (root, title, id, about) in BODIES {
        let Some(body) = surface.body(root, &mut broken) else { continue };
        let keys = keys(document, &body, &mut broken).map_err(|problem| vec![problem])?;
        bodies.push(Body { title, id, about, keys });
    }
    match broken.is_empty() {
        true => Ok(bodies),
        false => Err(broken),
    }
}

fn keys(
    document: &Document,
    body: &Merged<'_>,
    broken: &mut Vec<Problem>,
) -> Result<Vec<Key>, Problem> {
    let visits = walk((document, document), body, None, broken)?;
    let mut senders: Vec<Senders> = Vec::new();
    for visit in &visits {
        let above = visit.parent.and_then(|parent| senders.get(parent)).cloned();
        senders.push(Senders::of(visit, above.unwrap_or_default()));
    }
    let found = visits.iter().zip(senders);
    let found = found.filter(|(visit, _)| visit.key.is_some());
    Ok(found.map(|(visit, senders)| Key::new(document, visit, senders)).collect())
}

/// Who sends a key.
#[derive(Clone, Debug)]
struct Senders {
    is_standard: bool,
    services: Vec<String>,
}

impl Default for Senders {
    fn default() -> Self {
        Self { is_standard: true, services: Vec::new() }
    }
}

impl Senders {
    /// The services of a key: its own, or those of the object around it.
    fn of(visit: &Visit<'_, '_>, above: Self) -> Self {
        let lists = visit.sites.iter().filter_map(services);
        let mut services: Vec<String> = lists.flatten().map(str::to_owned).collect();
        if services.is_empty() {
            return above;
        }
        let is_standard =
            above.is_standard && visit.sites.iter().any(|site| self::services(site).is_none());
        services.sort();
        services.dedup();
        Self { is_standard, services }
    }
}

/// The `x-services` of a key, or else of the object that has it.
fn services<'a>(site: &Site<'a>) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
    let own = site.schema.get("x-services");
    let list = own.or_else(|| site.owner?.get("x-services"))?;
    Some(list.items().iter().filter_map(Node::as_str))
}

impl Key {
    fn new(document: &Document, visit: &Visit<'_, '_>, senders: Senders) -> Self {
        let facts = Facts::merged(&Facts::of_sites(document, &visit.sites));
        let mut types: Vec<String> = facts.types.into_iter().collect();
        types.extend(facts.nullable.then(|| "null".to_owned()));
        let sites = || visit.sites.iter();
        let reason = |site: &Site<'_>| text(site.schema, "x-wire-optional");
        Self {
            path: visit.path.clone(),
            types,
            is_deprecated: facts.deprecated,
            about: sites().find_map(|site| description(document, site.schema)).unwrap_or_default(),
            is_standard: senders.is_standard,
            services: senders.services,
            reasons: distinct(sites().filter_map(reason)),
            rust: distinct(sites().filter_map(|site| RustItem::of(document, site, visit.key?))),
        }
    }

    /// Whether any service differs from the official reference.
    pub fn has_accent(&self) -> bool {
        !self.services.is_empty() || !self.reasons.is_empty()
    }

    /// Who sends the key, as a word for all services that follow the official reference.
    pub fn standard(&self) -> Option<&'static str> {
        match (self.is_standard, self.services.is_empty()) {
            (false, _) => None,
            (true, true) => Some("standard"),
            (true, false) => Some("standard in some forms"),
        }
    }
}

impl RustItem {
    fn of(document: &Document, site: &Site<'_>, key: &str) -> Option<Self> {
        let owner = site.owner?;
        let schemas = document.node_at("#/components/schemas")?.entries();
        let name = schemas.iter().find(|entry| std::ptr::eq(&entry.value, owner))?.key.clone();
        let values = site.schema.get("enum").map(Node::items).unwrap_or_default();
        let is_constant = site.required && values.len() == 1;
        Some(Self { name, field: (!is_constant).then(|| names::field(key)) })
    }
}

/// The description of a schema, or of the one that it refers to.
fn description(document: &Document, schema: &Node) -> Option<String> {
    text(schema, "description").or_else(|| {
        let reference = schema.get("$ref").or_else(|| match schema.get("allOf")?.items() {
            [only] => only.get("$ref"),
            _ => None,
        });
        text(document.node_at(reference?.as_str()?)?, "description")
    })
}

fn text(schema: &Node, key: &str) -> Option<String> {
    let text = schema.get(key)?.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}
