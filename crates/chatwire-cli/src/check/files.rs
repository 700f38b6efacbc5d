//! Finds the payload files in the paths of the command line. [`kind`](super::kind) reads the names of
//! files, [`index`](super::index) reads what an `index.json` says about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::index::{Entry, Indexes};
use super::report::Kind;

/// The files that were named, and those in the directories that were named.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of the command line. The files of a directory are sorted by name.
    pub(super) files: Vec<File>,
    /// How many files of directories are not payloads, by the endings of their names.
    pub(super) skipped: BTreeMap<String, usize>,
}

/// A file to check, or a path that could not be followed.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// The service that sent the payload: from an index, or the name of the directory.
    pub(super) service: String,
    pub(super) kind: Option<Kind>,
    /// Whether an index says the kind. Otherwise the content of the file may refine it.
    pub(super) kind_is_certain: bool,
    /// An index says that the file is broken on purpose.
    pub(super) malformed: bool,
    pub(super) problem: Option<String>,
}

/// Finds the files of all paths but [`STDIN`].
pub(super) fn find(paths: &[PathBuf]) -> Found {
    let mut finder = Finder::default();
    for path in paths.iter().filter(|path| path.as_os_str() != STDIN) {
        finder.visit(path, true);
    }
    finder.found
}

/// The path that stands for stdin.
pub(super) const STDIN: &str = "-";

#[derive(Default)]
struct Finder {
    found: Found,
    indexes: Indexes,
}

impl Finder {
    fn visit(&mut self, path: &Path, named: bool) {
        match std::fs::metadata(path) {
            Err(error) => self.push_problem(path, error.to_string()),
            Ok(metadata) if metadata.is_dir() => match entries(path) {
                Ok(entries) => entries.iter().for_each(|entry| self.visit(entry, false)),
                Err(error) => self.push_problem(path, error.to_string()),
            },
            Ok(_) => match Kind::of_name(path) {
                Some(kind) => self.push(path, kind),
                None if named => self.push_problem(path, UNKNOWN_KIND.to_owned()),
                None => *self.found.skipped.entry(ending(path)).or_default() += 1,
            },
        }
    }

    fn push(&mut self, path: &Path, kind: Kind) {
        let entry = self.indexes.entry(path);
        let kind_is_certain = entry.as_ref().is_some_and(|entry| entry.kind.is_some());
        let Entry { kind: indexed, service, malformed } = entry.unwrap_or_default();
        self.found.files.push(File {
            path: path.to_owned(),
            service: service.unwrap_or_else(|| directory_name(path)),
            kind: indexed.or(Some(kind)),
            kind_is_certain,
            malformed,
            problem: None,
        });
    }

    fn push_problem(&mut self, path: &Path, problem: String) {
        self.found.files.push(File {
            path: path.to_owned(),
            service: directory_name(path),
            kind: None,
            kind_is_certain: false,
            malformed: false,
            problem: Some(problem),
        });
    }
}

const UNKNOWN_KIND: &str = "its kind is not known; name it NAME.request.json, NAME.response.json, \
                            NAME.chunk.json, NAME.error.json or NAME.stream.sse";

fn directory_name(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = absolute.parent().and_then(Path::file_name);
    name.map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// `*.headers.txt` for a file that belongs to a payload, `*.md` or the whole name for any other.
fn ending(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some((stem, extension)) = name.rsplit_once('.').filter(|_| name != "index.json") else {
        return name.into_owned();
    };
    match stem.rsplit_once('.') {
        Some((_, part)) if PARTS.contains(&part) => format!("*.{part}.{extension}"),
        _ => format!("*.{extension}"),
    }
}

const PARTS: [&str; 7] =
    ["request", "response", "chunk", "error", "stream", "headers", "recording"];

fn entries(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    entries.retain(|path| !is_link_to_directory(path));
    entries.sort();
    Ok(entries)
}

/// Links to directories are not followed, because they may form a circle.
fn is_link_to_directory(path: &Path) -> bool {
    path.is_symlink() && path.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings() {
        let check = |name: &str, expected| assert_eq!(ending(Path::new(name)), expected);
        check("a/x.y.headers.txt", "*.headers.txt");
        check("0001-m.recording.json", "*.recording.json");
        check("x.request.raw", "*.request.raw");
        check("index.json", "index.json");
        check("my.notes.md", "*.md");
        check("Makefile", "Makefile");
    }
}
