//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod cases;
mod mock;
mod reports;
mod servers;
