//! Runs cases against a server. [`case`](crate::case) says what to send, [`wire`](crate::wire) sends it, and
//! [`judge`](crate::judge) finds what is wrong.

mod fill;
mod order;
mod probe;
mod request;
mod requests;
mod runner;
mod secrets;
mod shown;
mod start;
mod verdict;

pub use probe::{Estimate, Probe, ProbeError};
pub use verdict::{CaseResult, Exchanged, Report, Server, Verdict};
