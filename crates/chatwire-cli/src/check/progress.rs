//! Shows a progress bar on stderr during long runs, if stderr is a terminal. The
//! [`report`](super::report) goes to stdout.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for this number of files. It is hidden for a few files, because they take no time. The library
/// hides it if stderr is not a terminal.
pub(super) fn bar(files: usize) -> ProgressBar {
    if files < WORTH_SHOWING {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {pos}/{len} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

const WORTH_SHOWING: usize = 200;
