//! Writes for each finding what to paste into our document, and where. [`super::dialect`] turns
//! upstream schemas into ours, and [`super::places`] knows the places.

mod operations;

use serde_json::{Map, Value, json};

use crate::coverage::{Finding, Kind, Of};
use crate::load::{Document, Node};
use crate::names;
use crate::problem::{Position, Problem};
use crate::surface::{Difference, Fact, Root, arm};

use super::dialect::{BOUNDS, Dialect, Side, TO_WRITE, object};
use super::places::Places;
use super::yaml;

/// Text to paste into our document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paste {
    /// The place in our document that it belongs to; `None` if it belongs to a whole section.
    pub at: Option<Position>,
    /// What it goes into, in words.
    pub inside: String,
    /// The text.
    pub yaml: String,
}

impl Paste {
    /// The place in words, for a comment above the text.
    pub(super) fn place(&self) -> String {
        match &self.at {
            Some(at) => format!("{at} {}", self.inside),
            None => self.inside.clone(),
        }
    }
}

/// The findings with what to paste for each. A component is written once.
pub(super) fn pastes(
    ours: &Document,
    theirs: &Document,
    findings: &[&Finding],
) -> Result<Vec<(Finding, Vec<Paste>)>, Problem> {
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    let places = Places::new(ours, theirs)?;
    let mut writer = Writer { ours, theirs, places };
    Ok(findings.iter().map(|finding| ((*finding).clone(), writer.pastes(finding))).collect())
}

struct Writer<'a, 'b> {
    ours: &'a Document,
    theirs: &'b Document,
    places: Places<'a, 'b>,
}

