//! Shows on a terminal that the server has not begun to answer. [`answer`](super::answer) stops it at the
//! first text.

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner on stderr. It stays hidden unless stdout and stderr are terminals. All copies are the same one.
#[derive(Clone, Default)]
pub(super) struct Spinner(Arc<Mutex<Option<ProgressBar>>>);

impl Spinner {
    pub(super) fn start(&self, text: String) {
        if !io::stdout().is_terminal() || !io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let bar = match ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        bar.set_message(text);
        bar.enable_steady_tick(TICK);
        *self.lock() = Some(bar);
    }

    pub(super) fn stop(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    /// Prints something else while the spinner may be shown.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        match &*self.lock() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const TICK: Duration = Duration::from_millis(100);
