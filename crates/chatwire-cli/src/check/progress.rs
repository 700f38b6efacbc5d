//! A bar on stderr for long runs, only when a person watches. It never touches stdout, which
//! belongs to the [`report`](super::report).

use std::io::{self, IsTerminal as _, Write as _};

pub(super) struct Progress {
    total: usize,
    done: usize,
    shown: bool,
}

impl Progress {
    pub(super) fn new(total: usize) -> Self {
        Self { total, done: 0, shown: total >= WORTH_SHOWING && io::stderr().is_terminal() }
    }

    pub(super) fn step(&mut self) {
        self.done += 1;
        if self.shown && self.done.is_multiple_of(STEP) {
            let filled = self.done * WIDTH / self.total.max(1);
            let bar = "#".repeat(filled) + &" ".repeat(WIDTH.saturating_sub(filled));
            self.print(&format!("\r[{bar}] {}/{}", self.done, self.total));
        }
    }

    pub(super) fn clear(&self) {
        if self.shown {
            self.print(&format!("\r{}\r", " ".repeat(WIDTH + 24)));
        }
    }

    fn print(&self, text: &str) {
        // A bar that cannot be drawn is no reason to stop.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

const WORTH_SHOWING: usize = 200;
const STEP: usize = 25;
const WIDTH: usize = 40;
