//! The timer of tokio and the clock of the operating system. The other platform is in `browser.rs`.

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
pub(crate) use tokio::time::Instant;

/// `None` never completes.
#[derive(Debug)]
pub(super) struct Sleep(Option<Pin<Box<tokio::time::Sleep>>>);

impl Sleep {
    pub(super) fn new(duration: Duration) -> Self {
        // Outside a runtime, tokio's timer panics.
        let runtime = Handle::try_current().ok();
        Self(runtime.map(|_| Box::pin(tokio::time::sleep(duration))))
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(sleep) => sleep.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A number from 0 to 1.
pub(crate) fn random() -> f64 {
    // The standard library seeds each state anew, which is random enough to spread load.
    let bits = RandomState::new().build_hasher().finish() >> 32;
    bits as f64 / f64::from(u32::MAX)
}
