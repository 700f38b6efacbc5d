//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area.

mod cases;
mod mock;
mod reports;
