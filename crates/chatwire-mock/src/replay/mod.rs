//! Answers requests from recordings, byte for byte. `record` makes them, and
//! [`recording`](crate::recording) knows their files.

mod body_form;
mod difference;
mod folder;
mod pauses;
mod play;
mod recordings;

pub use pauses::{ParsePausesError, Pauses};
pub(crate) use play::answer;
pub(crate) use recordings::Recordings;
