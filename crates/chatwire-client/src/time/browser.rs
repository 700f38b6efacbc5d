//! The timer and the clock of a browser, where those of tokio and of the standard library panic. The other
//! platform is in `native.rs`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

pub(crate) use wasmtimer::std::Instant;

/// `setTimeout` takes 31 bits of milliseconds, which are 24 days.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

#[derive(Debug)]
pub(super) struct Sleep(Pin<Box<wasmtimer::tokio::Sleep>>);

impl Sleep {
    pub(super) fn new(duration: Duration) -> Self {
        Self(Box::pin(wasmtimer::tokio::sleep(duration.min(LONGEST))))
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs_f64(js_sys::Date::now() / 1000.0)
}

/// A number from 0 to 1.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}
