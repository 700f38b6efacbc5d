//! Sends a completion as a paced event stream. `chatwire-stream` cuts it into chunks, and
//! [`routes`](crate::routes) decides which answers are streamed.

use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use chatwire_stream::encode::{ChunkEncoder, DONE, event};
use chatwire_types::ChatCompletion;
use futures_core::Stream;
use tokio::time::Sleep;

/// The frames of a stream, each after a pause.
pub(crate) struct Events {
    frames: std::vec::IntoIter<Bytes>,
    delay: Duration,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Events {
    pub(crate) fn new(completion: &ChatCompletion, include_usage: bool, delay: Duration) -> Self {
        let encoder = ChunkEncoder::new().include_usage(include_usage);
        let mut frames: Vec<Bytes> = encoder.iter(completion).map(|chunk| event(&chunk)).collect();
        frames.push(Bytes::from_static(DONE));
        Self { frames: frames.into_iter(), delay, pause: None }
    }
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !this.delay.is_zero() {
            let pause = this.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.delay)));
            ready!(pause.as_mut().poll(context));
            this.pause = None;
        }
        Poll::Ready(this.frames.next().map(Ok))
    }
}
