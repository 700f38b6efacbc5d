//! Chat in one call: the whole answer at once, or chunk by chunk. The operations that it calls are
//! generated, and what a chunk stream does is in `chatwire-stream`.

use chatwire_stream::{Accumulator, ChunkDecoder, ChunkStream};
use chatwire_types::{ChatCompletion, CreateChatCompletionRequest};

use crate::streamed_answer::read_streamed_answer;
use crate::trace::StreamSpan;
use crate::{ByteStream, ChatStream, Client, Error, Response, RuntimeTimer};

/// Reads the chunks of a body, within the limits of the call. The body itself limits silence.
fn chunks(mut body: ByteStream, decoder: ChunkDecoder) -> ChatStream {
    let span = StreamSpan::new(body.take_call());
    let head = body.head().clone();
    let Some(context) = body.context().cloned() else {
        let chunks = ChunkStream::with_decoder(body, decoder);
        return ChatStream::new(chunks.idle_timeout(None, RuntimeTimer), head, span);
    };
    let (limits, secrets) = (*context.limits(), context.secrets().clone());
    let decoder = decoder.redact(move |bytes| secrets.redacted(bytes));
    let chunks = ChunkStream::with_decoder(body, decoder)
        .idle_timeout(None, RuntimeTimer)
        .chunk_timeout(limits.chunk)
        .end_timeout(limits.end);
    ChatStream::new(chunks, head, span)
}

/// Chat in one call.
impl Client {
    /// Sends the request and waits for the whole answer. `stream` in the request is ignored.
    ///
    /// Some servers answer with an event stream even though the request does not ask for one. Its chunks
    /// are joined into the completion.
    ///
    /// # Errors
    ///
    /// Returns an error if the server rejects the request, the connection fails, or the body is not a
    /// completion. If the body reports an error beside its choices, or is an event stream that ends too early or
    /// reports an error, [`partial`](Error::partial) is the answer as far as it arrived.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
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
    pub async fn chat(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Response<ChatCompletion>, Error> {
        let client = self.in_one_span();
        let answer = client.chat_in_span(request).await;
        client.span.end(&answer);
        answer
    }

    async fn chat_in_span(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Response<ChatCompletion>, Error> {
        match self.create_chat_completion(request).await {
            Err(error) if error.may_be_streamed_answer() => {
                read_streamed_answer(error, self.settings.limits.max_objects)
            }
            Ok(answer) => ensure_answer(answer),
            Err(error) => Err(error),
        }
    }

    /// Sends the request with `stream` set to true, and returns when the answer begins.
    ///
    /// Nothing else is added to the request. To get the usage at the end of the stream, set
    /// `stream_options`.
    ///
    /// # Errors
    ///
    /// Returns an error if the server rejects the request or the connection fails. If the stream fails
    /// after that, it yields an error that has a [`stream_error`](Error::stream_error).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// let request =
    ///     CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Say this is a test")]);
    /// let mut text = String::new();
    /// let mut stream = client.stream(&request).await?;
    /// while let Some(chunk) = stream.next().await {
    ///     text += &chunk?.text().unwrap_or_default();
    /// }
    /// assert_eq!(text, "This is a test!");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stream(
        &self,
        request: &CreateChatCompletionRequest,
    ) -> Result<Response<ChatStream>, Error> {
        self.stream_with(request, ChunkDecoder::new()).await
    }

    /// Does what [`stream`](Self::stream) does, with your own decoder. The decoder sets when a stream counts as
    /// complete, how large one event may be, and whether the text of each chunk is kept.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`stream`](Self::stream).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
    /// use chatwire_stream::{ChunkDecoder, EndPolicy};
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
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
    pub async fn stream_with(
        &self,
        request: &CreateChatCompletionRequest,
        decoder: ChunkDecoder,
    ) -> Result<Response<ChatStream>, Error> {
        // In a box, so that the task that reads the stream does not keep the room that sending takes.
        let response = Box::pin(self.create_chat_completion_stream(request)).await?;
        let decoder =
            decoder.response(response.status(), response.media_type()).for_request(request);
        Ok(response.map(|body| chunks(body, decoder)))
    }
}

/// Returns the error of an answer that reports one, or whose `choices` are not a list of objects. An answer may lack
/// them, because some services then only name a request to ask about later.
fn ensure_answer(answer: Response<ChatCompletion>) -> Result<Response<ChatCompletion>, Error> {
    if answer.error.as_ref().is_some_and(|error| error.says_something()) {
        return Err(answer.refused_beside_choices());
    }
    let other = answer.extra.get("choices").filter(|choices| !choices.is_null());
    if other.is_some() {
        return Err(answer.wrong_key("choices", "a list of objects"));
    }
    Ok(answer.map(whole_chunk))
}

/// Joins an answer that is one chunk, with deltas in place of messages.
fn whole_chunk(answer: ChatCompletion) -> ChatCompletion {
    let mut choices = answer.choices.iter().flatten();
    let is_chunk =
        choices.any(|choice| choice.message.is_none() && choice.extra.contains_key("delta"));
    let chunk = is_chunk.then(|| serde_json::to_value(&answer).and_then(serde_json::from_value));
    let Some(Ok(chunk)) = chunk else { return answer };
    let mut accumulator = Accumulator::new();
    accumulator.push(&chunk);
    accumulator.into_completion()
}
