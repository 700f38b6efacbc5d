//! Joins a whole stream into one completion, or into an error that holds the part that arrived.
//! [`crate::stream`] and [`crate::reader`] read the stream.

use chatwire_types::ChatCompletion;

use crate::accumulate::Accumulator;
use crate::chunks::{ChunkDecoder, Step};
use crate::outcome::{CompletionError, Incomplete, StreamError};

/// The completion of the chunks so far.
pub(crate) struct CompletionReader {
    accumulator: Accumulator,
    /// The error that ended the stream, or else the first event that is not a chunk.
    error: Option<StreamError>,
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
        Ok(Self { accumulator: Accumulator::new(), error: None })
    }

    /// Adds the item that the decoder has read.
    pub(crate) fn add(&mut self, step: Step, chunks: &ChunkDecoder) {
        match chunks.chunk_of(step) {
            Ok(chunk) => self.accumulator.push(chunk),
            Err(error) if error.is_null() => {}
            Err(error) if self.error.is_none() || error.is_terminal() => self.error = Some(error),
            Err(_) => {}
        }
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
        let too_many = self.accumulator.ensure_complete().err().map(CompletionError::TooManyParts);
        let error = self.error.map(CompletionError::Stream).or(too_many);
        let completion = self.accumulator.into_completion();
        match error {
            None => Ok(completion),
            Some(error) => Err(Incomplete { partial: Box::new(completion), error }),
        }
    }
}
