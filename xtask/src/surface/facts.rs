//! What a document says about one place beside its path: types, values, bounds and flags.
//! [`super::keywords`] reads them from a schema, and [`mod@super::differences`] compares them.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::{Document, Node};

use super::keywords::{bounds, flag, is_nullable, is_plain_text, types};
use super::merged::{Merged, Site, arm};
use super::spread::target;

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
    /// Which forms of the object have the key.
    Forms,
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
    Told(String),
}

impl Fact {
    /// The name in reports and in the lock.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Forms => "forms",
            Self::Types => "type",
            Self::Open => "open",
            Self::Nullable => "nullable",
            Self::Required => "required",
            Self::Deprecated => "deprecated",
            Self::DeprecatedArms => "deprecated-forms",
            Self::Told(keyword) => keyword,
        }
    }
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
        told.extend(bounds.map(|(keyword, value)| (Fact::Told(keyword.clone()), value.clone())));
        told
    }

    /// The facts as words: `string`, `nullable`, `minimum=0`, `enum=a,b`.
    pub fn summary(&self) -> Vec<String> {
        let word = |(fact, value): (Fact, String)| match fact {
            Fact::Types | Fact::Forms => value,
            Fact::Open | Fact::Nullable | Fact::Required | Fact::Deprecated => {
                fact.as_str().to_owned()
            }
            Fact::DeprecatedArms | Fact::Told(_) => format!("{}={value}", fact.as_str()),
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
        for (keyword, value) in bounds(part) {
            self.bound(keyword, &value);
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
