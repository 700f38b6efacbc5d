//! Streams an answer of `chatwire serve --cors` in headless Chromium, through chatwire built for WebAssembly. The page is in
//! `tests/browser`.
//!
//! The test is skipped, with a line that says so, unless these are installed: the target `wasm32-unknown-unknown`, the
//! `wasm-bindgen` of the version in the page's lock file, and Chromium. The environment variables `WASM_BINDGEN` and
//! `CHROMIUM` name other programs. `tests/peers/run.py chromium` installs all three.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Serve;
use crate::support::browser::{Browser, PATIENCE, chromium, named, serve_pages};
use serde_json::Value;

const TARGET: &str = "wasm32-unknown-unknown";

/// The answer of the server to the question of the page.
const ANSWER: &str = "This is a test!";

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
    let _browser = Browser::open(&tools.chromium, &url, &[]);
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
        let chromium = chromium()?;
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
}

/// The folder of the page.
fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser")
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
