//! Says what a JSON value lacks of another one. [`conditions`](super::conditions) applies it to the body of a
//! request.

use serde_json::Value;

/// Each place at which the value lacks a part: a sentence such as `` `model` is "a", not "b" ``.
///
/// - An object has the keys of the part, and may have others. A null stands for an absent key, too.
/// - A list has as many items as that of the part.
/// - Numbers are equal if their values are, such as 1 and 1.0.
pub(super) fn lacking(value: &Value, part: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(value, part, "", &mut found);
    found
}

fn compare(value: &Value, part: &Value, place: &str, found: &mut Vec<String>) {
    let name = || if place.is_empty() { "the body".to_owned() } else { format!("`{place}`") };
    match (value, part) {
        (Value::Object(object), Value::Object(part)) => {
            let dot = if place.is_empty() { "" } else { "." };
            for (key, part) in part {
                let value = object.get(key).unwrap_or(&Value::Null);
                compare(value, part, &format!("{place}{dot}{key}"), found);
            }
        }
        (Value::Array(items), Value::Array(part)) if items.len() == part.len() => {
            for (index, (item, part)) in items.iter().zip(part).enumerate() {
                compare(item, part, &format!("{place}[{index}]"), found);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (value, part) if value == part => {}
        (Value::Array(items), Value::Array(part)) => {
            found.push(format!("{} has {} items, not {}", name(), items.len(), part.len()));
        }
        (Value::String(text), Value::String(part)) => {
            let (text, part) = from_difference(text, part);
            found.push(format!("{} is {text}, not {part}", name()));
        }
        (Value::Null, part) => found.push(format!("{} is missing, not {}", name(), shown(part))),
        (value, Value::Null) => found.push(format!("{} is {}, not absent", name(), shown(value))),
        (value, part) => found.push(format!("{} is {}, not {}", name(), shown(value), shown(part))),
    }
}

/// Both texts in quotes. Of long ones, it is the part around the first difference.
fn from_difference(text: &str, other: &str) -> (String, String) {
    let same = text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let skipped = if same > LONGEST / 2 { same - LONGEST / 4 } else { 0 };
    let window = |text: &str| {
        let start = if skipped > 0 { "…" } else { "" };
        let rest = text.chars().skip(skipped);
        let shown: String = rest.clone().take(LONGEST).collect();
        let end = if rest.count() > LONGEST { "…" } else { "" };
        format!("{start}{}{end}", Value::String(shown))
    };
    (window(text), window(other))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The characters of a quotation.
const LONGEST: usize = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn check(value: Value, part: Value, expected: &[&str]) {
        assert_eq!(lacking(&value, &part), expected, "{value} {part}");
    }

    #[test]
    fn what_is_there() {
        let value = json!({"a": 1, "b": {"c": [1, {"d": "x"}]}});
        check(value.clone(), json!({}), &[]);
        check(value.clone(), json!({"b": {"c": [1.0, {}]}, "stream": null}), &[]);
        check(value.clone(), value, &[]);
    }

    #[test]
    fn what_is_not_there() {
        let value = json!({"a": 1, "b": {"c": [1, {"d": "x"}]}, "s": true});
        let part = json!({"a": 2, "b": {"c": [1, {"d": "y", "e": []}]}, "s": null});
        let expected = [
            "`a` is 1, not 2",
            "`b.c[1].d` is \"x\", not \"y\"",
            "`b.c[1].e` is missing, not []",
            "`s` is true, not absent",
        ];
        check(value.clone(), part, &expected);
        check(value.clone(), json!({"b": {"c": []}}), &["`b.c` has 2 items, not 0"]);
        check(json!([]), json!({}), &["the body is [], not {}"]);
    }

    #[test]
    fn long_texts_are_shown_around_the_difference() {
        let same = "é".repeat(100);
        let (text, part) = (format!("{same}a{same}"), format!("{same}b"));
        let before = "é".repeat(15);
        let expected = format!("the body is …\"{before}a{}\"…, not …\"{before}b\"", "é".repeat(44));
        check(json!(text), json!(part), &[&expected]);
    }
}
