//! Defines a timer that works with any runtime. [`crate::stream`] uses it to end a silent stream, and
//! [`crate::encode`] to send comments.

use std::future::Future;
use std::time::Duration;

/// Creates the futures on which [`ChunkStream::idle_timeout`](crate::ChunkStream::idle_timeout) waits.
///
/// Any function from a duration to a future is a timer, such as `tokio::time::sleep`.
pub trait Timer {
    /// The future that completes after the duration.
    type Sleep: Future<Output = ()>;

    /// Starts to wait for `duration`.
    fn sleep(&mut self, duration: Duration) -> Self::Sleep;
}

impl<F, S> Timer for F
where
    F: FnMut(Duration) -> S,
    S: Future<Output = ()>,
{
    type Sleep = S;

    fn sleep(&mut self, duration: Duration) -> S {
        self(duration)
    }
}

/// The timer of a stream without a timeout. It never completes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTimer;

impl Timer for NoTimer {
    type Sleep = std::future::Pending<()>;

    fn sleep(&mut self, _: Duration) -> Self::Sleep {
        std::future::pending()
    }
}
