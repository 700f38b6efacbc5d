//! Prints several answers that arrive at the same time one after the other, and keeps reasoning apart from
//! them. [`answer`](super::answer) reads them from the server.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};

use chatwire::types::terminal;

use super::notes;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Answer,
    Reasoning,
}

/// Prints one answer at a time, in the order of their indexes. The text of later answers waits until
/// the answers before them are finished.
pub(super) struct Printer<'a> {
    answer: Output<'a>,
    reasoning: Output<'a>,
    /// Whether both outputs are the same terminal, so that each must begin on a line of its own.
    is_shared: bool,
    /// Whether each answer begins with a label. Labels count from 1.
    labelled: bool,
    /// The index of the answer that is printed now.
    turn: i64,
    answers: BTreeMap<i64, Answer>,
}

struct Output<'a> {
    out: Box<dyn Write + 'a>,
    /// Whether control characters are escaped, because a terminal would obey them.
    is_escaped: bool,
    style: console::Style,
    at_line_start: bool,
}

#[derive(Default)]
struct Answer {
    waiting: Vec<(Style, String)>,
    /// The style of the text that was printed last.
    last: Option<Style>,
    /// Whether text of the answer itself was printed, so that it has its label.
    has_text: bool,
    finished: bool,
}

impl Printer<'_> {
    /// Prints answers to stdout, and reasoning to stderr.
    pub(super) fn to_terminal(labelled: bool) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let is_shared = stdout.is_terminal() && stderr.is_terminal();
        let answer_escaped = stdout.is_terminal();
        let mut reasoning = Output::new(stderr, true);
        reasoning.style = notes::dim();
        Self::new(Output::new(stdout, answer_escaped), reasoning, is_shared, labelled)
    }
}

impl<'a> Printer<'a> {
    fn new(answer: Output<'a>, reasoning: Output<'a>, is_shared: bool, labelled: bool) -> Self {
        Self { answer, reasoning, is_shared, labelled, turn: 0, answers: BTreeMap::new() }
    }

    /// Adds a piece of an answer. It is printed at once if that answer is printed now.
    pub(super) fn text(&mut self, index: i64, style: Style, text: &str) -> io::Result<()> {
        let waiting = &mut self.answers.entry(index).or_default().waiting;
        match waiting.last_mut() {
            Some((last, joined)) if *last == style => joined.push_str(text),
            _ => waiting.push((style, text.to_owned())),
        }
        self.advance()
    }

    /// Says that the answer is complete.
    pub(super) fn finish(&mut self, index: i64) -> io::Result<()> {
        self.answers.entry(index).or_default().finished = true;
        self.advance()
    }

    /// Prints a line after the text.
    pub(super) fn line(&mut self, index: i64, text: &str) -> io::Result<()> {
        self.end_lines()?;
        let label = self.label(index);
        self.answer.write(&format!("{label}{text}"))?;
        self.answer.end_line()
    }

    /// Prints the text that still waits. Call it when the stream ends, also if it fails.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let indexes: Vec<i64> = self.answers.keys().copied().collect();
        indexes.into_iter().try_for_each(|index| self.print(index))?;
        self.end_lines()
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
        let pieces = std::mem::take(&mut answer.waiting);
        for (style, text) in pieces.into_iter().filter(|(_, text)| !text.is_empty()) {
            self.print_piece(index, style, &text)?;
        }
        Ok(())
    }

    fn print_piece(&mut self, index: i64, style: Style, text: &str) -> io::Result<()> {
        let answer = self.answers.entry(index).or_default();
        let is_labelled = answer.last == Some(style) || style == Style::Answer && answer.has_text;
        answer.has_text |= style == Style::Answer;
        match answer.last.replace(style) {
            None => self.end_lines()?,
            Some(last) if last != style => self.change_style(style)?,
            Some(_) => {}
        }
        let label = if is_labelled { String::new() } else { self.label(index) };
        let output = match style {
            Style::Answer => &mut self.answer,
            Style::Reasoning => &mut self.reasoning,
        };
        output.write(&label)?;
        output.write(text)
    }

    /// Gives the next style a line of its own. A program that reads the answer gets no line that is not in it.
    fn change_style(&mut self, next: Style) -> io::Result<()> {
        match next {
            Style::Answer => self.reasoning.end_line(),
            Style::Reasoning if self.is_shared => self.answer.end_line(),
            Style::Reasoning => Ok(()),
        }
    }

    fn end_lines(&mut self) -> io::Result<()> {
        self.reasoning.end_line()?;
        self.answer.end_line()
    }

    fn label(&self, index: i64) -> String {
        if self.labelled { format!("[{}] ", index.saturating_add(1)) } else { String::new() }
    }
}

