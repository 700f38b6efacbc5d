//! Joins a whole stream into one completion, or into an error that holds the part that arrived.
//! [`crate::stream`] and [`crate::reader`] read the stream.

use chatwire_types::ChatCompletion;

use crate::accumulate::Accumulator;
use crate::chunks::{ChunkDecoder, Step};
use crate::outcome::{AnswerTooLarge, CompletionError, Incomplete, StreamError};

/// How many times its text a value may take in memory. The size of the answer is measured often enough for
/// this factor.
const AMPLIFICATION: usize = 128;

/// The answer is measured again after this many bytes at the earliest, because measuring takes time.
const MIN_STEP: usize = 256 * 1024;

/// The completion of the chunks so far.
pub(crate) struct CompletionReader {
    accumulator: Accumulator,
    /// The error that ended the stream, or else the first event that is not a chunk.
    error: Option<StreamError>,
    /// The maximum size of the answer.
    limit: usize,
    /// How many bytes of events may come before the answer is measured again.
    unmeasured: usize,
    is_too_large: bool,
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
        let limit = chunks.answer_limit();
        let unmeasured = until_measured(limit);
        Ok(Self {
            accumulator: Accumulator::new(),
            error: None,
            limit,
            unmeasured,
            is_too_large: false,
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
        self.unmeasured = self.unmeasured.saturating_sub(chunks.last_length());
        if self.unmeasured == 0 {
            self.measure();
        }
        !self.is_too_large
    }

    fn measure(&mut self) {
        let left = self.limit.checked_sub(self.accumulator.size());
        self.is_too_large = left.is_none();
        self.unmeasured = until_measured(left.unwrap_or_default());
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
        let too_large = AnswerTooLarge { limit: self.limit };
        let too_many = self.accumulator.ensure_complete().err();
        let error = match self.error {
            _ if self.is_too_large => Some(CompletionError::TooLarge(too_large)),
            Some(error) => Some(CompletionError::Stream(error)),
            None => too_many.map(CompletionError::TooManyParts),
        };
        let completion = self.accumulator.into_completion();
        match error {
            None => Ok(completion),
            Some(error) => Err(Incomplete { partial: Box::new(completion), error }),
        }
    }
}

/// How many bytes of events may come before an answer can have grown by this size.
fn until_measured(size: usize) -> usize {
    (size / AMPLIFICATION).max(MIN_STEP)
}
