//! Finds what is wrong with an answer. [`wire`](crate::wire) received it, [`case`](crate::case) says what is
//! expected, and [`run`](crate::run) turns findings into a verdict.

mod check;
mod events;
mod finding;
mod place;
mod repeated;
mod rules;
mod seen;

pub(crate) use check::check_all;
pub use finding::Finding;
pub(crate) use rules::apply;
pub(crate) use seen::Seen;
