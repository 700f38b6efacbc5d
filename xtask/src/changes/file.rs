//! One change file: front matter with the bumps, then a sentence for people. [`super::read`] finds
//! the files, and [`super::bump`] says what a bump means.
//!
//! ```text
//! ---
//! wire: minor
//! types: minor
//! client: none
//! ---
//!
//! Requests take `max_tool_calls`.
//! ```

use std::path::Path;

use super::{Boundary, Bump, Bumps, FOLDER, slug};
use crate::load::{Document, Node};
use crate::problem::{Position, Problem};
use crate::suggest;
use crate::write::OutputFile;

/// The line before and after the front matter.
const FENCE: &str = "---";

/// A change for the next release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The name of the file without `.md`.
    pub slug: String,
    /// The bump that users of each boundary need.
    pub bumps: Bumps,
    /// What changes for people, in Markdown.
    pub text: String,
    /// The lines of the bumps in the file, in the order of [`Boundary::ALL`].
    lines: [usize; 3],
}

impl Change {
    /// Makes a change. [`super::slug()`] makes a name of a sentence.
    pub fn new(slug: impl Into<String>, bumps: Bumps, text: impl Into<String>) -> Self {
        Self { slug: slug.into(), bumps, text: text.into(), lines: [2, 3, 4] }
    }

    /// Reads the text of a file. Problems name it `path`.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong, each with its line and column.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Problem>> {
        // Editors on Windows may write both.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let (front, text) = split(path, &text).map_err(|problem| vec![problem])?;
        let front = Document::parse(path, front)?;
        let mut problems = unknown_keys(&front.root);
        let slug = name(path).map_err(|problem| problems.push(problem)).unwrap_or_default();
        let (mut bumps, mut lines) = (Bumps::default(), [1; 3]);
        for (boundary, line) in Boundary::ALL.into_iter().zip(&mut lines) {
            match bump(&front.root, boundary) {
                Ok((bump, at)) => {
                    bumps.set(boundary, bump);
                    *line = at.line;
                }
                Err(problem) => problems.push(problem),
            }
        }
        let text = text.trim();
        problems.extend(text.is_empty().then(|| no_text(path, &front)));
        match problems.is_empty() {
            true => Ok(Self { slug, bumps, text: text.to_owned(), lines }),
            false => Err(problems),
        }
    }

    /// The path of the file, relative to the root of the project.
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}.md", self.slug)
    }

    /// The place of the bump for a boundary.
    pub fn position(&self, boundary: Boundary) -> Position {
        let found = Boundary::ALL.into_iter().zip(self.lines).find(|(each, _)| *each == boundary);
        let line = found.map_or(1, |(_, line)| line);
        Position { line, ..Position::start_of(&self.path()) }
    }

    /// The file as it is written.
    pub fn to_file(&self) -> OutputFile {
        let bumps = Boundary::ALL.map(|each| format!("{each}: {}\n", self.bumps.of(each)));
        let contents = format!("{FENCE}\n{}{FENCE}\n\n{}\n", bumps.concat(), self.text.trim());
        OutputFile { path: self.path(), contents }
    }
}

/// Splits a file into its front matter, with the line before it, and the text for people.
fn split<'t>(path: &str, text: &'t str) -> Result<(&'t str, &'t str), Problem> {
    let open = format!("{FENCE}\n");
    if !text.starts_with(&open) {
        return Err(Problem::error("front-matter", "a change file without front matter")
            .why("a release reads from it which version the change needs")
            .fix("begin with `---`, the lines `wire:`, `types:` and `client:`, and `---`")
            .at(&Position::start_of(path)));
    }
    text.split_once("\n---\n").or_else(|| Some((text.strip_suffix("\n---")?, ""))).ok_or_else(
        || {
            Problem::error("front-matter", "front matter without an end")
                .why("the text for people begins after it")
                .fix("write `---` on a line after `client:`")
                .at(&Position::start_of(path))
        },
    )
}

fn name(path: &str) -> Result<String, Problem> {
    let stem = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".md").filter(|stem| slug::is_slug(stem));
    let is_in_folder = path.rsplit('/').nth(1).is_none_or(|folder| folder == FOLDER);
    stem.filter(|_| is_in_folder).map(str::to_owned).ok_or_else(|| {
        Problem::error("change-name", "a change file with an unusual name")
            .why("the name has to be the same on every file system")
            .fix(format!("name it `{FOLDER}/what-changed.md`, with a-z, 0-9 and hyphens"))
            .at(&Position::start_of(path))
    })
}

fn unknown_keys(front: &Node) -> Vec<Problem> {
    let known = Boundary::ALL.map(Boundary::as_str);
    let unknown = front.entries().iter().filter(|entry| !known.contains(&entry.key.as_str()));
    let problem = |key: &str| {
        let fix = match suggest::closest(key, known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "remove it".to_owned(),
        };
        Problem::error("unknown-key", format!("`{key}` in front matter"))
            .why("a change has the keys `wire`, `types` and `client`")
            .fix(fix)
    };
    unknown.map(|entry| problem(&entry.key).at(&entry.at)).collect()
}

/// The bump for a boundary, with its place.
fn bump(front: &Node, boundary: Boundary) -> Result<(Bump, Position), Problem> {
    let Some(entry) = front.entry(boundary.as_str()) else {
        return Err(Problem::error("missing-key", format!("no `{boundary}` in front matter"))
            .why("a release cannot guess what the change means for these users")
            .fix(format!("add `{boundary}: none`, or the bump that they need"))
            .at(&front.at));
    };
    let word = entry.value.as_str();
    match word.and_then(Bump::named) {
        Some(bump) => Ok((bump, entry.at.clone())),
        None => {
            let shown = word.map_or_else(|| entry.value.kind().to_owned(), |it| format!("`{it}`"));
            Err(Problem::error("bump", format!("`{boundary}` is {shown}"))
                .why("a bump is a word that says how large the change is")
                .fix("write `none`, `patch`, `minor` or `major`")
                .at(&entry.value.at))
        }
    }
}

fn no_text(path: &str, front: &Document) -> Problem {
    let line = front.text.matches('\n').count() + 2;
    Problem::error("change-text", "a change file without a text")
        .why("the changelog would say nothing about the change")
        .fix("write after the front matter what changes for users, in a sentence")
        .at(&Position { line, ..Position::start_of(path) })
}
