//! A bar on stderr for long runs, only when a person watches. It never touches stdout, which
//! belongs to the [`report`](super::report).

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over so many files; hidden where it would be gone before it is seen, and by the library
/// where stderr is no terminal.
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
