//! Reads JSON into the generated types without losing or refusing anything: a value that does not
//! fit is handed back whole, and the nearest place that can hold it keeps it. The generated
//! `serde_impls.rs` says which keys and arms exist.

use std::borrow::Cow;

use serde_core::de::{Deserializer, Error as _};
use serde_json::{Map, Number, Value};

use crate::encode::ToJson;
use crate::{Path, Step, UnknownVariant};

mod object;
mod object_limit;
mod plain;
mod reader;
mod union;
mod why;

pub use object::{Keys, ObjectReader, Parts, first_missing};
pub use object_limit::{DEFAULT_MAX_OBJECTS, with_max_objects};
use object_limit::{Objects, count_memory, count_object, counted, counted_before, uncount_object};
pub use reader::{Entries, Failed, Items, Key, Known, Slot};
use reader::{read, read_json};
pub use union::{
    Tagged, list_arm, number_arm, object_arm, scalar_arm, tagged, tagged_arm, unknown_list,
    unknown_object, unknown_scalar, unknown_tag,
};
pub use why::{Why, why, why_tagged};

/// The result of reading one JSON value. A value that fits is already in its slot, so that large
/// types are not moved.
pub enum Outcome {
    /// It fits.
    Typed,
    /// It is `null`, which an optional key may have.
    Null,
    /// It has another shape. Holds the value.
    Other(Box<Misfit>),
}

/// A value that did not fit, with the reason. The reason is shown only if no place can keep the
/// value.
pub struct Misfit {
    value: Value,
    pub expected: &'static str,
    /// The value that came instead; `None` if a mandatory key is missing.
    pub found: Option<&'static str>,
    /// The path from the inside out, because the steps become known in that order.
    steps: Vec<ReasonStep>,
}

enum ReasonStep {
    /// A key of the document, or of a map.
    Key(Cow<'static, str>),
    Index(usize),
}

impl Misfit {
    fn new(value: Value, expected: &'static str) -> Box<Self> {
        let found = Some(kind(&value));
        Box::new(Self { value, expected, found, steps: Vec::new() })
    }

    /// The same reason, one level further out, where `value` is the whole.
    fn within(mut self: Box<Self>, value: Value, step: ReasonStep) -> Box<Self> {
        self.value = value;
        self.steps.push(step);
        self
    }

    /// The number of steps to the place of the reason.
    pub fn depth(&self) -> usize {
        self.steps.len()
    }

    /// Extends a path to the place of the reason.
    pub fn extend(&self, path: &mut Path) {
        for step in self.steps.iter().rev() {
            path.push(match step {
                ReasonStep::Key(key) => Step::Key(key.clone().into_owned()),
                ReasonStep::Index(index) => Step::Index(*index),
            });
        }
    }

    fn reason(&self) -> String {
        let mut path = Path::new();
        self.extend(&mut path);
        let place = path.to_string();
        match (place.as_str(), self.found) {
            (_, None) => format!("{place} is missing"),
            ("", Some(found)) => format!("expected {}, found {found}", self.expected),
            (_, Some(found)) => format!("{place}: expected {}, found {found}", self.expected),
        }
    }
}

/// What a value is, for messages.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A type that takes some kinds of JSON values and hands back the others.
pub trait FromJson: Sized {
    /// What the type takes, for messages: `a string`, `an object`.
    const EXPECTED: &'static str;

    /// The value of a null in a list or a map, where no optional key stands for it; `None` if the type takes no null.
    fn of_null() -> Option<Self> {
        None
    }

    fn from_scalar(value: Scalar<'_>, _slot: &mut Option<Self>) -> Outcome {
        refuse_scalar(value, Self::EXPECTED)
    }

    fn from_list(list: &mut dyn Items, _slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        refuse_list(list, Self::EXPECTED)
    }

    fn from_object(object: &mut dyn Entries, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        refuse_object(object, slot)
    }
}

// These are functions of their own, because most types would have a copy of each.

fn refuse_scalar(value: Scalar<'_>, expected: &'static str) -> Outcome {
    misfit(value.into_json(), expected)
}

fn refuse_list(list: &mut dyn Items, expected: &'static str) -> Result<Outcome, Failed> {
    Ok(misfit(whole_list(Vec::new(), list)?, expected))
}

fn refuse_object(object: &mut dyn Entries, slot: &mut dyn Slot) -> Result<Outcome, Failed> {
    Ok(match whole_object(Map::new(), object)? {
        Value::Number(number) => slot.read_scalar(Scalar::Number(number)),
        value => misfit(value, slot.expected()),
    })
}

fn misfit(value: Value, expected: &'static str) -> Outcome {
    Outcome::Other(Misfit::new(value, expected))
}

/// A JSON value without parts, which is not copied yet.
pub enum Scalar<'a> {
    Bool(bool),
    Number(Number),
    Text(&'a str),
    Owned(String),
}

impl Scalar<'_> {
    pub fn into_json(self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Number(value) => Value::Number(value),
            Self::Text(text) => Value::String(text.to_owned()),
            Self::Owned(text) => Value::String(text),
        }
    }
}

