//! Finds out why a JSON value does not fit a type, for messages about a request. [`super`] only keeps such a value,
//! because an answer must lose nothing.

use std::fmt;

use serde_core::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::union::KNOWN_TAG;
use super::{FromJson, IntoSlot, Misfit, Outcome, ReasonStep, Tagged, counted_before, kind};

/// Returns why a value does not fit one type; `None` if it does.
pub type Why = fn(&Value) -> Option<Box<Misfit>>;

/// Why a value does not fit a type that is not a union.
pub fn why<T: FromJson>(json: &Value) -> Option<Box<Misfit>> {
    let mut slot = None::<T>;
    // The copy uses the same code as `From<Value>`. It is made only for a value that was refused.
    let outcome = counted_before(|| json.clone().deserialize_any(IntoSlot(&mut slot)));
    misfit(outcome, json, T::EXPECTED)
}

/// Why a value does not fit an object arm of a tagged union. An object with another tag may be a form that the
/// document does not know, so it fits.
pub fn why_tagged<T: Tagged + FromJson>(json: &Value) -> Option<Box<Misfit>> {
    let Value::Object(entries) = json else {
        return Some(Misfit::new(json.clone(), "an object"));
    };
    let tag = match entries.get(T::TAG) {
        None | Some(Value::Null) => "",
        Some(Value::String(tag)) => tag,
        Some(other) => return Some(at_tag::<T>(Some(kind(other)))),
    };
    let mut slot = None::<T>;
    let visitor = TaggedSlot { tag, slot: &mut slot };
    let outcome = counted_before(|| json.clone().deserialize_any(visitor));
    let misfit = misfit(outcome, json, T::EXPECTED)?;
    match (misfit.expected == KNOWN_TAG, tag) {
        (true, "") => Some(at_tag::<T>(None)),
        (true, _) => None,
        (false, _) => Some(misfit),
    }
}

fn misfit(
    outcome: Result<Outcome, serde_json::Error>,
    json: &Value,
    expected: &'static str,
) -> Option<Box<Misfit>> {
    match outcome {
        Ok(Outcome::Typed) => None,
        Ok(Outcome::Other(misfit)) => Some(misfit),
        // A value in memory is always well-formed, so an error is not possible.
        Ok(Outcome::Null) | Err(_) => Some(Misfit::new(json.clone(), expected)),
    }
}

/// The tag is missing, or is not a text.
fn at_tag<T: Tagged>(found: Option<&'static str>) -> Box<Misfit> {
    let steps = vec![ReasonStep::Key(T::TAG.into())];
    Box::new(Misfit { value: Value::Null, expected: "a string", found, steps })
}

/// Reads an object into the arm of this tag.
struct TaggedSlot<'a, T> {
    tag: &'a str,
    slot: &'a mut Option<T>,
}

impl<'de, T: Tagged> Visitor<'de> for TaggedSlot<'_, T> {
    type Value = Outcome;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Outcome, A::Error> {
        T::from_tagged(self.tag, object, self.slot)
    }
}
