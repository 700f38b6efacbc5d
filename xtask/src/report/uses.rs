//! Finds the hand-written lines that name what changed, by a search for words in the Rust files of
//! the crates. The compiler knows better, but only after the edit; this list comes before it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::item::{Item, RustName, Usage};
use crate::names;
use crate::problem::Failure;

/// The hand-written Rust files, with the places of their words.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<String>,
    words: BTreeMap<String, Vec<Word>>,
}

/// A word of a file, and what stands around it.
#[derive(Clone, Copy, Debug)]
struct Word {
    file: usize,
    line: usize,
    /// The character before it and the one after it, without spaces.
    before: char,
    after: char,
    /// The number of the word in its file.
    number: usize,
}

impl Sources {
    /// Reads the hand-written files below `crates/*/src` of the project at `root`.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if a file cannot be read.
    pub fn below(root: &Path) -> Result<Self, Failure> {
        let mut sources = Self::default();
        for package in entries(&root.join("crates"))? {
            let source = package.join("src");
            if source.is_dir() {
                sources.folder(&source, root)?;
            }
        }
        Ok(sources)
    }

    /// Adds one file.
    pub fn add(&mut self, name: &str, text: &str) {
        let file = self.files.len();
        self.files.push(name.to_owned());
        let mut number = 0;
        for (index, line) in text.lines().enumerate() {
            let code = without_comment(line);
            for (start, word) in words(code) {
                number += 1;
                let before = code.get(..start).unwrap_or_default();
                let after = code.get(start + word.len()..).unwrap_or_default();
                let place = Word {
                    file,
                    line: index + 1,
                    before: before.trim_end().chars().next_back().unwrap_or(' '),
                    after: after.trim_start().chars().next().unwrap_or(' '),
                    number,
                };
                self.words.entry(word.to_owned()).or_default().push(place);
            }
        }
    }

    /// The lines that name `name`.
    fn of(&self, name: &RustName) -> Vec<(usize, usize)> {
        match name {
            RustName::Type(name) | RustName::Method(name) => lines(self.found(name)),
            RustName::Field { owner, name } => {
                let is_used = |word: &&Word| is_compound(name) || self.is_field(owner, word);
                lines(self.found(name).filter(is_used))
            }
            RustName::Variant { owner, name } => {
                lines(self.found(name).filter(|word| self.follows(owner, word)))
            }
        }
    }

    fn found(&self, word: &str) -> impl Iterator<Item = &Word> {
        self.words.get(word).into_iter().flatten()
    }

    /// Whether a word is used as a field or setter, in a file that names its owner or after a
    /// variable that is called like its owner.
    fn is_field(&self, owner: &str, word: &Word) -> bool {
        let names_owner = self.found(owner).any(|other| other.file == word.file);
        let variable = names::field(owner).rsplit('_').next().unwrap_or_default().to_owned();
        is_access(word) && (names_owner || self.follows(&variable, word))
    }

    /// Whether a word comes directly after another one, as in `owner.word` or `Owner::Word`.
    fn follows(&self, owner: &str, word: &Word) -> bool {
        self.found(owner).any(|other| other.file == word.file && other.number + 1 == word.number)
    }

    fn folder(&mut self, folder: &Path, root: &Path) -> Result<(), Failure> {
        for path in entries(folder)? {
            let is_generated = path.file_stem().is_some_and(|stem| stem == "generated");
            if is_generated {
                continue;
            }
            if path.is_dir() {
                self.folder(&path, root)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path);
                let text = text.map_err(|error| Failure::io("read", &path, &error))?;
                let inside = path.strip_prefix(root).unwrap_or(&path);
                let steps: Vec<_> = inside.iter().map(|step| step.to_string_lossy()).collect();
                self.add(&steps.join("/"), &text);
            }
        }
        Ok(())
    }
}

/// Fills in who uses what each item is about. Texts have no users.
pub fn fill(items: &mut [Item], sources: &Sources) {
    for item in items.iter_mut().filter(|item| item.has_users()) {
        let mut found: Vec<_> = item.names.iter().flat_map(|name| sources.of(name)).collect();
        found.sort_unstable();
        found.dedup();
        item.used_by = usages(&found, &sources.files);
    }
}

fn usages(found: &[(usize, usize)], files: &[String]) -> Vec<Usage> {
    let of_file = |(file, name): (usize, &String)| {
        let lines: Vec<_> =
            found.iter().filter(|(other, _)| *other == file).map(|(_, line)| *line).collect();
        (!lines.is_empty()).then(|| Usage { file: name.clone(), lines })
    };
    files.iter().enumerate().filter_map(of_file).collect()
}

fn lines<'a>(words: impl Iterator<Item = &'a Word>) -> Vec<(usize, usize)> {
    words.map(|word| (word.file, word.line)).collect()
}

/// Whether a name has several words, so that it is hardly ever anything else.
fn is_compound(name: &str) -> bool {
    name.trim_matches('_').contains('_')
}

/// Whether a field is read or set, or named in a JSON text.
fn is_access(word: &Word) -> bool {
    let in_braces = ['{', ','].contains(&word.before) && [':', ',', '}'].contains(&word.after);
    let quoted = word.before == '"' && word.after == '"';
    word.before == '.' || in_braces || quoted
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::io("list", folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| Failure::io("list", folder, &error))?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The code of a line. A `//` in a text cuts the line too early, which costs a word at most.
fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The identifiers of a line, with their places.
fn words(code: &str) -> Vec<(usize, &str)> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut words = Vec::new();
    let mut start = None;
    for (index, character) in code.char_indices().chain([(code.len(), ' ')]) {
        match (is_part(character), start) {
            (true, None) => start = Some(index),
            (false, Some(first)) => {
                words.extend(code.get(first..index).map(|word| (first, word)));
                start = None;
            }
            _ => {}
        }
    }
    words
}
