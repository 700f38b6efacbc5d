//! Reads unions: the kind of JSON or a tag selects an arm, and everything else goes into the
//! unknown arm. [`super::object`] reads the objects inside.

use serde_json::{Map, Number, Value};

use super::{
    Entries, Failed, FromJson, Items, Key, Known, Outcome, Scalar, Slot, misfit, next_name,
    next_value, read_json, to_json, whole_list, whole_object,
};
use crate::UnknownVariant;
use crate::encode::ToJson;

/// Makes a union from the value of an arm.
type Arm<T, U> = fn(T) -> U;
/// Makes a union from any other value.
type Other<U> = fn(UnknownVariant) -> U;

/// Reads an arm of a union from a scalar.
pub fn scalar_arm<T: FromJson, U>(
    value: Scalar<'_>,
    slot: &mut Option<U>,
    known: Arm<T, U>,
    unknown: Other<U>,
) -> Outcome {
    let mut arm = None;
    let outcome = T::from_scalar(value, &mut arm);
    choose(outcome, arm.map(known), slot, unknown)
}

/// Reads a number in a union with an arm for integers and an arm for other numbers. A number that
/// is written with a fraction keeps it, and an integer that is too large for the first arm may fit
/// the second.
pub fn number_arm<I: FromJson, N: FromJson, U>(
    value: Number,
    slot: &mut Option<U>,
    integer: Arm<I, U>,
    number: Arm<N, U>,
    unknown: Other<U>,
) -> Outcome {
    let mut arm = None;
    if !value.is_f64()
        && let Outcome::Typed = I::from_scalar(Scalar::Number(value.clone()), &mut arm)
    {
        *slot = arm.map(integer);
        return Outcome::Typed;
    }
    scalar_arm(Scalar::Number(value), slot, number, unknown)
}

/// Reads an arm of a union from a list.
pub fn list_arm<T: FromJson, U>(
    list: &mut dyn Items,
    slot: &mut Option<U>,
    known: Arm<T, U>,
    unknown: Other<U>,
) -> Result<Outcome, Failed> {
    let mut arm = None;
    let outcome = T::from_list(list, &mut arm)?;
    Ok(choose(outcome, arm.map(known), slot, unknown))
}

/// Reads an arm of a union from an object.
pub fn object_arm<T: FromJson, U: FromJson>(
    object: &mut dyn Entries,
    slot: &mut Option<U>,
    known: Arm<T, U>,
    unknown: Other<U>,
) -> Result<Outcome, Failed> {
    let mut arm = None;
    match T::from_object(object, &mut arm)? {
        Outcome::Other(misfit) => Ok(no_object(misfit.value, slot, unknown)),
        outcome => Ok(choose(outcome, arm.map(known), slot, unknown)),
    }
}

/// A value that does not fit its arm goes into the unknown arm.
fn choose<U>(outcome: Outcome, arm: Option<U>, slot: &mut Option<U>, unknown: Other<U>) -> Outcome {
    match outcome {
        Outcome::Typed => *slot = arm,
        Outcome::Null => return Outcome::Null,
        Outcome::Other(misfit) => *slot = Some(unknown(UnknownVariant::new(misfit.value))),
    }
    Outcome::Typed
}

/// Keeps a scalar that no arm takes.
pub fn unknown_scalar<U>(value: Scalar<'_>, slot: &mut Option<U>, unknown: Other<U>) -> Outcome {
    *slot = Some(unknown(UnknownVariant::new(value.into_json())));
    Outcome::Typed
}

/// Keeps a list that no arm takes.
pub fn unknown_list<U>(
    list: &mut dyn Items,
    slot: &mut Option<U>,
    unknown: Other<U>,
) -> Result<Outcome, Failed> {
    *slot = Some(unknown(UnknownVariant::new(whole_list(Vec::new(), list)?)));
    Ok(Outcome::Typed)
}

/// Keeps an object that no arm takes.
pub fn unknown_object<U: FromJson>(
    object: &mut dyn Entries,
    slot: &mut Option<U>,
    unknown: Other<U>,
) -> Result<Outcome, Failed> {
    Ok(no_object(whole_object(Map::new(), object)?, slot, unknown))
}

/// Keeps an object that no arm takes, unless it stands for a number.
fn no_object<U: FromJson>(value: Value, slot: &mut Option<U>, unknown: Other<U>) -> Outcome {
    if let Value::Number(number) = value {
        return U::from_scalar(Scalar::Number(number), slot);
    }
    *slot = Some(unknown(UnknownVariant::new(value)));
    Outcome::Typed
}

/// A union in which the value of one key selects the object arm.
pub trait Tagged: ToJson + Sized {
    /// The key.
    const TAG: &'static str;

