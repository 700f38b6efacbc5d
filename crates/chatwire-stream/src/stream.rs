//! Reads chunks from an asynchronous stream of bytes, with any runtime and any HTTP client.
//! [`crate::reader`] reads from a blocking source.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};
use futures_core::Stream;

use crate::accumulate::brings_part;
use crate::chunks::{ChunkDecoder, Step};
use crate::completion::CompletionReader;
use crate::outcome::{BoxError, Done, Incomplete, StreamError};
use crate::timer::{NoTimer, Timer, Wait};
use crate::waits::{WaitOver, Waits};

/// How many pieces of a body are read without an item before other tasks get their turn.
const MAX_READS: usize = 64;

/// Reads the chunks of a stream of bytes, such as the body of an HTTP response.
///
/// [`next`](Self::next) returns a borrowed chunk, which is fastest. [`Stream`] returns owned chunks.
/// [`completion`](Self::completion) joins all chunks.
///
/// It starts no task and uses no channel: a chunk is read when you ask for it. If you stop asking, the server
/// stops sending. Dropping the stream drops the body, which cancels the request.
///
/// Pass a body that is not `Unpin` as `Box::pin(body)`.
///
/// ```
/// # use bytes::Bytes;
/// # use chatwire_stream::ChunkStream;
/// # fn body() -> impl futures_core::Stream<Item = Result<Bytes, std::io::Error>> + Unpin {
/// #     struct Once(Option<Bytes>);
/// #     impl futures_core::Stream for Once {
/// #         type Item = Result<Bytes, std::io::Error>;
/// #         fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>)
/// #             -> std::task::Poll<Option<Self::Item>> { std::task::Poll::Ready(self.0.take().map(Ok)) }
/// #     }
/// #     Once(Some(Bytes::from_static(b"data: {\"choices\":[{\"index\":0,\
/// #         \"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n")))
/// # }
/// # async fn example() -> Result<(), chatwire_stream::StreamError> {
/// let mut chunks = ChunkStream::new(body());
/// while let Some(chunk) = chunks.next().await {
///     for choice in chunk?.choices.iter().flatten() {
///         println!("{:?}", choice.delta);
///     }
/// }
/// # Ok(())
/// # }
/// # let mut example = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(example.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// # use std::future::Future;
/// ```
pub struct ChunkStream<S, T: Timer = NoTimer> {
    /// `None` after the end of the stream, so that the connection is free as soon as possible.
    body: Option<S>,
    /// The bytes of the last read that were not decoded yet.
    piece: Bytes,
    chunks: ChunkDecoder,
    waits: Waits<T>,
}

impl<S> ChunkStream<S> {
    /// Reads chunks with the default settings of [`ChunkDecoder`].
    pub fn new(body: S) -> Self {
        Self::with_decoder(body, ChunkDecoder::new())
    }

    /// Reads chunks with the settings of this decoder.
    pub fn with_decoder(body: S, decoder: ChunkDecoder) -> Self {
        let waits = Waits::new(NoTimer, None);
        Self { body: Some(body), piece: Bytes::new(), chunks: decoder, waits }
    }
}

