//! Defines a timer that works with any runtime. [`crate::stream`] uses it to end a silent stream, and
//! [`crate::encode`] to send comments.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Creates the futures on which [`ChunkStream::idle_timeout`](crate::ChunkStream::idle_timeout) and
/// [`EventBody::keep_alive`](crate::encode::EventBody::keep_alive) wait.
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

/// The timer of a stream or a body that needs none. It never completes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTimer;

impl Timer for NoTimer {
    type Sleep = std::future::Pending<()>;

    fn sleep(&mut self, _: Duration) -> Self::Sleep {
        std::future::pending()
    }
}

/// Measures how long nothing happens, for one kind of event.
pub(crate) struct Wait<T: Timer> {
    /// `None` waits for ever.
    limit: Option<Duration>,
    /// The running future, while nothing happens.
    sleep: Option<Pin<Box<T::Sleep>>>,
}

impl<T: Timer> Wait<T> {
    pub(crate) const fn new(limit: Option<Duration>) -> Self {
        Self { limit, sleep: None }
    }

    pub(crate) const fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// Waits until nothing has happened for the limit, and returns it.
    pub(crate) fn poll(&mut self, timer: &mut T, context: &mut Context<'_>) -> Poll<Duration> {
        let Some(limit) = self.limit else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(timer.sleep(limit)));
        ready!(sleep.as_mut().poll(context));
        self.reset();
        Poll::Ready(limit)
    }

    /// Starts again, because something has happened.
    pub(crate) fn reset(&mut self) {
        self.sleep = None;
    }
}
