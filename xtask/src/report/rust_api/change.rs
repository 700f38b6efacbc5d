//! One change of the Rust API as data. [`crate::report::rust_rules`] lists the kinds of changes.

use super::Pair;
use crate::changes::Bump;
use crate::model::Model;
use crate::report::item::Origin;
use crate::report::rust_rules::Rule;

/// One change of a crate's Rust API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of change.
    pub rule: &'static Rule,
    /// The crate.
    pub crate_name: &'static str,
    /// What changed: `Usage::total_tokens` for a field or variant, `Usage::new()` for a method.
    pub path: String,
    /// How it reads in base. `None` if base does not have it.
    pub base: Option<String>,
    /// How it reads in head. `None` if head does not have it.
    pub head: Option<String>,
    /// The place in the document that it comes from, in head if it is there, else in base.
    pub pointer: Option<String>,
    /// What happened and what that means, in one sentence.
    pub sentence: String,
    /// What made it.
    pub origin: Origin,
}

impl Change {
    /// A change without signatures, place and sentence.
    pub(super) fn new(rule: &'static Rule, pair: Pair<'_>, path: impl Into<String>) -> Self {
        Self {
            rule,
            crate_name: pair.crate_name,
            path: path.into(),
            base: None,
            head: None,
            pointer: None,
            sentence: String::new(),
            origin: Origin::Inputs,
        }
    }

    /// Whether both say that the same happened to the same item, perhaps from another start.
    pub(super) fn is_same_event(&self, other: &Self) -> bool {
        let key = |change: &Self| (change.rule, change.crate_name, change.path.clone());
        key(self) == key(other)
    }

    pub(super) fn base(mut self, signature: impl Into<String>) -> Self {
        self.base = Some(signature.into());
        self
    }

    pub(super) fn head(mut self, signature: impl Into<String>) -> Self {
        self.head = Some(signature.into());
        self
    }

    pub(super) fn sides(mut self, [base, head]: [Option<String>; 2]) -> Self {
        (self.base, self.head) = (base, head);
        self
    }

    /// Sets the place, which `find` looks up in head and then in base.
    pub(super) fn at(mut self, pair: Pair<'_>, find: impl Fn(&Model) -> Option<String>) -> Self {
        self.pointer = find(&pair.head.model).or_else(|| find(&pair.base.model));
        self
    }

    /// Sets the place if none is known yet.
    pub(super) fn or_at(self, pair: Pair<'_>, find: impl Fn(&Model) -> Option<String>) -> Self {
        if self.pointer.is_some() { self } else { self.at(pair, find) }
    }

    pub(super) fn says(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = sentence.into();
        self
    }

    /// What it asks of the next version.
    pub fn bump(&self) -> Bump {
        self.rule.bump
    }
}
