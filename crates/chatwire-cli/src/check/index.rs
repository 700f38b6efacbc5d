//! Reads what an `index.json` beside or above payload files says about them. For files without an
//! entry, [`kind`](super::kind) alone decides.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::report::Kind;

/// What an index says about one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// Set if the name of the file does not say it.
    pub(super) kind: Option<Kind>,
    pub(super) service: Option<String>,
    /// Whether the file is broken on purpose.
    pub(super) malformed: bool,
}

/// The indexes of directories. Each is read once.
#[derive(Default)]
pub(super) struct Indexes {
    read: BTreeMap<PathBuf, BTreeMap<PathBuf, Entry>>,
}

impl Indexes {
    /// The entry of a file, in the index of its directory or of the two directories above.
    pub(super) fn entry(&mut self, path: &Path) -> Option<Entry> {
        path.ancestors().skip(1).take(3).find_map(|directory| {
            let inside = path.strip_prefix(directory).ok()?;
            let index = self
                .read
                .entry(directory.to_owned())
                .or_insert_with(|| read(directory).unwrap_or_default());
            index.get(inside).cloned()
        })
    }
}

/// Reads a list of cases, each with the paths of its files. An `index.json` of another form is ignored.
fn read(directory: &Path) -> Option<BTreeMap<PathBuf, Entry>> {
    let json: Value =
        serde_json::from_slice(&std::fs::read(directory.join("index.json")).ok()?).ok()?;
    Some(json.as_array()?.iter().flat_map(entries).collect())
}

fn entries(case: &Value) -> Vec<(PathBuf, Entry)> {
    let text = |key: &str| case.get(key).and_then(Value::as_str);
    let operation = text("kind").unwrap_or_default();
    let files = case.get("files").and_then(Value::as_object);
    let alone = files.is_some_and(|files| files.len() == 1);
    files
        .into_iter()
        .flatten()
        .filter_map(|(part, file)| {
            let entry = Entry {
                kind: kind(operation, part),
                service: text("service").map(str::to_owned),
                // The answer is broken, and its request is not.
                malformed: operation == "malformed" && (alone || part != "request"),
            };
            Some((PathBuf::from(file.as_str()?), entry))
        })
        .collect()
}

/// The kind of the request or the response of an operation.
fn kind(operation: &str, part: &str) -> Option<Kind> {
    match (operation, part) {
        ("response" | "get" | "update", "response") => Some(Kind::Response),
        ("list", "response") => Some(Kind::List),
        ("messages_list", "response") => Some(Kind::MessageList),
        ("delete", "response") => Some(Kind::Deleted),
        ("update", "request") => Some(Kind::UpdateRequest),
        ("error", "error" | "response") => Some(Kind::Error),
        ("chunk", "chunk" | "response") => Some(Kind::Chunk),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cases() {
        let index = json!({
            "kind": "malformed",
            "service": "groq",
            "files": {"request": "groq/x.request.json", "stream": "groq/x.stream.sse"},
        });
        let entry = |malformed| Entry { kind: None, service: Some("groq".to_owned()), malformed };
        let expected = [("groq/x.request.json", false), ("groq/x.stream.sse", true)];
        let expected = expected.map(|(path, malformed)| (PathBuf::from(path), entry(malformed)));
        assert_eq!(entries(&index), expected);

        let index = json!({"kind": "delete", "files": {"response": "x.response.json"}});
        assert_eq!(entries(&index)[0].1.kind, Some(Kind::Deleted));
        assert!(entries(&json!("groq")).is_empty());
    }
}
