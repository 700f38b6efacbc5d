//! Finds the values at a place, which is a JSON Pointer with `*` for every item. [`check`](super::check) compares
//! them.

use serde_json::Value;

/// A value with its path. There is none where the path leads nowhere.
pub(super) type Found<'a> = (String, Option<&'a Value>);

/// All values at a place. A `*` for the items of an empty list or object finds none.
pub(super) fn find<'a>(root: &'a Value, pointer: &str) -> Vec<Found<'a>> {
    let mut found = vec![(String::new(), Some(root))];
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        found = found.into_iter().flat_map(|(path, value)| follow(&path, value, &step)).collect();
    }
    found
}

fn follow<'a>(path: &str, value: Option<&'a Value>, step: &str) -> Vec<Found<'a>> {
    let at = |name: &str| format!("{path}/{name}");
    match (value, step) {
        (Some(Value::Array(items)), "*") => {
            items.iter().enumerate().map(|(i, item)| (at(&i.to_string()), Some(item))).collect()
        }
        (Some(Value::Object(keys)), "*") => {
            keys.iter().map(|(key, item)| (at(key), Some(item))).collect()
        }
        (Some(Value::Array(items)), "-1") => vec![(at(step), items.last())],
        (Some(Value::Array(items)), index) => {
            vec![(at(step), index.parse().ok().and_then(|index: usize| items.get(index)))]
        }
        (Some(Value::Object(keys)), key) => vec![(at(step), keys.get(key))],
        _ => vec![(at(step), None)],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places() {
        let root = json!({"a": [{"b": 1}, {"c": 2}], "e": [], "x/y": 3});
        let at = |pointer| {
            let shown = |value: Option<&Value>| value.map_or("-".to_owned(), Value::to_string);
            let found = find(&root, pointer).into_iter();
            found.map(|(path, value)| format!("{path}={}", shown(value))).collect::<Vec<_>>()
        };
        assert_eq!(at("/a/*/b"), ["/a/0/b=1", "/a/1/b=-"]);
        assert_eq!(at("/a/-1/c"), ["/a/-1/c=2"]);
        assert_eq!(at("/e/*"), [""; 0]);
        assert_eq!(at("/x~1y"), ["/x/y=3"]);
        assert_eq!(at("/q/z"), ["/q/z=-"]);
        assert_eq!(at("/q/*/z"), ["/q/*/z=-"]);
    }
}
