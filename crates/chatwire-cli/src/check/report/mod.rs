//! What was found, file by file. Finding it is the job of [`payload`](super::payload) and
//! [`stream`](super::stream), summing it up that of [`services`], telling it that of [`text`] and
//! [`json`].

mod json;
mod services;
mod text;

use std::collections::BTreeMap;

use super::kind::Kind;

pub(super) use text::Look;

/// Why a file does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ProblemKind {
    /// The type dropped something.
    Lost,
    /// It is valid, and the type refuses it.
    Refused,
    /// The type wrote something else.
    Changed,
    /// The type wrote something that was not there.
    Added,
    /// It is not valid JSON, or not an event stream.
    Malformed,
    /// An index calls it malformed, and it is not.
    Unexpected,
    /// The file could not be read, or its kind is not known.
    Unreadable,
}

/// What the document does not know and the type kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    kind: NoteKind,
    /// Where it was found first.
    place: String,
    /// The same without the positions in lists.
    pattern: String,
    shape: &'static str,
    /// The value that was found first, as it fits on a line.
    example: String,
}

/// How a stream ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// One of a few.
    pub(super) name: &'static str,
    /// What this one says beside that; may be empty.
    detail: String,
    /// How much was read until then.
    read: String,
}

#[derive(Debug, Default)]
pub(super) struct FileReport {
    name: String,
    service: String,
    pub(super) kind: Option<Kind>,
    /// An index says that the file is broken on purpose.
    malformed: bool,
    problems: Vec<Problem>,
    /// Each with how often it was found; chunks of one stream repeat themselves.
    notes: Vec<(Note, usize)>,
    /// Where in `notes` a thing is.
    noted: BTreeMap<(NoteKind, &'static str), BTreeMap<String, usize>>,
    /// Set for a stream.
    pub(super) end: Option<End>,
    /// Set while the parts of something larger are looked at.
    prefix: String,
}

#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<FileReport>,
    /// How many files are no payloads, by what their names end in.
    skipped: BTreeMap<String, usize>,
}

impl Note {
    pub(super) fn new(kind: NoteKind, place: String, shape: &'static str, example: String) -> Self {
        let pattern = without_positions(&place);
        Self { kind, place, pattern, shape, example }
    }

    /// What it is about. Of what the document does not have, the shape makes no difference.
    fn thing(&self) -> (NoteKind, &str, &'static str) {
        let shape = if self.kind == NoteKind::Deviation { self.shape } else { "" };
        (self.kind, &self.pattern, shape)
    }
}

/// `choices[0].message` as `choices[].message`.
fn without_positions(place: &str) -> String {
    let mut inside = false;
    let keep = |c: &char| {
        inside = (inside || *c == '[') && *c != ']';
        !inside || *c == '['
    };
    place.chars().filter(keep).collect()
}

impl End {
    pub(super) fn new(name: &'static str, detail: &dyn std::fmt::Display) -> Self {
        Self { name, detail: detail.to_string(), read: String::new() }
    }

    /// The same end, after so many chunks of so many choices.
    pub(super) fn after(self, chunks: usize, choices: usize) -> Self {
        let read = format!("{}, {}", count(chunks, "chunk"), count(choices, "choice"));
        Self { read, ..self }
    }
}

impl FileReport {
    pub(super) fn new(name: String, service: String, kind: Option<Kind>) -> Self {
        Self { name, service, kind, ..Self::default() }
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, place: &str, detail: String) {
        self.push(Problem { kind, place: place.to_owned(), detail });
    }

    pub(super) fn push(&mut self, mut problem: Problem) {
        problem.place = join(&self.prefix, &problem.place);
        self.problems.push(problem);
    }

    /// Notes of the same thing are counted together.
    pub(super) fn note(&mut self, note: Note) {
        let (kind, pattern, shape) = note.thing();
        let positions = self.noted.entry((kind, shape)).or_default();
        match positions.get(pattern).and_then(|position| self.notes.get_mut(*position)) {
            Some((_, count)) => *count += 1,
            None => {
                positions.insert(pattern.to_owned(), self.notes.len());
                self.notes.push((note, 1));
            }
        }
    }

    /// Puts `place` before the place of every problem found in `then`.
    pub(super) fn within(&mut self, place: &str, then: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.prefix, place.to_owned());
        then(self);
        self.prefix = outer;
    }

    /// Says that an index calls the file malformed, once everything in it was looked at.
    pub(super) fn expect_malformed(&mut self) {
        self.malformed = true;
        if self.passed() {
            let detail = "index.json says so, and nothing is wrong with it; correct index.json";
            self.problem(ProblemKind::Unexpected, "", detail.to_owned());
        }
    }

    /// Place and detail of each problem.
    #[cfg(test)]
    pub(super) fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.problems.iter().map(|problem| (problem.place.as_str(), problem.detail.as_str()))
    }

    fn passed(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether it fails as an index says that it should.
    fn fails_as_expected(&self) -> bool {
        let clean = |problem: &Problem| {
            matches!(problem.kind, ProblemKind::Malformed | ProblemKind::Refused)
        };
        self.malformed && !self.passed() && self.problems.iter().all(clean)
    }
}

impl Report {
    /// Counts files that were passed over.
    pub(super) fn skip(&mut self, skipped: BTreeMap<String, usize>) {
        self.skipped = skipped;
    }

    pub(super) fn push(&mut self, file: FileReport) {
        self.files.push(file);
    }

    pub(super) fn failed(&self) -> usize {
        self.files.iter().filter(|file| !file.passed()).count()
    }

    /// How many of those that failed should, as an index says.
    pub(super) fn failed_as_expected(&self) -> usize {
        self.files.iter().filter(|file| file.fails_as_expected()).count()
    }

    fn passed(&self) -> usize {
        self.files.len() - self.failed()
    }

    fn count(&self, kind: ProblemKind) -> usize {
        let problems = self.files.iter().flat_map(|file| &file.problems);
        problems.filter(|problem| problem.kind == kind).count()
    }
}

impl ProblemKind {
    const ALL: [Self; 7] = [
        Self::Lost,
        Self::Refused,
        Self::Changed,
        Self::Added,
        Self::Malformed,
        Self::Unexpected,
        Self::Unreadable,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Malformed => "malformed",
            Self::Unexpected => "not malformed",
            Self::Unreadable => "unreadable",
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

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn join(prefix: &str, place: &str) -> String {
    match (prefix.is_empty(), place.is_empty()) {
        (true, _) => place.to_owned(),
        (_, true) => prefix.to_owned(),
        _ => format!("{prefix}, {place}"),
    }
}
