//! Reads chunks from a blocking reader, for programs without an asynchronous runtime.
//! [`crate::stream`] reads from an asynchronous body.

use std::fmt;
use std::io::{ErrorKind, Read};

use chatwire_types::{ChatCompletion, ChatCompletionChunk};

use crate::chunks::{ChunkDecoder, Step};
use crate::completion::CompletionReader;
use crate::outcome::{Done, Incomplete, StreamError};

/// The maximum number of bytes of one read.
const READ_SIZE: usize = 8 * 1024;

/// Reads the chunks of a blocking source, such as the body of an HTTP response.
///
/// [`next_chunk`](Self::next_chunk) returns a borrowed chunk, which is fastest. [`Iterator`] returns owned
/// chunks. [`completion`](Self::completion) joins all chunks.
///
/// ```
/// use chatwire_stream::ChunkReader;
///
/// let body = &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n\
///     data: [DONE]\n\n"[..];
/// let chunks: Vec<_> = ChunkReader::new(body).collect::<Result<_, _>>()?;
/// assert_eq!(chunks.len(), 1);
/// # Ok::<(), chatwire_stream::StreamError>(())
/// ```
pub struct ChunkReader<R> {
    reader: R,
    /// The bytes of the last read that follow the last item.
    rest: Vec<u8>,
    /// The number of bytes of `rest` that were decoded. `start <= rest.len()`
    start: usize,
    /// Whether the source has ended or failed.
    ended: bool,
    chunks: ChunkDecoder,
}

impl<R: Read> ChunkReader<R> {
    /// Reads chunks with the default settings of [`ChunkDecoder`].
    pub fn new(reader: R) -> Self {
        Self::with_decoder(reader, ChunkDecoder::new())
    }

    /// Reads chunks with the settings of this decoder.
    pub fn with_decoder(reader: R, decoder: ChunkDecoder) -> Self {
        Self { reader, rest: Vec::new(), start: 0, ended: false, chunks: decoder }
    }

    /// Reads the next chunk. Returns `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is `Undecodable`. A timeout of the reader
    /// is `Transport`.
    pub fn next_chunk(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        let step = self.step()?;
        Some(self.chunks.chunk_of(step))
    }

    /// Reads the stream to its end and joins its chunks, as
    /// [`ChunkStream::completion`](crate::ChunkStream::completion) does.
    ///
    /// # Errors
    ///
    /// Returns [`Incomplete`] with the part of the answer that arrived, and one error.
    pub fn completion(&mut self) -> Result<ChatCompletion, Incomplete> {
        let mut completion = CompletionReader::begin(&self.chunks)?;
        while let Some(step) = self.step() {
            if !completion.add(step, &self.chunks) {
                break;
            }
        }
        completion.finish(self.chunks.take_answer())
    }

    /// How the stream ended. Returns `None` until then, and after an error.
    pub const fn done(&self) -> Option<Done> {
        self.chunks.done()
    }

    /// The decoder, for its [`raw`](ChunkDecoder::raw) text.
    pub const fn decoder(&self) -> &ChunkDecoder {
        &self.chunks
    }

    fn step(&mut self) -> Option<Step> {
        let mut input = self.rest.get(self.start..).unwrap_or_default();
        let step = self.chunks.step(&mut input);
        self.start = self.rest.len() - input.len();
        if step.is_some() || self.chunks.is_over() { step } else { self.read_on() }
    }

    /// Reads up to the next item. The block is on the stack and `rest` is freed before, because a stream
    /// waits for most of its life and should keep no buffer then.
    #[inline(never)]
    fn read_on(&mut self) -> Option<Step> {
        (self.rest, self.start) = (Vec::new(), 0);
        let mut block = [0; READ_SIZE];
        while !self.ended {
            let length = self.read(&mut block);
            let mut input = block.get(..length).unwrap_or_default();
            let step = self.chunks.step(&mut input);
            if step.is_some() || self.chunks.is_over() {
                self.rest = input.to_vec();
                return step;
            }
        }
        self.chunks.finish_step()
    }

    /// Returns the number of bytes that were read. An error ends the stream like an end of the source.
    fn read(&mut self, block: &mut [u8]) -> usize {
        let read = loop {
            match self.reader.read(block) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = read.unwrap_or_else(|error| {
            self.chunks.break_off(error.into());
            0
        });
        self.ended = length == 0;
        length
    }
}

impl<R> fmt::Debug for ChunkReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkReader").field("chunks", &self.chunks).finish_non_exhaustive()
    }
}

impl<R: Read> Iterator for ChunkReader<R> {
    type Item = Result<ChatCompletionChunk, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().map(|step| step.map(|()| self.chunks.take()))
    }
}
