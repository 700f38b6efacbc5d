//! Lines that are no field of the format and yet say what went wrong, as careless chat servers write
//! them. The standard ignores them, and so does [`super`] unless it is asked to set them aside; what
//! they mean is the work of `meaning`.

use alloc::vec::Vec;

/// Longer lines are ignored as the standard says.
const LONGEST: usize = 4096;

/// The last such line.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    pub(super) wanted: bool,
    line: Vec<u8>,
    is_whole: bool,
}

impl Aside {
    pub(super) const fn new() -> Self {
        Self { wanted: false, line: Vec::new(), is_whole: false }
    }

    /// A line begins that is no field; `start` is what was read of it.
    pub(super) fn begin(&mut self, start: &[u8]) {
        self.forget();
        if self.wanted && (start == b"error" || start.starts_with(b"{")) {
            self.line = start.to_vec();
        }
    }

    pub(super) fn go_on(&mut self, part: &[u8]) {
        if self.line.len() + part.len() > LONGEST {
            self.forget();
        } else if !self.line.is_empty() {
            self.line.extend_from_slice(part);
        }
    }

    pub(super) const fn end(&mut self) {
        self.is_whole = !self.line.is_empty();
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    #[cfg(feature = "chat")]
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        self.is_whole = false;
        Some(core::mem::take(&mut self.line)).filter(|line| !line.is_empty())
    }

    pub(super) fn forget(&mut self) {
        (self.line, self.is_whole) = (Vec::new(), false);
    }
}
