//! Whatever of a part has no rule of its own, by way of its JSON, so that a key which the document
//! gains is carried along before anybody writes a rule for it. The rules are in
//! [`crate::accumulate`] and [`crate::encode`].

mod sieve;
mod target;

use std::borrow::Cow;
use std::collections::HashSet;

use chatwire_types::{ChatCompletionChunk, ChunkChoice, Extra};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use sieve::sieve;
pub(crate) use target::{Target, with_rest};

/// Says whether a key has a rule of its own.
pub(crate) type HasRule = fn(&str) -> bool;

/// The keys of a part without a rule, documented or not, and the ones with a rule whose values have
/// another shape and which are therefore in `extra`. Values of keys with a rule are not looked at.
pub(crate) fn rest<T: Serialize>(part: &T, extra: &Extra, has_rule: HasRule) -> Map<String, Value> {
    let mut rest = Map::new();
    sieve(part, has_rule, None, &mut rest);
    for (key, value) in extra.iter().filter(|(key, _)| has_rule(key)) {
        rest.insert(key.to_owned(), value.clone());
    }
    rest
}

/// As [`rest`], one after the other; what is in `extra` is not copied, if that is usual.
pub(crate) fn each_rest<T: Serialize>(
    part: &T,
    extra: &Extra,
    has_rule: HasRule,
    mut each: impl FnMut(&str, Cow<'_, Value>),
) {
    if !is_usual(extra) || has_documented_rest(part, extra, has_rule) {
        return rest(part, extra, has_rule)
            .into_iter()
            .for_each(|(key, value)| each(&key, Cow::Owned(value)));
    }
    for with_rule in [false, true] {
        for (key, value) in extra.iter().filter(|(key, _)| has_rule(key) == with_rule) {
            each(key, Cow::Borrowed(value));
        }
    }
}

/// So many keys are compared with all of them.
const FEW: usize = 8;

/// Whether there are few keys, and none twice.
fn is_usual(extra: &Extra) -> bool {
    let is_new = |(position, key)| extra.keys().take(position).all(|known| known != key);
    extra.len() <= FEW && extra.keys().enumerate().all(is_new)
}

/// Whether the document has a key of this part that has no rule.
pub(crate) fn has_documented_rest<T: Serialize>(
    part: &T,
    extra: &Extra,
    has_rule: HasRule,
) -> bool {
    let mut documented = Map::new();
    // A documented key may have the name of an unknown one: they are told apart by where they are.
    let addresses = || extra.keys().map(str::as_ptr).collect::<HashSet<_>>();
    let many = (extra.len() > FEW).then(addresses);
    let is_unknown = |key: &str| match &many {
        Some(many) => many.contains(&key.as_ptr()),
        None => extra.keys().any(|unknown| std::ptr::eq(unknown, key)),
    };
    sieve(part, has_rule, Some(&is_unknown), &mut documented);
    !documented.is_empty()
}

/// The choices of a chunk. Of a list that holds something else beside choices, the choices.
pub(crate) fn choices(chunk: &ChatCompletionChunk) -> Cow<'_, [ChunkChoice]> {
    match &chunk.choices {
        Some(choices) => Cow::Borrowed(choices),
        None => Cow::Owned(fitting(&chunk.extra, "choices")),
    }
}

/// The items that fit, of a list that does not as a whole, or of one that has no brackets.
pub(crate) fn fitting<T: DeserializeOwned>(extra: &Extra, key: &str) -> Vec<T> {
    let items = match extra.get(key) {
        Some(Value::Array(items)) => items.as_slice(),
        Some(item @ Value::Object(_)) => std::slice::from_ref(item),
        _ => &[],
    };
    items.iter().filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()
}

/// The index of a choice, 0 if it has none.
pub(crate) fn choice_index(choice: &ChunkChoice) -> i64 {
    index(choice.index, &choice.extra).unwrap_or(0)
}

/// An index, which some services write in quotes or with a fraction, and hostile ones beyond 64 bits.
pub(crate) fn index(known: Option<i64>, extra: &Extra) -> Option<i64> {
    known.or_else(|| match extra.get("index")? {
        Value::String(text) => {
            let number = || text.trim().parse().ok().filter(|number: &f64| number.is_finite());
            text.trim().parse().ok().or_else(|| Some(number()? as i64))
        }
        other => Some(other.as_f64()? as i64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatwire_types::{FunctionCallDelta, ToolCallDelta};
    use serde_json::json;

    #[test]
    fn keys_without_a_rule_are_kept_and_find_their_place() {
        let part = json!({"name": "n", "arguments": 5, "new": 1});
        let part: FunctionCallDelta = serde_json::from_value(part).unwrap();
        let found = rest(&part, &part.extra, |key| key == "arguments");
        assert_eq!(Value::Object(found.clone()), json!({"name": "n", "arguments": 5, "new": 1}));
        let target = FunctionCallDelta::new().arguments("{}");
        let target = with_rest(target, found);
        assert_eq!((target.name.as_deref(), target.arguments.as_deref()), (Some("n"), Some("{}")));
        assert_eq!(target.extra, [("new".to_owned(), json!(1))].into());
    }

    #[test]
    fn the_rest_is_the_same_one_after_the_other() {
        let many: String = (0..20).map(|n| format!(r#""k{n}":{n},"#)).collect();
        for (json, has_rule) in [
            (r#"{"name":"n"}"#.to_owned(), (|key| key == "name") as HasRule),
            (r#"{"name":"n","new":[1],"arguments":5,"other":null}"#.to_owned(), |key| key != "new"),
            (r#"{"name":"n","new":1,"arguments":"a"}"#.to_owned(), |key| key == "arguments"),
            (r#"{"name":5,"new":"a","name":"n","new":"b"}"#.to_owned(), |key| key == "name"),
            (format!(r#"{{{many}"name":5}}"#), |key| key == "name"),
        ] {
            let part: FunctionCallDelta = serde_json::from_str(&json).unwrap();
            let mut found = Map::new();
            each_rest(&part, &part.extra, has_rule, |key, value| {
                assert!(found.insert(key.to_owned(), value.into_owned()).is_none(), "{key}");
            });
            let expected = rest(&part, &part.extra, has_rule);
            assert!(found.iter().eq(expected.iter()), "{found:?} {expected:?}");
        }
    }

    #[test]
    fn items_that_fit_are_found() {
        let extra = Extra::from([("calls".to_owned(), json!([null, {"index": 1}, 5, "x"]))]);
        let found: Vec<ToolCallDelta> = fitting(&extra, "calls");
        assert_eq!(found, [ToolCallDelta::new(1)]);
        assert!(fitting::<ToolCallDelta>(&extra, "other").is_empty());
    }
}
