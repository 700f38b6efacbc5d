//! Runs the command, and servers for it to talk to.

#![allow(dead_code, reason = "each test file uses its own part of it")]
#![allow(clippy::indexing_slicing, reason = "a test may panic")]

pub(crate) mod browser;
#[cfg(unix)]
pub(crate) mod terminal;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The command, in an environment without keys.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatwire"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.args(args).stdin(Stdio::null());
    command
}

/// The variables that the command reads.
pub(crate) const VARIABLES: [&str; 8] = [
    "CHATWIRE_UPSTREAM_KEY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "AZURE_OPENAI_API_KEY",
    "NO_COLOR",
    "CLICOLOR_FORCE",
];

pub(crate) fn chatwire(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

pub(crate) fn with_stdin(mut command: Command, stdin: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    child.wait_with_output().unwrap()
}

/// Checks the exit code, all of stdout, and parts of stderr. An error is always one line.
#[track_caller]
pub(crate) fn check(run: &Output, code: i32, stdout: &str, stderr: &[&str]) {
    let shown = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(code), "{shown}");
    assert_eq!(String::from_utf8_lossy(&run.stdout), stdout, "{shown}");
    for part in stderr {
        assert!(shown.contains(part), "no {part:?} in {shown:?}");
    }
    if code == 1 {
        assert_eq!(shown.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{shown}");
        assert!(shown.lines().last().unwrap_or_default().starts_with("error: "), "{shown}");
    }
}

/// A running `chatwire serve`.
pub(crate) struct Serve {
    pub(crate) base_url: String,
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Serve {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = command(&[&["serve", "--port", "0"], args].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        let base_url = line.split(' ').nth(2).expect("listening on URL").to_owned();
        Self { base_url, child, stderr }
    }

    /// Sends a signal such as `TERM`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    /// Stops reading stdout.
    pub(crate) fn close_stdout(&mut self) {
        drop(self.child.stdout.take());
    }

    /// Waits for the end: the exit code, stdout, and stderr after the first line.
    pub(crate) fn wait(&mut self) -> (Option<i32>, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        self.stderr.read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that sends fixed bytes, one answer after the other, and keeps the requests. The last answer is sent
/// to all later connections.
pub(crate) struct Scripted {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) fn start(bytes: String) -> Self {
        Self::serve(vec![bytes], Duration::ZERO, Duration::ZERO)
    }

    pub(crate) fn start_all(answers: Vec<String>) -> Self {
        Self::serve(answers, Duration::ZERO, Duration::ZERO)
    }

    pub(crate) fn start_late(bytes: String, delay: Duration) -> Self {
        Self::serve(vec![bytes], delay, Duration::ZERO)
    }

    pub(crate) fn start_and_hang(bytes: String) -> Self {
        Self::serve(vec![bytes], Duration::ZERO, Duration::from_secs(60))
    }

    fn serve(answers: Vec<String>, before: Duration, after: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        thread::spawn(move || {
            for (number, socket) in listener.incoming().enumerate() {
                let mut socket = socket.unwrap();
                kept.lock().unwrap().push(read_request(&mut socket));
                thread::sleep(before);
                let answer = &answers[number.min(answers.len() - 1)];
                // The command may be gone.
                let _ = socket.write_all(answer.as_bytes());
                thread::sleep(after);
            }
        });
        Self { base_url, requests }
    }

    /// The head of each request, with the body after a blank line.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The body of each request.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let body = |request: &String| request.split_once("\r\n\r\n").unwrap().1.to_owned();
        self.requests().iter().map(|text| serde_json::from_str(&body(text)).unwrap()).collect()
    }
}

fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 65536];
        let read = socket.read(&mut buffer).unwrap_or_default();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if read == 0 || is_whole(&text) {
            return text;
        }
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head
        .to_lowercase()
        .split("content-length: ")
        .nth(1)
        .map(|rest| rest.lines().next().unwrap().parse::<usize>().unwrap());
    body.len() >= length.unwrap_or(0)
}

/// A stream of these chunks, each a JSON object, with its marker at the end.
pub(crate) fn stream(chunks: &[&str]) -> String {
    let events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    answer("200 OK", "text/event-stream", &format!("{}data: [DONE]\n\n", events.concat()))
}

/// An answer after which the connection is closed.
pub(crate) fn answer(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// Sends Ctrl-C to one process.
#[cfg(unix)]
pub(crate) fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
