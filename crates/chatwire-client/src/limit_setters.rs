//! The setters of the limits, for a builder and for a single call. [`limits`](crate::limits) has the limits and
//! their defaults.

use std::time::Duration;

use crate::{Client, ClientBuilder};

/// Defines each setter twice: for the builder, and for a client that differs in it.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident, $with:ident => $field:ident: $taken:ty;)*) => {
        /// The limits on time and size.
        impl ClientBuilder {
            $(
                $(#[$doc])*
                pub fn $name(mut self, limit: impl Into<Option<$taken>>) -> Self {
                    self.limits.$field = limit.into();
                    self
                }
            )*
        }

        /// The limits on time and size, for a single call.
        impl Client {
            $(
                #[doc = concat!("Returns a client with another [`", stringify!($name), "`](ClientBuilder::",
                    stringify!($name), ").")]
                #[must_use]
                pub fn $with(&self, limit: impl Into<Option<$taken>>) -> Self {
                    let limit = limit.into();
                    self.with(|settings| settings.limits.$field = limit)
                }
            )*
        }
    };
}

setters! {
    /// Sets the longest wait for an answer to begin, for each attempt. The default is 10 minutes, because
    /// without streaming an answer begins when it is finished. `None` removes the limit.
    first_byte_timeout, with_first_byte_timeout => first_byte: Duration;

    /// Sets the longest wait between two pieces of a response body. The default is 5 minutes, because some
    /// models think that long between two chunks. `None` removes the limit.
    idle_timeout, with_idle_timeout => idle: Duration;

    /// Sets the longest time of a stream without a part of the answer, although bytes arrive: comments,
    /// heartbeats, empty chunks. The default is 30 minutes. `None` removes the limit. The whole stream may
    /// take any time.
    chunk_timeout, with_chunk_timeout => chunk: Duration;

    /// Sets how long a stream waits for its end after the answer is complete: with all finish reasons, and with
    /// the usage if the request asks for it. Then it ends without an error. The default is 5 seconds. `None`
    /// waits for `[DONE]` or the end of the body.
    end_timeout, with_end_timeout => end: Duration;

    /// Sets the longest time of a call that is not streamed, with its retries and its body. The default is 1
    /// hour. `None` removes the limit.
    total_timeout, with_total_timeout => total: Duration;

    /// Sets the longest time for the body of an error. The status is known then, so the error has the part
    /// that arrived. The default is 5 seconds. `None` removes the limit.
    error_body_timeout, with_error_body_timeout => error_body: Duration;

    /// Sets the largest body of an answer that is not streamed, in bytes. The default is 32 MiB. `None` removes
    /// the limit. For a stream, see [`ChunkDecoder::max_event_size`] and [`ChunkDecoder::max_answer_size`].
    ///
    /// [`ChunkDecoder::max_event_size`]: chatwire_stream::ChunkDecoder::max_event_size
    /// [`ChunkDecoder::max_answer_size`]: chatwire_stream::ChunkDecoder::max_answer_size
    max_body_size, with_max_body_size => max_body_size: usize;

    /// Sets the largest number of JSON objects in an answer that is not streamed. The default is 262,144; see
    /// [`with_max_objects`](chatwire_types::with_max_objects). `None` removes the limit.
    max_objects, with_max_objects => max_objects: usize;
}
