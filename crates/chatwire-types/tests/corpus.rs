//! Tests every recorded payload of the corpus and every torture file: decoded and encoded again, it
//! is equal as JSON. `chatwire-stream` tests streams; here each `data:` line is a payload.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::io::{self, Write as _};

use crate::support::{check, files, shared};

#[test]
fn nothing_is_lost_or_refused() {
    let Some(shared) = shared() else {
        // `eprintln` does not work here, because a test runner captures it.
        writeln!(io::stderr(), "skipped: ../shared not found, so the corpus was not read").unwrap();
        return;
    };
    let mut failures = Vec::new();
    let mut count = 0;
    for folder in ["corpus", "torture", "peers/recordings"] {
        for path in files(&shared.join(folder)) {
            count += 1;
            if let Err(failure) = check(&path) {
                failures.push(format!("{}: {failure}", path.display()));
            }
        }
    }
    assert!(count > 500, "only {count} files were found");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
