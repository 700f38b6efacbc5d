//! The types of the chat-completions wire protocol, generated from one document, with a few
//! helpers. `chatwire-stream` reads streams of bytes, and `chatwire-client` sends requests over the
//! network.
//!
//! Three promises hold for every type:
//!
//! - **Nothing is lost.** `extra` keeps unknown keys in order, `Unknown` keeps an unknown value of
//!   an enum, and a union keeps an unknown arm as JSON. Encoding writes all of it back. Only
//!   differences without a meaning are lost: most nulls of documented keys, the order of
//!   documented keys, how a number is written (`2.50`), and digits of integers over 64 bits.
//! - **Nothing real is refused.** No key of an answer is mandatory. If the value of a known key has
//!   another shape than documented, `extra` keeps it under the same name. Only a value that could
//!   take hundreds of times its size in memory is refused: see [`with_max_objects`].
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
//!
#![doc = include_str!("groups.md")]
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `axum` | requests as extractors that refuse what is not valid, and [`ErrorResponse`] as a response |
//! | `images` | [`ContentPart`] from the bytes or the file of an image |
//! | `schemars` | `schemars::JsonSchema` for every type |
//!
//! # What changes for other crates
//!
//! This crate enables two features of serde_json. Cargo joins the features that all crates of a program ask
//! for, so they count for the whole program, and they cannot be switched off:
//!
//! - With `preserve_order`, every `serde_json::Map` keeps the order of its keys instead of sorting them,
//!   because structured output depends on the key order of a JSON Schema. A program that needs sorted keys,
//!   for example to sign JSON, gets them from `Value::sort_all_objects`.
//! - With `float_roundtrip`, serde_json reads floats exactly, at half the speed, so that a float keeps
//!   its value.
//!
//! `chatwire-sse` reads event streams without serde_json.
#![forbid(unsafe_code)]

/// Runs the examples of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "axum")]
mod axum;
mod byte_order_mark;
mod completion;
// Generated code of other bindings uses the hidden modules, too.
#[doc(hidden)]
pub mod decode;
#[doc(hidden)]
pub mod encode;
mod error_envelope;
#[rustfmt::skip]
mod generated;
#[doc(hidden)]
pub mod json;
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub mod json_schema;
mod message;
mod next_turn;
mod nulls;
mod ordered_map;
#[doc(hidden)]
pub mod secrets;
#[doc(hidden)]
pub mod terminal;
mod timestamp;
#[doc(hidden)]
pub mod unknown;
mod usage;
#[doc(hidden)]
pub mod validate;

#[doc(hidden)]
pub use byte_order_mark::{BYTE_ORDER_MARK, strip_byte_order_mark};
pub use decode::{DEFAULT_MAX_OBJECTS, with_max_objects};
#[doc(hidden)]
pub use error_envelope::FirstError;
pub use generated::*;
#[doc(hidden)]
pub use nulls::Nulls;
pub use ordered_map::{Extra, OrderedMap};
pub use unknown::{Finding, FindingKind, Path, Step, Unknown, UnknownValue, UnknownVariant};
pub use validate::{InvalidRequest, RequestProblem};
