//! Streams of chat completions, both ways: events to chunks to a completion, and back. `chatwire-sse` cuts
//! bytes into events, `chatwire-types` holds what a chunk and a completion are.
//!
//! Each layer is usable without the ones above it:
//!
//! 1. [`ChunkDecoder`]: bytes to typed chunks, and everything that can go wrong as a [`StreamError`].
//! 2. [`Accumulator`]: chunks to the completion that the request would have got without streaming.
//!    [`ChatEvents`] says on the way what each chunk did to it.
//! 3. [`ChunkStream`] over an asynchronous body, [`ChunkReader`] over a blocking one.
//!
//! [`encode`] is the way back, for servers.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `http-body` | the way back as the body of a response, for hyper |
//! | `axum` | the same as a response of axum |
//! | `client` | the chunks of a response of `chatwire-client` |
//!
//! # Example
//!
//! ```
//! use chatwire_stream::{ChunkReader, CompletionError, StreamError};
//!
//! let body = &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n\
//!     data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
//!     data: [DONE]\n\n"[..];
//! let completion = ChunkReader::new(body).completion()?;
//! assert_eq!(completion.text().as_deref(), Some("Hello"));
//!
//! // A stream that was cut off is an error, and the error holds what arrived.
//! let cut = ChunkReader::new(&body[..60]).completion().unwrap_err();
//! assert!(matches!(cut.error, CompletionError::Stream(StreamError::Truncated(_))));
//! assert_eq!(cut.partial.text().as_deref(), Some("Hello"));
//! # Ok::<(), chatwire_stream::Incomplete>(())
//! ```

/// The examples of the page that people see first.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod accumulate;
mod chunks;
#[cfg(feature = "client")]
pub mod client;
mod completion;
pub mod encode;
mod error_envelopes;
#[rustfmt::skip]
mod generated;

mod json;
mod outcome;
mod reader;
mod rules;
mod split_text;
mod stream;
mod template;
mod timer;

pub use accumulate::{Accumulator, ChatEvent, ChatEvents};
pub use chunks::ChunkDecoder;
pub use outcome::{
    ApiError, BoxError, CompletionError, Done, EndPolicy, EventTooLarge, IdleTimeout, Incomplete,
    NotEventStream, SharedError, StreamError, TooManyParts, Truncated, Undecodable,
};
pub use reader::ChunkReader;
pub use stream::ChunkStream;
pub use timer::{NoTimer, Timer};
