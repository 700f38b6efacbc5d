//! Encodes a stream of chunks as the body of a response: events, comments while no chunk is ready, and the
//! end. [`super`] encodes one chunk.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chatwire_types::ChatCompletionChunk;
use futures_core::Stream;

use super::{DONE, comment, error, event};
use crate::outcome::StreamError;
use crate::timer::{NoTimer, Timer, Wait};

/// A stream of chunks as the body of a response.
///
/// The body is a `Stream` of bytes. With the feature `http-body`, it is also a body for hyper; with `axum`,
/// it is also a response with its headers. It starts no task: it asks for a chunk after the client
/// has taken the previous one. Pass a stream that is not `Unpin` as `Box::pin(stream)`.
///
/// # The end
///
/// After the last chunk, the body ends with `[DONE]`. An error, either an `ErrorResponse` or a
/// [`StreamError`], is sent as an event. The body ends after it without `[DONE]`, so that clients do not take
/// the answer for complete. It also ends after a chunk that reports an error. An upstream event that holds
/// only `null` is skipped.
///
/// # Errors of an upstream server
///
/// Clients get the envelope and the message of an upstream error. If the upstream server sent something else,
/// such as an HTML page, clients learn only that it failed.
///
/// To log errors, inspect the stream before you pass it in, for example with `inspect_err` of the `futures`
/// crate. To continue after events that are not chunks, filter out errors for which
/// [`StreamError::is_terminal`] is false.
///
/// ```
/// # mod futures {
/// #     pub mod stream {
/// #         use std::task::{Context, Poll};
/// #         pub struct Iter<I>(I);
/// #         pub fn iter<I: Iterator + Unpin>(items: I) -> Iter<I> { Iter(items) }
/// #         impl<I: Iterator + Unpin> futures_core::Stream for Iter<I> {
/// #             type Item = I::Item;
/// #             fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>)
/// #                 -> Poll<Option<I::Item>> { Poll::Ready(self.0.next()) }
/// #         }
/// #     }
/// # }
/// # mod tokio { pub mod time {
/// #     pub fn sleep(_: std::time::Duration) -> std::future::Pending<()> { std::future::pending() }
/// # } }
/// use std::convert::Infallible;
/// use std::time::Duration;
///
/// use chatwire_stream::encode::{EventBody, ChunkEncoder};
/// use chatwire_types::ChatCompletion;
///
/// # use futures_core::Stream;
/// let completion = ChatCompletion::default();
/// let chunks = ChunkEncoder::new().include_usage(true).chunks(&completion);
/// let mut body = EventBody::new(futures::stream::iter(chunks.into_iter().map(Ok::<_, Infallible>)))
///     .keep_alive(Duration::from_secs(15), tokio::time::sleep);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let mut next = || std::pin::Pin::new(&mut body).poll_next(&mut context);
/// # let std::task::Poll::Ready(Some(Ok(chunk))) = next() else { panic!("a chunk") };
/// # assert!(chunk.starts_with(b"data: {"));
/// # let std::task::Poll::Ready(Some(Ok(end))) = next() else { panic!("the end") };
/// # assert_eq!(end, "data: [DONE]\n\n");
/// ```
///
/// A gateway forwards the stream of another server. Its errors, also a broken connection, arrive as errors:
///
/// ```
/// # use bytes::Bytes;
/// # use futures_core::Stream;
/// use chatwire_stream::{ChunkStream, encode::EventBody};
/// # #[cfg(feature = "axum")]
/// use axum_core::response::{IntoResponse, Response};
///
/// # #[cfg(feature = "axum")]
/// fn pass_on<S>(upstream: S) -> Response
/// where
///     S: Stream<Item = Result<Bytes, std::io::Error>> + Unpin + Send + 'static,
/// {
///     EventBody::new(ChunkStream::new(upstream)).into_response()
/// }
/// ```
pub struct EventBody<S, T: Timer = NoTimer> {
    /// `None` after the last chunk.
    chunks: Option<S>,
    /// Whether the last event was sent. Implies `chunks.is_none()`.
    ended: bool,
    /// The interval of the comments.
    timer: T,
    idle: Wait<T>,
}

