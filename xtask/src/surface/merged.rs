//! The schemas that a value at one place may have, and the places one step further.
//! [`mod@super::spread`] finds the schemas, and [`mod@super::walk`] goes from place to place.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::load::{Document, Entry, Node, Value};
use crate::problem::{Position, Problem};

use super::spread::{LISTS, SINGLES, spread};

/// Keywords with the schema of list items, or a list of such schemas.
const ITEMS: [&str; 3] = ["items", "prefixItems", "contains"];
/// Keywords with the schema of the values under keys that have no name.
const MAPS: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
/// Keywords that restrict the form of a value.
const FORMS: [&str; 6] = ["properties", "patternProperties", "enum", "const", "$ref", "not"];
/// The keys whose only value tells the forms of an object apart.
const TAGS: [&str; 2] = ["role", "type"];

/// The schemas of one place.
#[derive(Clone, Debug, Default)]
pub struct Merged<'a> {
    parts: Vec<&'a Node>,
    /// For each schema the number of the form that it belongs to.
    forms: Vec<usize>,
}

/// One step from a place to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// To the value of a key.
    Property(&'a str),
    /// To the items of a list.
    Item,
    /// To the values of a map.
    Value,
}

/// A place that is one step further.
#[derive(Debug)]
pub struct Child<'a> {
    /// The step to the place.
    pub step: Step<'a>,
    /// Where the key is written, once for each schema with the key.
    pub written: Vec<&'a Position>,
    /// The schemas at that place.
    pub sites: Vec<Site<'a>>,
}

/// One schema of a place, with what the schema around it says.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// The schema.
    pub schema: &'a Node,
    /// The form of the object that has the key, such as `role=user`; empty if it has no tag.
    pub arm: String,
    /// Whether the object must have the key.
    pub required: bool,
    /// The object that has the key; `None` if the schema is not the value of a key.
    pub owner: Option<&'a Node>,
}

/// A value that `enum` or `const` allows.
#[derive(Debug)]
pub struct Allowed<'a> {
    /// The value as reports write it.
    pub text: String,
    /// Where the schema that allows it is written.
    pub written: &'a Position,
}

impl<'a> Merged<'a> {
    /// Spreads out `schemas`. References that lead nowhere go into `broken`.
    pub fn new(document: &'a Document, schemas: &[&'a Node], broken: &mut Vec<Problem>) -> Self {
        let parts = spread(document, schemas, broken);
        let forms = parts.iter().map(|part| part.form).collect();
        Self { parts: parts.into_iter().map(|part| part.node).collect(), forms }
    }

    /// The places one step further, in the order of the document.
    pub fn children(&self) -> Vec<Child<'a>> {
        let mut children: Vec<Child<'a>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for owner in self.owners() {
            for entry in owner.properties {
                let place = *places.entry(&entry.key).or_insert(children.len());
                match children.get_mut(place) {
                    Some(child) => child.add(entry, &owner),
                    None => children.push(Child::of(entry, &owner)),
                }
            }
        }
        for step in [Step::Item, Step::Value] {
            let sites = self.at(step);
            if !sites.is_empty() {
                children.push(Child { step, written: Vec::new(), sites });
            }
        }
        children
    }

    /// The schemas one `step` further.
    pub fn at(&self, step: Step<'_>) -> Vec<Site<'a>> {
        match step {
            Step::Property(key) => {
                let here = |owner: Owner<'a>| Some(owner.site(find_entry(owner.properties, key)?));
                self.owners().filter_map(here).collect()
            }
            Step::Item => self.parts.iter().flat_map(|part| items(part)).map(Site::of).collect(),
            Step::Value => {
                self.parts.iter().flat_map(|part| map_values(part)).map(Site::of).collect()
            }
        }
    }

    /// The tags of the forms of an object, such as `role=user`.
    pub fn arms(&self) -> BTreeSet<String> {
        self.owners().map(|owner| owner.arm).filter(|arm| !arm.is_empty()).collect()
    }

    /// The schemas themselves, spread out.
    pub fn parts(&self) -> &[&'a Node] {
        &self.parts
    }

    /// The allowed values; empty if any value is allowed.
    pub fn allowed(&self) -> Vec<Allowed<'a>> {
        self.parts.iter().flat_map(|part| allowed(part)).collect()
    }

    /// Whether one of the schemas is of this type.
    pub fn is_type(&self, name: &str) -> bool {
        self.parts.iter().any(|part| has_type(part, name))
    }

    /// Whether no schema says anything about the value.
    pub fn is_free(&self) -> bool {
        let has_keys = self.property_entries().next().is_some();
        self.parts.is_empty() || (!has_keys && self.parts.iter().any(|part| is_free(part)))
    }

    /// Where the schemas with further steps are written.
    pub fn structure(&self) -> impl Iterator<Item = &'a Position> {
        let leads_on =
            |part: &&&'a Node| {
                ["properties", "patternProperties"].iter().chain(&ITEMS).chain(&MAPS).any(|key| {
                    part.get(key).is_some_and(|value| value.is_object() || value.is_array())
                })
            };
        self.parts.iter().filter(leads_on).map(|part| &part.at)
    }

    /// Spreads out the schemas of `sites`.
    pub fn of_sites(document: &'a Document, sites: &[Site<'a>], broken: &mut Vec<Problem>) -> Self {
        let schemas: Vec<_> = sites.iter().map(|site| site.schema).collect();
        Self::new(document, &schemas, broken)
    }

    /// The same place without some of the schemas.
    pub fn without(mut self, unwanted: impl Fn(&Node) -> bool) -> Self {
        let parts = self.parts.into_iter().zip(self.forms);
        (self.parts, self.forms) = parts.filter(|(part, _)| !unwanted(part)).unzip();
        self
    }

    fn owners(&self) -> impl Iterator<Item = Owner<'a>> {
        let mut required: BTreeMap<usize, Rc<BTreeSet<&str>>> = BTreeMap::new();
        for (part, form) in self.parts.iter().zip(&self.forms) {
            let names = part.get("required").map(Node::items).unwrap_or_default();
            let all = Rc::make_mut(required.entry(*form).or_default());
            all.extend(names.iter().filter_map(Node::as_str));
        }
        let parts = self.parts.iter().zip(&self.forms);
        parts.filter_map(move |(part, form)| Owner::of(part, required.get(form)?))
    }

    fn property_entries(&self) -> impl Iterator<Item = &'a Entry> {
        let maps = self.parts.iter().filter_map(|part| part.get("properties"));
        maps.flat_map(|properties| properties.entries())
    }
}