/// Decodes a value, or returns why it does not fit.
pub fn deserialize<'de, T: FromJson, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut slot = None;
    read_root(deserializer, &mut slot)?;
    slot.ok_or_else(|| D::Error::custom(format_args!("expected {}, found null", T::EXPECTED)))
}

/// Reads the outermost value. Only a null leaves the slot empty.
fn read_root<'de, D: Deserializer<'de>>(
    deserializer: D,
    slot: &mut dyn Slot,
) -> Result<(), D::Error> {
    match counted(|| read(deserializer, slot))? {
        Outcome::Other(misfit) => Err(D::Error::custom(misfit.reason())),
        Outcome::Typed => Ok(()),
        Outcome::Null => {
            slot.clear();
            Ok(())
        }
    }
}

/// Reads a union from a JSON value. A value that no arm takes goes into the unknown arm.
pub fn from_json<T: FromJson>(json: Value, unknown: fn(UnknownVariant) -> T) -> T {
    let mut slot = None;
    // A `Value` is always well-formed, so this cannot fail; only null is not a union.
    let outcome = read_json(json, &mut slot);
    slot.unwrap_or_else(|| match outcome {
        Ok(Outcome::Other(misfit)) => unknown(UnknownVariant::new(misfit.value)),
        _ => unknown(UnknownVariant::new(Value::Null)),
    })
}

/// Reads an open enum from a string. Any other value does not fit.
pub fn text<T: FromJson>(
    value: Scalar<'_>,
    slot: &mut Option<T>,
    known: impl FnOnce(&str) -> T,
) -> Outcome {
    match &value {
        Scalar::Text(text) => *slot = Some(known(text)),
        Scalar::Owned(text) => *slot = Some(known(text)),
        _ => return misfit(value.into_json(), T::EXPECTED),
    }
    Outcome::Typed
}

/// Encodes into JSON in memory. This cannot fail, because every key is a string and no type
/// refuses.
fn to_json(value: &dyn ToJson) -> Value {
    serde_json::to_value(value.json()).unwrap_or_default()
}

/// The key of the object that stands for a number if any crate in the program enables the feature
/// `arbitrary_precision` of serde_json. In other programs it is an ordinary key.
const NUMBER: &str = "$serde_json::private::Number";

/// The number that an object stands for, if its only entry is this value under [`NUMBER`].
fn number(value: &Value) -> Option<Value> {
    // Without `arbitrary_precision` this number is too large.
    let is_switched_on = serde_json::from_str::<Number>("1e999").is_ok();
    let text = value.as_str().filter(|_| is_switched_on)?;
    serde_json::from_str(text).ok().map(Value::Number)
}

/// The object with these entries, or the number that it stands for.
fn json_object(entries: Map<String, Value>) -> Value {
    let only = entries.get(NUMBER).filter(|_| entries.len() == 1);
    match only.and_then(number) {
        Some(number) => {
            uncount_object();
            number
        }
        None => Value::Object(entries),
    }
}

/// The memory of an entry of an object: its key, its value, and its place in the index.
const ENTRY: usize = 2 * size_of::<Value>();

/// The memory of a list in its own place. A list with one item reserves room for four.
const LIST: usize = 5 * size_of::<Value>();

fn whole_list(mut values: Vec<Value>, rest: &mut dyn Items) -> Result<Value, Failed> {
    count_memory(LIST)?;
    let mut item = None;
    while rest.next_item(&mut item)?.is_some() {
        count_memory(size_of::<Value>())?;
        values.push(item.take().unwrap_or_default());
    }
    Ok(Value::Array(values))
}

/// Reads the value of the key that was read last. Unlike serde_json, it counts objects.
fn next_value(object: &mut dyn Entries) -> Result<Value, Failed> {
    let mut slot = None;
    object.next_value(&mut slot)?;
    Ok(slot.unwrap_or_default())
}

/// Returns the next key of an object without known keys.
fn next_name(object: &mut dyn Entries) -> Result<Option<String>, Failed> {
    Ok(object.next_key(|_| None)?.and_then(|key| match key {
        Key::Unknown(name) => Some(name),
        Key::Known(_) => None,
    }))
}

fn whole_object(mut entries: Map<String, Value>, rest: &mut dyn Entries) -> Result<Value, Failed> {
    while let Some(key) = next_name(rest)? {
        count_memory(ENTRY)?;
        entries.insert(key, next_value(rest)?);
    }
    Ok(json_object(entries))
}
