//! Reads the stream of a chat completion as chunks and as one completion, and writes such streams for servers.
//! `chatwire-sse` cuts bytes into events; `chatwire-types` defines chunks and completions.
//!
//! You can use each layer without the ones above it:
//!
//! 1. [`ChunkDecoder`] decodes bytes into typed chunks. [`StreamError`] lists everything that can go wrong.
//! 2. [`Accumulator`] joins chunks into the completion that the request would have got without streaming.
//!    [`ChatEvents`] does the same and reports what each chunk added.
//! 3. [`ChunkStream`] reads chunks from an asynchronous body, [`ChunkReader`] from a blocking one.
//!
//! [`encode`] turns a completion into chunks and chunks into the body of a response.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `http-body` | [`encode::EventBody`] as a body for hyper |
//! | `axum` | [`encode::EventBody`] as a response of axum |
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
//! // If the stream breaks off, the error holds the part that arrived.
//! let cut = ChunkReader::new(&body[..60]).completion().unwrap_err();
//! assert!(matches!(cut.error, CompletionError::Stream(StreamError::Truncated(_))));
//! assert_eq!(cut.partial.text().as_deref(), Some("Hello"));
//! # Ok::<(), chatwire_stream::Incomplete>(())
//! ```

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod accumulate;
mod answer_limit;
mod chunks;
mod completion;
pub mod encode;
mod error_envelopes;
#[rustfmt::skip]
mod generated;
mod outcome;
mod reader;
mod rules;
mod split_text;
mod stream;
mod template;
mod timer;
mod waits;

pub use accumulate::{Accumulator, ChatEvent, ChatEvents};
pub use answer_limit::AnswerLimit;
pub use chunks::ChunkDecoder;
pub use outcome::{
    AnswerTooLarge, ApiError, BoxError, CompletionError, Done, EndPolicy, EventTooLarge,
    IdleTimeout, Incomplete, NotEventStream, SharedError, StreamError, TooManyParts, Truncated,
    Undecodable,
};
pub use reader::ChunkReader;
pub use stream::ChunkStream;
pub use timer::{NoTimer, Timer};
