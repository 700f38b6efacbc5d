//! Turns schemas of the upstream document into our dialect: OpenAPI 3.0, every object, enum and
//! union with a name, and no text of theirs. [`super::paste`] says where the result goes.

mod parts;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::load::{Document, Node};
use crate::names;
use crate::problem::Position;

pub(super) use parts::BOUNDS;
use parts::{Parts, bounds, only_tag, plain_type};

/// Stands for what the editor has to write. The lint refuses it, because an empty description says
/// nothing.
pub(super) const TO_WRITE: &str = "";

/// More lists and maps in each other than any body has.
const DEEPEST: usize = 16;

/// Why a new key of an answer is optional although upstream requires it.
const NEW_KEY: &str = "Only the official reference has it yet, so other services leave it out.";

/// What the schemas are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A request: a key that upstream requires is required.
    Request,
    /// An answer: a key is required only if every service sends it.
    Answer,
}

/// Turns schemas into our dialect, and collects the components that they need.
#[derive(Debug)]
pub(super) struct Dialect<'d, 'a> {
    theirs: &'a Document,
    /// Our names for their components.
    names: &'d BTreeMap<String, String>,
    /// The names that are taken: those of our components.
    ours: &'d BTreeSet<String>,
    side: Side,
    /// New components by name, in the order in which they are needed.
    pub(super) components: Map<String, Value>,
    /// The components that are not made yet, with their schemas.
    waiting: Vec<(String, Vec<&'a Node>)>,
    /// The names that schemas have been given, so that a schema that contains itself has one.
    given: BTreeMap<&'a Position, String>,
    /// Whether the next value gets a new component even if ours has one for it.
    is_afresh: bool,
    /// Whether the next value is mandatory, so that its only value is a constant.
    is_constant: bool,
    /// How many lists and maps are around the value.
    depth: usize,
}

impl<'d, 'a> Dialect<'d, 'a> {
    pub(super) fn new(
        theirs: &'a Document,
        names: &'d BTreeMap<String, String>,
        ours: &'d BTreeSet<String>,
        side: Side,
    ) -> Self {
        let (components, waiting) = (Map::new(), Vec::new());
        let (given, is_afresh, is_constant, depth) = (BTreeMap::new(), false, false, 0);
        Self {
            theirs,
            names,
            ours,
            side,
            components,
            waiting,
            given,
            is_afresh,
            is_constant,
            depth,
        }
    }

