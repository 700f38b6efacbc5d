//! How long a stream of chunks waits, and for what. [`crate::timer`] measures one wait, and [`crate::stream`]
//! reads the stream.

use std::task::{Context, Poll};
use std::time::Duration;

use crate::outcome::IdleTimeout;
use crate::timer::{Timer, Wait};

/// The default limit on the time without a part of the answer. Services send comments for some minutes while
/// a model thinks.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The default limit on the time between a complete answer and the end of the stream.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// The limit on the time between `[DONE]` and the end of the body. The caller waits for it, so it is short.
const REST_TIMEOUT: Duration = Duration::from_millis(100);

/// The waits of one stream.
pub(crate) struct Waits<T: Timer> {
    timer: T,
    /// For any byte.
    pub(crate) idle: Wait<T>,
    /// For a part of the answer.
    pub(crate) chunk: Wait<T>,
    /// For the end of the stream, after a complete answer.
    pub(crate) end: Wait<T>,
    /// For the end of the body, after `[DONE]`. Without a timer, there is no wait.
    rest: Wait<T>,
}

/// Why the stream does not wait any longer.
#[derive(Clone, Copy)]
pub(crate) enum WaitOver {
    /// The answer is complete, and the server does not end the stream.
    Complete,
    Silent(IdleTimeout),
}

impl<T: Timer> Waits<T> {
    pub(crate) const fn new(timer: T, idle: Option<Duration>) -> Self {
        Self {
            timer,
            idle: Wait::new(idle),
            chunk: Wait::new(Some(CHUNK_TIMEOUT)),
            end: Wait::new(Some(END_TIMEOUT)),
            rest: Wait::new(None),
        }
    }

    /// The same limits with another timer.
    pub(crate) fn with_timer<U: Timer>(&self, timer: U) -> Waits<U> {
        Waits {
            timer,
            idle: Wait::new(self.idle.limit()),
            chunk: Wait::new(self.chunk.limit()),
            end: Wait::new(self.end.limit()),
            rest: Wait::new(Some(REST_TIMEOUT)),
        }
    }

    /// Waits for the end of the body after `[DONE]`.
    pub(crate) fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.rest.limit() {
            None => Poll::Ready(()),
            Some(_) => self.rest.poll(&mut self.timer, context).map(drop),
        }
    }

    /// Restarts the waits for a part of the answer.
    pub(crate) fn restart(&mut self) {
        self.chunk.reset();
        self.end.reset();
    }

    /// Waits while nothing arrives.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, is_complete: bool) -> Poll<WaitOver> {
        if let Poll::Ready(after) = self.idle.poll(&mut self.timer, context) {
            return Poll::Ready(WaitOver::Silent(IdleTimeout { after, had_bytes: false }));
        }
        self.poll_for_part(context, is_complete)
    }

    /// Waits while bytes arrive that are no part of the answer.
    pub(crate) fn poll_for_part(
        &mut self,
        context: &mut Context<'_>,
        is_complete: bool,
    ) -> Poll<WaitOver> {
        if is_complete && self.end.poll(&mut self.timer, context).is_ready() {
            return Poll::Ready(WaitOver::Complete);
        }
        let chunk = self.chunk.poll(&mut self.timer, context);
        chunk.map(|after| WaitOver::Silent(IdleTimeout { after, had_bytes: true }))
    }
}
