//! The small rules by which one field of a chunk meets what came before: first, last, joined.
//! Which field follows which rule is said where the field is, in the modules beside this one.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Text, in the fields where empty text says as little as none.
pub(super) trait Text: Clone {
    fn text(&self) -> &str;
}

impl Text for String {
    fn text(&self) -> &str {
        self
    }
}

macro_rules! text {
    ($($name:ident),*) => { $(
        impl Text for chatwire_types::$name {
            fn text(&self) -> &str {
                self.as_str()
            }
        }
    )* };
}

text!(FinishReason, ReasoningDetailType, Role, ServiceTier, ToolCallType);

/// The first that is not empty stays.
pub(super) fn first_text<T: Text>(slot: &mut Option<T>, new: Option<&T>) {
    if slot.as_ref().is_none_or(|known| known.text().is_empty()) {
        last(slot, new);
    }
}

/// The last that is not empty stays.
pub(super) fn last_text<T: Text>(slot: &mut Option<T>, new: Option<&T>) {
    if slot.is_none() || new.is_some_and(|new| !new.text().is_empty()) {
        last(slot, new);
    }
}

/// The last stays.
pub(super) fn last<T: Clone>(slot: &mut Option<T>, new: Option<&T>) {
    match (slot.as_mut(), new) {
        (_, None) => {}
        (Some(known), Some(new)) => known.clone_from(new),
        (None, Some(new)) => *slot = Some(new.clone()),
    }
}

/// The last list that has something in it stays.
pub(super) fn last_list<T: Clone>(slot: &mut Option<Vec<T>>, new: Option<&Vec<T>>) {
    if slot.is_none() || new.is_some_and(|new| !new.is_empty()) {
        last(slot, new);
    }
}

/// Text is put after text.
pub(super) fn join(slot: &mut Option<String>, new: Option<&String>) {
    if let Some(new) = new {
        slot.get_or_insert_default().push_str(new);
    }
}

/// Lists are put one after the other.
pub(super) fn join_list<T: Clone>(slot: &mut Option<Vec<T>>, new: Option<&Vec<T>>) {
    if let Some(new) = new {
        slot.get_or_insert_default().extend_from_slice(new);
    }
}

/// An object that services send again and again as it grows: merged key by key, by way of its JSON,
/// which is read only at the end, so that a chunk costs what it says and not what came before it.
#[derive(Clone, Debug)]
pub(super) struct Growing<T> {
    last: Option<T>,
    /// All of them, once two differ.
    merged: Option<Value>,
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self { last: None, merged: None }
    }
}

impl<T: Clone + PartialEq + Serialize + DeserializeOwned> Growing<T> {
    pub(super) fn push(&mut self, new: Option<&T>) {
        let Some(new) = new.filter(|new| self.last.as_ref() != Some(new)) else { return };
        if let Some(last) = &self.last {
            let merged = self.merged.get_or_insert_with(|| json(last));
            merge_json(merged, Cow::Owned(json(new)));
        }
        self.last = Some(new.clone());
    }

    /// The object when nothing more comes; the last alone if together they are no longer of its type.
    pub(super) fn settle(self) -> Option<T> {
        let merged = self.merged.and_then(|merged| serde_json::from_value(merged).ok());
        merged.or(self.last)
    }
}

fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The last stays, null says nothing, objects are merged key by key.
pub(super) fn merge_json(slot: &mut Value, new: Cow<'_, Value>) {
    match (slot, new) {
        (_, new) if new.is_null() => {}
        (Value::Object(known), Cow::Owned(Value::Object(new))) => {
            new.into_iter().for_each(|(key, value)| merge_key(known, &key, Cow::Owned(value)));
        }
        (Value::Object(known), Cow::Borrowed(Value::Object(new))) => {
            new.iter().for_each(|(key, value)| merge_key(known, key, Cow::Borrowed(value)));
        }
        (Value::String(known), Cow::Borrowed(Value::String(new))) => known.clone_from(new),
        (slot, new) => *slot = new.into_owned(),
    }
}

fn merge_key(known: &mut Map<String, Value>, key: &str, value: Cow<'_, Value>) {
    match known.get_mut(key) {
        Some(slot) => merge_json(slot, value),
        None => drop(known.insert(key.to_owned(), value.into_owned())),
    }
}
