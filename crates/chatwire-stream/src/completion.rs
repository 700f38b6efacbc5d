//! A whole stream to one completion, or to what arrived of it and why there is no more.
//! [`crate::stream`] and [`crate::reader`] read the stream.

use chatwire_types::ChatCompletion;

use crate::accumulate::Accumulator;
use crate::chunks::{ChunkDecoder, Step};
use crate::outcome::{CompletionError, Incomplete, StreamError};

/// A completion in the making, and the first thing that went wrong with it.
pub(crate) struct CompletionReader {
    accumulator: Accumulator,
    error: Option<StreamError>,
}

impl CompletionReader {
    /// The completion of what this decoder will read, to be added.
    ///
    /// # Errors
    ///
    /// Returns [`CompletionError::AlreadyRead`] if the decoder has read something before, because the rest
    /// would be taken for the answer.
    pub(crate) fn begin(chunks: &ChunkDecoder) -> Result<Self, Incomplete> {
        if chunks.has_begun() {
            let partial = Box::new(Accumulator::new().into_completion());
            return Err(Incomplete { partial, error: CompletionError::AlreadyRead });
        }
        Ok(Self { accumulator: Accumulator::new(), error: None })
    }

    /// Adds the chunk that a decoder has read last.
    pub(crate) fn add(&mut self, step: Step, chunks: &ChunkDecoder) {
        match chunks.lend(step) {
            Ok(chunk) => self.accumulator.push(chunk),
            Err(error) if error.is_null() => {}
            Err(error) if self.error.is_none() || error.is_terminal() => self.error = Some(error),
            Err(_) => {}
        }
    }

    /// The completion when nothing follows. A whole answer that came in place of a stream is the completion.
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
