//! How long a client waits for an answer, and how large the answer may be. [`limit_setters`](crate::limit_setters)
//! sets the limits, and [`body`](crate::body) and [`chat`](crate::chat) apply them.

use std::time::Duration;

use chatwire_types::DEFAULT_MAX_OBJECTS;

/// The limits of one client. `None` means no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the request to the head of the answer.
    pub(crate) first_byte: Option<Duration>,
    /// Between two pieces of a body.
    pub(crate) idle: Option<Duration>,
    /// Between two parts of a streamed answer.
    pub(crate) chunk: Option<Duration>,
    /// From a complete streamed answer to the end of its body.
    pub(crate) end: Option<Duration>,
    /// All of a call that is not streamed, with its retries.
    pub(crate) total: Option<Duration>,
    /// All of the body of an error.
    pub(crate) error_body: Option<Duration>,
    /// The bytes of a body that is not streamed.
    pub(crate) max_body_size: Option<usize>,
    /// The JSON objects of an answer that is not streamed.
    pub(crate) max_objects: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            first_byte: Some(10 * MINUTE),
            idle: Some(5 * MINUTE),
            chunk: Some(30 * MINUTE),
            end: Some(Duration::from_secs(5)),
            total: Some(60 * MINUTE),
            error_body: Some(Duration::from_secs(5)),
            max_body_size: Some(32 * 1024 * 1024),
            max_objects: Some(DEFAULT_MAX_OBJECTS),
        }
    }
}
