//! Event streams of chat completions: bytes to events to chunks to a completion, and back.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod decoder;
pub mod event;

#[cfg(feature = "chat")]
pub mod accumulate;
#[cfg(feature = "chat")]
pub mod chunks;
#[cfg(feature = "chat")]
pub mod encode;
#[cfg(feature = "chat")]
mod meaning;
#[cfg(feature = "chat")]
mod opening;
#[cfg(feature = "chat")]
pub mod outcome;
#[cfg(feature = "chat")]
pub mod reader;
#[cfg(feature = "chat")]
pub mod stream;

#[cfg(feature = "chat")]
pub use accumulate::Accumulator;
#[cfg(feature = "chat")]
pub use chunks::ChunkDecoder;
pub use decoder::Decoder;
pub use event::{Event, EventTooLarge};
#[cfg(feature = "chat")]
pub use outcome::{
    ApiError, BoxError, Done, EndPolicy, IdleTimeout, Incomplete, NotEventStream, StreamError,
    TooManyParts, Truncated, Undecodable,
};
#[cfg(feature = "chat")]
pub use reader::ChunkReader;
#[cfg(feature = "chat")]
pub use stream::{ChunkStream, NoTimer, Timer};
