//! The event-stream format of the WHATWG HTML standard ("server-sent events"), both ways: bytes to events
//! and events to bytes. The crate `chatwire-stream` reads the events of a chat.
//!
//! [`Decoder`] cuts bytes into [`Event`]s; [`write_event`] and [`write_comment`] write them. Nothing here
//! does I/O, waits, spawns or reconnects, and the crate builds without `std`.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | none | the whole crate, in `no_std` with an allocator |
//! | `std` (default) | a faster search on processors that have instructions for it |
//! | `bytes` | `Decoder::next_bytes`: events to keep, as slices of the bytes that they came in |
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

/// The examples of the page that people see first.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
