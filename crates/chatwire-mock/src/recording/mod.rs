//! What a recording is: its files, its details, and what is kept out of it. [`replay`](crate::replay)
//! answers from recordings, and `record` makes them.

mod details;
mod names;
mod secrets;

pub(crate) use details::{Details, Piece};
pub(crate) use names::{AnswerKind, DETAILS, HEADERS, RAW_REQUEST, REQUEST};
pub(crate) use secrets::Secrets;
#[cfg(feature = "record")]
pub(crate) use secrets::is_secret_header;
