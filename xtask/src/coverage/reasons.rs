//! Reads `spec/coverage.toml`, which says what the document leaves out on purpose and why, and
//! records which reasons are used. [`super::compare`] finds the paths that need a reason.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::rows::Of;
use super::subject::Subject;
use crate::problem::{Failure, Position, Problem};
use crate::repository;
use crate::surface::Root;

/// All reasons, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    pub(super) entries: Vec<Reason>,
}

/// A reason why something is left out.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Where it is written.
    pub at: Position,
    /// The body that it is about; all bodies if absent.
    pub root: Option<Root>,
    /// What is left out.
    subject: Pattern,
    /// What `subject` names.
    of: Of,
    /// The values or facts that are left out. If absent, the subject itself and everything below.
    parts: Parts,
    /// The reason itself.
    pub text: String,
}

/// A pattern in which `*` stands for any text.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    at: Position,
}

/// The parts of a subject that are left out.
#[derive(Clone, Debug)]
enum Parts {
    All,
    Values(Vec<Pattern>),
    Facts(Vec<Pattern>),
}

impl Reasons {
    /// Reads `given`, or else `spec/coverage.toml` of the project at `root`, which need not exist.
    ///
    /// # Errors
    ///
    /// The same as [`Self::load`].
    pub fn of_project(root: &Path, given: Option<&Path>) -> Result<Self, Failure> {
        let default = root.join(repository::REASONS);
        match given {
            Some(path) => Self::load(path),
            None if default.exists() => Self::load(&default),
            None => Ok(Self::default()),
        }
    }

    /// Reads `path`.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if the file cannot be read, and [`Failure::Problems`] if its content is
    /// wrong.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Failure::io("read", path, &error))?;
        Ok(Self::parse(&repository::display_path(path), &text)?)
    }

    /// Parses `text`. Problems name the file `path`.
    ///
    /// # Errors
    ///
    /// Returns a syntax error, an unknown key, or every entry that is incomplete.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let places = Places { path, text };
        let file: File = toml::from_str(text).map_err(|error| vec![places.syntax(&error)])?;
        let read: Vec<_> = file.left_out.into_iter().map(|raw| places.reason(raw)).collect();
        let (good, bad): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
        if bad.is_empty() {
            return Ok(Self { entries: good.into_iter().flatten().collect() });
        }
        Err(bad.into_iter().filter_map(Result::err).collect())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    left_out: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    root: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    parameter: Option<Spanned<String>>,
    operation: Option<Spanned<String>>,
    values: Option<Vec<Spanned<String>>>,
    facts: Option<Vec<Spanned<String>>>,
    reason: Option<Spanned<String>>,
}

/// Turns byte offsets of the TOML library into lines and columns.
struct Places<'a> {
    path: &'a str,
    text: &'a str,
}

impl Places<'_> {
    fn position(&self, span: Option<Range<usize>>) -> Position {
        let start = span.map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let col = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Position { file: self.path.into(), line, col }
    }

    fn pattern(&self, text: Spanned<String>) -> Pattern {
        let at = self.position(Some(text.span()));
        Pattern { text: text.into_inner(), at }
    }

    fn patterns(&self, texts: Vec<Spanned<String>>) -> Vec<Pattern> {
        texts.into_iter().map(|text| self.pattern(text)).collect()
    }

    fn reason(&self, raw: Spanned<Raw>) -> Result<Reason, Problem> {
        let at = self.position(Some(raw.span()));
        let raw = raw.into_inner();
        let (of, subject) = match (raw.path, raw.parameter, raw.operation) {
            (Some(path), None, None) => (Of::Path, self.pattern(path)),
            (None, Some(parameter), None) => (Of::Parameter, self.pattern(parameter)),
            (None, None, Some(operation)) => (Of::Operation, self.pattern(operation)),
            _ => return Err(one_subject(&at)),
        };
        let parts = match (raw.values, raw.facts) {
            (None, None) => Parts::All,
            (Some(values), None) => Parts::Values(self.patterns(values)),
            (None, Some(facts)) => Parts::Facts(self.patterns(facts)),
            (Some(_), Some(_)) => return Err(values_and_facts(&subject.text, &at)),
        };
        let reason = raw.reason.filter(|reason| !reason.get_ref().trim().is_empty());
        let text = reason.ok_or_else(|| no_reason(&subject.text, &at))?.into_inner();
        let root = raw.root.map(|root| self.root(&root)).transpose()?;
        Ok(Reason { at, root, subject, of, parts, text })
    }

    fn root(&self, name: &Spanned<String>) -> Result<Root, Problem> {
        let names = Root::ALL.map(Root::as_str);
        let found = Root::ALL.into_iter().find(|root| root.as_str() == name.get_ref());
        found.ok_or_else(|| {
            let fix = match crate::suggest::closest(name.get_ref(), names) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("write one of {}", names.join(", ")),
            };
            Problem::error("coverage-root", format!("`{}` is not a body", name.get_ref()))
                .why("the reason would never be used")
                .fix(fix)
                .at(&self.position(Some(name.span())))
        })
    }

    fn syntax(&self, error: &toml::de::Error) -> Problem {
        Problem::error("coverage-syntax", error.message())
            .why("the reasons cannot be read")
            .fix("write `[[left-out]]` with `path`, `parameter` or `operation`, and `reason`")
            .at(&self.position(error.span()))
    }
}

