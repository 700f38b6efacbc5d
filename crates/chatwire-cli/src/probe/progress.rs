//! Shows how far a run is, on stderr, if that is a terminal. The report goes to stdout.

use chatwire_probe::CaseResult;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub(super) struct Progress(ProgressBar);

impl Progress {
    /// The library hides the bar if stderr is not a terminal.
    pub(super) fn start(cases: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
        Self(match ProgressStyle::with_template("{bar:40} {pos}/{len} {wide_msg}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    pub(super) fn show(&self, result: &CaseResult) {
        self.0.set_message(format!("{}/{}", result.group, result.id));
        self.0.inc(1);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
