//! The chunks of a response of `chatwire-client`, with what that client knows: status, content type
//! and the idle timeout. The decoding is [`crate::chunks`]' work, as for every other body.

use std::sync::Arc;
use std::time::Duration;

use chatwire_client::{ByteStream, Error, Response};

use crate::chunks::ChunkDecoder;
use crate::outcome::{ApiError, KEPT, NotEventStream, StreamError};
use crate::stream::ChunkStream;

/// The chunks of one response. Dropping it cancels the request.
pub type ResponseChunks = ChunkStream<ByteStream, fn(Duration) -> tokio::time::Sleep>;

/// Makes chunks of a response.
///
/// ```no_run
/// # async fn run(client: chatwire_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use chatwire_stream::client::IntoChunks;
/// use chatwire_types::{CreateChatCompletionRequest, Message};
///
/// let request =
///     CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hello")]).stream(true);
/// let mut chunks = client.create_chat_completion_stream(&request).await?.into_chunks();
/// while let Some(chunk) = chunks.next().await {
///     print!("{}", chunk?.text().unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
pub trait IntoChunks {
    /// The chunks of this response, status and headers kept beside them.
    ///
    /// The client's idle timeout is kept by the chunks from here on, so that silence is a
    /// [`StreamError::IdleTimeout`].
    fn into_chunks(self) -> Response<ResponseChunks>
    where
        Self: Sized,
    {
        self.into_chunks_with(ChunkDecoder::new())
    }

    /// The same with a decoder of the caller's, to set its end policy or the bound on one event.
    ///
    /// ```no_run
    /// # fn run(response: chatwire_client::Response<chatwire_client::ByteStream>) {
    /// use chatwire_stream::client::IntoChunks;
    /// use chatwire_stream::{ChunkDecoder, EndPolicy};
    ///
    /// let decoder = ChunkDecoder::new()
    ///     .end_policy(EndPolicy::AllowMissingFinish)
    ///     .max_event_size(Some(1 << 20));
    /// let chunks = response.into_chunks_with(decoder);
    /// # }
    /// ```
    fn into_chunks_with(self, decoder: ChunkDecoder) -> Response<ResponseChunks>;
}

impl IntoChunks for Response<ByteStream> {
    fn into_chunks_with(mut self, decoder: ChunkDecoder) -> Response<ResponseChunks> {
        let decoder = decoder.response(self.status(), self.media_type());
        let idle = self.take_idle_timeout();
        self.map(|body| {
            let timer: fn(Duration) -> tokio::time::Sleep = tokio::time::sleep;
            ChunkStream::with_decoder(body, decoder).idle_timeout(idle, timer)
        })
    }
}

/// A call that failed before its stream began, for programs that pass on both alike. The server's envelope is
/// [`Api`](StreamError::Api), any other answer of its [`NotEventStream`](StreamError::NotEventStream) with
/// the status, and the rest [`Transport`](StreamError::Transport).
///
/// ```no_run
/// # async fn pass_on(
/// #     client: &chatwire_client::Client,
/// #     request: &chatwire_types::CreateChatCompletionRequest,
/// # ) -> Result<chatwire_types::ChatCompletion, chatwire_stream::StreamError> {
/// use chatwire_stream::client::IntoChunks;
///
/// let mut chunks = client.create_chat_completion_stream(request).await?.into_chunks();
/// Ok(chunks.completion().await?)
/// # }
/// ```
impl From<Error> for StreamError {
    fn from(error: Error) -> Self {
        let body = error.body().unwrap_or_default();
        if error.message().is_some()
            && let Some(response) = error.response()
        {
            return ApiError { response, raw: body.to_vec() }.into();
        }
        let Some(status) = error.status() else { return Self::Transport(Arc::new(error)) };
        let content_type = error.headers().and_then(|headers| headers.get("content-type"));
        Self::NotEventStream(Box::new(NotEventStream {
            status: Some(status),
            content_type: content_type.and_then(|value| Some(value.to_str().ok()?.to_owned())),
            body: body.get(..KEPT).unwrap_or(body).to_vec(),
        }))
    }
}
