//! Applies the limit on the memory of a whole answer while its chunks are joined.
//! [`Accumulator::size`] measures the answer, and [`crate::completion`] joins all chunks of a stream.

use crate::accumulate::Accumulator;
use crate::chunks::ChunkDecoder;
use crate::outcome::AnswerTooLarge;

/// How many times its text a value may take in memory. The size of the answer is measured often enough for
/// this factor.
const AMPLIFICATION: usize = 128;

/// The answer is measured again after this many bytes at the earliest, because measuring takes time.
const MIN_STEP: usize = 256 * 1024;

/// Applies [`ChunkDecoder::max_answer_size`], for callers that read chunks and join them too.
///
/// [`completion`](crate::ChunkStream::completion) applies the limit by itself.
///
/// ```
/// use chatwire_stream::{Accumulator, AnswerLimit, ChunkDecoder, ChunkReader};
///
/// let chunk = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(1000));
/// let endless = chunk.repeat(5000);
/// let decoder = ChunkDecoder::new().max_answer_size(Some(1_000_000));
/// let mut chunks = ChunkReader::with_decoder(endless.as_bytes(), decoder);
/// let mut limit = AnswerLimit::new(chunks.decoder());
/// let mut accumulator = Accumulator::new();
/// let error = loop {
///     let Some(chunk) = chunks.next_chunk() else { panic!("the answer is too large") };
///     accumulator.push(chunk?);
///     if let Err(error) = limit.check(chunks.decoder(), &accumulator) {
///         break error;
///     }
/// };
/// assert_eq!(error.limit, 1_000_000);
/// # Ok::<(), chatwire_stream::StreamError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AnswerLimit {
    /// The maximum size of the answer.
    limit: usize,
    /// How many bytes of events may come before the answer is measured again.
    unmeasured: usize,
}

impl AnswerLimit {
    /// The limit that this decoder has.
    pub fn new(decoder: &ChunkDecoder) -> Self {
        let limit = decoder.answer_limit();
        Self { limit, unmeasured: until_measured(limit) }
    }

    /// Checks the answer after each item of the stream. It measures the answer only if that may have become too
    /// large, so the sum of all checks takes linear time.
    ///
    /// # Errors
    ///
    /// Returns an error if the answer is too large. Drop the stream then.
    pub fn check(
        &mut self,
        decoder: &ChunkDecoder,
        answer: &Accumulator,
    ) -> Result<(), AnswerTooLarge> {
        self.unmeasured = self.unmeasured.saturating_sub(decoder.last_length());
        if self.unmeasured > 0 {
            return Ok(());
        }
        let left = self.limit.checked_sub(answer.size());
        self.unmeasured = until_measured(left.unwrap_or_default());
        left.map(|_| ()).ok_or(AnswerTooLarge { limit: self.limit })
    }
}

/// How many bytes of events may come before an answer can have grown by this size.
fn until_measured(size: usize) -> usize {
    (size / AMPLIFICATION).max(MIN_STEP)
}
