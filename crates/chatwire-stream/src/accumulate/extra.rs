//! Keys without a rule of their own, which the document may know or not, merged over the chunks of
//! a stream. Keys with a rule are the work of the modules beside this one.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::merge::merge_json;

/// Such keys so far. A hash map by name, so that a hostile number of keys costs linear time.
#[derive(Clone, Debug, Default)]
pub(super) struct ExtraParts(Map<String, Value>);

impl ExtraParts {
    /// Merges a key of a chunk or a choice: the last value stays, objects key by key.
    pub(super) fn replace(&mut self, key: &str, value: Cow<'_, Value>) {
        self.merge(key, value, merge_json);
    }

    /// Merges a key of a delta: strings are joined unless they are labels.
    pub(super) fn join(&mut self, key: &str, value: Cow<'_, Value>) {
        self.merge(key, value, |slot, value| match (slot, value.as_ref()) {
            (Value::String(known), Value::String(new)) => join_text(known, new, key),
            (slot, _) => merge_json(slot, value),
        });
    }

    fn merge(
        &mut self,
        key: &str,
        value: Cow<'_, Value>,
        merge: impl FnOnce(&mut Value, Cow<'_, Value>),
    ) {
        if is_padding(key) {
            return;
        }
        match self.0.get_mut(key) {
            Some(_) if value.is_null() => {}
            Some(slot) => merge(slot, value),
            None => drop(self.0.insert(key.to_owned(), value.into_owned())),
        }
    }

    /// Adds what others had, where it is not known here.
    pub(super) fn fill(&mut self, others: Self) {
        for (key, value) in others.0 {
            self.0.entry(key).or_insert(value);
        }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(key)
    }

    pub(super) fn into_rest(self) -> Map<String, Value> {
        self.0
    }
}

/// Joins text; of a label, the last that is not empty stays.
fn join_text(known: &mut String, new: &str, key: &str) {
    if is_label(key) && !new.is_empty() {
        known.clear();
    }
    known.push_str(new);
}

/// What services add so that the length of a chunk says nothing about its content.
fn is_padding(key: &str) -> bool {
    matches!(key, "obfuscation" | "p")
}

/// Strings that name a thing and are sent whole in every delta.
fn is_label(key: &str) -> bool {
    const LABELS: [&str; 12] = [
        "channel",
        "created_at",
        "format",
        "id",
        "index",
        "mode",
        "model",
        "name",
        "object",
        "role",
        "status",
        "type",
    ];
    LABELS.contains(&key) || key.ends_with("_id")
}
