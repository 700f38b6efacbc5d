//! Shows on stderr that a run goes on, if a person watches. [`crate::commands`] prints the results.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(200);

/// Shows the current stage and its time, and clears the line when dropped.
#[derive(Debug)]
pub struct Progress {
    line: ProgressBar,
}

impl Progress {
    /// Draws a line on stderr. The library hides it if stderr is not a terminal.
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

    /// Shows the next stage, as a verb: `Loading`.
    pub fn stage(&self, verb: &'static str) {
        self.line.set_message(verb);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
