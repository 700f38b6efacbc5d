//! Finds out why a JSON value does not fit a type, for messages about a request. [`super`] only keeps such a value,
//! because an answer must lose nothing.

use serde_json::Value;

use super::union::{KNOWN_TAG, Replay};
use super::{
    Failed, FromJson, Misfit, Outcome, ReasonStep, Tagged, counted_before, kind, read_json,
};

/// Returns why a value does not fit one type; `None` if it does.
pub type Why = fn(&Value) -> Option<Box<Misfit>>;

/// Why a value does not fit a type that is not a union.
pub fn why<T: FromJson>(json: &Value) -> Option<Box<Misfit>> {
    let mut slot = None::<T>;
    // The copy uses the same code as `From<Value>`. It is made only for a value that was refused.
    let outcome = read_json(json.clone(), &mut slot);
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
    let mut object = Replay::new(entries.clone().into_iter().collect(), None);
    let outcome = counted_before(|| T::from_tagged(tag, &mut object, &mut slot));
    let misfit = misfit(outcome, json, T::EXPECTED)?;
    match (misfit.expected == KNOWN_TAG, tag) {
        (true, "") => Some(at_tag::<T>(None)),
        (true, _) => None,
        (false, _) => Some(misfit),
    }
}

fn misfit(
    outcome: Result<Outcome, Failed>,
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
