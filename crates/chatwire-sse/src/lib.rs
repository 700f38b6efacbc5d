//! Event streams of chat completions: bytes to events to chunks to a completion, and back.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod decoder;
pub mod event;

pub use decoder::Decoder;
pub use event::{Event, EventTooLarge};
