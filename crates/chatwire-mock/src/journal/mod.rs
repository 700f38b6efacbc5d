//! Keeps the latest requests for the assertions of the user. [`script`](crate::script) has the conditions that
//! they can state.

mod arrival;
mod assertion;
mod received;
mod ring;

pub(crate) use arrival::{enter, keep_body};
pub(crate) use assertion::failure;
pub use received::Received;
pub(crate) use ring::Journal;
