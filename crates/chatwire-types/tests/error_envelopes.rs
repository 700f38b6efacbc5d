//! Tests what is found in each error envelope of the table and of the corpus. `tests/` at the root
//! tests that the client and the stream find the same.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use std::io::{self, Write as _};

use crate::support::{files, shared};
use chatwire_types::ErrorResponse;
use serde_json::{Value, json};

#[test]
fn every_envelope_of_the_table_is_understood() {
    let table: Vec<Value> =
        serde_json::from_str(include_str!("data/error_envelopes.json")).unwrap();
    assert!(table.len() >= 40, "only {} envelopes", table.len());
    let mut failures = Vec::new();
    for expected in table {
        let found =
            ErrorResponse::from_body(expected["body"].as_str().unwrap().as_bytes()).unwrap();
        let found = json!({
            "name": expected["name"],
            "body": expected["body"],
            "message": found.error_message(),
            "code": found.error_code(),
            "type": found.error_type(),
            "param": found.error_param(),
        });
        if found != expected {
            failures.push(format!("{expected}\nwas read as\n{found}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_recorded_error_has_a_message() {
    let Some(shared) = shared() else {
        // `eprintln` does not work here, because a test runner captures it.
        writeln!(io::stderr(), "skipped: ../shared not found, so the corpus was not read").unwrap();
        return;
    };
    let files = files(&shared.join("corpus"));
    let is_error = |path: &&std::path::PathBuf| path.to_string_lossy().ends_with(".error.json");
    let errors: Vec<_> = files.iter().filter(is_error).collect();
    assert!(errors.len() >= 30, "only {} errors were found", errors.len());
    for path in errors {
        let found = ErrorResponse::from_body(&std::fs::read(path).unwrap());
        let message = found.as_ref().and_then(ErrorResponse::error_message);
        assert!(message.is_some(), "{}", path.display());
    }
}
