//! Joins a whole stream into one completion, or into an error that holds the part that arrived.
//! [`crate::stream`] and [`crate::reader`] read the stream.

use chatwire_types::ChatCompletion;

use crate::accumulate::Accumulator;
use crate::answer_limit::AnswerLimit;
use crate::chunks::{ChunkDecoder, Step};
use crate::outcome::{AnswerTooLarge, CompletionError, Incomplete, StreamError};

/// The completion of the chunks so far.
pub(crate) struct CompletionReader {
    accumulator: Accumulator,
    /// The error that ended the stream, or else the first event that is not a chunk.
    error: Option<StreamError>,
    limit: AnswerLimit,
    too_large: Option<AnswerTooLarge>,
}

impl CompletionReader {
    /// Starts the completion of a stream that this decoder reads.
    ///
    /// # Errors
    ///
    /// Returns [`CompletionError::AlreadyRead`] if the decoder has returned items before, because the
    /// completion would lack them.
    pub(crate) fn begin(chunks: &ChunkDecoder) -> Result<Self, Incomplete> {
        if chunks.has_begun() {
            let partial = Box::new(Accumulator::new().into_completion());
            return Err(Incomplete { partial, error: CompletionError::AlreadyRead });
        }
        Ok(Self {
            accumulator: Accumulator::new(),
            error: None,
            limit: AnswerLimit::new(chunks),
            too_large: None,
        })
    }

    /// Adds the item that the decoder has read. Returns false if the answer has become too large, and the
    /// rest must not be read.
    pub(crate) fn add(&mut self, step: Step, chunks: &ChunkDecoder) -> bool {
        match chunks.chunk_of(step) {
            Ok(chunk) => self.accumulator.push(chunk),
            Err(error) if error.is_null() => {}
            Err(error) if self.error.is_none() || error.is_terminal() => self.error = Some(error),
            Err(_) => {}
        }
        self.too_large = self.limit.check(chunks, &self.accumulator).err();
        self.too_large.is_none()
    }

    /// Returns the completion at the end of the stream. If the server sent a whole answer, that is the
    /// completion.
    pub(crate) fn finish(
        self,
        answer: Option<ChatCompletion>,
    ) -> Result<ChatCompletion, Incomplete> {
        if let Some(answer) = answer {
            return Ok(answer);
        }
        let too_many = self.accumulator.ensure_complete().err();
        let error = match (self.too_large, self.error) {
            (Some(too_large), _) => Some(CompletionError::TooLarge(too_large)),
            (None, Some(error)) => Some(CompletionError::Stream(error)),
            (None, None) => too_many.map(CompletionError::TooManyParts),
        };
        let completion = self.accumulator.into_completion();
        match error {
            None => Ok(completion),
            Some(error) => Err(Incomplete { partial: Box::new(completion), error }),
        }
    }
}
