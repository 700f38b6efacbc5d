//! What a document says about one place beside its path: types, values, bounds and flags.
//! [`super::merged`] collects the schemas of the place, and [`super::changes`] compares whole
//! documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::{Document, Node, Value};

use super::merged::{Merged, Site, arm, target};

/// Keywords that bound a value, or say how it is written.
const BOUNDS: [&str; 16] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "style",
];

/// The facts about one place. An object with forms has facts for each form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The JSON types without `null`; `any` if the document does not say.
    pub types: BTreeSet<String>,
    /// The values of its enum.
    pub values: BTreeSet<String>,
    /// Whether texts beside those of the enum are allowed.
    pub open: bool,
    /// Whether `null` is allowed.
    pub nullable: bool,
    /// Whether the object must have the key.
    pub required: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The forms of the value that are deprecated.
    pub deprecated_arms: BTreeSet<String>,
    /// The bounds, each with its value as text. Several values if several forms have the keyword.
    pub bounds: BTreeMap<String, String>,
}

/// The facts about one path for each form of the object around it. The form is a tag such as
/// `role=user`, or empty.
pub type Arms = BTreeMap<String, Facts>;

/// A fact that two documents can disagree on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The JSON types.
    Types,
    /// Whether the enum is open.
    Open,
    /// Whether `null` is allowed.
    Nullable,
    /// Whether the key is mandatory.
    Required,
    /// Whether it is deprecated.
    Deprecated,
    /// Which of its forms are deprecated.
    DeprecatedArms,
    /// A bound, by its keyword, or a fact about an operation, by its name.
    Bound(String),
}

impl Fact {
    /// The name in reports and in the lock.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Types => "type",
            Self::Open => "open",
            Self::Nullable => "nullable",
            Self::Required => "required",
            Self::Deprecated => "deprecated",
            Self::DeprecatedArms => "deprecated-forms",
            Self::Bound(keyword) => keyword,
        }
    }
}

/// One fact on which two documents disagree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The form of the object; empty for all of them.
    pub arm: String,
    /// The fact.
    pub fact: Fact,
    /// What the first document says; empty if it says nothing.
    pub from: String,
    /// What the second document says.
    pub to: String,
}

impl Facts {
    /// The facts about a place for each form of the object around it.
    pub fn of_sites(document: &Document, sites: &[Site<'_>]) -> Arms {
        let mut by_arm: BTreeMap<&str, Vec<&Site<'_>>> = BTreeMap::new();
        sites.iter().for_each(|site| by_arm.entry(&site.arm).or_default().push(site));
        let facts = |sites: Vec<&Site<'_>>| {
            let schemas: Vec<_> = sites.iter().map(|site| site.schema).collect();
            Self {
                required: sites.iter().all(|site| site.required),
                ..Self::of(document, &schemas)
            }
        };
        by_arm.into_iter().map(|(arm, sites)| (arm.to_owned(), facts(sites))).collect()
    }

    /// The facts about one value.
    pub fn of(document: &Document, schemas: &[&Node]) -> Self {
        let merged = Merged::new(document, schemas, &mut Vec::new());
        let parts = merged.parts();
        let mut facts = Self {
            deprecated: schemas.iter().any(|schema| is_deprecated(document, schema)),
            ..Self::default()
        };
        parts.iter().for_each(|part| facts.add(part));
        facts.values = merged.allowed().into_iter().map(|value| value.text).collect();
        facts.open = !facts.values.is_empty() && parts.iter().any(|part| is_plain_text(part));
        if facts.types.is_empty() {
            facts.types.insert("any".to_owned());
        }
        if facts.deprecated {
            facts.deprecated_arms.clear();
        }
        facts
    }

    /// The facts about a value that has one of several forms.
    pub fn merged(arms: &Arms) -> Self {
        let mut arms = arms.values();
        let first = arms.next().cloned().unwrap_or_default();
        arms.fold(first, |mut all, one| {
            all.types.extend(one.types.iter().cloned());
            all.values.extend(one.values.iter().cloned());
            all.deprecated_arms.extend(one.deprecated_arms.iter().cloned());
            one.bounds.iter().for_each(|(keyword, value)| all.bound(keyword, value));
            all.open |= one.open;
            all.nullable |= one.nullable;
            all.required &= one.required;
            all.deprecated &= one.deprecated;
            all
        })
    }

