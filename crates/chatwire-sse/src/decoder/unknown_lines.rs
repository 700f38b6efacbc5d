//! Keeps lines that are not fields of the format, if the caller asks for them. [`super`] follows the
//! standard and ignores such lines otherwise.

use alloc::vec::Vec;

/// The maximum number of bytes that are kept, line ends included.
const MAX_KEPT: usize = 4096;

/// The unknown lines since the last call of [`UnknownLines::take`].
#[derive(Clone, Debug)]
pub(super) struct UnknownLines {
    /// A line is kept if it begins with one of these texts.
    pub(super) beginnings: &'static [&'static [u8]],
    /// The kept lines, each with a line feed. `lines.len() <= MAX_KEPT`.
    lines: Vec<u8>,
    /// The offset of the current line in `lines`. `start <= lines.len()`.
    start: usize,
    /// Whether the current line has not ended and is kept.
    is_open: bool,
}

impl UnknownLines {
    pub(super) const fn new() -> Self {
        Self { beginnings: &[], lines: Vec::new(), start: 0, is_open: false }
    }

    /// Begins a line with its first bytes.
    pub(super) fn begin(&mut self, start: &[u8]) {
        self.is_open = !self.beginnings.is_empty();
        self.start = self.lines.len();
        self.push(start);
    }

    /// Adds the next part of the line. If the first line is too long, it is cut, because its beginning tells
    /// most. A later line that does not fit is dropped, and so is JSON, because JSON without its end is
    /// useless.
    pub(super) fn push(&mut self, part: &[u8]) {
        if !self.is_open {
            return;
        }
        let room = MAX_KEPT.saturating_sub(self.lines.len());
        let may_be_cut = self.start == 0 && !self.lines.starts_with(b"{");
        let fits = part.len() <= room || may_be_cut;
        self.lines.extend_from_slice(part.get(..room).unwrap_or(part));
        if !fits || !self.may_be_kept() {
            self.lines.truncate(self.start);
            self.is_open = false;
        }
    }

    /// Whether the line may still begin with one of the texts that the caller asked for.
    fn may_be_kept(&self) -> bool {
        let line = self.lines.get(self.start..).unwrap_or_default();
        let agrees =
            |beginning: &&[u8]| beginning.iter().zip(line).all(|(one, other)| one == other);
        self.beginnings.iter().any(agrees)
    }

    pub(super) fn end(&mut self) {
        self.push(b"\n");
        self.is_open = false;
    }

    /// Whether there are lines, and the last one has ended.
    pub(super) const fn is_complete(&self) -> bool {
        !self.lines.is_empty() && !self.is_open
    }

    /// Takes the lines, if there are any. At the end of the stream, the last line may lack its line feed.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let lines = core::mem::take(&mut self.lines);
        self.is_open = false;
        (!lines.is_empty()).then_some(lines)
    }

    pub(super) fn forget(&mut self) {
        *self = Self { beginnings: self.beginnings, ..Self::new() };
    }
}