    /// Reads the arm that the tag names, with [`tagged_arm`] or [`unknown_tag`]. The tag is empty
    /// if it is missing or null.
    fn from_tagged(
        tag: &str,
        object: &mut dyn Entries,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, Failed>;

    /// Whether the value still has the tag that selected its arm. Most arms have only one tag; some
    /// may lack it and take any.
    fn has_tag(&self, _tag: &str) -> bool {
        true
    }
}

/// Reads the arm that a tag names.
pub fn tagged_arm<T: FromJson, U>(
    object: &mut dyn Entries,
    slot: &mut Option<U>,
    known: Arm<T, U>,
) -> Result<Outcome, Failed> {
    let mut arm = None;
    let outcome = T::from_object(object, &mut arm)?;
    *slot = arm.map(known);
    Ok(outcome)
}

/// Reads an object whose tag names no arm.
pub fn unknown_tag(object: &mut dyn Entries) -> Result<Outcome, Failed> {
    Ok(misfit(whole_object(Map::new(), object)?, KNOWN_TAG))
}

/// What an object whose tag names no arm would need.
pub(super) const KNOWN_TAG: &str = "an object with a known tag";

/// Reads an object of a tagged union. Only what comes before the tag is buffered.
pub fn tagged<T: Tagged>(
    object: &mut dyn Entries,
    slot: &mut Option<T>,
    unknown: Other<T>,
) -> Result<Outcome, Failed> {
    let mut seen = Vec::new();
    let tag = until_tag(T::TAG, object, &mut seen)?;
    // Some formats must not be asked again after they have reported the end.
    let rest = tag.is_some().then_some(object);
    let tag = tag.unwrap_or_default();
    let outcome = T::from_tagged(&tag, &mut Replay::new(seen, rest), slot)?;
    let mut whole = match (outcome, &*slot) {
        (Outcome::Other(misfit), _) => misfit.value,
        (_, Some(value)) if !value.has_tag(&tag) => to_json(value),
        (outcome, _) => return Ok(outcome),
    };
    // If the tag is repeated, the last one counts, so the object is read once more, with only that
    // tag.
    let last = whole.get(T::TAG).map(tag_text).unwrap_or_default();
    if last != tag
        && let Value::Object(entries) = whole
    {
        let seen = entries.into_iter().collect();
        match T::from_tagged(&last, &mut Replay::new(seen, None), slot)? {
            Outcome::Other(misfit) => whole = misfit.value,
            outcome => return Ok(outcome),
        }
    }
    *slot = Some(unknown(UnknownVariant::new(whole)));
    Ok(Outcome::Typed)
}

/// Reads entries up to the tag, and returns the tag; reads all entries if it is missing.
fn until_tag(
    tag: &str,
    object: &mut dyn Entries,
    seen: &mut Vec<(String, Value)>,
) -> Result<Option<String>, Failed> {
    while let Some(key) = next_name(object)? {
        let value = next_value(object)?;
        let found = (key == tag).then(|| tag_text(&value));
        seen.push((key, value));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// A tag that is not a string names no arm. It does not count as missing.
fn tag_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The entries that were read before the tag, then the rest of the object.
pub(super) struct Replay<'a> {
    seen: std::vec::IntoIter<(String, Value)>,
    value: Option<Value>,
    rest: Option<&'a mut dyn Entries>,
}

impl<'a> Replay<'a> {
    pub(super) fn new(seen: Vec<(String, Value)>, rest: Option<&'a mut dyn Entries>) -> Self {
        Self { seen: seen.into_iter(), value: None, rest }
    }
}

impl Entries for Replay<'_> {
    fn next_key(&mut self, known: Known) -> Result<Option<Key>, Failed> {
        match (self.seen.next(), &mut self.rest) {
            (Some((name, value)), _) => {
                self.value = Some(value);
                Ok(Some(known(&name).map_or(Key::Unknown(name), Key::Known)))
            }
            (None, Some(rest)) => rest.next_key(known),
            (None, None) => Ok(None),
        }
    }

    fn next_value(&mut self, slot: &mut dyn Slot) -> Result<Outcome, Failed> {
        match (self.value.take(), &mut self.rest) {
            (Some(value), _) => read_json(value, slot),
            (None, Some(rest)) => rest.next_value(slot),
            (None, None) => Err(Failed::custom("the value was requested before its key")),
        }
    }

    fn skip_value(&mut self) -> Result<(), Failed> {
        match (self.value.take(), &mut self.rest) {
            (None, Some(rest)) => rest.skip_value(),
            _ => Ok(()),
        }
    }
}
