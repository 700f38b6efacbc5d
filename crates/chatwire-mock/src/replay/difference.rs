//! Says how two requests differ, so that a user sees why no recording matched.
//! [`recordings`](super::recordings) looks for the nearest one.

use std::fmt::Write as _;

use serde_json::Value;

/// The differences between a recorded body and the body of a request, at most `most` of them.
pub(super) fn differences(recorded: &str, asked: &str, most: usize) -> Vec<String> {
    let mut found = Found { list: Vec::new(), most };
    match (serde_json::from_str(recorded), serde_json::from_str(asked)) {
        (Ok(recorded), Ok(asked)) => found.compare("", &recorded, &asked),
        _ if recorded == asked => {}
        _ => found.push("the body", Some(&recorded.into()), Some(&asked.into())),
    }
    found.list
}

struct Found {
    list: Vec<String>,
    most: usize,
}

impl Found {
    fn compare(&mut self, path: &str, recorded: &Value, asked: &Value) {
        if self.list.len() >= self.most || recorded == asked {
            return;
        }
        match (recorded, asked) {
            (Value::Object(recorded), Value::Object(asked)) => {
                let only_asked = asked.keys().filter(|key| !recorded.contains_key(*key));
                for key in recorded.keys().chain(only_asked) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.both(&path, recorded.get(key), asked.get(key));
                }
            }
            (Value::Array(recorded), Value::Array(asked)) => {
                for index in 0..recorded.len().max(asked.len()) {
                    let path = format!("{path}[{index}]");
                    self.both(&path, recorded.get(index), asked.get(index));
                }
            }
            _ => {
                let path = if path.is_empty() { "the body" } else { path };
                self.push(path, Some(recorded), Some(asked));
            }
        }
    }

    fn both(&mut self, path: &str, recorded: Option<&Value>, asked: Option<&Value>) {
        match (recorded, asked) {
            (Some(recorded), Some(asked)) => self.compare(path, recorded, asked),
            _ => self.push(path, recorded, asked),
        }
    }

    fn push(&mut self, path: &str, recorded: Option<&Value>, asked: Option<&Value>) {
        if self.list.len() < self.most {
            let (recorded, asked) = apart(recorded, asked);
            self.list.push(format!("`{path}` was {recorded} and is {asked}"));
        }
    }
}

/// Two values as text. Long texts are shown from near the place where they differ.
fn apart(recorded: Option<&Value>, asked: Option<&Value>) -> (String, String) {
    let text = |value: Option<&Value>| value.map_or("absent".to_owned(), Value::to_string);
    let (recorded, asked) = (text(recorded), text(asked));
    let same = recorded.chars().zip(asked.chars()).take_while(|(one, other)| one == other).count();
    (near(&recorded, same), near(&asked, same))
}

fn near(text: &str, place: usize) -> String {
    let skipped = if text.chars().count() > SHOWN { place.saturating_sub(SHOWN / 2) } else { 0 };
    let mut shown = if skipped > 0 { "…" } else { "" }.to_owned();
    let mut rest = text.chars().skip(skipped);
    shown.extend(rest.by_ref().take(SHOWN));
    if rest.next().is_some() {
        // Writing to a string does not fail.
        let _ = write!(shown, "…");
    }
    shown
}

/// The characters of a value that are shown.
const SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_named() {
        let check = |recorded: Value, asked: Value, expected: &[&str]| {
            assert_eq!(differences(&recorded.to_string(), &asked.to_string(), 3), expected);
        };
        check(json!({"a": 1}), json!({"a": 1}), &[]);
        check(json!({"model": "m"}), json!({"model": "n"}), &["`model` was \"m\" and is \"n\""]);
        check(
            json!({"messages": [{"role": "user"}], "n": 1}),
            json!({"messages": [{"role": "user", "name": "a"}, 1]}),
            &[
                "`messages[0].name` was absent and is \"a\"",
                "`messages[1]` was absent and is 1",
                "`n` was 1 and is absent",
            ],
        );
        check(
            json!([1, 2, 3, 4]),
            json!([5, 6, 7, 8]),
            &["`[0]` was 1 and is 5", "`[1]` was 2 and is 6", "`[2]` was 3 and is 7"],
        );
        let (long, longer, shown) = ("a".repeat(200), "a".repeat(201), "a".repeat(30));
        let expected = format!("`the body` was …{shown}\" and is …{shown}a\"");
        check(json!(long), json!(longer), &[&expected]);
    }

    #[test]
    fn texts() {
        assert_eq!(differences("x", "y", 3), ["`the body` was \"x\" and is \"y\""]);
        assert!(differences("x", "x", 3).is_empty());
    }
}
