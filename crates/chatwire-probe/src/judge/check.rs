//! Applies the checks of a case to the view of an answer. [`rules`](super::rules) has what a check cannot say.

use serde_json::Value;

use super::Finding;
use super::finding::{cut, shown};
use super::place::{Found, find};
use crate::case::{Check, Predicate};

/// What is wrong in a view, by all checks.
pub(crate) fn check_all(checks: &[Check], view: &Value) -> Vec<Finding> {
    checks.iter().flat_map(|check| check_one(check, view, view, "")).collect()
}

fn check_one(check: &Check, root: &Value, view: &Value, before: &str) -> Vec<Finding> {
    let mut found = find(root, &check.at);
    if check.optional {
        found.retain(|(_, value)| value.is_some_and(|value| !value.is_null()));
        if found.is_empty() {
            return Vec::new();
        }
    }
    let at = format!("{before}{}", check.at);
    let of_all = check.predicates.iter().filter_map(|predicate| of_all(predicate, &found, &at));
    let mut findings: Vec<Finding> = of_all.collect();
    let of_each = check.predicates.iter().filter(|predicate| is_of_each(predicate));
    for predicate in of_each {
        if found.is_empty() {
            let expected = expected(predicate, view);
            findings.push(Finding::new(&at, expected, "an empty list"));
            continue;
        }
        let wrong = found.iter().flat_map(|found| of_one(predicate, found, view, before));
        let wrong: Vec<Finding> = wrong.collect();
        let fails = if check.some { wrong.len() >= found.len() } else { !wrong.is_empty() };
        if fails {
            findings.extend(wrong.into_iter().take(MOST_FINDINGS));
        }
    }
    findings
}

fn is_of_each(predicate: &Predicate) -> bool {
    !matches!(
        predicate,
        Predicate::Count(_) | Predicate::MinCount(_) | Predicate::AllSame | Predicate::Unique
    )
}

/// What is wrong with the values together.
fn of_all(predicate: &Predicate, found: &[Found<'_>], at: &str) -> Option<Finding> {
    let count = found.iter().filter(|(_, value)| value.is_some()).count();
    let values = || found.iter().filter_map(|(_, value)| *value);
    match predicate {
        Predicate::Count(expected) if count != *expected => {
            Some(Finding::new(at, format!("{expected} values"), count.to_string()))
        }
        Predicate::MinCount(least) if count < *least => {
            Some(Finding::new(at, format!("at least {least} values"), count.to_string()))
        }
        Predicate::AllSame => {
            let first = values().next()?;
            let other = values().find(|value| *value != first)?;
            let found = format!("{} and {}", shown(Some(first)), shown(Some(other)));
            Some(Finding::new(at, "the same value each time", found))
        }
        Predicate::Unique => {
            let all: Vec<&Value> = values().collect();
            let twice =
                all.iter().enumerate().find(|(i, value)| all.iter().take(*i).any(|v| v == *value));
            let (_, twice) = twice?;
            Some(Finding::new(
                at,
                "another value each time",
                format!("{} twice", shown(Some(twice))),
            ))
        }
        _ => None,
    }
}

/// What is wrong with one value.
fn of_one(predicate: &Predicate, found: &Found<'_>, view: &Value, before: &str) -> Vec<Finding> {
    let (path, value) = found;
    if let (Predicate::Parses(checks), Some(Value::String(text))) = (predicate, value) {
        return parsed(checks, text, view, &format!("{before}{path}"));
    }
    if holds(predicate, *value, view) {
        return Vec::new();
    }
    vec![Finding::new(format!("{before}{path}"), expected(predicate, view), shown(*value))]
}

fn parsed(checks: &[Check], text: &str, view: &Value, at: &str) -> Vec<Finding> {
    let inside: Value = match serde_json::from_str(text) {
        Ok(inside) => inside,
        Err(error) => {
            let found = format!("{} ({error})", cut(text));
            return vec![Finding::new(at, "a text that is JSON", found)];
        }
    };
    let before = format!("{at}#");
    checks.iter().flat_map(|check| check_one(check, &inside, view, &before)).collect()
}

fn holds(predicate: &Predicate, value: Option<&Value>, view: &Value) -> bool {
    let Some(value) = value else { return matches!(predicate, Predicate::Absent) };
    match predicate {
        Predicate::Is(kinds) => kinds.iter().any(|kind| kind.fits(value)),
        Predicate::Equals(expected) => equal(value, expected),
        Predicate::OneOf(expected) => expected.iter().any(|one| equal(value, one)),
        Predicate::Matches(pattern) => value.as_str().is_some_and(|text| pattern.is_match(text)),
        Predicate::Contains(part) => value.as_str().is_some_and(|text| text.contains(part)),
        Predicate::Lacks(part) => value.as_str().is_some_and(|text| !text.contains(part)),
        Predicate::Min(least) => value.as_f64().is_some_and(|number| number >= *least),
        Predicate::Max(most) => value.as_f64().is_some_and(|number| number <= *most),
        Predicate::MinLength(least) => length(value).is_some_and(|length| length >= *least),
        Predicate::MaxLength(most) => length(value).is_some_and(|length| length <= *most),
        Predicate::SameAs(place) => {
            find(view, place).first().is_some_and(|(_, other)| *other == Some(value))
        }
        Predicate::Absent => value.is_null(),
        Predicate::Keys(keys) => value.as_object().is_some_and(|object| object.keys().eq(keys)),
        Predicate::LacksKeys(keys) => {
            value.as_object().is_some_and(|object| !keys.iter().any(|key| object.contains_key(key)))
        }
        Predicate::Parses(_) => false,
        Predicate::Count(_) | Predicate::MinCount(_) | Predicate::AllSame | Predicate::Unique => {
            true
        }
    }
}

/// Numbers are equal if their values are, such as 1 and 1.0.
fn equal(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (value, expected) => value == expected,
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(keys) => Some(keys.len()),
        _ => None,
    }
}

fn expected(predicate: &Predicate, view: &Value) -> String {
    match predicate {
        Predicate::Is(kinds) => {
            let names: Vec<_> = kinds.iter().map(|kind| kind.expects()).collect();
            names.join(" or ")
        }
        Predicate::Equals(value) => cut(&value.to_string()),
        Predicate::OneOf(values) => {
            let values: Vec<_> = values.iter().map(Value::to_string).collect();
            format!("one of {}", values.join(", "))
        }
        Predicate::Matches(pattern) => format!("a text like {pattern}"),
        Predicate::Contains(part) => format!("a text with {part:?}"),
        Predicate::Lacks(part) => format!("a text without {part:?}"),
        Predicate::Min(least) => format!("a number of at least {least}"),
        Predicate::Max(most) => format!("a number of at most {most}"),
        Predicate::MinLength(least) => format!("a length of at least {least}"),
        Predicate::MaxLength(most) => format!("a length of at most {most}"),
        Predicate::SameAs(place) => {
            let other = find(view, place).first().and_then(|(_, value)| *value);
            format!("{} as at {place}", shown(other))
        }
        Predicate::Absent => "nothing".to_owned(),
        Predicate::Keys(keys) => format!("the keys {}, in this order", keys.join(", ")),
        Predicate::LacksKeys(keys) => format!("an object without {}", keys.join(", ")),
        Predicate::Parses(_) => "a text that is JSON".to_owned(),
        Predicate::Count(_) | Predicate::MinCount(_) | Predicate::AllSame | Predicate::Unique => {
            String::new()
        }
    }
}

/// More places of the same kind say nothing new.
const MOST_FINDINGS: usize = 3;