    /// The schema of a property, a parameter or an item, as it is written at its use. An inline
    /// schema that needs a name gets `name`.
    pub(super) fn at_use(&mut self, schemas: &[&'a Node], name: &str) -> Map<String, Value> {
        let parts = Parts::of(self.theirs, schemas);
        self.depth += 1;
        // A list that contains itself has no end.
        let mut written = if self.depth > DEEPEST { self.any() } else { self.value(&parts, name) };
        self.depth -= 1;
        let mut flags = Map::new();
        for (key, set) in [("nullable", parts.nullable), ("deprecated", parts.deprecated)] {
            if set {
                flags.insert(key.to_owned(), true.into());
            }
        }
        // OpenAPI 3.0 ignores the neighbours of a reference.
        if written.contains_key("$ref") && !flags.is_empty() {
            written = object([("allOf", json!([written]))]);
        }
        written.extend(flags);
        written
    }

    /// The same for a value whose component in ours is no longer right.
    pub(super) fn afresh(&mut self, schemas: &[&'a Node], name: &str) -> Map<String, Value> {
        self.is_afresh = true;
        self.at_use(schemas, name)
    }

    /// Refers to a component for an object that is a form of a union.
    pub(super) fn form(&mut self, schema: &'a Node, name: &str) -> Map<String, Value> {
        let parts = Parts::of(self.theirs, &[schema]);
        self.named(name, &parts)
    }

    /// The same for a property: with a place for its description, unless its component has one.
    pub(super) fn property(
        &mut self,
        schemas: &[&'a Node],
        name: &str,
        is_required: bool,
    ) -> Map<String, Value> {
        self.is_constant = is_required;
        let mut written = self.at_use(schemas, name);
        let is_optional_answer = self.side == Side::Answer && is_required;
        let is_tag = written.get("enum").is_some();
        if is_optional_answer && !is_tag {
            if written.contains_key("$ref") {
                written = object([("allOf", json!([written]))]);
            }
            written.insert("x-wire-optional".to_owned(), NEW_KEY.into());
        }
        if !written.contains_key("$ref") && !written.contains_key("allOf") {
            written.insert("description".to_owned(), TO_WRITE.into());
        }
        written
    }

    /// Makes the components that have been referred to so far, and those that they need.
    pub(super) fn make_components(&mut self) {
        while let Some((name, schemas)) = self.waiting.pop() {
            let parts = Parts::of(self.theirs, &schemas);
            let made = match parts.values.as_slice() {
                _ if parts.forms.len() > 1 => self.union(&parts, &name),
                [] if parts.kind() != "object" => object([("description", TO_WRITE.into())]),
                [] if parts.properties.is_empty() => self.map(&parts, &name),
                [] => self.object(&parts, &name),
                values => enumeration(values),
            };
            self.components.insert(name, made.into());
        }
    }

    fn value(&mut self, parts: &Parts<'a>, name: &str) -> Map<String, Value> {
        let is_afresh = std::mem::take(&mut self.is_afresh);
        let is_constant = std::mem::take(&mut self.is_constant);
        if let Some(component) = parts.component.as_ref().filter(|_| !is_afresh)
            && let Some(ours) = self.names.get(component).or_else(|| self.ours.get(component))
        {
            return reference(ours);
        }
        let name = parts.component.as_deref().unwrap_or(name);
        match (parts.values.as_slice(), parts.kind()) {
            _ if parts.forms.len() > 1 => self.named(name, parts),
            ([only], "string") if is_constant => {
                object([("type", "string".into()), ("enum", json!([only]))])
            }
            ([_, ..], "string") => self.named(name, parts),
            (_, "object") => self.named(name, parts),
            (_, "array") => {
                let items = self.at_use(&parts.items, &format!("{name}Item"));
                let list = object([("type", "array".into()), ("items", items.into())]);
                list.into_iter().chain(bounds(&parts.schemas)).collect()
            }
            (_, "") => self.any(),
            (_, kind) => plain_type(kind, &parts.schemas),
        }
    }

    /// Any JSON, which only a component can be.
    fn any(&mut self) -> Map<String, Value> {
        match self.ours.get("JsonValue") {
            Some(ours) => reference(ours),
            None => self.named("JsonValue", &Parts::default()),
        }
    }

    /// Refers to a component, and remembers that it has to be made. It is not made here, because
    /// components can contain each other to any depth.
    fn named(&mut self, name: &str, parts: &Parts<'a>) -> Map<String, Value> {
        let place = parts.schemas.first().map(|schema| &schema.at);
        if let Some(name) = place.and_then(|place| self.given.get(place)) {
            return reference(name);
        }
        let mut name = names::variant(name);
        // A schema without a name must not take the place of another one.
        while parts.component.is_none() && place.is_some() && self.ours.contains(&name) {
            name += "New";
        }
        if !self.ours.contains(&name) && !self.components.contains_key(&name) {
            self.components.insert(name.clone(), Value::Null);
            self.waiting.push((name.clone(), parts.schemas.clone()));
        }
        self.given.extend(place.map(|place| (place, name.clone())));
        reference(&name)
    }

    fn object(&mut self, parts: &Parts<'a>, name: &str) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (key, property) in &parts.properties {
            let inner = format!("{name}{}", names::variant(key));
            let written = self.property(&property.schemas, &inner, property.required);
            let is_tag = written.get("enum").is_some();
            if is_tag || (property.required && self.side == Side::Request) {
                required.push(Value::from(key.as_str()));
            }
            properties.insert(key.clone(), written.into());
        }
        let mut written = object([("type", "object".into()), ("description", TO_WRITE.into())]);
        if !required.is_empty() {
            written.insert("required".to_owned(), required.into());
        }
        written.insert("properties".to_owned(), properties.into());
        written
    }

    fn map(&mut self, parts: &Parts<'a>, name: &str) -> Map<String, Value> {
        let values = match parts.map_values.as_slice() {
            [] => self.any(),
            schemas => self.at_use(schemas, &format!("{name}Value")),
        };
        object([
            ("type", "object".into()),
            ("description", TO_WRITE.into()),
            ("additionalProperties", values.into()),
        ])
    }

    fn union(&mut self, parts: &Parts<'a>, name: &str) -> Map<String, Value> {
        let mut forms = Vec::new();
        let mut mapping = Map::new();
        let mut tag_key = None;
        for form in &parts.forms {
            let tag = only_tag(self.theirs, form);
            let of = tag.as_ref().map_or("Form", |(_, value)| value.as_str());
            let mut written = self.at_use(&[*form], &format!("{name}{}", names::variant(of)));
            if let (Some((key, value)), Some(target)) = (tag, written.get("$ref").cloned()) {
                tag_key = tag_key.or(Some(key));
                mapping.insert(value, target);
            }
            if !written.contains_key("$ref") {
                let title = written.get("type").and_then(Value::as_str).unwrap_or_default();
                written.insert("title".to_owned(), names::variant(title).into());
            }
            forms.push(written.into());
        }
        let mut union = object([("description", TO_WRITE.into()), ("oneOf", Value::Array(forms))]);
        if let Some(key) = tag_key {
            let by = json!({ "propertyName": key, "mapping": mapping });
            union.insert("discriminator".to_owned(), by);
        }
        union
    }
}

fn enumeration(values: &[String]) -> Map<String, Value> {
    let descriptions: Map<_, _> =
        values.iter().map(|value| (value.clone(), TO_WRITE.into())).collect();
    object([
        ("type", "string".into()),
        ("description", TO_WRITE.into()),
        ("enum", json!(values)),
        ("x-enum-descriptions", descriptions.into()),
    ])
}

fn reference(name: &str) -> Map<String, Value> {
    object([("$ref", format!("#/components/schemas/{name}").into())])
}

/// An object with these entries.
pub(super) fn object<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
