//! Lines that are no field of the format and yet say what went wrong, as careless chat servers write
//! them. The standard ignores them, and so does [`super`] unless it is asked to set them aside; what
//! they mean is the work of `meaning`.

use alloc::vec::Vec;

/// As much is kept of the lines, line ends included; a server says no more in an error. Of a longer
/// `error:` line, the beginning is kept if no other was kept before it.
const MAX_KEPT: usize = 4096;

/// What such a line begins with, if it is no JSON.
const NAME: &[u8] = b"error";

/// Such lines, since they were taken last.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    pub(super) wanted: bool,
    lines: Vec<u8>,
    /// Where the last of them begins.
    start: usize,
    /// The line that is read now is one of them.
    is_open: bool,
}

impl Aside {
    pub(super) const fn new() -> Self {
        Self { wanted: false, lines: Vec::new(), start: 0, is_open: false }
    }

    /// A line begins that is no field; `start` is what was read of it.
    pub(super) fn begin(&mut self, start: &[u8]) {
        self.is_open = self.wanted && (start == NAME || start.starts_with(b"{"));
        self.start = self.lines.len();
        self.go_on(start);
    }

    pub(super) fn go_on(&mut self, part: &[u8]) {
        if !self.is_open || part.is_empty() {
            return;
        }
        let is_named = self.lines.starts_with(NAME);
        let room = MAX_KEPT.saturating_sub(self.lines.len());
        let line = self.lines.get(self.start..).unwrap_or_default();
        if line == NAME && !part.starts_with(b":") {
            // `errors` and others.
            self.drop_line();
        } else if part.len() <= room {
            self.lines.extend_from_slice(part);
        } else if self.start == 0 && is_named {
            self.lines.extend_from_slice(part.get(..room).unwrap_or_default());
        } else {
            self.drop_line();
        }
    }

    fn drop_line(&mut self) {
        self.lines.truncate(self.start);
        self.is_open = false;
    }

    pub(super) fn end(&mut self) {
        self.go_on(b"\n");
        self.is_open = false;
    }

    /// Whether there are lines, and the last of them has ended.
    pub(super) const fn is_whole(&self) -> bool {
        !self.lines.is_empty() && !self.is_open
    }

    /// The lines, if there are any; at the end of the stream the last need not have ended.
    #[cfg(feature = "chat")]
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let lines = core::mem::take(&mut self.lines);
        self.is_open = false;
        (!lines.is_empty()).then_some(lines)
    }

    pub(super) fn forget(&mut self) {
        *self = Self { wanted: self.wanted, ..Self::new() };
    }
}
