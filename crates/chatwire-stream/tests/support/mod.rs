//! Helpers of the tests: finds files beside the checkout, and cuts bodies. The tests are in the files beside
//! this folder.
#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::sample::Index;

/// Reports that a test was skipped. It writes to the stream directly, because the test runner captures what a
/// passing test prints.
pub(crate) fn skip(path: &Path) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: {} not found", path.display()).expect("standard error is open");
}

/// Whether to try everything, where a test otherwise tries a sample. `.ci/run` does, because it takes minutes.
pub(crate) fn thorough() -> bool {
    std::env::var_os("CHATWIRE_THOROUGH").is_some()
}

/// The path of a file or folder that may lie beside the checkout.
pub(crate) fn shared(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name)
}

/// The files in a folder and its subfolders whose names have this ending.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// Cuts a body in these places.
pub(crate) fn cut<'a>(body: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places.windows(2).map(|place| &body[place[0]..place[1]]).collect()
}
