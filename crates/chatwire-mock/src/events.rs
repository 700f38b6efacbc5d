//! Sends a completion as a paced event stream. `chatwire-stream` cuts it into chunks, and
//! [`routes`](crate::routes) decides which answers are streamed.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chatwire_stream::encode::{ChunkEncoder, DONE, SplitText, event};
use chatwire_types::ChatCompletion;
use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::budget::Lease;
use crate::made::Made;
use crate::peers::Answering;

/// The frames of a stream, each after a pause.
pub(crate) struct Events {
    frames: Made<Bytes>,
    _lease: Lease,
    _answering: Answering,
}

/// What is sent, and how.
pub(crate) struct StreamedAnswer {
    pub(crate) completion: ChatCompletion,
    pub(crate) split: SplitText,
    pub(crate) include_usage: bool,
    pub(crate) delay: Duration,
}

impl Events {
    pub(crate) fn new(answer: StreamedAnswer, lease: Lease, answering: Answering) -> Self {
        let frames = Made::new(|frames| make(answer, frames));
        Self { frames, _lease: lease, _answering: answering }
    }
}

/// Sends the frames, each after the one before it was read.
async fn make(answer: StreamedAnswer, frames: mpsc::Sender<Bytes>) {
    let StreamedAnswer { completion, split, include_usage, delay } = answer;
    let encoder = ChunkEncoder::new().include_usage(include_usage).split(split);
    let chunks = encoder.iter(&completion).map(|chunk| event(&chunk));
    for (count, frame) in chunks.chain([Bytes::from_static(DONE)]).enumerate() {
        if !delay.is_zero() {
            sleep(delay).await;
        } else if count % FRAMES_IN_A_ROW == 0 {
            // Many streams at once must not delay other clients.
            yield_now().await;
        }
        if frames.send(frame).await.is_err() {
            return;
        }
    }
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.get_mut().frames).poll_next(context).map(|frame| frame.map(Ok))
    }
}

/// The frames that a stream without pauses makes before others have their turn.
const FRAMES_IN_A_ROW: usize = 4;
