//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod axum;
mod corpus;
mod created;
mod error_envelopes;
mod groups;
mod hostile;
mod next_turn;
mod nulls;
mod object_limit;
mod payloads;
mod readme;
mod support;
mod unknown;
mod validate;
