//! Prints several answers that arrive at the same time one after the other. [`chat`](crate::chat)
//! reads them from the server.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use chatwire::types::terminal;

/// Prints one answer at a time, in the order of their indexes. The text of later answers waits until
/// the answers before them are finished.
pub(crate) struct Printer<'a> {
    out: &'a mut dyn Write,
    /// Whether each answer begins with a label. Labels count from 1.
    labelled: bool,
    /// Whether control characters are escaped.
    escaped: bool,
    /// The index of the answer that is printed now.
    turn: i64,
    answers: BTreeMap<i64, Answer>,
    at_line_start: bool,
}

#[derive(Default)]
struct Answer {
    waiting: String,
    begun: bool,
    finished: bool,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, labelled: bool) -> Self {
        Self {
            out,
            labelled,
            escaped: false,
            turn: 0,
            answers: BTreeMap::new(),
            at_line_start: true,
        }
    }

    /// Sets whether control characters are escaped, because a terminal would obey them.
    pub(crate) fn escaped(self, escaped: bool) -> Self {
        Self { escaped, ..self }
    }

    /// Adds a piece of an answer. It is printed at once if that answer is printed now.
    pub(crate) fn text(&mut self, index: i64, text: &str) -> io::Result<()> {
        self.answers.entry(index).or_default().waiting.push_str(text);
        self.advance()
    }

    /// Says that the answer is complete.
    pub(crate) fn finish(&mut self, index: i64) -> io::Result<()> {
        self.answers.entry(index).or_default().finished = true;
        self.advance()
    }

    /// Prints a line after the text.
    pub(crate) fn line(&mut self, index: i64, text: &str) -> io::Result<()> {
        self.end_line()?;
        let label = self.label(index);
        let text = self.visible(text);
        writeln!(self.out, "{label}{text}")
    }

    /// Prints the text that still waits. Call it when the stream ends, also if it fails.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        let indexes: Vec<i64> = self.answers.keys().copied().collect();
        indexes.into_iter().try_for_each(|index| self.print(index))?;
        self.end_line()
    }

    fn advance(&mut self) -> io::Result<()> {
        while let Some(answer) = self.answers.get(&self.turn) {
            let finished = answer.finished;
            self.print(self.turn)?;
            if !finished {
                break;
            }
            self.turn += 1;
        }
        Ok(())
    }

    fn print(&mut self, index: i64) -> io::Result<()> {
        let Some(answer) = self.answers.get_mut(&index) else { return Ok(()) };
        let text = std::mem::take(&mut answer.waiting);
        if text.is_empty() {
            return Ok(());
        }
        if !std::mem::replace(&mut answer.begun, true) {
            self.end_line()?;
            let label = self.label(index);
            write!(self.out, "{label}")?;
        }
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let shown = self.visible(text);
        self.out.write_all(shown.as_bytes())?;
        self.out.flush()?;
        self.at_line_start = text.ends_with('\n');
        Ok(())
    }

    fn visible<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.escaped { terminal::lines(text) } else { Cow::Borrowed(text) }
    }

    fn end_line(&mut self) -> io::Result<()> {
        if !self.at_line_start {
            self.at_line_start = true;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn label(&self, index: i64) -> String {
        if self.labelled { format!("[{}] ", index.saturating_add(1)) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of text; `None` finishes the answer.
    fn check(labelled: bool, pieces: &[(i64, Option<&str>)], expected: &str) {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, labelled);
        for (index, piece) in pieces {
            match piece {
                Some(text) => printer.text(*index, text).unwrap(),
                None => printer.finish(*index).unwrap(),
            }
        }
        printer.end().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn one_answer_is_only_its_text() {
        check(false, &[(0, Some("")), (0, Some("Hi")), (0, Some("!")), (0, None)], "Hi!\n");
        check(false, &[(0, Some("Hi\n")), (0, None)], "Hi\n");
        check(false, &[(0, None)], "");
        check(false, &[], "");
    }

    #[test]
    fn interleaved_answers_are_printed_one_after_the_other() {
        let pieces = [
            (1, Some("b")),
            (0, Some("a")),
            (1, Some("b")),
            (0, Some("a")),
            (1, None),
            (0, Some("a")),
            (0, None),
        ];
        check(true, &pieces, "[1] aaa\n[2] bb\n");
        let pieces = [(0, Some("a")), (1, Some("b")), (0, Some("a")), (0, None), (1, Some("b"))];
        check(true, &pieces, "[1] aa\n[2] bb\n");
        check(true, &[(3, Some("d")), (-1, Some("?"))], "[0] ?\n[4] d\n");
    }

    #[test]
    fn an_empty_answer_has_no_label() {
        check(true, &[(0, Some("")), (1, Some("b")), (0, None)], "[2] b\n");
    }

    #[test]
    fn control_characters_are_escaped_for_a_terminal() {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, false).escaped(true);
        printer.text(0, "a\n\u{1b}[2J").unwrap();
        printer.line(0, "f(\u{7})").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a\n\\u{1b}[2J\nf(\\u{7})\n");
    }

    #[test]
    fn a_line_begins_after_the_text() {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, false);
        printer.text(0, "Let me see").unwrap();
        printer.line(0, "tool call f({})").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "Let me see\ntool call f({})\n");
    }
}
