//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area. `tool_traces` stands alone, because a subscriber is for a whole program.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod examples;
mod gateway;
mod mock;
mod one_error;
mod parse;
mod strict_types;
mod tools;
