//! The types of the chat-completions wire protocol, generated from one document, with the few
//! helpers that people expect beside them. Streams of bytes are the job of `chatwire-stream`, requests
//! over the network the job of `chatwire-client`.
//!
//! Three promises hold for every type:
//!
//! - **Nothing is lost.** A key that the document does not know is kept, in order, in `extra`; a
//!   value that an enum does not know in its `Unknown` arm; an arm that a union does not know as the
//!   JSON it came as. Encoding gives all of it back. What is not kept says nothing: the `null` of a
//!   documented key, the order of documented keys, how a number is written (`2.50`), and digits of
//!   integers over 64 bits.
//! - **Nothing real is refused.** No key of an answer is mandatory, and a known key whose value has
//!   another shape than documented is kept in `extra` under its own name.
//! - **Growing is not breaking.** Structs and enums are `#[non_exhaustive]`, built by `new` and
//!   chainable setters, and the unknown arms are opaque.
//!
//! ```
//! use chatwire_types::{CreateChatCompletionRequest, Message};
//!
//! let request = CreateChatCompletionRequest::new("gpt-4o", [Message::user("Say this is a test")])
//!     .temperature(0.7);
//! assert_eq!(
//!     serde_json::to_string(&request)?,
//!     r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Say this is a test"}],"temperature":0.7}"#,
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```
#![forbid(unsafe_code)]

mod byte_order_mark;
mod completion;
mod decode;
mod encode;
mod error_envelope;
#[rustfmt::skip]
mod generated;
#[cfg(feature = "schemars")]
mod json_schema;
mod message;
mod next_turn;
mod ordered_map;
#[doc(hidden)]
pub mod terminal;
mod timestamp;
mod unknown;
mod usage;

#[doc(hidden)]
pub use byte_order_mark::{BYTE_ORDER_MARK, strip_byte_order_mark};
#[doc(hidden)]
pub use error_envelope::FirstError;
pub use generated::*;
pub use ordered_map::{Extra, OrderedMap};
pub use unknown::{Finding, FindingKind, Path, Step, Unknown, UnknownValue, UnknownVariant};
