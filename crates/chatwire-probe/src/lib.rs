//! Finds out how a chat-completions server differs from the protocol: sends small requests, looks at the answers byte by
//! byte, and reports what deviates and whom it breaks. `chatwire-cli` has it as the command `chatwire probe`.
//!
//! A case is data in a file of `src/cases`: a request, what is expected of its answer, why, and from where. The modules,
//! each of which uses only those above it:
//!
//! | module | does |
//! | --- | --- |
//! | `case` | reads cases, and says where a mistake is |
//! | `wire` | sends bytes and receives bytes with their times; takes the framing off |
//! | `judge` | builds a view of an answer, and applies checks and rules to it |
//! | `run` | plans requests, runs cases, and finds verdicts |
//! | `report` | prints results as text, JUnit, HTML, a badge, and as a matrix of several servers |
//!
//! A [`Verdict`] is one of four:
//!
//! - pass: the answer is as expected;
//! - deviates: it is not, and [`CaseResult`] has what was sent, what came, why it matters and which clients break;
//! - unsupported: the case is not a must, and the server refuses or ignores what it asks for;
//! - skipped: the case could not be judged, because it stores data, needs a key, is beyond the budget, or needs
//!   something that the model did not do.
//!
//! Cases with the same request share one answer, so that 248 cases take about 180 requests. If such a request fails, the
//! first of its cases deviates, and the others are skipped. Nothing is compared that may differ from one run to the next:
//! a case that depends on the words of the model looks at their form.

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod case;
mod judge;
pub mod report;
mod run;
mod wire;

pub use case::{Case, CaseError, Level, cases, parse};
pub use judge::Finding;
pub use run::{CaseResult, Estimate, Exchanged, Probe, ProbeError, Report, Server, Verdict};
