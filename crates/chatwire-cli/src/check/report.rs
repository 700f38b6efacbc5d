//! What was found, file by file, and how it is told: lines for people, JSON for programs. Finding
//! it is the job of [`payload`](super::payload) and [`stream`](super::stream).

use std::io::{self, Write};

use serde_json::{Value, json};

use super::kind::Kind;

/// Why a file does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProblemKind {
    /// The file could not be read, or its kind is not known.
    Unreadable,
    /// It is not valid JSON, or not an event stream.
    Malformed,
    /// It is valid, and the type refuses it.
    Refused,
    /// The type dropped something.
    Lost,
    /// The type wrote something that was not there.
    Added,
    /// The type wrote something else.
    Changed,
}

/// What the document does not know and the type kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoteKind {
    UnknownKey,
    UnknownValue,
    UnknownVariant,
    /// A key of the document with a value of another shape.
    Deviation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) kind: ProblemKind,
    /// Where in the payload; empty for all of it.
    pub(super) place: String,
    pub(super) detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) kind: NoteKind,
    pub(super) place: String,
    pub(super) detail: String,
}

#[derive(Debug)]
pub(super) struct FileReport {
    name: String,
    kind: Option<Kind>,
    problems: Vec<Problem>,
    /// Each with how often it was found; chunks of one stream repeat themselves.
    notes: Vec<(Note, usize)>,
    /// How a stream ended.
    pub(super) outcome: Option<String>,
    /// Set while the parts of something larger are looked at.
    prefix: String,
}

#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<FileReport>,
}

impl Problem {
    pub(super) fn unreadable(why: &str) -> Self {
        Self { kind: ProblemKind::Unreadable, place: String::new(), detail: why.to_owned() }
    }
}

impl FileReport {
    pub(super) fn new(name: String, kind: Kind) -> Self {
        let prefix = String::new();
        Self { name, kind: Some(kind), problems: vec![], notes: vec![], outcome: None, prefix }
    }

    pub(super) fn failed(name: String, kind: Option<Kind>, problem: Problem) -> Self {
        let (problems, prefix) = (vec![problem], String::new());
        Self { name, kind, problems, notes: vec![], outcome: None, prefix }
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, place: &str, detail: String) {
        self.push(Problem { kind, place: place.to_owned(), detail });
    }

    pub(super) fn push(&mut self, mut problem: Problem) {
        problem.place = join(&self.prefix, &problem.place);
        self.problems.push(problem);
    }

    /// Notes of one place and kind are counted together, with the first one's detail.
    pub(super) fn note(&mut self, note: Note) {
        let same = |other: &Note| (other.kind, &other.place) == (note.kind, &note.place);
        match self.notes.iter_mut().find(|(other, _)| same(other)) {
            Some((_, count)) => *count += 1,
            None => self.notes.push((note, 1)),
        }
    }

    /// Puts `place` before the place of every problem found in `then`.
    pub(super) fn within(&mut self, place: &str, then: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.prefix, place.to_owned());
        then(self);
        self.prefix = outer;
    }

    fn passed(&self) -> bool {
        self.problems.is_empty()
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let verdict = if self.passed() { "pass" } else { "FAIL" };
        write!(out, "{verdict}  {}", self.name)?;
        match &self.outcome {
            Some(outcome) => writeln!(out, "  ({outcome})")?,
            None => writeln!(out)?,
        }
        for problem in &self.problems {
            write_line(out, problem.kind.name(), &problem.place, &problem.detail, 1)?;
        }
        for (note, count) in &self.notes {
            write_line(out, note.kind.name(), &note.place, &note.detail, *count)?;
        }
        Ok(())
    }

    fn to_json(&self) -> Value {
        let problem = |problem: &Problem| {
            json!({
                "kind": problem.kind.name(),
                "place": problem.place,
                "detail": problem.detail,
            })
        };
        let note = |(note, count): &(Note, usize)| {
            json!({
                "kind": note.kind.name(),
                "place": note.place,
                "detail": note.detail,
                "count": count,
            })
        };
        json!({
            "path": self.name,
            "kind": self.kind.map(Kind::name),
            "passed": self.passed(),
            "problems": self.problems.iter().map(problem).collect::<Vec<_>>(),
            "notes": self.notes.iter().map(note).collect::<Vec<_>>(),
            "outcome": self.outcome,
        })
    }
}

impl Report {
    pub(super) fn push(&mut self, file: FileReport) {
        self.files.push(file);
    }

    pub(super) fn failed(&self) -> usize {
        self.files.iter().filter(|file| !file.passed()).count()
    }

    pub(super) fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        self.files.iter().try_for_each(|file| file.write_text(out))?;
        writeln!(out, "{} passed, {} failed", self.files.len() - self.failed(), self.failed())
    }

    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = json!({
            "files": self.files.iter().map(FileReport::to_json).collect::<Vec<_>>(),
            "passed": self.files.len() - self.failed(),
            "failed": self.failed(),
        });
        writeln!(out, "{report:#}")
    }
}

impl ProblemKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Malformed => "malformed",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::Added => "added",
            Self::Changed => "changed",
        }
    }
}

impl NoteKind {
    fn name(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown key",
            Self::UnknownValue => "unknown value",
            Self::UnknownVariant => "unknown variant",
            Self::Deviation => "deviation",
        }
    }
}

fn write_line(
    out: &mut dyn Write,
    what: &str,
    place: &str,
    detail: &str,
    count: usize,
) -> io::Result<()> {
    let colon = if place.is_empty() || detail.is_empty() { "" } else { ": " };
    let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
    writeln!(out, "      {what:<15}  {place}{colon}{detail}{times}")
}

fn join(prefix: &str, place: &str) -> String {
    match (prefix.is_empty(), place.is_empty()) {
        (true, _) => place.to_owned(),
        (_, true) => prefix.to_owned(),
        _ => format!("{prefix}, {place}"),
    }
}
