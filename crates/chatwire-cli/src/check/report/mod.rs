//! What the checks found, file by file. [`payload`](super::payload) and [`stream`](super::stream) find
//! it, [`services`] sums it up, [`text`] and [`json`] write it.

mod json;
mod services;
mod text;

use std::collections::BTreeMap;

pub(super) use text::Look;

/// What a file holds. [`kind`](super::kind) recognizes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
    Chunk,
    Error,
    Stream,
    List,
    MessageList,
    UpdateRequest,
    Deleted,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Chunk => "chunk",
            Self::Error => "error",
            Self::Stream => "stream",
            Self::List => "list",
            Self::MessageList => "message list",
            Self::UpdateRequest => "update request",
            Self::Deleted => "deleted",
        }
    }
}

/// Why a file does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ProblemKind {
    /// A value or a line is gone.
    Lost,
    /// The type refuses a valid value.
    Refused,
    /// The type wrote another value.
    Changed,
    /// The type wrote a value that was not there.
    Added,
    /// It is not valid JSON, or not an event stream.
    Malformed,
    /// An index calls the file malformed, and it is not.
    Unexpected,
    /// The file could not be read, or its kind is not known.
    Unreadable,
}

/// What the document does not know, and the type kept.
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
    /// Where in the payload. Empty for the whole payload.
    pub(super) place: String,
    pub(super) detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    kind: NoteKind,
    /// Where the first one was found.
    place: String,
    /// The place without the positions in lists.
    pattern: String,
    shape: &'static str,
    /// The first value, cut to fit on a line.
    example: String,
}

/// How a stream ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// One of a few names, so that ends can be counted.
    pub(super) name: &'static str,
    /// What this end says beside its name. May be empty.
    detail: String,
    /// How much was read before it.
    read: String,
}

#[derive(Debug, Default)]
pub(super) struct FileReport {
    name: String,
    service: String,
    pub(super) kind: Option<Kind>,
    /// Whether an index says that the file is broken on purpose.
    malformed: bool,
    problems: Vec<Problem>,
    /// Each with its count, because the chunks of a stream are alike.
    notes: Vec<(Note, usize)>,
    /// The position in `notes` by kind, shape and pattern.
    noted: BTreeMap<(NoteKind, &'static str), BTreeMap<String, usize>>,
    /// Set for a stream.
    pub(super) end: Option<End>,
    /// The place of the part that is checked now.
    prefix: String,
}

#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<FileReport>,
    /// How many files are not payloads, by the endings of their names.
    skipped: BTreeMap<String, usize>,
}

impl Note {
    pub(super) fn new(kind: NoteKind, place: String, shape: &'static str, example: String) -> Self {
        let pattern = without_positions(&place);
        Self { kind, place, pattern, shape, example }
    }

    /// Identifies notes that are counted together. The shape counts only for a key that the document has.
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

    /// Adds a note, or counts it if there is one of the same thing.
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

    /// Runs `then`, and puts `place` before the place of each problem that it finds.
    pub(super) fn within(&mut self, place: &str, then: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.prefix, place.to_owned());
        then(self);
        self.prefix = outer;
    }

    /// Says that an index calls the file malformed. Call it after the checks, because a file without a
    /// problem gets one here.
    pub(super) fn expect_malformed(&mut self) {
        self.malformed = true;
        if self.passed() {
            let detail = "index.json calls it malformed, and it is not; correct index.json";
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

    /// Whether it fails as an index says.
    fn fails_as_expected(&self) -> bool {
        let is_expected = |problem: &Problem| {
            matches!(problem.kind, ProblemKind::Malformed | ProblemKind::Refused)
        };
        self.malformed && !self.passed() && self.problems.iter().all(is_expected)
    }
}

impl Report {
    /// Sets how many files were skipped.
    pub(super) fn skip(&mut self, skipped: BTreeMap<String, usize>) {
        self.skipped = skipped;
    }

    pub(super) fn push(&mut self, file: FileReport) {
        self.files.push(file);
    }

    pub(super) fn failed(&self) -> usize {
        self.files.iter().filter(|file| !file.passed()).count()
    }

    /// How many files fail as an index says.
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
