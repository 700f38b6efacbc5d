//! A problem with an input as data, and the one line that reports it.
//!
//! [`crate::load`], [`crate::overlay`], [`crate::lint`] and the generator find problems. A
//! [`Failure`] ends a command for any reason, also one that is not in a document.

use std::fmt;
use std::io;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use crate::names;

/// The severity of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The generator would drop, guess or stop, so it writes nothing.
    Error,
    /// A hint. The output is still right.
    Warning,
}

impl Severity {
    /// The word in the printed line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    fn style(self) -> Style {
        let color = match self {
            Self::Error => AnsiColor::Red,
            Self::Warning => AnsiColor::Yellow,
        };
        color.on_default().bold()
    }
}

/// A place in an input file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The name of the file, relative to the repository if the file lies inside.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub col: usize,
}

impl Position {
    /// The position of the first character of `file`.
    pub fn start_of(file: &str) -> Self {
        Self { file: file.into(), line: 1, col: 1 }
    }

    /// The position of the character at a byte offset of `text`, the content of `file`.
    pub fn at_offset(file: &str, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let col = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Self { file: file.into(), line, col }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", one_line(&self.file), self.line, self.col)
    }
}

/// One thing that is wrong in one place: what happened, why that matters, how to fix it.
///
/// ```
/// use xtask::problem::{Position, Problem};
///
/// let problem = Problem::error("any-of", "`anyOf` in `Stop`")
///     .why("it would become a struct of options")
///     .fix("write `oneOf`")
///     .at(&Position::start_of("spec/chat.openapi.yaml"));
/// assert_eq!(
///     problem.to_string(),
///     "spec/chat.openapi.yaml:1:1: error[any-of]: `anyOf` in `Stop`; \
///      it would become a struct of options; write `oneOf`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the file.
    pub file: String,
    /// Line, from 1; 0 while the place is unknown.
    pub line: usize,
    /// Column in characters, from 1; 0 while the place is unknown.
    pub col: usize,
    /// The severity.
    pub severity: Severity,
    /// The id of the broken rule.
    pub rule: &'static str,
    /// What is wrong.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// How to fix it.
    pub fix: String,
    /// A JSON pointer into the document, for stages that know no line.
    pub pointer: Option<String>,
}

impl Problem {
    /// The same as a hint.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Makes a problem that stops the generator, without a place.
    pub fn error(rule: &'static str, what: impl Into<String>) -> Self {
        Self {
            file: String::new(),
            line: 0,
            col: 0,
            severity: Severity::Error,
            rule,
            what: what.into(),
            why: String::new(),
            fix: String::new(),
            pointer: None,
        }
    }

    /// Adds the reason why it matters.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Adds how to fix it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, position: &Position) -> Self {
        self.file = position.file.to_string();
        self.line = position.line;
        self.col = position.col;
        self
    }

    /// Sets a JSON pointer such as `/components/schemas/Role`. [`crate::load::Document::locate`]
    /// turns it into a line.
    #[must_use]
    pub fn at_pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Writes the line, with terminal colours. Wrap `out` in `anstream` to remove the colours in a
    /// pipe.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let place = Style::new().bold();
        let level = self.severity.style();
        let Self { file, line, col, rule, .. } = self;
        let (file, severity) = (one_line(file), self.severity.as_str());
        write!(out, "{place}{file}:{line}:{col}:{place:#} {level}{severity}[{rule}]{level:#}: ")?;
        writeln!(out, "{}", self.message())
    }

    /// The problem for programs: the same fields as an object.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "file": self.file,
            "line": self.line,
            "col": self.col,
            "severity": self.severity.as_str(),
            "rule": self.rule,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
        })
    }

    /// Writes what, why and fix on one line. Line breaks from an input become spaces.
    fn message(&self) -> String {
        let parts = [&self.what, &self.why, &self.fix].map(|part| one_line(part));
        parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, col, rule, .. } = self;
        let (file, severity) = (one_line(file), self.severity.as_str());
        write!(f, "{file}:{line}:{col}: {severity}[{rule}]: {}", self.message())
    }
}

/// Writes problems in the order of their places, one line each.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn render_all(problems: &[Problem], out: &mut dyn io::Write) -> io::Result<()> {
    problems.iter().try_for_each(|problem| problem.render(out))
}

/// Sorts by file, line and column, and removes exact duplicates.
pub fn sort(problems: &mut Vec<Problem>) {
    let key = |p: &Problem| (p.file.clone(), p.line, p.col, p.rule, p.what.clone());
    problems.sort_by_key(key);
    problems.dedup();
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The input is wrong; exit code 1.
    Problems(Vec<Problem>),
    /// A file or the command line is wrong; exit code 2.
    Io(String),
}

impl Failure {
    /// A failed file operation: what was tried, on which file, and the system's message.
    pub fn io(action: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::Io(format!("cannot {action} {}: {error}", path.display()))
    }
}

impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(format!("cannot write the output: {error}"))
    }
}

/// The text in one line, without characters that would reorder it or end the line of a terminal.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace(names::is_unsafe_in_text, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Problem {
        Problem::error("any-of", "`anyOf` in\n `Stop`")
            .why("typify flattens it")
            .fix("write `oneOf`")
            .at(&Position { file: "spec/chat.openapi.yaml".into(), line: 12, col: 7 })
    }

    #[test]
    fn a_terminal_gets_colours_and_a_pipe_none() {
        let mut coloured = Vec::new();
        sample().render(&mut coloured).unwrap();
        insta::assert_snapshot!(String::from_utf8(coloured.clone()).unwrap().escape_debug(), @r"\u{1b}[1mspec/chat.openapi.yaml:12:7:\u{1b}[0m \u{1b}[1m\u{1b}[31merror[any-of]\u{1b}[0m: `anyOf` in `Stop`; typify flattens it; write `oneOf`\n");

        let mut plain = anstream::StripStream::new(Vec::new());
        sample().render(&mut plain).unwrap();
        insta::assert_snapshot!(String::from_utf8(plain.into_inner()).unwrap(), @"spec/chat.openapi.yaml:12:7: error[any-of]: `anyOf` in `Stop`; typify flattens it; write `oneOf`");
    }

    #[test]
    fn display_is_the_plain_line() {
        insta::assert_snapshot!(sample(), @"spec/chat.openapi.yaml:12:7: error[any-of]: `anyOf` in `Stop`; typify flattens it; write `oneOf`");
    }

    #[test]
    fn json_has_every_field() {
        insta::assert_snapshot!(sample().to_json(), @r#"{"file":"spec/chat.openapi.yaml","line":12,"col":7,"severity":"error","rule":"any-of","what":"`anyOf` in\n `Stop`","why":"typify flattens it","fix":"write `oneOf`"}"#);
    }
}