fn one_subject(at: &Position) -> Problem {
    Problem::error("coverage-subject", "an entry without a subject, or with two")
        .why("an entry describes one path, one parameter or one operation")
        .fix("write one of `path`, `parameter` and `operation`")
        .at(at)
}

fn values_and_facts(subject: &str, at: &Position) -> Problem {
    Problem::error("coverage-subject", format!("`{subject}` with both values and facts"))
        .why("each needs a reason of its own")
        .fix("write two entries")
        .at(at)
}

fn no_reason(subject: &str, at: &Position) -> Problem {
    Problem::error("coverage-reason", format!("`{subject}` is left out without a reason"))
        .why("without a reason, it counts as missing")
        .fix("add `reason`, and say why it is left out")
        .at(at)
}

impl Reason {
    /// The subject as the file has it.
    pub fn subject(&self) -> &str {
        &self.subject.text
    }

    /// The patterns that must each match something: the values or facts if there
    /// are any, else the subject.
    fn slots(&self) -> &[Pattern] {
        match &self.parts {
            Parts::All => std::slice::from_ref(&self.subject),
            Parts::Values(patterns) | Parts::Facts(patterns) => patterns,
        }
    }

    /// The first slot that matches `subject`.
    fn slot(&self, subject: &Subject<'_>) -> Option<usize> {
        let same_root = self.root.is_none_or(|root| subject.root == Some(root));
        if !same_root || self.of != subject.of || !self.subject.matches(subject.name) {
            return None;
        }
        let find = |patterns: &[Pattern], text| patterns.iter().position(|one| one.matches(text));
        match (&self.parts, subject.value, subject.fact) {
            (Parts::All, None, None) => Some(0),
            (Parts::Values(values), Some(value), None) => find(values, value),
            (Parts::Facts(facts), None, Some(fact)) => find(facts, fact),
            _ => None,
        }
    }
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        let mut pieces = self.text.split('*');
        let first = pieces.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(last) = pieces.next_back() else { return rest.is_empty() };
        for piece in pieces {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

/// The reasons that one comparison used.
#[derive(Debug)]
pub(super) struct Ledger<'r> {
    reasons: &'r Reasons,
    /// For each slot of each reason: whether it matched, and whether a missing subject needed it.
    uses: Vec<Vec<(bool, bool)>>,
}

impl<'r> Ledger<'r> {
    pub(super) fn new(reasons: &'r Reasons) -> Self {
        let unused = |reason: &Reason| vec![(false, false); reason.slots().len()];
        Self { reasons, uses: reasons.entries.iter().map(unused).collect() }
    }

    /// Returns the number of the first reason that matches `subject`. Records all that match; they
    /// count as needed if the subject is `missing`.
    pub(super) fn note(&mut self, subject: &Subject<'_>, missing: bool) -> Option<usize> {
        let mut first = None;
        let entries = self.reasons.entries.iter().zip(&mut self.uses).enumerate();
        for (number, (reason, uses)) in entries {
            let slot = reason.slot(subject).and_then(|slot| uses.get_mut(slot));
            if let Some((matched, needed)) = slot {
                *matched = true;
                *needed |= missing;
                first = first.or(Some(number));
            }
        }
        first
    }

    /// Returns a problem for each slot that nothing needs.
    pub(super) fn stale(&self, theirs: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (reason, uses) in self.reasons.entries.iter().zip(&self.uses) {
            for (pattern, (matched, needed)) in reason.slots().iter().zip(uses) {
                if !needed {
                    problems.push(stale(reason, pattern, *matched, theirs));
                }
            }
        }
        problems
    }
}

fn stale(reason: &Reason, pattern: &Pattern, matched: bool, theirs: &str) -> Problem {
    let subject = match &reason.parts {
        Parts::Values(_) => format!("value `{}` of `{}`", pattern.text, reason.subject.text),
        Parts::Facts(_) => format!("fact `{}` of `{}`", pattern.text, reason.subject.text),
        Parts::All => format!("`{}`", pattern.text),
    };
    let (what, fix) = if matched {
        (format!("{subject} is not missing any more"), "remove it")
    } else {
        (
            format!("{subject} matches nothing in {theirs}"),
            "correct or remove it, or keep reasons for that document in a file of their own",
        )
    };
    Problem::error("stale-reason", what)
        .why("a reason that excuses nothing hides the next gap")
        .fix(fix)
        .at(&pattern.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        let pattern = Pattern { text: pattern.to_owned(), at: Position::start_of("a.toml") };
        assert_eq!(pattern.matches(text), expected, "{pattern:?} {text}");
    }

    #[test]
    fn a_star_stands_for_any_run() {
        check("model", "model", true);
        check("model", "models", false);
        check("*", "", true);
        check("gpt-*", "gpt-5", true);
        check("*.mode", "a.b.mode", true);
        check("a*b*c", "a.b.c", true);
        check("a*b*c", "a.c", false);
        check("ab*ba", "aba", false);
    }
}
