//! The event-stream format of the WHATWG HTML standard ("server-sent events"): decodes bytes into events
//! and encodes events into bytes. It does not look at the data; `chatwire-stream` reads the events of a chat.
//!
//! [`Decoder`] cuts bytes into [`Event`]s. [`write_event`] and [`write_comment`] write them. The crate does
//! no I/O, does not reconnect, and builds without `std`.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | none | everything except `next_bytes`; needs `alloc` only |
//! | `std` (default) | a search for line ends that uses the vector instructions of the processor |
//! | `bytes` | `Decoder::next_bytes`, which returns owned events that share the memory of the input |
//!
//! # Example
//!
//! ```
//! use chatwire_sse::{Decoder, Event, write_event};
//!
//! let mut bytes = Vec::new();
//! write_event(&mut bytes, &Event::new(b"hello"));
//! let mut decoder = Decoder::new();
//! let mut input = &bytes[..];
//! while let Some(event) = decoder.next(&mut input)? {
//!     assert_eq!(event.data_str(), Ok("hello"));
//! }
//! # Ok::<(), chatwire_sse::EventTooLarge>(())
//! ```
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod decoder;
mod encoder;
mod event;

pub use decoder::{DEFAULT_MAX_EVENT_SIZE, Decoder};
pub use encoder::{write_comment, write_event};
#[cfg(feature = "bytes")]
pub use event::EventBytes;
pub use event::{Event, EventTooLarge};

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
