//! Compares a payload with what became of it, as JSON. Whether a difference matters is decided
//! here; how it is told is [`report`](super::report)'s.

use chatwire::types::Path;
use serde_json::{Number, Value};

use super::report::{Problem, ProblemKind};

/// Everything in `before` that `after` does not have, or has otherwise, and everything that
/// `after` has on top.
pub(super) fn compare(before: &Value, after: &Value) -> Vec<Problem> {
    let mut comparison = Comparison { path: Path::new(), problems: Vec::new() };
    comparison.values(before, after);
    comparison.problems
}

struct Comparison {
    path: Path,
    problems: Vec<Problem>,
}

impl Comparison {
    fn values(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.objects(before, after),
            (Value::Array(before), Value::Array(after)) => self.arrays(before, after),
            (Value::Number(before), Value::Number(after)) if same_number(before, after) => {}
            _ if before == after => {}
            _ => self
                .push(ProblemKind::Changed, format!("{} became {}", brief(before), brief(after))),
        }
    }

    fn objects(
        &mut self,
        before: &serde_json::Map<String, Value>,
        after: &serde_json::Map<String, Value>,
    ) {
        for (key, value) in before {
            self.within_key(key, |inside| match after.get(key) {
                Some(kept) => inside.values(value, kept),
                // An optional key may come back absent when it was null.
                None if value.is_null() => {}
                None => inside.push(ProblemKind::Lost, brief(value)),
            });
        }
        for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            self.within_key(key, |inside| inside.push(ProblemKind::Added, brief(value)));
        }
    }

    fn arrays(&mut self, before: &[Value], after: &[Value]) {
        for (index, value) in before.iter().enumerate() {
            self.within_index(index, |inside| match after.get(index) {
                Some(kept) => inside.values(value, kept),
                None => inside.push(ProblemKind::Lost, brief(value)),
            });
        }
        for (index, value) in after.iter().enumerate().skip(before.len()) {
            self.within_index(index, |inside| inside.push(ProblemKind::Added, brief(value)));
        }
    }

    fn push(&mut self, kind: ProblemKind, detail: String) {
        self.problems.push(Problem { kind, place: self.path.to_string(), detail });
    }

    fn within_key(&mut self, key: &str, then: impl FnOnce(&mut Self)) {
        let mut path = std::mem::take(&mut self.path);
        path.with_key(key, |path| self.swap(path, then));
        self.path = path;
    }

    fn within_index(&mut self, index: usize, then: impl FnOnce(&mut Self)) {
        let mut path = std::mem::take(&mut self.path);
        path.with_index(index, |path| self.swap(path, then));
        self.path = path;
    }

    /// Runs `then` with `path` in place of the own one.
    fn swap(&mut self, path: &mut Path, then: impl FnOnce(&mut Self)) {
        std::mem::swap(&mut self.path, path);
        then(self);
        std::mem::swap(&mut self.path, path);
    }
}

/// `1` and `1.0` are the same number; so are two ways to write one float.
fn same_number(before: &Number, after: &Number) -> bool {
    match (integer(before), integer(after)) {
        (Some(before), Some(after)) => before == after,
        _ => before.as_f64() == after.as_f64(),
    }
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or(number.as_u64().map(i128::from))
}

/// A value as it fits on a line.
pub(super) fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

const SHOWN_CHARS: usize = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` reads better without `&`")]
    fn check(before: Value, after: Value, expected: &[&str]) {
        let problems = compare(&before, &after);
        let lines: Vec<_> = problems
            .iter()
            .map(|problem| format!("{} {} {}", problem.kind.name(), problem.place, problem.detail))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_may_change() {
        check(json!({"a": null, "b": 1}), json!({"b": 1.0}), &[]);
        check(json!({"a": 1e2}), json!({"a": 100}), &[]);
        check(json!({"b": 1, "a": 2}), json!({"a": 2, "b": 1}), &[]);
    }

    #[test]
    fn what_may_not() {
        check(json!({"a": [1, {"b": 2}]}), json!({"a": [1, {}]}), &["lost a[1].b 2"]);
        check(json!({"a": [1, 2]}), json!({"a": [1]}), &["lost a[1] 2"]);
        check(json!({}), json!({"a": [1], "b": null}), &["added a [1]", "added b null"]);
        check(json!({"a": ""}), json!({"a": null}), &["changed a \"\" became null"]);
        check(json!({"a": [null]}), json!({"a": []}), &["lost a[0] null"]);
        check(
            json!({"a": 9007199254740993_u64}),
            json!({"a": 9007199254740992_u64}),
            &["changed a 9007199254740993 became 9007199254740992"],
        );
    }
}
