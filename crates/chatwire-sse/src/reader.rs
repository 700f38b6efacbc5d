//! Chunks from a blocking reader, for programs without an asynchronous runtime.
//! Reading from an asynchronous body is [`crate::stream`]'s work; the decoding is
//! [`crate::chunks`]'.

use std::io::{ErrorKind, Read};

use chatwire_types::{ChatCompletion, ChatCompletionChunk};

use crate::chunks::ChunkDecoder;
use crate::meaning::{Step, Wanted};
use crate::outcome::{Done, Incomplete, StreamError};
use crate::stream::Joined;

/// How much is read at once.
const READ_SIZE: usize = 8 * 1024;

/// The chunks of a reader, such as the body of a blocking HTTP response.
///
/// [`next_chunk`](Self::next_chunk) lends one chunk at a time, [`Iterator`] gives owned ones, and
/// [`completion`](Self::completion) joins all of them.
///
/// ```
/// use chatwire_sse::ChunkReader;
///
/// let body = &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n\
///     data: [DONE]\n\n"[..];
/// let chunks: Vec<_> = ChunkReader::new(body).collect::<Result<_, _>>()?;
/// assert_eq!(chunks.len(), 1);
/// # Ok::<(), chatwire_sse::StreamError>(())
/// ```
#[derive(Debug)]
pub struct ChunkReader<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer has not been decoded: `start <= end <= buffer.len()`.
    start: usize,
    end: usize,
    ended: bool,
    chunks: ChunkDecoder,
}

impl<R: Read> ChunkReader<R> {
    /// The chunks of a reader, with the defaults of [`ChunkDecoder`].
    pub fn new(reader: R) -> Self {
        Self::with_decoder(reader, ChunkDecoder::new())
    }

    /// The chunks of a reader, with a decoder of the caller's.
    pub fn with_decoder(reader: R, decoder: ChunkDecoder) -> Self {
        Self { reader, buffer: Vec::new(), start: 0, end: 0, ended: false, chunks: decoder }
    }

    /// Reads the next chunk and lends it; `None` when the stream is over.
    ///
    /// # Errors
    ///
    /// Every [`StreamError`]; all but `Undecodable` are the last item. A reader's timeout comes as
    /// `Transport`.
    pub fn next_chunk(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        let step = self.step()?;
        Some(self.chunks.lend(step))
    }

    /// Reads the stream to its end and joins its chunks, as
    /// [`ChunkStream::completion`](crate::ChunkStream::completion) does.
    ///
    /// # Errors
    ///
    /// [`Incomplete`] with the answer as far as it arrived, and one error.
    pub fn completion(mut self) -> Result<ChatCompletion, Incomplete> {
        let mut joined = Joined::default();
        self.chunks.want(Wanted::Added);
        while let Some(step) = self.step() {
            joined.add(step, &mut self.chunks);
        }
        joined.finish()
    }

    /// How the stream ended, once it has ended well.
    pub const fn done(&self) -> Option<Done> {
        self.chunks.done()
    }

    /// The decoder, to see its [`raw`](ChunkDecoder::raw) text.
    pub const fn decoder(&self) -> &ChunkDecoder {
        &self.chunks
    }

    fn step(&mut self) -> Option<Step> {
        loop {
            let mut input = self.buffer.get(self.start..self.end).unwrap_or_default();
            let step = self.chunks.step(&mut input);
            self.start = self.end - input.len();
            if step.is_some() || self.chunks.is_over() {
                return step;
            }
            if self.ended {
                return self.chunks.finish_step();
            }
            if let Err(error) = self.fill() {
                self.chunks.break_off(StreamError::Transport(Box::new(error)));
                (self.start, self.end, self.ended) = (0, 0, true);
            }
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        self.buffer.resize(READ_SIZE, 0);
        loop {
            match self.reader.read(&mut self.buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => {
                    (self.start, self.end) = (0, read?);
                    self.ended = self.end == 0;
                    return Ok(());
                }
            }
        }
    }
}

impl<R: Read> Iterator for ChunkReader<R> {
    type Item = Result<ChatCompletionChunk, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().map(|step| step.map(|()| self.chunks.take()))
    }
}