impl<S, T: Timer> ChunkStream<S, T> {
    /// Ends the stream with [`StreamError::IdleTimeout`] if no byte arrives for this time. `None` removes the
    /// limit. The time starts again with every read, also when the server sends only a comment.
    ///
    /// With tokio, pass `tokio::time::sleep` as the timer. If you must name the type of the stream, pass it
    /// as a function pointer: `tokio::time::sleep as fn(Duration) -> Sleep`.
    ///
    /// ```
    /// # mod tokio { pub mod time {
    /// #     pub struct Sleep;
    /// #     impl std::future::Future for Sleep {
    /// #         type Output = ();
    /// #         fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>)
    /// #             -> std::task::Poll<()> { std::task::Poll::Ready(()) }
    /// #     }
    /// #     pub fn sleep(_: std::time::Duration) -> Sleep { Sleep }
    /// # } }
    /// # struct Silent;
    /// # impl futures_core::Stream for Silent {
    /// #     type Item = Result<bytes::Bytes, std::io::Error>;
    /// #     fn poll_next(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>)
    /// #         -> std::task::Poll<Option<Self::Item>> { std::task::Poll::Pending }
    /// # }
    /// use std::time::Duration;
    ///
    /// use chatwire_stream::{ChunkStream, StreamError};
    ///
    /// # async fn example() {
    /// # let silent = Silent;
    /// let mut chunks = ChunkStream::new(silent).idle_timeout(Duration::from_secs(60), tokio::time::sleep);
    /// assert!(matches!(chunks.next().await, Some(Err(StreamError::IdleTimeout(_)))));
    /// # }
    /// # let mut example = std::pin::pin!(example());
    /// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// # assert!(std::future::Future::poll(example.as_mut(), &mut context).is_ready());
    /// ```
    #[must_use]
    pub fn idle_timeout<U: Timer>(
        self,
        limit: impl Into<Option<Duration>>,
        timer: U,
    ) -> ChunkStream<S, U> {
        let mut waits = self.waits.with_timer(timer);
        waits.idle = Wait::new(limit.into());
        ChunkStream { body: self.body, piece: self.piece, chunks: self.chunks, waits }
    }

    /// Ends the stream with [`StreamError::IdleTimeout`] if no part of the answer arrives for this time, although
    /// bytes do: comments, heartbeats, empty chunks, or lines without meaning. The default is 30 minutes. `None`
    /// removes the limit.
    ///
    /// It needs the timer of [`idle_timeout`](Self::idle_timeout). Set it after that.
    #[must_use]
    pub fn chunk_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.waits.chunk = Wait::new(limit.into());
        self
    }

    /// Sets how long the stream waits for its end after the answer is complete: with a finish reason for every
    /// choice, and with the usage if the request [asks](ChunkDecoder::for_request) for it. Then the stream ends
    /// without an error. The default is 5 seconds. `None` waits for the end of the body.
    ///
    /// It needs the timer of [`idle_timeout`](Self::idle_timeout). Set it after that.
    #[must_use]
    pub fn end_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.waits.end = Wait::new(limit.into());
        self
    }

    /// How the stream ended. Returns `None` until then, and after an error.
    pub const fn done(&self) -> Option<Done> {
        self.chunks.done()
    }

    /// The decoder, for its [`raw`](ChunkDecoder::raw) text.
    pub const fn decoder(&self) -> &ChunkDecoder {
        &self.chunks
    }
}

