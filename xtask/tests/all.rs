//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area; `public_documents` is a program of its own, because it builds crates for minutes.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod accents;
mod bad_documents;
mod bindings;
mod cause;
mod commands;
mod coverage;
mod diff;
mod drift;
mod drift_blind_spots;
mod drift_command;
mod hostile_upstream;
mod lint;
mod new;
mod overlay;
mod progenitor;
mod release;
mod report;
mod robust;
mod rust_api;
mod shape;
mod stream;

/// Whether to try everything, where a test otherwise tries a sample. `.ci/run` does, because it takes minutes.
pub(crate) fn thorough() -> bool {
    std::env::var_os("CHATWIRE_THOROUGH").is_some()
}
