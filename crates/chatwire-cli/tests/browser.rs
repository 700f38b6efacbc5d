//! Streams an answer of `chatwire serve --cors` in headless Chromium, through chatwire built for WebAssembly. The page is in
//! `tests/browser`.
//!
//! The test is skipped, with a line that says so, unless these are installed: the target `wasm32-unknown-unknown`, the
//! `wasm-bindgen` of the version in the page's lock file, and Chromium. The environment variables `WASM_BINDGEN` and
//! `CHROMIUM` name other programs.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use support::Serve;

const TARGET: &str = "wasm32-unknown-unknown";

/// The answer of the server to the question of the page.
const ANSWER: &str = "This is a test!";

/// Chromium starts slowly on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_page_streams_an_answer() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        // Written directly, because the test runner captures what a test prints.
        Err(missing) => return writeln!(std::io::stderr(), "skipped: {missing}").unwrap(),
    };
    let pages = tools.build();
    // The pieces come apart, so that a page that waits for all of them is noticed.
    let serve = Serve::start(&["--cors", "--chunk-delay", "100ms"]);
    let (address, reports) = serve_pages(pages);
    let url = format!("{address}/index.html?report&base_url={}", serve.base_url);
    let _browser = tools.open(&url);
    let report = reports.recv_timeout(PATIENCE).unwrap();
    assert_eq!(report.get("text").and_then(Value::as_str), Some(ANSWER), "{report}");
    let times: Vec<_> =
        report["times"].as_array().unwrap().iter().flat_map(Value::as_f64).collect();
    let apart = times.last().unwrap() - times.first().unwrap();
    assert!(times.len() > 2 && apart > 150.0, "the answer came at once: {times:?}");
}

/// The programs that the test needs.
struct Tools {
    wasm_bindgen: PathBuf,
    chromium: PathBuf,
}

impl Tools {
    /// Returns what is missing, if anything is.
    fn find() -> Result<Self, String> {
        let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
        let sysroot = String::from_utf8(sysroot.stdout).unwrap();
        if !Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
            return Err(format!("the target {TARGET} is not installed"));
        }
        let wasm_bindgen = named("WASM_BINDGEN", &["wasm-bindgen"])?;
        let (expected, found) = (locked_version(), version(&wasm_bindgen));
        if !found.contains(&expected) {
            return Err(format!(
                "wasm-bindgen {expected} is needed, and {} is installed",
                found.trim()
            ));
        }
        let chromium = named("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])?;
        Ok(Self { wasm_bindgen, chromium })
    }

    /// Builds the page, and returns the folder with its files.
    fn build(&self) -> PathBuf {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
        let pages = scratch.join("pages");
        run(Command::new(env!("CARGO"))
            .args(["build", "--locked", "--target", TARGET, "--target-dir"])
            .arg(&scratch)
            .current_dir(page()));
        run(Command::new(&self.wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(&pages)
            .arg(scratch.join(TARGET).join("debug/browser.wasm")));
        std::fs::copy(page().join("index.html"), pages.join("index.html")).unwrap();
        pages
    }

    fn open(&self, url: &str) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let child = Command::new(&self.chromium)
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
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Browser { child, _profile: profile }
    }
}

/// A running browser.
struct Browser {
    child: Child,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of the page.
fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser")
}

/// The program that a variable names, or else the first of these that is installed.
fn named(variable: &str, names: &[&str]) -> Result<PathBuf, String> {
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

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// The version of wasm-bindgen that the page is built with. The program must be the same.
fn locked_version() -> String {
    let lock = std::fs::read_to_string(page().join("Cargo.lock")).unwrap();
    let package = lock.split("name = \"wasm-bindgen\"\n").nth(1).unwrap();
    package.split('"').nth(1).unwrap().to_owned()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Serves the files of a folder, and passes on what the page reports. Returns the address.
fn serve_pages(folder: PathBuf) -> (String, mpsc::Receiver<Value>) {
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
