//! The lines of an event that holds several payloads, one after the other, each cut out of the event
//! without a copy if it is large. [`super::event_reader`] reads them.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use crate::json::LARGE;

/// The lines of one event.
#[derive(Debug)]
pub(crate) struct JsonLines {
    bytes: Vec<u8>,
    /// How far they have been read.
    start: usize,
    pub(crate) has_custom_name: bool,
}

impl JsonLines {
    pub(crate) const fn new(bytes: Vec<u8>, has_custom_name: bool) -> Self {
        Self { bytes, start: 0, has_custom_name }
    }

    /// The next line, and whether it is the last. One that is large and most of what is there is cut out
    /// of it, so that it need not be copied.
    pub(crate) fn next(&mut self) -> Option<(Cow<'_, [u8]>, bool)> {
        let line = self.start..self.start + line_at(&self.bytes, self.start)?.len();
        let after = self.bytes.len().min(line.end + 1);
        let is_last = after == self.bytes.len();
        if line.len() <= LARGE.max(self.bytes.len() / 2) {
            self.start = after;
            return Some((self.bytes.get(line)?.into(), is_last));
        }
        let rest = self.bytes.split_off(after);
        let bytes = mem::replace(&mut self.bytes, rest);
        self.start = 0;
        Some((cut(bytes, line).into(), is_last))
    }
}

/// The line that starts at this place.
fn line_at(lines: &[u8], start: usize) -> Option<&[u8]> {
    let rest = lines.get(start..).filter(|rest| !rest.is_empty())?;
    rest.split(|byte| *byte == b'\n').next()
}

/// A part of what came, without a copy beside it.
fn cut(mut bytes: Vec<u8>, range: Range<usize>) -> Vec<u8> {
    bytes.truncate(range.end);
    drop(bytes.drain(..range.start.min(range.end)));
    bytes.shrink_to_fit();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_order_whether_they_are_large_or_not() {
        let long = |letter: &str, length: usize| letter.repeat(length);
        for lines in [
            vec![String::new(), "a".into(), "bc".into()],
            vec![long("a", 3 * LARGE), String::new(), long("b", LARGE + 1), "c".into()],
            vec!["a".into(), long("b", 2 * LARGE), long("c", 3 * LARGE), long("d", LARGE)],
            vec![long("a", LARGE + 1)],
        ] {
            let mut left = JsonLines::new(lines.join("\n").into(), false);
            for (position, expected) in lines.iter().enumerate() {
                let (line, is_last) = left.next().unwrap();
                assert_eq!(line.as_ref(), expected.as_bytes());
                assert_eq!(is_last, position + 1 == lines.len());
            }
            assert!(left.next().is_none());
        }
    }

    #[test]
    fn only_a_line_that_is_most_of_what_is_there_is_cut_out() {
        for (lengths, expected) in [
            ([5 * LARGE, 2 * LARGE], [true, true]),
            ([2 * LARGE, 5 * LARGE], [false, true]),
            ([LARGE, 10], [false, false]),
        ] {
            let [first, second] = lengths.map(|length| "x".repeat(length));
            let mut lines = JsonLines::new(format!("{first}\n{second}").into(), false);
            for is_cut_out in expected {
                let (line, _) = lines.next().unwrap();
                assert_eq!(matches!(line, Cow::Owned(_)), is_cut_out, "{lengths:?}");
            }
        }
    }
}
