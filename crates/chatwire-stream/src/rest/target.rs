//! The keys without a rule put into a part of an answer or of a chunk: where the document gives one a
//! place there, into that place. Which keys these are is the work of [`super`].

use std::cell::RefCell;
use std::mem;

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, CustomCall, CustomCallDelta,
    CustomToolCall, Delta, Extra, FunctionCall, FunctionCallDelta, FunctionToolCall, Logprobs,
    ReasoningDetail, ResponseAudio, ResponseMessage, ToolCallDelta,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::sieve::sieve;

/// What the rest can be put into: an object that keeps keys which the document does not know.
pub(crate) trait Target: Default + PartialEq + Serialize + DeserializeOwned {
    fn extra_mut(&mut self) -> &mut Extra;
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => { $(
        impl Target for $name {
            fn extra_mut(&mut self) -> &mut Extra {
                &mut self.extra
            }
        }
    )* };
}

targets!(
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChunkChoice,
    CustomCall,
    CustomCallDelta,
    CustomToolCall,
    Delta,
    FunctionCall,
    FunctionCallDelta,
    FunctionToolCall,
    Logprobs,
    ReasoningDetail,
    ResponseAudio,
    ResponseMessage,
    ToolCallDelta,
);

/// Puts the rest into a target. A key that the target has set stays as it is.
pub(crate) fn with_rest<T: Target>(mut target: T, rest: Map<String, Value>) -> T {
    if rest.is_empty() {
        return target;
    }
    let Ok(mut placed) = serde_json::from_value::<T>(Value::Object(rest)) else { return target };
    let mut extra = mem::take(placed.extra_mut());
    leave_out(&mut extra, &target);
    // As a rule the document has no place for any of them, and the target, which may be a long answer,
    // is left alone.
    if placed == T::default() {
        extra.into_iter().for_each(|(key, value)| target.extra_mut().push(key, value));
        return target;
    }
    *placed.extra_mut() = extra;
    by_json(target, &placed)
}

/// Leaves out the keys that an object has.
fn leave_out<T: Serialize>(extra: &mut Extra, part: &T) {
    let found = RefCell::new(Vec::new());
    let look = |key: &str| {
        if extra.contains_key(key) {
            found.borrow_mut().push(key.to_owned());
        }
        true
    };
    sieve(part, |_| false, Some(&look), &mut Map::new());
    let found = found.into_inner();
    if !found.is_empty() {
        extra.retain(|key, _| !found.iter().any(|found| found == key));
    }
}

fn by_json<T: Target>(target: T, placed: &T) -> T {
    let objects = (serde_json::to_value(&target), serde_json::to_value(placed));
    let (Ok(Value::Object(mut object)), Ok(Value::Object(rest))) = objects else { return target };
    for (key, value) in rest {
        object.entry(key).or_insert(value);
    }
    serde_json::from_value(Value::Object(object)).unwrap_or(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The rule in a few words, whatever it costs.
    fn plainly<T: Target>(target: &T, rest: Map<String, Value>) -> T {
        let Value::Object(mut object) = serde_json::to_value(target).unwrap() else { panic!() };
        for (key, value) in rest {
            object.entry(key).or_insert(value);
        }
        serde_json::from_value(Value::Object(object)).unwrap()
    }

    /// Every object in which each of the keys is missing or has one of some values.
    fn objects(keys: &[&str]) -> Vec<Map<String, Value>> {
        let Some((first, others)) = keys.split_first() else { return vec![Map::new()] };
        let values = [json!(null), json!(5), json!("a"), json!([{"type": "t"}])];
        let mut all = objects(others);
        for others in all.clone() {
            for value in &values {
                let mut object = Map::from_iter([((*first).to_owned(), value.clone())]);
                object.extend(others.clone());
                all.push(object);
            }
        }
        all
    }

    fn check<T: Target + std::fmt::Debug>(keys: &[&str]) {
        for set in objects(keys) {
            let target: T = serde_json::from_value(Value::Object(set)).unwrap();
            for rest in objects(keys) {
                let expected = plainly(&target, rest.clone());
                let found: T =
                    with_rest(serde_json::from_value(json!(target)).unwrap(), rest.clone());
                assert_eq!(found, expected, "{target:?} and {rest:?}");
                assert_eq!(json!(found).to_string(), json!(expected).to_string());
            }
        }
    }

    #[test]
    fn every_key_finds_its_place() {
        check::<FunctionCallDelta>(&["name", "new", "arguments"]);
        check::<ResponseMessage>(&["content", "annotations", "new"]);
        check::<Choice>(&["logprobs", "new", "index"]);
        check::<ChatCompletion>(&["usage", "other", "object"]);
    }
}
