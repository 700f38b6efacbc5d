//! Answers chat requests as the user has written down: rules, and the replies of each.
//! [`answer`](crate::answer) makes up what a reply leaves out.

mod conditions;
#[cfg(feature = "script-files")]
mod file;
mod json_part;
#[cfg(feature = "script-files")]
mod keys;
mod pattern;
mod prepared;
mod reply;
mod rule;
mod rules;

#[cfg(feature = "script-files")]
pub use file::ScriptError;
pub use pattern::{ParsePatternError, Pattern};
pub(crate) use prepared::Prepare;
pub use reply::Reply;
pub use rule::{Rule, Script};
pub(crate) use rules::Rules;
