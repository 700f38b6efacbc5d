//! Shared by the tests: files beside the project, and ways to cut a body. The tests stand beside this folder.
#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::sample::Index;

/// Says that a test has nothing to test. The test runner keeps what a passing test prints; what is
/// written to the stream itself is seen.
pub(crate) fn skip(path: &Path) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: {} not found", path.display()).expect("standard error is open");
}

/// What lies beside the project, where it does.
pub(crate) fn shared(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name)
}

/// The files of a folder and those below it whose names end so.
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

/// The pieces of a body that is cut in these places.
pub(crate) fn cut<'a>(body: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places.windows(2).map(|place| &body[place[0]..place[1]]).collect()
}