impl<S> EventBody<S> {
    /// Creates the body of these chunks.
    pub const fn new<C, E>(chunks: S) -> Self
    where
        S: Stream<Item = Result<C, E>> + Unpin,
        C: Into<ChatCompletionChunk>,
        E: Into<StreamError>,
    {
        Self { chunks: Some(chunks), ended: false, timer: NoTimer, idle: Wait::new(None) }
    }

    /// Sends a comment whenever no chunk has come for this time, so that proxies do not close the connection.
    /// With tokio, pass `tokio::time::sleep` as the timer.
    #[must_use]
    pub fn keep_alive<T: Timer>(self, every: Duration, timer: T) -> EventBody<S, T> {
        let Self { chunks, ended, .. } = self;
        EventBody { chunks, ended, timer, idle: Wait::new(Some(every)) }
    }
}

impl<S, T, C, E> EventBody<S, T>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<ChatCompletionChunk>,
    E: Into<StreamError>,
    T: Timer,
{
    fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let item = loop {
            let Some(chunks) = &mut self.chunks else { return Poll::Ready(self.end()) };
            match Pin::new(chunks).poll_next(context) {
                // The next poll starts a new timer, after the client has taken this comment.
                Poll::Pending => {
                    let Self { timer, idle, .. } = self;
                    return idle.poll(timer, context).map(|_| Some(comment("keep-alive")));
                }
                Poll::Ready(None) => self.chunks = None,
                Poll::Ready(Some(item)) => match item.map_err(Into::into) {
                    Err(error) if error.is_null() => {}
                    item => break item.map(Into::into),
                },
            }
        };
        self.idle.reset();
        Poll::Ready(Some(match item {
            Ok(chunk) => self.frame(&chunk, context),
            Err(failure) => {
                self.stop();
                error(&failure.into())
            }
        }))
    }

    fn frame(&mut self, chunk: &ChatCompletionChunk, context: &mut Context<'_>) -> Bytes {
        // A message alone does not count, because the name of the original event is not known here.
        if chunk.reports_error_in_named_event() {
            // The source also returns the error after the chunk. A wrapper that counts errors must see it.
            if let Some(chunks) = &mut self.chunks {
                drop(Pin::new(chunks).poll_next(context));
            }
            self.stop();
        }
        event(chunk)
    }

    /// Ends the body without `[DONE]`.
    fn stop(&mut self) {
        self.chunks = None;
        self.ended = true;
    }

    fn end(&mut self) -> Option<Bytes> {
        let ended = std::mem::replace(&mut self.ended, true);
        (!ended).then_some(Bytes::from_static(DONE))
    }
}

impl<S, T, C, E> Stream for EventBody<S, T>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<ChatCompletionChunk>,
    E: Into<StreamError>,
    T: Timer + Unpin,
{
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_bytes(context).map(|bytes| bytes.map(Ok))
    }
}

#[cfg(feature = "http-body")]
impl<S, T, C, E> http_body::Body for EventBody<S, T>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<ChatCompletionChunk>,
    E: Into<StreamError>,
    T: Timer + Unpin,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let bytes = self.get_mut().poll_bytes(context);
        bytes.map(|bytes| bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(feature = "axum")]
impl<S, T, C, E> axum_core::response::IntoResponse for EventBody<S, T>
where
    S: Stream<Item = Result<C, E>> + Unpin + Send + 'static,
    C: Into<ChatCompletionChunk>,
    E: Into<StreamError>,
    T: Timer + Unpin + Send + 'static,
    T::Sleep: Send,
{
    fn into_response(self) -> axum_core::response::Response {
        let headers = [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache"),
            // Without this header, nginx buffers the events.
            ("x-accel-buffering", "no"),
        ];
        (headers, axum_core::body::Body::new(self)).into_response()
    }
}

impl<S, T: Timer> fmt::Debug for EventBody<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBody").field("ended", &self.ended).finish_non_exhaustive()
    }
}
