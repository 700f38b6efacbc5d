//! Chunks from a blocking reader, for programs without an asynchronous runtime.
//! Reading from an asynchronous body is [`crate::stream`]'s work; the decoding is
//! [`crate::chunks`]'.

use std::fmt;
use std::io::{ErrorKind, Read};

use chatwire_types::{ChatCompletion, ChatCompletionChunk};

use crate::chunks::{ChunkDecoder, Step};
use crate::completion::CompletionReader;
use crate::outcome::{Done, Incomplete, StreamError};

/// How much is read at once.
const READ_SIZE: usize = 8 * 1024;

/// The chunks of a reader, such as the body of a blocking HTTP response.
///
/// [`next_chunk`](Self::next_chunk) lends one chunk at a time, [`Iterator`] yields chunks to keep, and
/// [`completion`](Self::completion) joins all of them.
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
    /// What followed an event in the bytes that it was read with.
    rest: Vec<u8>,
    /// How much of it has been decoded.
    start: usize,
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
        Self { reader, rest: Vec::new(), start: 0, ended: false, chunks: decoder }
    }

    /// Reads the next chunk and lends it; `None` when the stream is over.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is `Undecodable`. A timeout of the reader
    /// is `Transport`.
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
    pub fn completion(&mut self) -> Result<ChatCompletion, Incomplete> {
        let mut completion = CompletionReader::begin(&self.chunks)?;
        while let Some(step) = self.step() {
            completion.add(step, &self.chunks);
        }
        completion.finish(self.chunks.take_answer())
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
        let mut input = self.rest.get(self.start..).unwrap_or_default();
        let step = self.chunks.step(&mut input);
        self.start = self.rest.len() - input.len();
        if step.is_some() || self.chunks.is_over() { step } else { self.read_on() }
    }

    /// Reads up to the next item. While it waits for bytes, the reader keeps no buffer: a stream is
    /// idle for most of its life, and the stack of its thread is there anyway.
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

    /// How many bytes were read; none at the end, which an error is, too.
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
