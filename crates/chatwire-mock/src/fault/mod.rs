//! Damages answers on purpose: what can go wrong, when it does, and how. [`chat`](crate::chat) makes the
//! answers, which are whole.

mod damage;
mod header;
mod kind;
mod output;
mod random;
mod text;

pub(crate) use damage::damage;
pub(crate) use header::{by_header, is_in};
pub use kind::{Fault, ParseFaultError};
pub(crate) use random::RandomFaults;
#[cfg(feature = "script-files")]
pub(crate) use text::parse_list;
