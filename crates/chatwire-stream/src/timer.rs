//! Timers for streams that may be silent, for any runtime. [`crate::stream`] ends a silent stream,
//! [`crate::encode`] sends signs of life.

use std::future::Future;
use std::time::Duration;

/// Makes the futures that [`ChunkStream::idle_timeout`](crate::ChunkStream::idle_timeout) waits on: any function from a duration to a
/// future that is ready after it, such as `tokio::time::sleep`.
pub trait Timer {
    /// The future that is ready after the time.
    type Sleep: Future<Output = ()>;

    /// Starts to wait.
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

/// The timer of a stream that may be silent for ever.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTimer;

impl Timer for NoTimer {
    type Sleep = std::future::Pending<()>;

    fn sleep(&mut self, _: Duration) -> Self::Sleep {
        std::future::pending()
    }
}
