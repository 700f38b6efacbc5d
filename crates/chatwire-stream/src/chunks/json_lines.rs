//! Splits an event that holds one JSON text on each line. It moves a large line out of the event instead of
//! copying it; [`super::event_reader`] reads the lines.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use chatwire_types::json::LARGE;

/// The lines of one event.
#[derive(Debug)]
pub(crate) struct JsonLines {
    bytes: Vec<u8>,
    /// The offset of the next line. `start <= bytes.len()`
    start: usize,
    pub(crate) has_custom_name: bool,
}

impl JsonLines {
    pub(crate) const fn new(bytes: Vec<u8>, has_custom_name: bool) -> Self {
        Self { bytes, start: 0, has_custom_name }
    }

    /// Returns the next line, and whether it is the last. A large line that is more than half of the bytes is
    /// moved out; then only the rest is copied.
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
        Some((reduce_to(bytes, line).into(), is_last))
    }
}

/// The line that starts at an offset.
fn line_at(lines: &[u8], start: usize) -> Option<&[u8]> {
    let rest = lines.get(start..).filter(|rest| !rest.is_empty())?;
    rest.split(|byte| *byte == b'\n').next()
}

/// Reduces the bytes to a range, in place.
fn reduce_to(mut bytes: Vec<u8>, range: Range<usize>) -> Vec<u8> {
    bytes.truncate(range.end);
    drop(bytes.drain(..range.start.min(range.end)));
    bytes.shrink_to_fit();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_order() {
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
    fn only_a_line_of_more_than_half_is_moved_out() {
        for (lengths, expected) in [
            ([5 * LARGE, 2 * LARGE], [true, true]),
            ([2 * LARGE, 5 * LARGE], [false, true]),
            ([LARGE, 10], [false, false]),
        ] {
            let [first, second] = lengths.map(|length| "x".repeat(length));
            let mut lines = JsonLines::new(format!("{first}\n{second}").into(), false);
            for is_moved in expected {
                let (line, _) = lines.next().unwrap();
                assert_eq!(matches!(line, Cow::Owned(_)), is_moved, "{lengths:?}");
            }
        }
    }
}
