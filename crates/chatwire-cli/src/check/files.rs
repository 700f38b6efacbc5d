//! Finds the payload files among what was named on the command line. What a name says about a file
//! is in [`kind`](super::kind).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::kind::Kind;

/// A file to check, or a path that could not be followed.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) kind: Option<Kind>,
    pub(super) problem: Option<String>,
}

/// Every payload file, in the order named, directories sorted by name.
pub(super) fn find(paths: &[PathBuf]) -> Vec<Found> {
    let mut finder = Finder::default();
    for path in paths {
        finder.visit(path, true);
    }
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<Found>,
    /// The kinds that an index names, by directory, read once.
    indexes: BTreeMap<PathBuf, BTreeMap<PathBuf, Kind>>,
}

impl Finder {
    fn visit(&mut self, path: &Path, named: bool) {
        match std::fs::metadata(path) {
            Err(error) => self.push(path, None, Some(error.to_string())),
            Ok(metadata) if metadata.is_dir() => match entries(path) {
                Ok(entries) => entries.iter().for_each(|entry| self.visit(entry, false)),
                Err(error) => self.push(path, None, Some(error.to_string())),
            },
            Ok(_) => {
                let kind = Kind::of_name(path).map(|kind| self.indexed(path).unwrap_or(kind));
                if named || kind.is_some() {
                    self.push(path, kind, None);
                }
            }
        }
    }

    fn push(&mut self, path: &Path, kind: Option<Kind>, problem: Option<String>) {
        self.found.push(Found { path: path.to_owned(), kind, problem });
    }

    /// The kind in the index of the file's directory, or of one that is one or two levels up.
    fn indexed(&mut self, path: &Path) -> Option<Kind> {
        path.ancestors().skip(1).take(3).find_map(|directory| {
            let inside = path.strip_prefix(directory).ok()?;
            let index = self
                .indexes
                .entry(directory.to_owned())
                .or_insert_with(|| read_index(directory).unwrap_or_default());
            index.get(inside).copied()
        })
    }
}

fn entries(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    entries.retain(|path| !is_link_to_directory(path));
    entries.sort();
    Ok(entries)
}

/// A link could lead back up, for ever.
fn is_link_to_directory(path: &Path) -> bool {
    path.is_symlink() && path.is_dir()
}

/// Only what the file names do not say already.
fn read_index(directory: &Path) -> Option<BTreeMap<PathBuf, Kind>> {
    let json: Value =
        serde_json::from_slice(&std::fs::read(directory.join("index.json")).ok()?).ok()?;
    let mut kinds = BTreeMap::new();
    for case in json.as_array()? {
        let operation = case.get("kind").and_then(Value::as_str).unwrap_or_default();
        for (part, file) in case.get("files").and_then(Value::as_object).into_iter().flatten() {
            if let (Some(kind), Some(file)) = (Kind::of_operation(operation, part), file.as_str()) {
                kinds.insert(PathBuf::from(file), kind);
            }
        }
    }
    Some(kinds)
}
