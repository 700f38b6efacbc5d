//! A sign of life on a terminal when a run takes long; silent otherwise and in a pipe.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nothing is shown before this long.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn again.
const TICK: Duration = Duration::from_millis(200);

/// Shows on stderr what is being done, and clears the line when dropped.
#[derive(Debug)]
pub struct Progress {
    line: Option<(Sender<&'static str>, JoinHandle<()>)>,
}

impl Progress {
    /// A line on stderr if that is a terminal.
    pub fn on_terminal() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::silent();
        }
        let (sender, receiver) = channel();
        let thread = std::thread::spawn(move || draw(&receiver));
        Self { line: Some((sender, thread)) }
    }

    /// Shows nothing.
    pub fn silent() -> Self {
        Self { line: None }
    }

    /// Says what is being done from now on, as a verb: `Loading`.
    pub fn stage(&self, verb: &'static str) {
        if let Some((sender, _)) = &self.line {
            // The drawing thread only ends after this value is dropped.
            let _ = sender.send(verb);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.line.take() {
            drop(sender);
            // Nothing to do about a line that could not be drawn.
            let _ = thread.join();
        }
    }
}

fn draw(stages: &Receiver<&'static str>) {
    let start = Instant::now();
    let mut verb = "";
    let mut shown = false;
    loop {
        match stages.recv_timeout(TICK) {
            Ok(next) => verb = next,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if start.elapsed() >= PATIENCE {
            shown = true;
            let _ = write!(std::io::stderr(), "\r{verb:>12}  {} s", start.elapsed().as_secs());
        }
    }
    if shown {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}