    /// Everything but the values, as the lock and reports write it.
    pub fn told(&self) -> BTreeMap<Fact, String> {
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(",");
        let flags = [
            (Fact::Open, self.open),
            (Fact::Nullable, self.nullable),
            (Fact::Required, self.required),
            (Fact::Deprecated, self.deprecated),
        ];
        let mut told = BTreeMap::from([(Fact::Types, list(&self.types))]);
        told.extend(flags.into_iter().filter(|(_, set)| *set).map(|(fact, _)| (fact, yes())));
        if !self.deprecated_arms.is_empty() {
            told.insert(Fact::DeprecatedArms, list(&self.deprecated_arms));
        }
        let bounds = self.bounds.iter();
        told.extend(bounds.map(|(keyword, value)| (Fact::Bound(keyword.clone()), value.clone())));
        told
    }

    /// The facts as words: `string`, `nullable`, `minimum=0`, `enum=a,b`.
    pub fn summary(&self) -> Vec<String> {
        let word = |(fact, value): (Fact, String)| match fact {
            Fact::Types => value,
            Fact::Open | Fact::Nullable | Fact::Required | Fact::Deprecated => {
                fact.as_str().to_owned()
            }
            Fact::DeprecatedArms | Fact::Bound(_) => format!("{}={value}", fact.as_str()),
        };
        let mut words: Vec<_> = self.told().into_iter().map(word).collect();
        if !self.values.is_empty() {
            let values: Vec<_> = self.values.iter().cloned().collect();
            words.push(format!("enum={}", values.join(",")));
        }
        words
    }

    fn add(&mut self, part: &Node) {
        self.types.extend(types(part));
        self.nullable |= is_nullable(part);
        let arm = arm(part);
        if flag(part, "deprecated") && !arm.is_empty() {
            self.deprecated_arms.insert(arm);
        }
        for keyword in BOUNDS {
            let value = part.get(keyword).filter(|node| !matches!(node.value, Value::Null));
            if let Some(value) = value {
                let text = value.as_str().map(str::to_owned);
                self.bound(keyword, &text.unwrap_or_else(|| value.to_json().to_string()));
            }
        }
    }

    /// Adds a bound. If there is one already, both are kept in order.
    fn bound(&mut self, keyword: &str, value: &str) {
        let Some(old) = self.bounds.get(keyword) else {
            self.bounds.insert(keyword.to_owned(), value.to_owned());
            return;
        };
        let values: BTreeSet<_> = old.split(BETWEEN).chain(value.split(BETWEEN)).collect();
        let values: Vec<_> = values.into_iter().collect();
        self.bounds.insert(keyword.to_owned(), values.join(BETWEEN));
    }
}

/// Stands between the values of one bound.
const BETWEEN: &str = " or ";

fn yes() -> String {
    "true".to_owned()
}

/// The facts on which `from` and `to` disagree. Forms are compared with the same form.
pub fn differences(from: &Arms, to: &Arms) -> Vec<Difference> {
    let common: Vec<&String> = from.keys().filter(|arm| to.contains_key(*arm)).collect();
    let (all_from, all_to) = (Facts::merged(from), Facts::merged(to));
    if common.is_empty() {
        return of_facts("", &all_from, &all_to);
    }
    let pairs = common.iter().filter_map(|arm| Some((*arm, from.get(*arm)?, to.get(*arm)?)));
    let mut found: Vec<_> = pairs.flat_map(|(arm, from, to)| of_facts(arm, from, to)).collect();
    let alike =
        found.iter().all(|one| found.iter().filter(|two| one.same(two)).count() == common.len());
    if alike {
        found.iter_mut().for_each(|difference| difference.arm.clear());
        found.sort();
        found.dedup();
    }
    // A form that only one document has can still add types to the path.
    let types = of_facts("", &all_from, &all_to);
    let types = types.into_iter().filter(|one| matches!(one.fact, Fact::Types | Fact::Nullable));
    let new: Vec<_> = types.filter(|one| found.iter().all(|two| two.fact != one.fact)).collect();
    found.extend(new);
    found
}

