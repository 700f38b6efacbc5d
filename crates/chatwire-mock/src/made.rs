//! A stream whose items a future makes, each after the one before it was read. [`events`](crate::events)
//! makes the events of a stream so, and [`fault`](crate::fault) the pieces of a damaged body.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

/// The items that a future sends into the channel that it gets.
pub(crate) struct Made<T> {
    /// `None` after the last item.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    items: mpsc::Receiver<T>,
}

impl<T> Made<T> {
    /// The channel is full while one item is unread.
    pub(crate) fn new<F>(work: impl FnOnce(mpsc::Sender<T>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, items) = mpsc::channel(1);
        Self { work: Some(Box::pin(work(sender))), items }
    }
}

impl<T> Stream for Made<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        if this.work.as_mut().is_some_and(|work| work.as_mut().poll(context).is_ready()) {
            this.work = None;
        }
        this.items.poll_recv(context)
    }
}
