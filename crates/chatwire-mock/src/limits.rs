//! The bounds on what clients can make the server hold. [`server`](crate::server) has the settings
//! for users, and the modules that hold the bytes keep to the bounds.

use std::time::Duration;

/// The bounds that users can set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The connections that are open at the same time.
    pub(crate) connections: usize,
    /// The requests that are kept for the user's assertions.
    pub(crate) kept_requests: usize,
    /// The longest time for the head of a request, and again for its body.
    pub(crate) request_timeout: Duration,
    /// The longest time in which a client may read nothing of its answer.
    pub(crate) write_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            kept_requests: 1000,
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
        }
    }
}

/// The bytes of one body. Large enough for a few images in base64.
pub(crate) const LARGEST_BODY: usize = 32 << 20;

/// The bytes of all large bodies that are read or waiting for their answer.
pub(crate) const ALL_BODIES: usize = 64 << 20;

/// The JSON values in one body. A value can take a hundred times the memory of its text.
pub(crate) const MOST_VALUES: usize = 64 << 10;

/// The bytes of one answer as JSON.
pub(crate) const LARGEST_ANSWER: usize = 8 << 20;

/// The bytes of all large answers that clients have not read to the end.
pub(crate) const ALL_ANSWERS: usize = 48 << 20;

/// The bytes of all requests that are kept for the user's assertions.
pub(crate) const ALL_KEPT: usize = 32 << 20;

/// The completions that are stored for requests with `store: true`.
pub(crate) const MOST_STORED: usize = 1000;

/// The bytes of all stored completions.
pub(crate) const ALL_STORED: usize = 32 << 20;

/// The part of each body and of each answer that does not count against the bounds on all of them,
/// so that honest clients are served while others take all that there is. The number of
/// connections bounds it.
pub(crate) const SMALL: usize = 16 << 10;

/// A body or an answer up to this size takes little time, so it does not wait for larger ones.
pub(crate) const QUICK: usize = 8 << 10;

/// The bytes that a connection buffers for reading, and again for writing. This also bounds the
/// head of a request.
pub(crate) const CONNECTION_BUFFER: usize = 32 << 10;

/// The bytes that the system buffers for a client to read. It may double them.
pub(crate) const SEND_BUFFER: u32 = 64 << 10;

/// The connections that the system holds until the server accepts them.
pub(crate) const WAITING_CONNECTIONS: u32 = 1024;

/// The bytes that are read and discarded after an answer that came before the end of the request.
pub(crate) const MOST_DISCARDED: u64 = 64 << 20;

/// The connections beyond the bound that are told so at the same time. More are just closed.
pub(crate) const MOST_REFUSALS: usize = 32;
