//! `CHANGELOG.md`: which versions it has, and the section of a new one. [`super::manifests`] writes
//! the version to all other files.
//!
//! A version is a heading of the second level, `## 0.2.0 (2026-05-01)`. What people wrote under
//! `## Unreleased` becomes a part of the next version.

use std::path::Path;

use jiff::civil::Date;
use semver::Version;

use crate::changes::{Boundary, Bump, Change};
use crate::problem::Failure;
use crate::write::OutputFile;

/// The path from the root of the project.
pub(super) const PATH: &str = "CHANGELOG.md";

const UNRELEASED: &str = "Unreleased";

/// The headings for changes, in their order.
const GROUPS: [(Bump, &str); 4] = [
    (Bump::Major, "Breaking"),
    (Bump::Minor, "Added"),
    (Bump::Patch, "Fixed"),
    (Bump::None, "Other"),
];

/// The changelog in three parts.
#[derive(Debug)]
pub(super) struct Changelog {
    /// Everything before the first section.
    head: String,
    /// What people wrote for the next version.
    unreleased: String,
    /// The sections of earlier versions.
    tail: String,
    newest: Option<Version>,
}

/// A heading of the third level, without its marks, and the text below it.
struct Group {
    name: String,
    text: String,
}

impl Changelog {
    /// Reads the file at the root of the project.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let path = root.join(PATH);
        let text = std::fs::read_to_string(&path);
        Ok(Self::parse(&text.map_err(|error| Failure::io("read", &path, &error))?))
    }

    fn parse(text: &str) -> Self {
        let mut sections = split_at_headings(text, "## ").into_iter();
        let head = sections.next().map(|(_, text)| text).unwrap_or_default();
        let (unreleased, released): (Vec<_>, Vec<_>) =
            sections.partition(|(heading, _)| heading.eq_ignore_ascii_case(UNRELEASED));
        let newest = released.iter().filter_map(|(heading, _)| version(heading)).max();
        let whole = |(heading, text): &(String, String)| format!("## {heading}\n{text}");
        Self {
            head,
            unreleased: unreleased.into_iter().map(|(_, text)| text).collect(),
            tail: released.iter().map(whole).collect(),
            newest,
        }
    }

    /// The newest version that has a section.
    pub(super) fn newest(&self) -> Option<&Version> {
        self.newest.as_ref()
    }

    /// Whether people wrote something for the next version.
    pub(super) fn has_unreleased_text(&self) -> bool {
        !self.unreleased.trim().is_empty()
    }

    /// The file with a section for a new version.
    pub(super) fn with_release(
        &self,
        version: &Version,
        date: Date,
        changes: &[Change],
    ) -> OutputFile {
        let section = format!("## {version} ({date})\n\n{}", self.section(changes));
        let parts = [&self.head, &section, &self.tail].map(|part| part.trim().to_owned());
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        OutputFile { path: PATH.to_owned(), contents: parts.join("\n\n") + "\n" }
    }

    /// What people wrote, with the changes under the headings of their kind.
    fn section(&self, changes: &[Change]) -> String {
        let mut written = split_at_headings(&self.unreleased, "### ").into_iter();
        let intro = written.next().map(|(_, text)| text).unwrap_or_default();
        let mut groups: Vec<Group> = written.map(|(name, text)| Group { name, text }).collect();
        for (bump, name) in GROUPS {
            let of_kind = changes.iter().filter(|change| change.bumps.largest() == bump);
            let items: String = of_kind.map(item).collect();
            if !items.is_empty() {
                add(&mut groups, name, &items);
            }
        }
        // A stable sort, so that other headings stay where people wrote them.
        groups.sort_by_key(|group| group.name != "Breaking");
        let shown =
            groups.iter().map(|group| format!("### {}\n\n{}", group.name, group.text.trim()));
        let parts = std::iter::once(intro.trim().to_owned()).chain(shown);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

fn add(groups: &mut Vec<Group>, name: &str, items: &str) {
    match groups.iter_mut().find(|group| group.name == name) {
        Some(group) => group.text = format!("{}\n{items}", group.text.trim_end()),
        None => groups.push(Group { name: name.to_owned(), text: items.to_owned() }),
    }
}

/// A change as an item of a list, with the boundaries that it concerns.
fn item(change: &Change) -> String {
    let concerned = Boundary::ALL.into_iter().filter(|it| change.bumps.of(*it) != Bump::None);
    let concerned = concerned.map(Boundary::as_str).collect::<Vec<_>>().join(", ");
    let colon = if concerned.is_empty() { "" } else { ": " };
    let text = change.text.replace('\n', "\n  ").replace("\n  \n", "\n\n");
    format!("- {concerned}{colon}{text}\n")
}

/// Splits a text at headings of one level. The first part has no heading.
fn split_at_headings(text: &str, mark: &str) -> Vec<(String, String)> {
    let mut parts = vec![(String::new(), String::new())];
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        match line.strip_prefix(mark).filter(|_| !is_code) {
            Some(heading) => parts.push((heading.trim().to_owned(), String::new())),
            None => parts.last_mut().into_iter().for_each(|(_, text)| {
                text.push_str(line);
                text.push('\n');
            }),
        }
    }
    parts
}

/// The version that a heading names first, with or without `v` and brackets.
fn version(heading: &str) -> Option<Version> {
    let word = heading.split_whitespace().next()?;
    Version::parse(word.trim_matches(['[', ']']).trim_start_matches('v')).ok()
}
