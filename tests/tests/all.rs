//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area. The matrix of faults stands alone, because one of its programs counts memory.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod api;
mod document;
mod error_envelopes;
mod growth;
mod merge;
mod overlays;
mod packages;
mod readme;
mod stream_keys;
mod weight;
mod wire;
mod wire_lines;
