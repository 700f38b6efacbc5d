//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area. `memory` counts for its whole program and `template` also runs in a release build, so both stand alone.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod accumulate;
mod adapters;
mod body;
mod events;
mod fuzz;
mod outcomes;
mod streams;
mod support;
mod waits;
mod way_back;