impl<'a> Output<'a> {
    fn new(out: impl Write + 'a, is_escaped: bool) -> Self {
        Self { out: Box::new(out), is_escaped, style: console::Style::new(), at_line_start: true }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let shown = if self.is_escaped { terminal::lines(text) } else { Cow::Borrowed(text) };
        write!(self.out, "{}", self.style.apply_to(shown))?;
        self.out.flush()?;
        self.at_line_start = text.ends_with('\n');
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        if !self.at_line_start {
            self.at_line_start = true;
            writeln!(self.out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Style::{Answer, Reasoning};
    use super::*;

    /// A piece of text; `None` finishes the answer.
    type Piece = (i64, Option<(Style, &'static str)>);

    /// What is written to stdout and stderr.
    fn printed(labelled: bool, is_shared: bool, pieces: &[Piece]) -> (String, String) {
        let (mut answer, mut reasoning) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(
            Output::new(&mut answer, true),
            Output::new(&mut reasoning, true),
            is_shared,
            labelled,
        );
        for (index, piece) in pieces {
            match piece {
                Some((style, text)) => printer.text(*index, *style, text).unwrap(),
                None => printer.finish(*index).unwrap(),
            }
        }
        printer.end().unwrap();
        drop(printer);
        (String::from_utf8(answer).unwrap(), String::from_utf8(reasoning).unwrap())
    }

    #[track_caller]
    fn check(labelled: bool, pieces: &[(i64, Option<&'static str>)], expected: &str) {
        let pieces: Vec<Piece> =
            pieces.iter().map(|(index, text)| (*index, text.map(|text| (Answer, text)))).collect();
        assert_eq!(printed(labelled, false, &pieces), (expected.to_owned(), String::new()));
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
    fn reasoning_is_apart_from_the_answer() {
        let pieces = [
            (0, Some((Reasoning, "Let me"))),
            (0, Some((Reasoning, " see"))),
            (0, Some((Answer, "It is "))),
            (0, Some((Reasoning, "sure?\n"))),
            (0, Some((Answer, "7"))),
        ];
        let both = |answer: &str, reasoning: &str| (answer.to_owned(), reasoning.to_owned());
        assert_eq!(printed(false, false, &pieces), both("It is 7\n", "Let me see\nsure?\n"));
        assert_eq!(printed(false, true, &pieces), both("It is \n7\n", "Let me see\nsure?\n"));
        let labelled = both("[1] It is 7\n", "[1] Let me see\n[1] sure?\n");
        assert_eq!(printed(true, false, &pieces), labelled);
    }

    #[test]
    fn control_characters_are_escaped_for_a_terminal() {
        check(false, &[(0, Some("a\n\u{1b}[2J"))], "a\n\\u{1b}[2J\n");
    }

    #[test]
    fn a_line_begins_after_the_text() {
        let mut out = Vec::new();
        let reasoning = Output::new(io::sink(), true);
        let mut printer = Printer::new(Output::new(&mut out, true), reasoning, false, false);
        printer.text(0, Answer, "Let me see").unwrap();
        printer.line(0, "tool call f({}\u{7})").unwrap();
        drop(printer);
        assert_eq!(String::from_utf8(out).unwrap(), "Let me see\ntool call f({}\\u{7})\n");
    }
}
