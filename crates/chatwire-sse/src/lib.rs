//! Event streams of chat completions: bytes to events to chunks to a completion, and back. The types
//! in the stream are `chatwire-types`, getting a response over the network is `chatwire-client`.
//!
//! Four layers, each usable without the ones above it:
//!
//! 1. [`Decoder`]: bytes to [`Event`]s, by the letter of the standard, for any event stream.
//! 2. [`ChunkDecoder`]: events to typed chunks, and everything that can go wrong as a
//!    [`StreamError`].
//! 3. [`Accumulator`]: chunks to the completion that the request would have got without streaming;
//!    [`ChatEvents`] says on the way what each chunk did to it.
//! 4. [`ChunkStream`] over an asynchronous body, [`ChunkReader`] over a blocking one, and with the
//!    feature `client` a trait that makes chunks of a response of `chatwire-client`.
//!
//! [`encode`] is the way back, for servers.
//!
//! Nothing here needs an operating system: the crate builds for `wasm32-unknown-unknown`, but for the
//! feature `client`, and the decoder alone for targets without `std`.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | none | [`Decoder`] alone, in `no_std` with an allocator: turn the default features off |
//! | `chat` (default) | the layers 2 to 4 and the way back |
//! | `bytes` | events to keep, as slices of the bytes that they came in; part of `chat` |
//! | `std` | faster search where the processor has instructions for it; part of `chat` |
//! | `http-body` | the way back as the body of a response, for hyper |
//! | `axum` | the same as a response of axum |
//! | `client` | the chunks of a response of `chatwire-client` |
//!
//! # Example
//!
#![cfg_attr(feature = "chat", doc = "```")]
#![cfg_attr(not(feature = "chat"), doc = "```ignore")]
//! use chatwire_sse::ChunkReader;
//!
//! let body = &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n\
//!     data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
//!     data: [DONE]\n\n"[..];
//! let completion = ChunkReader::new(body).completion()?;
//! assert_eq!(completion.text().as_deref(), Some("Hello"));
//!
//! // A stream that was cut off is never taken for an answer, and what arrived is not lost.
//! let cut = ChunkReader::new(&body[..60]).completion().unwrap_err();
//! assert!(matches!(cut.error, chatwire_sse::StreamError::Truncated(_)));
//! assert_eq!(cut.partial.text().as_deref(), Some("Hello"));
//! # Ok::<(), chatwire_sse::Incomplete>(())
//! ```
// What the page names is not there without `chat`.
#![cfg_attr(
    not(feature = "chat"),
    doc = "
[`Accumulator`]: #features
[`ChatEvents`]: #features
[`ChunkDecoder`]: #features
[`ChunkReader`]: #features
[`ChunkStream`]: #features
[`StreamError`]: #features
[`encode`]: #features"
)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

/// The examples of the page that people see first.
#[cfg(all(doctest, feature = "chat"))]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod decoder;
pub mod event;

#[cfg(feature = "chat")]
pub mod accumulate;
#[cfg(feature = "chat")]
pub mod chunks;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "chat")]
mod data_text;
#[cfg(feature = "chat")]
mod differential;
#[cfg(feature = "chat")]
pub mod encode;
#[cfg(feature = "chat")]
mod errors;
#[cfg(feature = "chat")]
mod event_types;
#[cfg(feature = "chat")]
mod finished_choices;
#[cfg(feature = "chat")]
mod joined;
#[cfg(feature = "chat")]
mod large_json;
#[cfg(feature = "chat")]
mod lines;
#[cfg(feature = "chat")]
mod meaning;
#[cfg(feature = "chat")]
mod object_limit;
#[cfg(feature = "chat")]
mod opening;
#[cfg(feature = "chat")]
pub mod outcome;
#[cfg(feature = "chat")]
pub mod reader;
#[cfg(feature = "chat")]
mod rest;
#[cfg(feature = "chat")]
pub mod shared;
#[cfg(feature = "chat")]
mod shown;
#[cfg(feature = "chat")]
pub mod stream;

#[cfg(feature = "chat")]
pub use accumulate::{Accumulator, ChatEvent, ChatEvents};
#[cfg(feature = "chat")]
pub use chunks::ChunkDecoder;
pub use decoder::Decoder;
#[cfg(feature = "bytes")]
pub use decoder::batch::EventBatch;
#[cfg(feature = "bytes")]
pub use event::EventBytes;
pub use event::{Event, EventTooLarge};
#[cfg(feature = "chat")]
pub use outcome::{
    ApiError, BoxError, Done, EndPolicy, IdleTimeout, Incomplete, NotEventStream, SharedError,
    StreamError, TooManyParts, Truncated, Undecodable,
};
#[cfg(feature = "chat")]
pub use reader::ChunkReader;
#[cfg(feature = "chat")]
pub use shared::SharedChunk;
#[cfg(feature = "chat")]
pub use stream::{ChunkStream, NoTimer, Timer};
