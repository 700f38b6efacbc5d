//! Moves keys into an object of another type: a key that the document gives to that type goes into its field.
//! [`unknown`](mod@super::unknown) has merged the values before.

use chatwire_types::Extra;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{SaysNothing, is_empty_json};

/// An object of the document, with access to its fields by key.
pub(crate) trait Fields: Default + DeserializeOwned {
    /// Whether the document gives this key to the type.
    fn knows(key: &str) -> bool;

    /// The field of this key. A constant has none.
    fn field(&mut self, key: &str) -> Option<&mut dyn Field>;

    /// Takes the fields and unknown keys of `other` that are not set here.
    fn fill(&mut self, other: Self);

    fn extra_mut(&mut self) -> &mut Extra;
}

/// A field of an object, whatever its type is.
pub(crate) trait Field {
    /// Makes the field empty for a value that comes in its place. Returns false if the field keeps what it has,
    /// because an object has each key once. A value that is not empty replaces an empty one.
    fn gives_way_to(&mut self, value: &Value) -> bool;
}

impl<T: Serialize> Field for Option<T> {
    fn gives_way_to(&mut self, value: &Value) -> bool {
        match self {
            None => true,
            Some(known) if !value.says_nothing() && is_empty_json(known) => {
                *self = None;
                true
            }
            Some(_) => false,
        }
    }
}

/// Puts keys into an object. Drops a key whose field has a value.
pub(crate) fn place<T: Fields>(target: &mut T, keys: Extra) {
    if keys.is_empty() {
        return;
    }
    if !keys.keys().any(T::knows) && target.extra_mut().is_empty() {
        *target.extra_mut() = keys;
        return;
    }
    for (key, value) in keys {
        if !T::knows(&key) {
            fill_extra(target.extra_mut(), [(key, value)].into());
        } else if target.field(&key).is_some_and(|field| field.gives_way_to(&value)) {
            place_one(target, key, value);
        }
    }
}

/// Puts a documented key into its field, or into `extra` if the value does not fit.
fn place_one<T: Fields>(target: &mut T, key: String, value: Value) {
    let object = Value::Object(Map::from_iter([(key, value)]));
    if let Ok(placed) = serde_json::from_value(object) {
        target.fill(placed);
    }
}

/// Adds a value as JSON, because the type of the object has no field for it.
pub(crate) fn add_json<T: Serialize>(extra: &mut Extra, key: &str, value: &Option<T>) {
    if let Some(value) = value
        && let Ok(json) = serde_json::to_value(value)
    {
        extra.insert(key, json);
    }
}

pub(crate) fn fill<T>(slot: &mut Option<T>, other: Option<T>) {
    if slot.is_none() {
        *slot = other;
    }
}

pub(crate) fn fill_extra(known: &mut Extra, other: Extra) {
    for (key, value) in other {
        if !known.contains_key(&key) {
            known.insert(key, value);
        }
    }
}
