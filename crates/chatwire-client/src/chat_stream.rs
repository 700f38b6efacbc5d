//! The stream that [`Client::stream`] returns. What it does with the bytes is in `chatwire-stream`, and
//! [`chat`](crate::chat) sends the request.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use chatwire_stream::{ChunkDecoder, ChunkStream, Done, Incomplete, StreamError};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};
use futures_core::Stream;

use crate::trace::StreamSpan;
use crate::{ByteStream, RuntimeTimer};
#[cfg(doc)]
use crate::{Client, ClientBuilder};

/// The chunks of one answer, as they arrive: see [`Client::stream`].
///
/// - [`next`](Self::next) lends one chunk at a time,
/// - [`Stream`] yields owned chunks, and
/// - [`completion`](Self::completion) joins all of them into the completion that the same request would have
///   got without streaming.
///
/// Dropping it cancels the request. If the server sends nothing for the client's
/// [`idle_timeout`](ClientBuilder::idle_timeout), the stream ends with [`StreamError::IdleTimeout`].
///
/// If the stream fails, [`completion`](Self::completion) also returns the part of the answer that arrived:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = chatwire_mock::MockServer::start().await?;
/// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
/// # use chatwire_types::{CreateChatCompletionRequest, Message};
/// # let request = CreateChatCompletionRequest::new("m", [Message::user("Say this is a test")]);
/// match client.stream(&request).await?.completion().await {
///     Ok(completion) => assert_eq!(completion.text().as_deref(), Some("This is a test!")),
///     Err(incomplete) => println!("{:?}, then {}", incomplete.partial.text(), incomplete.error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct ChatStream {
    chunks: ChunkStream<ByteStream, RuntimeTimer>,
    span: StreamSpan,
}

impl ChatStream {
    pub(crate) const fn new(
        chunks: ChunkStream<ByteStream, RuntimeTimer>,
        span: StreamSpan,
    ) -> Self {
        Self { chunks, span }
    }

    /// Waits for the next chunk. Returns `None` at the end of the stream.
    ///
    /// You may drop the future and call `next` again without losing data.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is [`Undecodable`](StreamError::Undecodable).
    pub async fn next(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        let item = self.chunks.next().await;
        self.span.item(item.as_ref());
        item
    }

    /// Reads the stream to its end and joins its chunks. [`ChunkStream::completion`] says more.
    ///
    /// # Errors
    ///
    /// Returns [`Incomplete`] with the part of the answer that arrived, and the error. If you have read items of
    /// the stream before, the error is [`AlreadyRead`](chatwire_stream::CompletionError::AlreadyRead).
    pub async fn completion(&mut self) -> Result<ChatCompletion, Incomplete> {
        let span = &mut self.span;
        let answer = self.chunks.completion_with(|chunk| span.chunk(chunk)).await;
        self.span.end(&answer);
        answer
    }

    /// How the stream ended. Returns `None` until then, and after an error.
    pub const fn done(&self) -> Option<Done> {
        self.chunks.done()
    }

    /// The decoder, for its [`raw`](ChunkDecoder::raw) text.
    pub const fn decoder(&self) -> &ChunkDecoder {
        self.chunks.decoder()
    }
}

impl Stream for ChatStream {
    type Item = Result<ChatCompletionChunk, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = std::task::ready!(Pin::new(&mut self.chunks).poll_next(context));
        self.span.item(item.as_ref());
        Poll::Ready(item)
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChatStream").field(self.decoder()).finish()
    }
}
