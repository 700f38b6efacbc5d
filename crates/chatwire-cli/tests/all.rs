//! The tests of this crate in one program, so that they share all cores and are linked once. Each file tests one
//! area.

mod browser;
mod chat;
mod check;
mod probe;
mod probe_page;
mod script;
mod serve;
mod support;
mod terminal;
