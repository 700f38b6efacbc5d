//! A sign of life on stderr while a run goes on, only when a person watches. What the run has found is
//! printed by [`crate::commands`].

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the line is drawn again.
const TICK: Duration = Duration::from_millis(200);

/// Shows what is being done and for how long, and clears the line when dropped.
#[derive(Debug)]
pub struct Progress {
    line: ProgressBar,
}

impl Progress {
    /// A line on stderr; the library hides it where that is no terminal.
    pub fn on_terminal() -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let line = match ProgressStyle::with_template("{msg:>12}  {elapsed}") {
            Ok(style) => line.with_style(style),
            Err(_) => line,
        };
        line.enable_steady_tick(TICK);
        Self { line }
    }

    /// Shows nothing.
    pub fn silent() -> Self {
        Self { line: ProgressBar::hidden() }
    }

    /// Says what is being done from now on, as a verb: `Loading`.
    pub fn stage(&self, verb: &'static str) {
        self.line.set_message(verb);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
