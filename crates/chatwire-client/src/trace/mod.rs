//! Tells `tracing` about each call, by the conventions of OpenTelemetry for generative AI. The places of a call that
//! have something to tell are in [`client`](crate::client), [`response`](crate::response) and
//! [`chat_stream`](crate::chat_stream).
//!
//! Without the feature `tracing`, the types are empty and their methods do nothing.

#[cfg(feature = "tracing")]
mod answer;
#[cfg(feature = "tracing")]
mod content;
#[cfg(feature = "tracing")]
mod failure;
#[cfg(not(feature = "tracing"))]
mod nothing;
#[cfg(feature = "tracing")]
mod provider;
#[cfg(feature = "tracing")]
mod request;
#[cfg(feature = "tracing")]
mod settings;
#[cfg(feature = "tracing")]
mod span;
#[cfg(feature = "tracing")]
mod stream;

#[cfg(not(feature = "tracing"))]
pub(crate) use nothing::{Call, SharedSpan, StreamSpan, TraceContent};
#[cfg(feature = "tracing")]
pub(crate) use settings::TraceContent;
#[cfg(feature = "tracing")]
pub(crate) use span::{Call, SharedSpan};
#[cfg(feature = "tracing")]
pub(crate) use stream::StreamSpan;