fn of_facts(arm: &str, from: &Facts, to: &Facts) -> Vec<Difference> {
    let (from, to) = (from.told(), to.told());
    let facts: BTreeSet<&Fact> = from.keys().chain(to.keys()).collect();
    let value = |told: &BTreeMap<Fact, String>, fact: &Fact| told.get(fact).cloned();
    let facts = facts.into_iter().map(|fact| Difference {
        arm: arm.to_owned(),
        fact: fact.clone(),
        from: value(&from, fact).unwrap_or_default(),
        to: value(&to, fact).unwrap_or_default(),
    });
    facts.filter(|difference| difference.from != difference.to).collect()
}

impl Difference {
    /// A difference in a fact that only has a name.
    pub fn of(name: &str, from: Option<&String>, to: Option<&String>) -> Self {
        let text = |side: Option<&String>| side.cloned().unwrap_or_default();
        let fact = Fact::Bound(name.to_owned());
        Self { arm: String::new(), fact, from: text(from), to: text(to) }
    }

    fn same(&self, other: &Self) -> bool {
        (&self.fact, &self.from, &self.to) == (&other.fact, &other.from, &other.to)
    }
}

fn types(part: &Node) -> Vec<String> {
    let said = part.get("type");
    let one = said.and_then(Node::as_str).into_iter();
    let many = said.map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str);
    let said: Vec<_> = one.chain(many).map(str::to_owned).collect();
    if !said.is_empty() {
        return said.into_iter().filter(|name| name != "null").collect();
    }
    let has = |key: &str| part.get(key).is_some();
    let mut implied = Vec::new();
    if has("properties") || has("additionalProperties") {
        implied.push("object".to_owned());
    }
    if has("items") {
        implied.push("array".to_owned());
    }
    let listed = part.get("enum").map(Node::items).unwrap_or_default();
    implied.extend(listed.iter().chain(part.get("const")).filter_map(type_of).map(str::to_owned));
    implied
}

fn type_of(value: &Node) -> Option<&'static str> {
    Some(match &value.value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn is_nullable(part: &Node) -> bool {
    let is_null = |node: &Node| matches!(node.value, Value::Null);
    let names_null = |node: &Node| node.as_str() == Some("null") || is_null(node);
    let types = part.get("type");
    let values = part.get("enum").map(Node::items).unwrap_or_default();
    flag(part, "nullable")
        || types.is_some_and(|kind| names_null(kind) || kind.items().iter().any(names_null))
        || values.iter().chain(part.get("const")).any(is_null)
}

/// Whether a schema takes any text.
fn is_plain_text(part: &Node) -> bool {
    let is_text = types(part).iter().any(|name| name == "string");
    is_text && ["enum", "const", "$ref", "allOf"].iter().all(|key| part.get(key).is_none())
}

/// Whether a schema, or the only schema that it stands for, is deprecated.
fn is_deprecated(document: &Document, schema: &Node) -> bool {
    const LONGEST_CHAIN: usize = 32;
    let mut waiting = vec![schema];
    for _ in 0..LONGEST_CHAIN {
        let Some(schema) = waiting.pop() else { return false };
        if flag(schema, "deprecated") {
            return true;
        }
        waiting.extend(schema.get("$ref").and_then(|reference| target(document, reference).ok()));
        waiting.extend(schema.get("allOf").map(Node::items).unwrap_or_default());
        for key in ["anyOf", "oneOf"] {
            let forms = schema.get(key).map(Node::items).unwrap_or_default().iter();
            let mut forms = forms.filter(|form| !(is_nullable(form) && types(form).is_empty()));
            if let (Some(only), None) = (forms.next(), forms.next()) {
                waiting.push(only);
            }
        }
    }
    false
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}
