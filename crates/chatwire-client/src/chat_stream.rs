//! The stream that [`Client::stream`] returns. What it does with the bytes is in `chatwire-stream`, and
//! [`chat`](crate::chat) sends the request.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use chatwire_stream::{ChunkDecoder, ChunkStream, Done};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};
use futures_core::Stream;

use crate::error::Answer;
use crate::trace::StreamSpan;
use crate::{ByteStream, Error, RuntimeTimer};
#[cfg(doc)]
use crate::{Client, ClientBuilder};
#[cfg(doc)]
use chatwire_stream::StreamError;

/// The chunks of one answer, as they arrive: see [`Client::stream`].
///
/// - [`next`](Self::next) lends one chunk at a time,
/// - [`Stream`] yields owned chunks, and
/// - [`completion`](Self::completion) joins all of them into the completion that the same request would have
///   got without streaming.
///
/// Dropping it cancels the request. If the server sends nothing for the client's
/// [`idle_timeout`](ClientBuilder::idle_timeout), the stream ends with an error.
///
/// Each error has the status and the headers of the response, and [`Error::stream_error`] says what failed. If the
/// stream fails, the error of [`completion`](Self::completion) also has the part of the answer that arrived:
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
///     Err(error) => println!("{:?}, then {error}", error.partial()),
/// }
/// # Ok(())
/// # }
/// ```
pub struct ChatStream {
    chunks: ChunkStream<ByteStream, RuntimeTimer>,
    /// Status and headers, for errors.
    head: Answer,
    span: StreamSpan,
}

impl ChatStream {
    pub(crate) const fn new(
        chunks: ChunkStream<ByteStream, RuntimeTimer>,
        head: Answer,
        span: StreamSpan,
    ) -> Self {
        Self { chunks, head, span }
    }

    /// Waits for the next chunk. Returns `None` at the end of the stream.
    ///
    /// You may drop the future and call `next` again without losing data.
    ///
    /// # Errors
    ///
    /// Returns an error that has a [`stream_error`](Error::stream_error). It is the last item, unless that is
    /// [`Undecodable`](StreamError::Undecodable).
    pub async fn next(&mut self) -> Option<Result<&ChatCompletionChunk, Error>> {
        let head = Some(&self.head);
        let item = self.chunks.next().await;
        self.span.item(item.as_ref());
        Some(item?.map_err(|error| Error::in_stream(error, head)))
    }

    /// Reads the stream to its end and joins its chunks. [`ChunkStream::completion`] says more.
    ///
    /// # Errors
    ///
    /// Returns an error with the part of the answer that arrived ([`Error::partial`]). If you have read items of
    /// the stream before, it is an error of the kind [`Config`](crate::ErrorKind::Config) without such a part.
    pub async fn completion(&mut self) -> Result<ChatCompletion, Error> {
        let head = Some(&self.head);
        let span = &mut self.span;
        let answer = self.chunks.completion_with(|chunk| span.chunk(chunk)).await;
        self.span.end(&answer);
        answer.map_err(|incomplete| Error::in_completion(incomplete, head))
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
    type Item = Result<ChatCompletionChunk, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let item = std::task::ready!(Pin::new(&mut this.chunks).poll_next(context));
        this.span.item(item.as_ref());
        let head = Some(&this.head);
        Poll::Ready(item.map(|item| item.map_err(|error| Error::in_stream(error, head))))
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChatStream").field(self.decoder()).finish()
    }
}
