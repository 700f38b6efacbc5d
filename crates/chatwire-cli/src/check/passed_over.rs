//! Finds the lines of an event stream that a reader passes over silently. [`stream`](super::stream) checks
//! what the other lines say.

use chatwire::types::strip_byte_order_mark;

use super::compare::brief;

/// A line that has no effect on a reader, and is not a comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PassedOver<'a> {
    /// Counted from 1.
    pub(super) number: usize,
    text: &'a [u8],
    reason: &'static str,
}

/// The fields of an event by the standard. Other lines are passed over.
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

const NOT_A_FIELD: &str = "passed over, because it is not a field of an event";
const AFTER_THE_END: &str = "passed over, because it comes after `[DONE]`";

/// The lines of a body that are passed over. `ends_at_marker` says that the reader stopped at `[DONE]`.
pub(super) fn find(body: &[u8], ends_at_marker: bool) -> Vec<PassedOver<'_>> {
    let mut is_over = false;
    let mut found = Vec::new();
    for (line, number) in Lines(strip_byte_order_mark(body)).zip(1..) {
        let field = field(line.text);
        let reason = match field {
            None if line.is_cut_field() => None,
            None => Some(NOT_A_FIELD),
            Some(Field::Data) if is_over => Some(AFTER_THE_END),
            Some(_) => None,
        };
        is_over |= ends_at_marker && matches!(field, Some(Field::Marker));
        found.extend(reason.map(|reason| PassedOver { number, text: line.text, reason }));
    }
    found
}

enum Field {
    Data,
    /// Data that ends the stream. Some services send it twice.
    Marker,
    /// Empty data, another field, a comment, or a blank line.
    Other,
}

fn field(line: &[u8]) -> Option<Field> {
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
    match line.split_at(colon) {
        (b"data", value) => Some(match value.strip_prefix(b":").unwrap_or(value).trim_ascii() {
            b"" => Field::Other,
            b"[DONE]" | b"\"[DONE]\"" => Field::Marker,
            _ => Field::Data,
        }),
        (name, _) if name.is_empty() || FIELDS.contains(&name) => Some(Field::Other),
        _ => None,
    }
}

impl PassedOver<'_> {
    /// Why it was passed over, and how it begins.
    pub(super) fn detail(&self) -> String {
        let start = self.text.get(..BEGINNING).unwrap_or(self.text);
        format!("{}: {}", self.reason, brief(&String::from_utf8_lossy(start)))
    }

    /// Whether this is the line on which an error stands, with a name before it or without.
    pub(super) fn holds(&self, error: &[u8]) -> bool {
        !error.is_empty() && self.text.trim_ascii().ends_with(error)
    }
}

/// Enough bytes for the characters that fit on a line of the report.
const BEGINNING: usize = 1024;

/// Cuts a body at LF, CR, or both together.
struct Lines<'a>(&'a [u8]);

struct Line<'a> {
    text: &'a [u8],
    /// Whether the body ends in the middle of the line.
    is_cut: bool,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (text, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        let after_end = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..));
        self.0 = after_end.unwrap_or_default();
        Some(Line { text, is_cut: end.is_none() })
    }
}

impl Line<'_> {
    /// Whether the body ends in the middle of a field's name. That is a truncated stream, and reported
    /// as one.
    fn is_cut_field(&self) -> bool {
        self.is_cut && FIELDS.iter().any(|field| field.starts_with(self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, ends_at_marker: bool, expected: &[(usize, &'static str, &str)]) {
        let found = find(body.as_bytes(), ends_at_marker);
        let expected = expected.iter().map(|(number, reason, text)| PassedOver {
            number: *number,
            text: text.as_bytes(),
            reason,
        });
        assert_eq!(found, expected.collect::<Vec<_>>(), "{body:?}");
    }

    #[test]
    fn lines_of_the_format_are_not_passed_over() {
        for body in [
            "",
            "\n\n",
            ": ping\n:\n\n",
            "data: {}\ndata\ndata:\nevent: x\nid: 1\nretry: 5\n\n",
            "\u{feff}data: {}\r\n\r\n",
            "data: {}\r\rdata: {}\r\r",
            "data: [DONE]\n\ndata: [DONE]\n\ndata:\n\n",
            "data: {}\n\nda",
            "data: {}\n\nevent",
        ] {
            check(body, true, &[]);
        }
    }

    #[test]
    fn other_lines_are_passed_over() {
        let not_a_field = |number, line| (number, NOT_A_FIELD, line);
        check("{\"a\":1}\n", false, &[not_a_field(1, "{\"a\":1}")]);
        check("data: {}\r\n\r\n{}\r\nx", false, &[not_a_field(3, "{}"), not_a_field(4, "x")]);
        check(
            "a\rb\r\r\nc: d",
            false,
            &[not_a_field(1, "a"), not_a_field(2, "b"), not_a_field(4, "c: d")],
        );
        check(
            " data: {}\nData: {}\n\n",
            false,
            &[not_a_field(1, " data: {}"), not_a_field(2, "Data: {}")],
        );
        check("\n\u{feff}data: {}", false, &[not_a_field(2, "\u{feff}data: {}")]);
        check("dat\n", false, &[not_a_field(1, "dat")]);
    }

    #[test]
    fn data_after_the_end_is_passed_over() {
        let body = "data: [DONE]\n\ndata: {\"usage\":1}\n\n";
        check(body, true, &[(3, AFTER_THE_END, "data: {\"usage\":1}")]);
        check(body, false, &[]);
        let in_quotes = "data: \"[DONE]\"\n\ndata: {\"usage\":1}\n\n";
        check(in_quotes, true, &[(3, AFTER_THE_END, "data: {\"usage\":1}")]);
    }

    #[test]
    fn long_lines_are_shown_by_their_beginning() {
        let body = "é".repeat(5000);
        let detail = find(body.as_bytes(), false)[0].detail();
        assert_eq!(detail, format!("{NOT_A_FIELD}: {}…", "é".repeat(60)));
    }
}
