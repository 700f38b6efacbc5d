//! What a recording is: its files, its details, and what is kept out of it. [`replay`](crate::replay)
//! answers from recordings, and `record` makes them.

mod details;
#[cfg(feature = "record")]
mod masked;
mod names;
mod secrets;
#[cfg(feature = "record")]
mod split_texts;

pub(crate) use details::{Details, Piece};
#[cfg(feature = "record")]
pub(crate) use masked::Masked;
pub(crate) use names::{AnswerKind, DETAILS, HEADERS, RAW_REQUEST, REQUEST};
pub(crate) use secrets::Secrets;
#[cfg(feature = "record")]
pub(crate) use secrets::is_secret_header;
#[cfg(feature = "record")]
pub(crate) use split_texts::SplitTexts;
