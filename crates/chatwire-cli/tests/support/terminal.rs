//! Runs the command in a terminal. [`super`] runs it with pipes.

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use super::VARIABLES;

const ROWS: u16 = 24;
const COLUMNS: u16 = 100;

/// A running command and the screen of its terminal.
pub(crate) struct Terminal {
    child: Child,
    keyboard: Arc<Pty>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    pub(crate) fn start(args: &[&str], environment: &[(&str, &str)]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(ROWS, COLUMNS)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatwire")).args(args);
        for variable in VARIABLES {
            command = command.env_remove(variable);
        }
        command = command.env("TERM", "xterm-256color").envs(environment.iter().copied());
        let child = command.spawn(pts).unwrap();
        let keyboard = Arc::new(pty);
        let written = Arc::new(Mutex::new(Vec::new()));
        let (screen, kept) = (Arc::clone(&keyboard), Arc::clone(&written));
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Reading fails when the command ends.
            while let Ok(read @ 1..) = (&*screen).read(&mut buffer) {
                kept.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        Self { child, keyboard, written }
    }

    /// Presses keys; `\r` is Enter.
    pub(crate) fn press(&self, keys: &str) {
        (&*self.keyboard).write_all(keys.as_bytes()).unwrap();
    }

    /// All that was written so far, with control sequences.
    pub(crate) fn written(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().unwrap()).into_owned()
    }

    /// The text on the screen.
    pub(crate) fn screen(&self) -> String {
        let mut parser =
            vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0);
        parser.process(&self.written.lock().unwrap());
        let lines: Vec<String> =
            parser.screen().contents().lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n").trim_end().to_owned()
    }

    /// Waits until the screen ends with this text.
    #[track_caller]
    pub(crate) fn wait_for(&self, end: &str) {
        let begin = Instant::now();
        while !self.screen().ends_with(end) {
            assert!(begin.elapsed() < LONGEST_WAIT, "no {end:?} at the end of:\n{}", self.screen());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the command ends, and returns its exit code.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        // The last bytes may still be on their way.
        thread::sleep(Duration::from_millis(100));
        (code, self.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const LONGEST_WAIT: Duration = Duration::from_secs(20);