/// A schema with properties.
struct Owner<'a> {
    node: &'a Node,
    properties: &'a [Entry],
    /// What all schemas of the same form require.
    required: Rc<BTreeSet<&'a str>>,
    arm: String,
}

impl<'a> Owner<'a> {
    fn of(part: &'a Node, required: &Rc<BTreeSet<&'a str>>) -> Option<Self> {
        let properties = part.get("properties")?.entries();
        let required = Rc::clone(required);
        Some(Self { node: part, properties, required, arm: arm(part) })
    }

    fn site(&self, entry: &'a Entry) -> Site<'a> {
        let required = self.required.contains(entry.key.as_str());
        Site { schema: &entry.value, arm: self.arm.clone(), required, owner: Some(self.node) }
    }
}

fn find_entry<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key == key)
}

/// The tag of an object schema, such as `role=user`; empty if it has none.
pub fn arm(part: &Node) -> String {
    let tag = |key: &&str| {
        let schema = part.get("properties")?.get(key)?;
        let only = schema.get("const").or_else(|| match schema.get("enum")?.items() {
            [one] => Some(one),
            _ => None,
        });
        Some(format!("{key}={}", only?.as_str()?))
    };
    TAGS.iter().find_map(tag).unwrap_or_default()
}

impl<'a> Child<'a> {
    fn of(entry: &'a Entry, owner: &Owner<'a>) -> Self {
        let step = Step::Property(&entry.key);
        Self { step, written: vec![&entry.at], sites: vec![owner.site(entry)] }
    }

    fn add(&mut self, entry: &'a Entry, owner: &Owner<'a>) {
        self.sites.push(owner.site(entry));
        if !self.written.contains(&&entry.at) {
            self.written.push(&entry.at);
        }
    }
}

impl<'a> Site<'a> {
    /// A schema that is not the value of a key.
    pub fn of(schema: &'a Node) -> Self {
        Self { schema, arm: String::new(), required: false, owner: None }
    }
}

fn items<'a>(part: &'a Node) -> Vec<&'a Node> {
    let found = ITEMS.iter().filter_map(|key| part.get(key));
    let each = |node: &'a Node| match &node.value {
        Value::Array(list) => list.iter().collect(),
        _ => vec![node],
    };
    found.flat_map(each).collect()
}

fn map_values(part: &Node) -> Vec<&Node> {
    let typed = |node: &&Node| !node.entries().is_empty();
    let mut found: Vec<_> = MAPS.iter().filter_map(|key| part.get(key)).filter(typed).collect();
    let patterns = part.get("patternProperties").map(Node::entries).unwrap_or_default();
    found.extend(patterns.iter().map(|entry| &entry.value));
    found
}

fn allowed(part: &Node) -> Vec<Allowed<'_>> {
    let listed = part.get("enum").map(Node::items).unwrap_or_default();
    let mut texts = Vec::new();
    for text in listed.iter().chain(part.get("const")).filter_map(text_of) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.into_iter().map(|text| Allowed { text, written: &part.at }).collect()
}

/// Returns a value as reports write it. `null` is left out because it only says that a value may be
/// absent.
fn text_of(value: &Node) -> Option<String> {
    match &value.value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        _ => Some(value.to_json().to_string()),
    }
}

fn has_type(part: &Node, name: &str) -> bool {
    let Some(types) = part.get("type") else { return false };
    types.as_str() == Some(name) || types.items().iter().any(|one| one.as_str() == Some(name))
}

fn is_free(part: &Node) -> bool {
    let says = |key: &str| part.get(key).is_some();
    if FORMS.iter().chain(&LISTS).chain(&SINGLES).chain(&ITEMS).any(|key| says(key)) {
        return false;
    }
    part.get("type").is_none() || (has_type(part, "object") && map_values(part).is_empty())
}
