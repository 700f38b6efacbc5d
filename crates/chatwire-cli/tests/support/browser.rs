//! Opens pages in headless Chromium, and serves them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Chromium starts slowly on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The Chromium of the variable `CHROMIUM`, or else the one that is installed.
pub(crate) fn chromium() -> Result<PathBuf, String> {
    named("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
}

/// A running browser.
pub(crate) struct Browser {
    child: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn open(chromium: &Path, url: &str, more: &[&str]) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let child = Command::new(chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args(more)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, _profile: profile }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that a variable names, or else the first of these that is installed.
pub(crate) fn named(variable: &str, names: &[&str]) -> Result<PathBuf, String> {
    if let Some(program) = std::env::var_os(variable) {
        return Ok(program.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&folders).collect();
    let programs =
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = programs.into_iter().find(|program| program.is_file());
    found.ok_or_else(|| format!("{} is not installed", names.join(" or ")))
}

/// Serves the files of a folder, and passes on what the page reports. Returns the address.
pub(crate) fn serve_pages(folder: PathBuf) -> (String, mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (reports, received) = mpsc::channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (folder, reports) = (folder.clone(), reports.clone());
            thread::spawn(move || answer_page(socket.unwrap(), &folder, &reports));
        }
    });
    (address, received)
}

fn answer_page(mut socket: TcpStream, folder: &Path, reports: &mpsc::Sender<Value>) {
    let Some((head, body)) = read_request(&mut socket) else { return };
    let name = head.split([' ', '?']).nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    if head.starts_with("POST") {
        let _ = reports.send(serde_json::from_slice(&body).unwrap());
    }
    let file = std::fs::read(folder.join(&name)).unwrap_or_default();
    let media = match Path::new(&name).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "text/plain",
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n",
        file.len()
    );
    let _ = socket.write_all(&[head.as_bytes(), &file].concat());
}

fn read_request(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 8192];
        let read = socket.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(buffer.get(..read)?);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
        let body = bytes.get(end + 4..)?.to_vec();
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some((head, body));
        }
    }
}
