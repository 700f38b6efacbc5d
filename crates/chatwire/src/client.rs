//! Chat with a client: the whole answer at once, or chunk by chunk. The operations are generated in
//! `chatwire-client`, what a chunk stream does is in `chatwire-stream`.

use std::future::Future;

use chatwire_client::{Client, Error, Response};
use chatwire_stream::ChunkDecoder;
use chatwire_stream::client::{IntoChunks, ResponseChunks};
use chatwire_types::{ChatCompletion, CreateChatCompletionRequest};

/// The chunks of one answer, as they arrive.
///
/// [`next`](chatwire_stream::ChunkStream::next) lends them one by one, [`completion`](chatwire_stream::ChunkStream::completion) joins
/// them into what the same request would have got without streaming. Dropping it cancels the
/// request.
///
/// It is also a `Stream`, of owned chunks. With `StreamExt` of the `futures` crate in scope, `next` on a
/// [`Response`] is that of the stream.
pub type ChatStream = ResponseChunks;

/// Chat in one call, for a [`Client`].
pub trait Chat {
    /// Sends the request and waits for the whole answer. A `stream` in the request does not count.
    ///
    /// # Errors
    /// When the server says no, the connection fails, or the answer is not a completion.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire::{Chat, CreateChatCompletionRequest, Message};
    ///
    /// let request =
    ///     CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")]);
    /// let completion = client.chat(&request).await?;
    /// assert_eq!(completion.text().as_deref(), Some("This is a test!"));
    ///
    /// let error = client.chat(&request.temperature(3.0)).await.unwrap_err();
    /// assert_eq!((error.status(), error.param().as_deref()), (Some(400), Some("temperature")));
    /// # Ok(())
    /// # }
    /// ```
    fn chat(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> impl Future<Output = Result<Response<ChatCompletion>, Error>> + Send;

    /// Sends the request with `stream` set, and returns when the answer begins.
    ///
    /// Nothing else is added to the request; for the usage at the end of a stream, set
    /// `stream_options`.
    ///
    /// # Errors
    /// When the server says no or the connection fails. What goes wrong later is a
    /// [`StreamError`](chatwire_stream::StreamError) of the stream.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire::{Chat, CreateChatCompletionRequest, Message};
    ///
    /// let request =
    ///     CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")]);
    /// let completion = client.stream(&request).await?.completion().await?;
    /// assert_eq!(completion.text().as_deref(), Some("This is a test!"));
    /// # Ok(())
    /// # }
    /// ```
    fn stream(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> impl Future<Output = Result<Response<ChatStream>, Error>> + Send {
        self.stream_with(request, ChunkDecoder::new())
    }

    /// As [`stream`](Self::stream) with a decoder of the caller's: its end policy, its bound on one event,
    /// whether it keeps the text of chunks.
    ///
    /// # Errors
    /// As [`stream`](Self::stream).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire::stream::{ChunkDecoder, EndPolicy};
    /// use chatwire::{Chat, CreateChatCompletionRequest, Message};
    ///
    /// let request =
    ///     CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")]);
    /// // For a server that sends neither a finish reason nor `[DONE]`.
    /// let decoder = ChunkDecoder::new().end_policy(EndPolicy::AllowMissingFinish);
    /// let completion = client.stream_with(&request, decoder).await?.completion().await?;
    /// assert_eq!(completion.text().as_deref(), Some("This is a test!"));
    /// # Ok(())
    /// # }
    /// ```
    fn stream_with(
        &self,
        request: &CreateChatCompletionRequest,
        decoder: ChunkDecoder,
    ) -> impl Future<Output = Result<Response<ChatStream>, Error>> + Send;
}

impl Chat for Client {
    async fn chat(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Response<ChatCompletion>, Error> {
        if request.stream != Some(true) {
            return self.create_chat_completion(request).await;
        }
        self.create_chat_completion(&request.clone().stream(false)).await
    }

    async fn stream_with(
        &self,
        request: &CreateChatCompletionRequest,
        decoder: ChunkDecoder,
    ) -> Result<Response<ChatStream>, Error> {
        let request = request.clone().stream(true);
        Ok(self.create_chat_completion_stream(&request).await?.into_chunks_with(decoder))
    }
}
