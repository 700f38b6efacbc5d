//! Waits and clocks, for native programs and for browsers. [`limits`](crate::limits) says how long to wait.

#[cfg(target_family = "wasm")]
#[path = "browser.rs"]
mod platform;
#[cfg(not(target_family = "wasm"))]
#[path = "native.rs"]
mod platform;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use chatwire_stream::Timer;

pub(crate) use platform::{Instant, now, random};

/// The timer of the program: tokio's, and `setTimeout` in a browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuntimeTimer;

impl Timer for RuntimeTimer {
    type Sleep = Sleep;

    fn sleep(&mut self, duration: Duration) -> Sleep {
        sleep(duration)
    }
}

/// A wait of [`RuntimeTimer`]. It never completes if it was begun outside a tokio runtime.
#[derive(Debug)]
pub struct Sleep(platform::Sleep);

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll(context)
    }
}

pub(crate) fn sleep(duration: Duration) -> Sleep {
    Sleep(platform::Sleep::new(duration))
}

/// Waits for a future, and returns `None` if it takes longer than the limit.
pub(crate) async fn timeout<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut limit = sleep(limit);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Pin::new(&mut limit).poll(context).map(|()| None),
    })
    .await
}

/// Waits for a future, and returns `None` if it takes beyond the deadline.
pub(crate) async fn timeout_at<F: Future>(deadline: Instant, future: F) -> Option<F::Output> {
    timeout(deadline.saturating_duration_since(Instant::now()), future).await
}
