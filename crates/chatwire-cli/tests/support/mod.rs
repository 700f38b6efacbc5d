//! Runs the command, and servers for it to talk to.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// The command, in an environment without keys.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatwire"));
    for variable in ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"] {
        command.env_remove(variable);
    }
    command.args(args).stdin(Stdio::null());
    command
}

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
}

impl Serve {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = command(&[&["serve", "--port", "0"], args].concat());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let base_url = line.split(' ').nth(2).expect("listening on URL").to_owned();
        Self { base_url, child }
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that sends the same bytes to every connection.
pub(crate) struct Scripted {
    pub(crate) base_url: String,
}

impl Scripted {
    pub(crate) fn start(bytes: String) -> Self {
        Self::serve(bytes, Duration::ZERO)
    }

    pub(crate) fn start_and_hang(bytes: String) -> Self {
        Self::serve(bytes, Duration::from_secs(60))
    }

    fn serve(bytes: String, hang: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                let _ = socket.read(&mut [0; 65536]).unwrap();
                socket.write_all(bytes.as_bytes()).unwrap();
                thread::sleep(hang);
            }
        });
        Self { base_url }
    }
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
