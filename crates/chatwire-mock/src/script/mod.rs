//! Answers chat requests as the user has written down: rules, and the replies of each.
//! [`answer`](crate::answer) makes up what a reply leaves out.

mod conditions;
mod json_part;
mod pattern;
mod prepared;
mod reply;
mod rule;
mod rules;

pub use pattern::{ParsePatternError, Pattern};
pub(crate) use prepared::Prepare;
pub use reply::Reply;
pub use rule::{Rule, Script};
pub(crate) use rules::Rules;
