//! Says whether a JSON value has all that another one has. [`conditions`](super::conditions) applies it to
//! the body of a request.

use serde_json::Value;

/// The first place at which the value lacks a part, such as `messages[0].role`, and what is there.
///
/// - An object has the keys of the part, and may have others. A null stands for an absent key, too.
/// - A list has as many items as that of the part.
/// - Numbers are equal if their values are, such as 1 and 1.0.
pub(super) fn lacking<'a>(value: &'a Value, part: &Value) -> Option<(String, &'a Value)> {
    lacking_at(value, part, String::new())
}

fn lacking_at<'a>(value: &'a Value, part: &Value, place: String) -> Option<(String, &'a Value)> {
    match (value, part) {
        (Value::Object(object), Value::Object(part)) => part.iter().find_map(|(key, part)| {
            let dot = if place.is_empty() { "" } else { "." };
            let value = object.get(key).unwrap_or(&Value::Null);
            lacking_at(value, part, format!("{place}{dot}{key}"))
        }),
        (Value::Array(items), Value::Array(part)) if items.len() == part.len() => {
            let mut pairs = (0..).zip(items.iter().zip(part));
            pairs.find_map(|(index, (item, part))| {
                lacking_at(item, part, format!("{place}[{index}]"))
            })
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        _ => (value != part).then_some((place, value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn check(value: Value, part: Value, expected: Option<&str>) {
        let place = lacking(&value, &part).map(|(place, _)| place);
        assert_eq!(place.as_deref(), expected, "{value} {part}");
    }

    #[test]
    fn parts() {
        check(json!({"a": 1, "b": {"c": [1, {"d": "x"}]}}), json!({}), None);
        check(json!({"a": 1, "b": {"c": [1, {"d": "x"}]}}), json!({"b": {"c": [1.0, {}]}}), None);
        check(json!({"a": 1}), json!({"a": 2}), Some("a"));
        check(
            json!({"b": {"c": [1, {"d": "x"}]}}),
            json!({"b": {"c": [1, {"d": "y"}]}}),
            Some("b.c[1].d"),
        );
        check(json!({"b": [1]}), json!({"b": [1, 2]}), Some("b"));
        check(json!({}), json!({"stream": null}), None);
        check(json!({"stream": true}), json!({"stream": null}), Some("stream"));
        check(json!([]), json!({}), Some(""));
    }
}
