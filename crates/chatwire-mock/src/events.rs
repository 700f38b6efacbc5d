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

/// The frames to send.
pub(crate) enum Frames {
    /// Those of a completion, made one by one.
    Chunks {
        completion: Box<ChatCompletion>,
        split: SplitText,
        include_usage: bool,
    },
    List(Vec<Frame>),
}

/// An event as bytes, and the wait before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) pause: Duration,
    pub(crate) bytes: Bytes,
}

impl Events {
    /// The delay is added to the pause of each frame.
    pub(crate) fn new(frames: Frames, delay: Duration, lease: Lease, answering: Answering) -> Self {
        let frames = Made::new(|sender| make(frames, delay, sender));
        Self { frames, _lease: lease, _answering: answering }
    }
}

/// Sends the frames, each after the one before it was read.
async fn make(frames: Frames, delay: Duration, sender: mpsc::Sender<Bytes>) {
    match frames {
        Frames::Chunks { completion, split, include_usage } => {
            let encoder = ChunkEncoder::new().include_usage(include_usage).split(split);
            let chunks = encoder.iter(&completion).map(|chunk| event(&chunk));
            let frames = chunks.chain([Bytes::from_static(DONE)]);
            send(frames.map(|bytes| Frame { pause: Duration::ZERO, bytes }), delay, sender).await;
        }
        Frames::List(frames) => send(frames.into_iter(), delay, sender).await,
    }
}

async fn send(frames: impl Iterator<Item = Frame>, delay: Duration, sender: mpsc::Sender<Bytes>) {
    for (count, Frame { pause, bytes }) in frames.enumerate() {
        let pause = pause.saturating_add(delay);
        if !pause.is_zero() {
            sleep(pause).await;
        } else if count % FRAMES_IN_A_ROW == 0 {
            // Many streams at once must not delay other clients.
            yield_now().await;
        }
        if sender.send(bytes).await.is_err() {
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
