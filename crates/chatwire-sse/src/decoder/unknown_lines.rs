//! Lines that are not fields of the format, kept for a caller who asks for them. The standard ignores
//! such lines, and so does [`super`] unless it is told what they begin with.

use alloc::vec::Vec;

/// The most bytes that are kept of unknown lines, line ends included.
const MAX_KEPT: usize = 4096;

/// The unknown lines since they were taken last.
#[derive(Clone, Debug)]
pub(super) struct UnknownLines {
    /// What a line must begin with to be kept.
    pub(super) beginnings: &'static [&'static [u8]],
    /// The kept lines, each with a line feed. `lines.len() <= MAX_KEPT`.
    lines: Vec<u8>,
    /// Where the line that is read now begins in `lines`.
    start: usize,
    /// Whether the line that is read now is kept.
    is_open: bool,
}

impl UnknownLines {
    pub(super) const fn new() -> Self {
        Self { beginnings: &[], lines: Vec::new(), start: 0, is_open: false }
    }

    /// Begins a line of which `start` was read.
    pub(super) fn begin(&mut self, start: &[u8]) {
        self.is_open = !self.beginnings.is_empty();
        self.start = self.lines.len();
        self.push(start);
    }

    /// Adds the next part of the line. The first line is cut where it is too long, because its beginning
    /// says most. A later one is dropped, and so is JSON, which cannot be read without its end.
    pub(super) fn push(&mut self, part: &[u8]) {
        if !self.is_open {
            return;
        }
        let room = MAX_KEPT.saturating_sub(self.lines.len());
        let may_be_cut = self.start == 0 && !self.lines.starts_with(b"{");
        let fits = part.len() <= room || may_be_cut;
        self.lines.extend_from_slice(part.get(..room).unwrap_or(part));
        if !fits || !self.may_be_wanted() {
            self.lines.truncate(self.start);
            self.is_open = false;
        }
    }

    /// Whether the line begins as a wanted one does, as far as both go.
    fn may_be_wanted(&self) -> bool {
        let line = self.lines.get(self.start..).unwrap_or_default();
        let agrees = |wanted: &&[u8]| wanted.iter().zip(line).all(|(one, other)| one == other);
        self.beginnings.iter().any(agrees)
    }

    pub(super) fn end(&mut self) {
        self.push(b"\n");
        self.is_open = false;
    }

    /// Whether there are lines, and the last of them has ended.
    pub(super) const fn is_complete(&self) -> bool {
        !self.lines.is_empty() && !self.is_open
    }

    /// The lines, if there are any. At the end of the stream, the last one may lack its line feed.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let lines = core::mem::take(&mut self.lines);
        self.is_open = false;
        (!lines.is_empty()).then_some(lines)
    }

    pub(super) fn forget(&mut self) {
        *self = Self { beginnings: self.beginnings, ..Self::new() };
    }
}
