//! The state of a comparison, and the pair of places that it looks at. Its neighbours decide which
//! differences there are; this module turns a difference into an [`Item`].

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{Reach, Scope};
use crate::load::{Document, Node, Value, escape_step};
use crate::problem::{self, Position, Problem};
use crate::report::item::{Direction, Item, Place, RustName};
use crate::report::rules::{self, Rule};

/// A value in one document.
#[derive(Clone, Debug)]
pub(super) struct Spot<'a> {
    /// The value.
    pub node: &'a Node,
    /// The position of its key, or of the value itself if it stands in a list.
    pub at: &'a Position,
    /// Its JSON pointer.
    pub pointer: String,
}

impl<'a> Spot<'a> {
    /// The document as a whole.
    pub(super) fn root(document: &'a Document) -> Self {
        Self { node: &document.root, at: &document.root.at, pointer: String::new() }
    }

    /// The value under a key.
    pub(super) fn child(&self, key: &str) -> Option<Self> {
        let entry = self.node.entry(key)?;
        let pointer = format!("{}/{}", self.pointer, escape_step(key));
        // An overlay replaces a value under a key that stays where it is.
        let is_replaced = entry.at.file != entry.value.at.file;
        let at = if is_replaced { &entry.value.at } else { &entry.at };
        Some(Self { node: &entry.value, at, pointer })
    }

    /// The value under a key, or this value if there is no such key.
    pub(super) fn child_or_self(&self, key: &str) -> Self {
        self.child(key).unwrap_or_else(|| self.clone())
    }

    /// The item of a list.
    pub(super) fn item(&self, index: usize) -> Option<Self> {
        let node = self.node.items().get(index)?;
        Some(Self { node, at: &node.at, pointer: format!("{}/{index}", self.pointer) })
    }

    fn place(&self) -> Place {
        Place { at: self.at.clone(), pointer: self.pointer.clone() }
    }
}

/// The same part of both documents.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    /// In the older document.
    pub base: Spot<'a>,
    /// In the newer document.
    pub head: Spot<'a>,
    /// Its name in the report.
    pub subject: String,
    /// The operations that reach it.
    pub scope: Scope,
    /// The Rust names that it becomes.
    pub names: Vec<RustName>,
}

impl<'a> Pair<'a> {
    /// The values under a key, if both sides have one. They keep the name.
    pub(super) fn child(&self, key: &str) -> Option<Self> {
        Some(self.with(self.base.child(key)?, self.head.child(key)?))
    }

    /// The values under a key. A side without one stays where it is.
    pub(super) fn narrowed(&self, key: &str) -> Self {
        self.with(self.base.child_or_self(key), self.head.child_or_self(key))
    }

    /// The same name and scope at other places.
    pub(super) fn with(&self, base: Spot<'a>, head: Spot<'a>) -> Self {
        Self { base, head, ..self.clone() }
    }

    /// The same places under another name.
    pub(super) fn named(mut self, subject: String, names: Vec<RustName>) -> Self {
        self.subject = subject;
        self.names = names;
        self
    }

    /// The values of a key on both sides.
    pub(super) fn values(&self, key: &str) -> (Option<&'a Node>, Option<&'a Node>) {
        (self.base.node.get(key), self.head.node.get(key))
    }

    /// The text of a key on both sides.
    pub(super) fn texts(&self, key: &str) -> (Option<&'a str>, Option<&'a str>) {
        let (base, head) = self.values(key);
        (base.and_then(Node::as_str), head.and_then(Node::as_str))
    }

    /// A flag on both sides; absent means false.
    pub(super) fn flags(&self, key: &str) -> (bool, bool) {
        let is_set = |node: Option<&Node>| node.and_then(Node::as_bool).unwrap_or_default();
        let (base, head) = self.values(key);
        (is_set(base), is_set(head))
    }

    /// The keys of both sides, each once: first those of the older document.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        let mut keys = self.base.node.keys();
        let new = self.head.node.keys().into_iter().filter(|key| self.base.node.get(key).is_none());
        keys.extend(new.collect::<Vec<_>>());
        keys
    }

    /// Whether a key has another value, is new or is gone.
    pub(super) fn differs(&self, key: &str) -> bool {
        let (base, head) = self.values(key);
        !same(base, head)
    }
}

