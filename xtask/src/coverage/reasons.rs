//! Reads `spec/coverage.toml`, which says what the document leaves out on purpose and why, and
//! records which reasons are used. [`super::compare`] finds the paths that need a reason.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::problem::{Failure, Position, Problem};
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
    /// Whether `subject` names a parameter instead of a wire path.
    of_parameter: bool,
    /// The values that are left out. If empty, the path itself and everything below it.
    values: Option<Vec<Pattern>>,
    /// The reason itself.
    pub text: String,
}

/// A pattern in which `*` stands for any text.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    at: Position,
}

/// What may need a reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) root: Root,
    /// The wire path, or the name of the parameter.
    pub(super) path: &'a str,
    pub(super) is_parameter: bool,
    pub(super) value: Option<&'a str>,
}

impl Reasons {
    /// Reads `path`.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if the file cannot be read, and [`Failure::Problems`] if its content is
    /// wrong.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Failure::io("read", path, &error))?;
        Ok(Self::parse(&crate::repository::display_path(path), &text)?)
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
    values: Option<Vec<Spanned<String>>>,
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

    fn reason(&self, raw: Spanned<Raw>) -> Result<Reason, Problem> {
        let at = self.position(Some(raw.span()));
        let raw = raw.into_inner();
        let (subject, of_parameter) = match (raw.path, raw.parameter) {
            (Some(path), None) => (self.pattern(path), false),
            (None, Some(parameter)) => (self.pattern(parameter), true),
            _ => return Err(one_subject(&at)),
        };
        let reason = raw.reason.filter(|reason| !reason.get_ref().trim().is_empty());
        let text = reason.ok_or_else(|| no_reason(&subject.text, &at))?.into_inner();
        let root = raw.root.map(|root| self.root(&root)).transpose()?;
        let values = raw.values.map(|values| values.into_iter().map(|v| self.pattern(v)).collect());
        Ok(Reason { at, root, subject, of_parameter, values, text })
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
            .fix("write `[[left-out]]` with `path` or `parameter`, and `reason`")
            .at(&self.position(error.span()))
    }
}

fn one_subject(at: &Position) -> Problem {
    Problem::error("coverage-subject", "an entry without a subject, or with two")
        .why("an entry describes one path or one parameter")
        .fix("write either `path` or `parameter`")
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

    /// The patterns that must each match something: the values if there are any, else the subject.
    fn slots(&self) -> &[Pattern] {
        self.values.as_deref().unwrap_or(std::slice::from_ref(&self.subject))
    }

    /// The first slot that matches `subject`.
    fn slot(&self, subject: &Subject<'_>) -> Option<usize> {
        let same_root = self.root.is_none_or(|root| root == subject.root);
        let same_kind = self.of_parameter == subject.is_parameter;
        if !same_root || !same_kind || !self.subject.matches(subject.path) {
            return None;
        }
        match (&self.values, subject.value) {
            (None, None) => Some(0),
            (Some(values), Some(value)) => values.iter().position(|pattern| pattern.matches(value)),
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
    let subject = match &reason.values {
        Some(_) => format!("value `{}` of `{}`", pattern.text, reason.subject.text),
        None => format!("`{}`", pattern.text),
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
