//! Prints a line for each request: for people on a terminal, or as JSON for programs. The requests wait in a
//! short queue, because a reader that is slow must not slow the server down.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use chatwire::types::terminal;
use chatwire_mock::Exchange;
use console::Style;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::failure::Failure;

/// The lines that wait to be printed.
#[derive(Clone)]
pub(super) struct Log {
    /// `None` ends the log.
    lines: mpsc::SyncSender<Option<String>>,
    /// Lines that found the queue full.
    lost: Arc<AtomicU64>,
    is_json: bool,
}

/// The end of the log.
pub(super) struct Printer {
    /// Why printing has ended before the log.
    pub(super) failed: oneshot::Receiver<io::Error>,
    ended: mpsc::Receiver<()>,
}

impl Log {
    /// Starts a log: as JSON on stdout, or for people on stderr if that is a terminal.
    pub(super) fn start(is_json: bool) -> Option<(Self, Printer)> {
        if !is_json && !io::stderr().is_terminal() {
            return None;
        }
        let (lines, queue) = mpsc::sync_channel(LONGEST_QUEUE);
        let (failure, failed) = oneshot::channel();
        let (end, ended) = mpsc::channel();
        let lost = Arc::new(AtomicU64::new(0));
        let shared = lost.clone();
        thread::spawn(move || {
            if let Err(error) = print(&queue, &shared, is_json) {
                // If the command has ended, nobody needs it.
                let _ = failure.send(error);
            }
            drop(end);
        });
        Some((Self { lines, lost, is_json }, Printer { failed, ended }))
    }

    pub(super) fn exchange(&self, exchange: &Exchange) {
        self.send(if self.is_json { json_line(exchange) } else { line(exchange) });
    }

    /// Prints an event of the server, for programs only.
    pub(super) fn event(&self, event: &Value) {
        if self.is_json {
            self.send(event.to_string());
        }
    }

    fn send(&self, line: String) {
        if self.lines.try_send(Some(line)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Printer {
    /// Waits for the lines that are left, but not long for a reader that does not read them.
    pub(super) fn finish(mut self, log: &Log) -> Result<(), Failure> {
        if log.lines.try_send(None).is_ok() {
            let _ = self.ended.recv_timeout(LONGEST_END);
        }
        match self.failed.try_recv() {
            Ok(error) => Err(error.into()),
            Err(_) => Ok(()),
        }
    }
}

fn print(
    queue: &mpsc::Receiver<Option<String>>,
    lost: &AtomicU64,
    is_json: bool,
) -> io::Result<()> {
    while let Ok(Some(line)) = queue.recv() {
        write_line(&line, is_json)?;
        match lost.swap(0, Ordering::Relaxed) {
            0 => {}
            count if is_json => {
                write_line(&json!({"event": "lost", "lines": count}).to_string(), is_json)?;
            }
            count => write_line(&format!("{count} more requests"), is_json)?,
        }
    }
    Ok(())
}

fn write_line(line: &str, is_json: bool) -> io::Result<()> {
    if is_json { writeln!(io::stdout(), "{line}") } else { writeln!(io::stderr(), "{line}") }
}

/// `200 POST /v1/chat/completions gpt-4o-mini, 13 + 9 tokens, 312 ms, rule weather`
fn line(exchange: &Exchange) -> String {
    let status = match exchange.status {
        Some(status) => style(status).apply_to(status).to_string(),
        None => Style::new().yellow().for_stderr().apply_to("---").to_string(),
    };
    let Exchange { method, path, .. } = exchange;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(exchange.model.clone());
    if let (Some(prompt), Some(completion)) = (exchange.prompt_tokens, exchange.completion_tokens) {
        parts.push(format!("{prompt} + {completion} tokens"));
    }
    parts.push(time(exchange.duration.as_secs_f64()));
    parts.extend(exchange.rule.as_ref().map(|rule| format!("rule {rule}")));
    parts.extend(exchange.recording.as_ref().map(|name| format!("recording {name}")));
    if !exchange.is_complete {
        parts.push("broke off".to_owned());
    }
    parts.extend(exchange.error.clone());
    let rest = format!("{method} {path} {}", parts.join(", "));
    format!("{status} {}", terminal::one_line(&rest))
}

fn style(status: u16) -> Style {
    let style = Style::new().for_stderr();
    match status {
        ..400 => style.green(),
        400..500 => style.yellow(),
        _ => style.red(),
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") }
}

fn json_line(exchange: &Exchange) -> String {
    json!({
        "event": "request",
        "at": humantime::format_rfc3339_millis(exchange.at).to_string(),
        "method": exchange.method,
        "path": exchange.path,
        "model": exchange.model,
        "status": exchange.status,
        "prompt_tokens": exchange.prompt_tokens,
        "completion_tokens": exchange.completion_tokens,
        "seconds": exchange.duration.as_secs_f64(),
        "bytes": exchange.bytes,
        "rule": exchange.rule,
        "recording": exchange.recording,
        "error": exchange.error,
        "complete": exchange.is_complete,
    })
    .to_string()
}

/// The lines that wait for a slow reader.
const LONGEST_QUEUE: usize = 4096;

/// How long a slow reader has at the end.
const LONGEST_END: std::time::Duration = std::time::Duration::from_secs(2);
