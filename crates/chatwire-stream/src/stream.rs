//! Chunks from an asynchronous stream of bytes, for any runtime and any HTTP client.
//! Reading from a blocking source is [`crate::reader`]'s work; the decoding is [`crate::chunks`]'.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};
use futures_core::Stream;

use crate::chunks::{ChunkDecoder, Step};
use crate::completion::CompletionReader;
use crate::outcome::{BoxError, Done, IdleTimeout, Incomplete, StreamError};
use crate::timer::{NoTimer, Timer};

/// The chunks of a stream of bytes, such as the body of an HTTP response.
///
/// Nothing runs beside it: no task, no channel. A byte is read when a chunk is asked for, so the
/// socket's back-pressure is the server's, and dropping this drops the body, which cancels the
/// request. A stream that is not `Unpin` goes in as `Box::pin(stream)`.
///
/// [`next`](Self::next) lends one chunk at a time, [`Stream`] yields chunks to keep, and
/// [`completion`](Self::completion) joins all of them.
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
    /// `None` once the stream is over, so that the body is let go as soon as it can be.
    body: Option<S>,
    piece: Bytes,
    chunks: ChunkDecoder,
    idle: Idle<T>,
}

/// The time that the body may be silent. A sleep is begun only when the body has nothing to read.
struct Idle<T: Timer> {
    timer: T,
    limit: Option<Duration>,
    sleep: Option<Pin<Box<T::Sleep>>>,
}

impl<S> ChunkStream<S> {
    /// The chunks of a body, with the defaults of [`ChunkDecoder`].
    pub fn new(body: S) -> Self {
        Self::with_decoder(body, ChunkDecoder::new())
    }

    /// The chunks of a body, with a decoder of the caller's: its end policy, its bound on one event,
    /// its knowledge of status and content type.
    pub fn with_decoder(body: S, decoder: ChunkDecoder) -> Self {
        let idle = Idle { timer: NoTimer, limit: None, sleep: None };
        Self { body: Some(body), piece: Bytes::new(), chunks: decoder, idle }
    }
}

impl<S, T: Timer> ChunkStream<S, T> {
    /// Ends the stream with [`StreamError::IdleTimeout`] when nothing comes for `limit`; `None` for
    /// no limit. The time starts anew with every read, and comments from the server count as life.
    ///
    /// With tokio, the timer is `tokio::time::sleep`. To write down the type of the stream, as in the field of
    /// a struct, give it as a function pointer: `tokio::time::sleep as fn(Duration) -> Sleep`.
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
        let idle = Idle { timer, limit: limit.into(), sleep: None };
        ChunkStream { body: self.body, piece: self.piece, chunks: self.chunks, idle }
    }

    /// How the stream ended, once it has ended well.
    pub const fn done(&self) -> Option<Done> {
        self.chunks.done()
    }

    /// The decoder, to see its [`raw`](ChunkDecoder::raw) text.
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
    /// Waits for the next chunk and lends it; `None` when the stream is over.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is `Undecodable`.
    pub async fn next(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        let step = poll_fn(|context| self.poll_step(context)).await?;
        Some(self.chunks.lend(step))
    }

    /// Reads the stream to its end and joins its chunks. If you need both the chunks and the
    /// completion, push each chunk into an [`Accumulator`](crate::Accumulator) or into
    /// [`ChatEvents`](crate::ChatEvents).
    ///
    /// An event that holds only `null` carries nothing and is passed over. Any other event that is
    /// no chunk makes the answer [`Incomplete`], after everything else has been read.
    ///
    /// # Errors
    ///
    /// [`Incomplete`] with the answer as far as it arrived. It has one error: the one that ended the
    /// stream, or failing that the first event that is not a chunk. If any of the stream was read before, also by this method, the error is
    /// [`CompletionError::AlreadyRead`](crate::CompletionError::AlreadyRead).
    pub async fn completion(&mut self) -> Result<ChatCompletion, Incomplete> {
        let mut completion = CompletionReader::begin(&self.chunks)?;
        while let Some(step) = poll_fn(|context| self.poll_step(context)).await {
            completion.add(step, &self.chunks);
        }
        completion.finish(self.chunks.take_answer())
    }

    /// `Ok` says that the next chunk is in the decoder.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Option<Step>> {
        loop {
            if let Some(step) = self.step_in_piece() {
                return Poll::Ready(Some(step));
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(self.chunks.finish_step());
            };
            if self.chunks.is_over() {
                self.let_go(context);
                return Poll::Ready(None);
            }
            // While it waits it keeps nothing of what was read; so the body can use the memory again.
            self.piece = Bytes::new();
            match Pin::new(body).poll_next(context) {
                Poll::Pending => ready!(self.poll_idle(context)),
                Poll::Ready(Some(Ok(piece))) => self.piece = piece,
                Poll::Ready(Some(Err(error))) => {
                    self.break_off(StreamError::transport(error));
                }
                Poll::Ready(None) => self.body = None,
            }
            self.idle.sleep = None;
        }
    }

    /// Drops the body. After `[DONE]` it has as a rule nothing left but its end; a client that has
    /// seen that end can use the connection again, so it is looked for once, without waiting.
    fn let_go(&mut self, context: &mut Context<'_>) {
        let Some(mut body) = self.body.take() else { return };
        if self.chunks.done().is_some() {
            // Whatever else comes instead of the end is not of this answer.
            drop(Pin::new(&mut body).poll_next(context));
        }
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

    fn break_off(&mut self, error: StreamError) {
        self.body = None;
        self.chunks.break_off(error);
    }

    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(after) = self.idle.limit else { return Poll::Pending };
        let Idle { timer, sleep, .. } = &mut self.idle;
        let sleep = sleep.get_or_insert_with(|| Box::pin(timer.sleep(after)));
        ready!(sleep.as_mut().poll(context));
        self.break_off(StreamError::IdleTimeout(IdleTimeout { after }));
        Poll::Ready(())
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
