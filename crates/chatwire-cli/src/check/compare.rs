//! Compares a payload with its copy that went through a type, as JSON, and decides which differences
//! matter. [`report`](super::report) prints them.

use std::collections::BTreeMap;
use std::fmt;

use chatwire::types::Path;

use super::exact::{Json, same_number};
use super::report::{Problem, ProblemKind};

/// Each value that is lost or changed in `after`, and each one that is new there.
pub(super) fn compare(before: &Json, after: &Json) -> Vec<Problem> {
    let mut comparison = Comparison { path: Path::new(), problems: Vec::new() };
    comparison.values(before, after);
    comparison.problems
}

struct Comparison {
    path: Path,
    problems: Vec<Problem>,
}

impl Comparison {
    fn values(&mut self, before: &Json, after: &Json) {
        match (before, after) {
            (Json::Object(before), Json::Object(after)) => self.objects(before, after),
            (Json::List(before), Json::List(after)) => self.lists(before, after),
            (Json::Number(before), Json::Number(after)) if same_number(before, after) => {}
            _ if before == after => {}
            _ => self
                .push(ProblemKind::Changed, format!("{} became {}", brief(before), brief(after))),
        }
    }

    fn objects(&mut self, before: &[(String, Json)], after: &[(String, Json)]) {
        let (last_before, last_after) = (by_key(before), by_key(after));
        for (key, value) in &last_before {
            self.within_key(key, |inside| match last_after.get(key) {
                Some(kept) => inside.values(value, kept),
                // The types leave out an optional key that is null.
                None if **value == Json::Null => {}
                None => inside.push(ProblemKind::Lost, brief(value)),
            });
        }
        for (key, value) in last_after.iter().filter(|(key, _)| !last_before.contains_key(*key)) {
            self.within_key(key, |inside| inside.push(ProblemKind::Added, brief(value)));
        }
    }

    fn lists(&mut self, before: &[Json], after: &[Json]) {
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

    /// Runs `then` with this path.
    fn swap(&mut self, path: &mut Path, then: impl FnOnce(&mut Self)) {
        std::mem::swap(&mut self.path, path);
        then(self);
        std::mem::swap(&mut self.path, path);
    }
}

/// The values of an object. If a key comes twice, its last value counts, as it does for most readers.
pub(super) fn by_key(entries: &[(String, Json)]) -> BTreeMap<&str, &Json> {
    entries.iter().map(|(key, value)| (key.as_str(), value)).collect()
}

/// The value, cut to fit on a line.
pub(super) fn brief(value: &impl fmt::Display) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

const SHOWN_CHARS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &[&str]) {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        let problems = compare(&json(before), &json(after));
        let lines: Vec<_> = problems
            .iter()
            .map(|problem| format!("{} {} {}", problem.kind.name(), problem.place, problem.detail))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_may_change() {
        check(r#"{"a":null,"b":1}"#, r#"{"b":1.0}"#, &[]);
        check(r#"{"a":1e2}"#, r#"{"a":100}"#, &[]);
        check(r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#, &[]);
        check(r#"{"a":1,"a":2}"#, r#"{"a":2}"#, &[]);
    }

    #[test]
    fn what_may_not() {
        check(r#"{"a":[1,{"b":2}]}"#, r#"{"a":[1,{}]}"#, &["lost a[1].b 2"]);
        check(r#"{"a":[1,2]}"#, r#"{"a":[1]}"#, &["lost a[1] 2"]);
        check("{}", r#"{"a":[1],"b":null}"#, &["added a [1]", "added b null"]);
        check(r#"{"a":""}"#, r#"{"a":null}"#, &["changed a \"\" became null"]);
        check(r#"{"a":[null]}"#, r#"{"a":[]}"#, &["lost a[0] null"]);
        check(
            r#"{"a":18446744073709551617}"#,
            r#"{"a":1.8446744073709552e19}"#,
            &["changed a 18446744073709551617 became 1.8446744073709552e19"],
        );
    }
}
