//! A whole stream to one completion, or to what arrived of it and why there is no more. Reading the stream
//! is the work of [`crate::stream`] and [`crate::reader`].

use chatwire_types::ChatCompletion;

use crate::accumulate::Accumulator;
use crate::chunks::{ChunkDecoder, Step};
use crate::outcome::{Incomplete, StreamError};

/// A completion in the making, and the first thing that went wrong with it.
pub(crate) struct Joined {
    accumulator: Accumulator,
    error: Option<StreamError>,
}

impl Joined {
    /// The completion of what this decoder will read, to be added.
    ///
    /// # Errors
    ///
    /// When it has read something before: the rest would be taken for the answer.
    pub(crate) fn begin(chunks: &ChunkDecoder) -> Result<Self, Incomplete> {
        if chunks.has_begun() {
            let partial = Box::new(Accumulator::new().into_completion());
            return Err(Incomplete { partial, error: StreamError::AlreadyRead });
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

    pub(crate) fn finish(self) -> Result<ChatCompletion, Incomplete> {
        let too_many = self.accumulator.ensure_complete().err().map(StreamError::TooManyParts);
        let completion = self.accumulator.into_completion();
        match self.error.or(too_many) {
            None => Ok(completion),
            Some(error) => Err(Incomplete { partial: Box::new(completion), error }),
        }
    }
}