/// The comparison so far.
pub(super) struct Walk<'a> {
    /// The older document.
    pub base: &'a Document,
    /// The newer document.
    pub head: &'a Document,
    /// Which operations reach what.
    pub reach: Reach,
    /// Schemas that have another name but were compared as one.
    pub renamed: BTreeMap<String, String>,
    seen: BTreeSet<(String, String, [bool; 2])>,
    items: Vec<Item>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    /// A comparison that has found nothing.
    pub(super) fn new(base: &'a Document, head: &'a Document) -> Self {
        Self {
            base,
            head,
            reach: Reach::new(base, head),
            renamed: BTreeMap::new(),
            seen: BTreeSet::new(),
            items: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Ends the comparison.
    ///
    /// # Errors
    ///
    /// Returns the references that lead nowhere, because nothing behind them was compared.
    pub(super) fn finish(mut self) -> Result<Vec<Item>, Vec<Problem>> {
        problem::sort(&mut self.problems);
        if self.problems.is_empty() { Ok(self.items) } else { Err(self.problems) }
    }

    /// Whether two places were not compared before in these directions.
    pub(super) fn is_new(&mut self, pair: &Pair<'_>) -> bool {
        let Scope { request, response, stream } = &pair.scope;
        let is_answered = !response.is_empty() || !stream.is_empty();
        let directions = [!request.is_empty(), is_answered];
        self.seen.insert((pair.base.pointer.clone(), pair.head.pointer.clone(), directions))
    }

    /// The number of items so far.
    pub(super) fn count(&self) -> usize {
        self.items.len()
    }

    /// The items since an earlier [`Self::count`].
    pub(super) fn since(&self, count: usize) -> &[Item] {
        self.items.get(count..).unwrap_or_default()
    }

    /// Reports a difference that means the same in every direction.
    pub(super) fn report(&mut self, rule: &str, pair: &Pair<'_>, what: impl Into<String>) {
        let rule = rules::find(rule);
        let operations = self.reach.names(&pair.scope.all());
        self.push(rule, rule.direction, operations, pair, what.into());
    }

    /// Reports a difference that is judged apart: by the rule `request-…` if a request has it, and
    /// by `response-…` if an answer has it.
    pub(super) fn judge(&mut self, rule: &str, pair: &Pair<'_>, what: impl Into<String>) {
        let what = what.into();
        let Scope { request, response, stream } = &pair.scope;
        if pair.scope.is_empty() {
            return self.report("unreached", pair, what);
        }
        if !request.is_empty() {
            let found = rules::find(&format!("request-{rule}"));
            self.push(found, Direction::Request, self.reach.names(request), pair, what.clone());
        }
        let direction = if response.is_empty() { Direction::Stream } else { Direction::Response };
        let answers = response.union(stream).copied().collect::<BTreeSet<_>>();
        if !answers.is_empty() {
            let found = rules::find(&format!("response-{rule}"));
            self.push(found, direction, self.reach.names(&answers), pair, what);
        }
    }

    /// Reports every key that differs, except those that `knows` accepts, because no rule is about
    /// them.
    pub(super) fn unhandled(&mut self, pair: &Pair<'_>, knows: &[&str]) {
        for key in pair.keys() {
            if !knows.contains(&key) && pair.differs(key) {
                self.unknown(&pair.narrowed(key), &format!("`{key}`"));
            }
        }
    }

    /// Reports a difference that no rule is about.
    pub(super) fn unknown(&mut self, pair: &Pair<'_>, part: &str) {
        let what =
            format!("{part} of `{}` changed, and no rule knows what that means", pair.subject);
        self.report("unhandled", pair, what);
    }

    /// Reports another order of what both sides have.
    pub(super) fn order(&mut self, pair: &Pair<'_>, base: &[&str], head: &[&str], of: &str) {
        let common = |list: &[&str], other: &[&str]| -> Vec<String> {
            list.iter().filter(|name| other.contains(name)).map(|name| (*name).to_owned()).collect()
        };
        if common(base, head) != common(head, base) {
            self.report(
                "order",
                pair,
                format!("the {of} of `{}` have another order", pair.subject),
            );
        }
    }

    /// Follows `$ref` to its target. Returns any other value as it is, and `None` if the target
    /// does not exist.
    pub(super) fn resolve(&mut self, spot: &Spot<'a>, document: &'a Document) -> Option<Spot<'a>> {
        let Some(reference) = spot.node.get("$ref").and_then(Node::as_str) else {
            return Some(spot.clone());
        };
        if let Err(problem) = document.resolve(spot.node) {
            self.problems.push(problem);
            return None;
        }
        let pointer = reference.trim_start_matches('#').to_owned();
        let (parent, name) = pointer.rsplit_once('/')?;
        let name = name.replace("~1", "/").replace("~0", "~");
        let entry = document.node_at(parent)?.entry(&name)?;
        let target = Spot { node: &entry.value, at: &entry.at, pointer };
        // `Document::resolve` has made sure that the chain ends.
        self.resolve(&target, document)
    }

    fn push(
        &mut self,
        rule: &'static Rule,
        direction: Direction,
        operations: Vec<String>,
        pair: &Pair<'_>,
        what: String,
    ) {
        self.items.push(Item {
            rule: rule.id,
            level: rule.level,
            area: rule.area,
            direction,
            subject: pair.subject.clone(),
            what,
            why: rule.doc,
            base: Some(pair.base.place()),
            head: Some(pair.head.place()),
            operations,
            names: pair.names.clone(),
            used_by: Vec::new(),
            rust: None,
        });
    }
}

/// Whether two values are the same. Unlike the texts of the files, the order of keys does not count.
pub(super) fn same(base: Option<&Node>, head: Option<&Node>) -> bool {
    match (base, head) {
        (Some(base), Some(head)) => same_value(base, head),
        (None, None) => true,
        _ => false,
    }
}

fn same_value(base: &Node, head: &Node) -> bool {
    match (&base.value, &head.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(base), Value::Bool(head)) => base == head,
        (Value::Number(base), Value::Number(head)) => base == head,
        (Value::String(base), Value::String(head)) => base == head,
        (Value::Array(base), Value::Array(head)) => {
            base.len() == head.len()
                && base.iter().zip(head).all(|(base, head)| same_value(base, head))
        }
        (Value::Object(entries), Value::Object(others)) => {
            entries.len() == others.len()
                && entries.iter().all(|entry| same(Some(&entry.value), head.get(&entry.key)))
        }
        _ => false,
    }
}