impl<S, T, E> ChunkStream<S, T>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<BoxError>,
    T: Timer,
{
    /// Waits for the next chunk. Returns `None` at the end of the stream.
    ///
    /// You may drop the future and call `next` again without losing data.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is `Undecodable`.
    pub async fn next(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        let step = poll_fn(|context| self.poll_step(context)).await?;
        Some(self.chunks.chunk_of(step))
    }

    /// Reads the stream to its end and joins its chunks. [`completion_with`](Self::completion_with) also shows you the
    /// chunks. In a loop of your own, push each chunk into an [`Accumulator`](crate::Accumulator) or into
    /// [`ChatEvents`](crate::ChatEvents), and let [`AnswerLimit`](crate::AnswerLimit) check the size.
    ///
    /// An event that holds only `null` is skipped. If there is any other event that is not a chunk, the rest
    /// of the stream is read, and then the result is an error.
    ///
    /// # Errors
    ///
    /// Returns [`Incomplete`] with the part of the answer that arrived, and one error: the one that ended the
    /// stream, or else the first event that is not a chunk. If you have read items of the stream before, the
    /// error is [`CompletionError::AlreadyRead`](crate::CompletionError::AlreadyRead).
    pub async fn completion(&mut self) -> Result<ChatCompletion, Incomplete> {
        self.completion_with(|_| {}).await
    }

    /// Does what [`completion`](Self::completion) does, and shows each chunk to a function as it arrives: to print the
    /// answer while it is joined.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`completion`](Self::completion).
    pub async fn completion_with(
        &mut self,
        mut look: impl FnMut(&ChatCompletionChunk),
    ) -> Result<ChatCompletion, Incomplete> {
        let mut completion = CompletionReader::begin(&self.chunks)?;
        while let Some(step) = poll_fn(|context| self.poll_step(context)).await {
            if step.is_ok()
                && let Ok(chunk) = self.chunks.chunk_of(Ok(()))
            {
                look(chunk);
            }
            if !completion.add(step, &self.chunks) {
                self.body = None;
                break;
            }
        }
        completion.finish(self.chunks.take_answer())
    }

    /// Waits for the next item. The chunk stays in the decoder.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Option<Step>> {
        for _ in 0..MAX_READS {
            if let Some(step) = self.step_in_piece() {
                self.check_waits(&step, context);
                return Poll::Ready(Some(step));
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(self.chunks.finish_step());
            };
            if self.chunks.is_over() {
                ready!(self.poll_rest(context));
                return Poll::Ready(None);
            }
            // The body may reuse the memory of a piece that is dropped.
            self.piece = Bytes::new();
            match Pin::new(body).poll_next(context) {
                Poll::Pending => {
                    let over = ready!(self.waits.poll(context, self.chunks.is_complete()));
                    self.stop_waiting(over);
                }
                Poll::Ready(Some(Ok(piece))) => self.piece = piece,
                Poll::Ready(Some(Err(error))) => {
                    self.break_off(StreamError::transport(error));
                }
                Poll::Ready(None) => self.body = None,
            }
            self.waits.idle.reset();
        }
        // Bytes come faster than they are read. Timers and other tasks need their turn.
        self.check_part_waits(context);
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn stop_waiting(&mut self, over: WaitOver) {
        match over {
            // Every choice has a finish reason, so only the usage is missing, which this server does not send.
            WaitOver::Silent(_) if self.chunks.is_finished() => self.body = None,
            WaitOver::Silent(timeout) => self.break_off(StreamError::IdleTimeout(timeout)),
            WaitOver::Complete => self.body = None,
        }
    }

    /// Drops the body. After `[DONE]`, it waits a moment for the end of the body, because most HTTP clients reuse
    /// a connection only if they have seen that.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(body) = &mut self.body
            && self.chunks.done().is_some()
            // Bytes after the end are ignored.
            && Pin::new(body).poll_next(context).is_pending()
        {
            ready!(self.waits.poll_rest(context));
        }
        self.body = None;
        Poll::Ready(())
    }

    fn step_in_piece(&mut self) -> Option<Step> {
        let mut input = &*self.piece;
        let step = self.chunks.step(&mut input);
        let used = self.piece.len() - input.len();
        self.piece.advance(used);
        if matches!(&step, Some(Err(error)) if error.is_terminal()) {
            self.body = None;
        }
        step
    }

    /// Restarts the waits after a part of the answer. Other items may come for ever.
    fn check_waits(&mut self, step: &Step, context: &mut Context<'_>) {
        if step.is_ok() && self.chunks.chunk_of(Ok(())).is_ok_and(brings_part) {
            self.waits.restart();
        } else {
            self.check_part_waits(context);
        }
    }

    /// Ends the stream if the wait for a part of the answer is over.
    fn check_part_waits(&mut self, context: &mut Context<'_>) {
        let is_complete = self.chunks.is_complete();
        if let Poll::Ready(over) = self.waits.poll_for_part(context, is_complete) {
            self.stop_waiting(over);
        }
    }

    fn break_off(&mut self, error: StreamError) {
        self.body = None;
        self.chunks.break_off(error);
    }
}

impl<S, T, E> Stream for ChunkStream<S, T>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<BoxError>,
    T: Timer + Unpin,
{
    type Item = Result<ChatCompletionChunk, StreamError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let step = ready!(this.poll_step(context));
        Poll::Ready(step.map(|step| step.map(|()| this.chunks.take())))
    }
}

impl<S, T: Timer> fmt::Debug for ChunkStream<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkStream").field("chunks", &self.chunks).finish_non_exhaustive()
    }
}