impl<'b> Writer<'_, 'b> {
    fn pastes(&mut self, finding: &Finding) -> Vec<Paste> {
        match (finding.of, finding.kind) {
            (Of::Operation, Kind::Operation) => self.operation(finding),
            (Of::Parameter, Kind::Parameter) => self.parameter(finding),
            (Of::Path, Kind::Property) => self.property(finding),
            (Of::Path, Kind::Value) => self.values(finding),
            (Of::Path, Kind::Fact) => self.fact(finding),
            // What is wrong with a parameter or an operation is one word, and the finding has it.
            _ => Vec::new(),
        }
    }

    fn property(&mut self, finding: &Finding) -> Vec<Paste> {
        let Some(spot) = self.places.spot(finding.root, &finding.path) else { return Vec::new() };
        let Some(key) = spot.key else { return Vec::new() };
        if let Some((form, union)) = spot.new_form() {
            return self.form(form, union, side(finding.root));
        }
        let Some(owner) = spot.owner() else { return Vec::new() };
        let name = self.places.component(owner).unwrap_or("New").to_owned();
        let is_required = !spot.theirs.is_empty() && spot.theirs.iter().all(|site| site.required);
        let is_piece = owner.get("x-adds-up-to").is_some();
        let at = owner.entry("properties").map(|entry| entry.at.clone());
        let schemas: Vec<_> = spot.theirs.iter().map(|site| site.schema).collect();

        let side = side(finding.root);
        let (mut written, components) = self.convert(side, |dialect| {
            let inner = format!("{name}{}", names::variant(key));
            dialect.property(&schemas, &inner, is_required && !is_piece)
        });
        if is_piece {
            written = with_stream_rule(written);
        }
        let inside = format!("under `properties` of {name}");
        let yaml = yaml::entries(&object([(key, written.into())]), 4);
        let mut pastes = vec![Paste { at, inside, yaml }];
        if is_required && side == Side::Request {
            let yaml = yaml::entries(&object([("required", json!([key]))]), 3);
            let at = owner.entry("required").map(|entry| entry.at.clone());
            pastes.push(Paste { at, inside: format!("add to {name}"), yaml });
        }
        pastes.extend(components);
        pastes
    }

    /// A form that a union in ours lacks.
    fn form(&mut self, form: &'b Node, union: &Node, side: Side) -> Vec<Paste> {
        let name = self.places.component(union).unwrap_or("New").to_owned();
        let tag = arm(form);
        let value = tag.split_once('=').map(|(_, value)| value).unwrap_or_default();
        let theirs = component_of(self.theirs, form);
        let inner = theirs.unwrap_or_else(|| format!("{}{name}", names::variant(value)));
        if self.places.ours.contains(&names::variant(&inner)) {
            return Vec::new();
        }
        let (written, components) = self.convert(side, |dialect| dialect.form(form, &inner));
        let target = written.get("$ref").cloned().unwrap_or_default();
        let mut lines = object([("oneOf", json!([written]))]);
        let mapping: Map<_, _> = [(value.to_owned(), target)].into_iter().collect();
        lines.insert("discriminator".to_owned(), json!({ "mapping": mapping }));
        let yaml = yaml::entries(&lines, 3);
        let at = union.entry("oneOf").map(|entry| entry.at.clone());
        std::iter::once(Paste { at, inside: format!("add to {name}"), yaml })
            .chain(components)
            .collect()
    }

    /// Converts, and returns the new components as pastes.
    fn convert<T>(
        &mut self,
        side: Side,
        make: impl FnOnce(&mut Dialect<'_, 'b>) -> T,
    ) -> (T, Option<Paste>) {
        let Places { names, ours, .. } = &self.places;
        let mut dialect = Dialect::new(self.theirs, names, ours, side);
        let made = make(&mut dialect);
        dialect.make_components();
        let components = dialect.components;
        if components.is_empty() {
            return (made, None);
        }
        let yaml = yaml::entries(&components, 2);
        // The next text only refers to them.
        self.places.ours.extend(components.into_iter().map(|(name, _)| name));
        let inside = "new, under `schemas` of `components`".to_owned();
        (made, Some(Paste { at: None, inside, yaml }))
    }

    fn values(&self, finding: &Finding) -> Vec<Paste> {
        let Some(spot) = self.places.spot(finding.root, &finding.path) else { return Vec::new() };
        // Ours may refer to the enum, through a wrapper.
        let parts = spot.ours_parts(self.ours);
        let mut enums = parts.into_iter().filter(|part| part.get("enum").is_some());
        // An enum without a name is the tag of one form, and the new value belongs to another.
        let named = enums.find_map(|part| Some((part, self.places.component(part)?)));
        let Some((owner, name)) = named else { return Vec::new() };
        let descriptions: Map<_, _> =
            finding.values.iter().map(|value| (value.clone(), TO_WRITE.into())).collect();
        let yaml = format!(
            "{}{}",
            yaml::entries(&object([("enum", json!(finding.values))]), 3),
            yaml::entries(&object([("x-enum-descriptions", descriptions.into())]), 3)
        );
        let at = owner.entry("enum").map(|entry| entry.at.clone());
        vec![Paste { at, inside: format!("add to {name}"), yaml }]
    }

    fn fact(&mut self, finding: &Finding) -> Vec<Paste> {
        let Some(difference) = finding.difference.clone() else { return Vec::new() };
        let Some(spot) = self.places.spot(finding.root, &finding.path) else { return Vec::new() };
        let Some(ours) = spot.our_site(&difference.arm) else { return Vec::new() };
        let (key, at) = (spot.key.map(str::to_owned), Some(ours.at.clone()));
        let owner = spot.owner().and_then(|owner| self.places.component(owner));
        let owner = owner.unwrap_or_default().to_owned();
        let schemas: Vec<_> = spot.theirs.iter().map(|site| site.schema).collect();
        let here = format!("in `{}`", finding.path);
        let entry = |inside: String, key: &str, value: Value| {
            vec![Paste { at: at.clone(), inside, yaml: yaml::entries(&object([(key, value)]), 5) }]
        };
        let Difference { fact, from, to, .. } = &difference;
        match (fact, key) {
            (Fact::Required, Some(key)) if to.is_empty() => {
                entry(format!("remove from {owner}"), "required", json!([key]))
            }
            (Fact::Required, Some(key)) => match side(finding.root) {
                Side::Request => entry(format!("add to {owner}"), "required", json!([key])),
                Side::Answer => entry(here, "x-wire-optional", TO_WRITE.into()),
            },
            (Fact::Types, _) => {
                let name = format!("{owner}{}", names::variant(&finding.path));
                let side = side(finding.root);
                let (written, components) =
                    self.convert(side, |dialect| dialect.afresh(&schemas, &name));
                let yaml = yaml::entries(&written, 5);
                let inside = format!("instead of `type: {from}` in `{}`", finding.path);
                std::iter::once(Paste { at, inside, yaml }).chain(components).collect()
            }
            (Fact::Nullable | Fact::Deprecated, _) => flag(ours, &here, fact.as_str(), at),
            (Fact::Told(keyword), _) if !BOUNDS.contains(&keyword.as_str()) => Vec::new(),
            (Fact::Told(keyword), _) if to.is_empty() => {
                entry(format!("remove from `{}`", finding.path), keyword, value(from))
            }
            (Fact::Told(keyword), _) => entry(here, keyword, value(to)),
            _ => Vec::new(),
        }
    }
}

/// The name of the component that a schema is.
fn component_of(document: &Document, schema: &Node) -> Option<String> {
    let components = document.node_at("#/components/schemas")?.entries();
    let same = components.iter().find(|entry| entry.value.at == schema.at)?;
    Some(same.key.clone())
}

/// A flag beside the rest of the schema. A bare reference has to be wrapped for it.
fn flag(ours: &Node, here: &str, name: &str, at: Option<Position>) -> Vec<Paste> {
    let mut written = Map::new();
    if let Some(reference) = ours.get("$ref") {
        written.insert("allOf".to_owned(), json!([{ "$ref": reference.to_json() }]));
    }
    written.insert(name.to_owned(), true.into());
    vec![Paste { at, inside: here.to_owned(), yaml: yaml::entries(&written, 5) }]
}

/// The value of a bound, which a state holds as text.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn side(root: Root) -> Side {
    match root {
        Root::Request | Root::UpdateRequest => Side::Request,
        _ => Side::Answer,
    }
}

/// Proposes how the values of a key add up over a stream.
fn with_stream_rule(mut written: Map<String, Value>) -> Map<String, Value> {
    if written.contains_key("$ref") {
        written = object([("allOf", json!([written]))]);
    }
    let rule = match written.get("type").and_then(Value::as_str) {
        Some("array") => "append",
        _ => "last",
    };
    written.insert("x-stream".to_owned(), rule.into());
    written
}
