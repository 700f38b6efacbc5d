//! A structured answer that grows chunk by chunk. [`super::partial`] reads the part so far.

use std::fmt;
use std::marker::PhantomData;

use chatwire_client::{ChatStream, Error, Response};
use chatwire_stream::{Accumulator, AnswerLimit, StreamError};
use chatwire_types::{ChatCompletionChunk, ChunkChoice};
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use super::partial::partial;
use super::{ParseError, Parsed, json};

/// The stream of an answer that is a `T`: see [`ParseClient::parse_stream`](super::ParseClient::parse_stream).
///
/// It follows the first choice. Dropping it cancels the request.
pub struct ParseStream<T> {
    stream: Response<ChatStream>,
    accumulator: Accumulator,
    limit: AnswerLimit,
    text: String,
    /// The error that ended the stream, or else the first event that is not a chunk.
    failed: Option<Error>,
    is_over: bool,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> ParseStream<T> {
    /// Reads a stream of yours as a `T`, for example one with a decoder of your own
    /// ([`Client::stream_with`](crate::Client::stream_with)). The request must ask for the schema of `T`:
    /// `request.response_format(strict_schema::<T>()?)`.
    pub fn new(stream: Response<ChatStream>) -> Self {
        let (accumulator, limit) = (Accumulator::new(), AnswerLimit::new(stream.decoder()));
        let (text, value) = (String::new(), PhantomData);
        Self { stream, accumulator, limit, text, failed: None, is_over: false, value }
    }

    /// Waits for more text of the answer, and returns it. Returns `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// Returns an error of the stream, or says that the answer is too large. [`finish`](Self::finish) returns it again,
    /// with the part that arrived.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        while !self.is_over {
            let new = match self.stream.next().await? {
                Ok(chunk) => {
                    self.accumulator.push(chunk);
                    first_text(chunk)
                }
                // Some services send it for "nothing new".
                Err(error) if error.stream_error().is_some_and(StreamError::is_null) => continue,
                Err(error) => {
                    self.is_over = error.stream_error().is_none_or(StreamError::is_terminal);
                    return Some(Err(self.fail(error)));
                }
            };
            if let Err(error) = self.limit.check(self.stream.decoder(), &self.accumulator) {
                self.is_over = true;
                let error = Error::from(error).with_response(&self.stream);
                return Some(Err(self.fail(error)));
            }
            if !new.is_empty() {
                self.text.push_str(&new);
                return Some(Ok(new));
            }
        }
        None
    }

    /// The response, for its status, its headers and its request id.
    pub fn response(&self) -> &Response<ChatStream> {
        &self.stream
    }

    /// Keeps the error that ends the stream, or else the first one.
    fn fail(&mut self, error: Error) -> Error {
        if self.is_over || self.failed.is_none() {
            self.failed = Some(error.clone());
        }
        error
    }

    /// The value so far, or `None` if nothing of it came yet. It reads the whole text each time.
    ///
    /// Texts, lists and objects are there as far as they came. Numbers, booleans and nulls are there once they are
    /// complete.
    pub fn partial(&self) -> Option<Value> {
        partial(json::without_fence(&self.text))
    }

    /// Reads the rest of the stream, and returns the whole value.
    ///
    /// # Errors
    ///
    /// Returns an error of the stream, or says what the model wrote in place of a `T`.
    pub async fn finish(mut self) -> Result<Parsed<T>, ParseError> {
        while self.next().await.is_some() {}
        let too_many = self.accumulator.ensure_complete().err();
        let completion = self.accumulator.into_completion();
        let too_many = too_many.map(|error| Error::from(error).with_response(&self.stream));
        if let Some(error) = self.failed.or(too_many) {
            return Err(error.with_partial(completion).into());
        }
        Parsed::of(self.stream.map(|_| completion))
    }
}

/// The text that a chunk adds to the first choice.
fn first_text(chunk: &ChatCompletionChunk) -> String {
    let is_first = |choice: &&ChunkChoice| choice.index.is_none_or(|index| index == 0);
    let choices = chunk.choices.iter().flatten().filter(is_first);
    choices.filter_map(ChunkChoice::as_text).collect()
}

impl<T> fmt::Debug for ParseStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text is the words of the model, and may be long.
        f.debug_struct("ParseStream").field("length", &self.text.len()).finish_non_exhaustive()
    }
}
