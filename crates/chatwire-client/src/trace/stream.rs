//! Reads the chunks of a stream for its span, which ends with the stream. `span.rs` begins and ends spans.

use std::borrow::Borrow;

use chatwire_stream::{Accumulator, Incomplete, StreamError};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};

use super::answer::AnswerFacts;
use super::failure::Failure;
use super::span::Call;

/// The chunks after which the size of the answer is measured again, because measuring takes time.
const MEASURED_AFTER: usize = 256;

/// The words of a larger answer are not traced, because the stream has a limit of its own, and a span cannot hold them.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// The span of a stream of chunks.
pub(crate) struct StreamSpan {
    call: Call,
    facts: AnswerFacts,
    /// The answer so far, if its words are traced.
    answer: Option<Box<Accumulator>>,
    /// The chunks so far.
    chunks: usize,
}

impl StreamSpan {
    pub(crate) fn new(call: Call) -> Self {
        let answer = call.has_content().then(|| Box::new(Accumulator::new()));
        Self { call, facts: AnswerFacts::default(), answer, chunks: 0 }
    }

    /// Takes an item of the stream; `None` is its end.
    pub(crate) fn item<C: Borrow<ChatCompletionChunk>>(
        &mut self,
        item: Option<&Result<C, StreamError>>,
    ) {
        match item {
            Some(Ok(chunk)) => self.chunk(chunk.borrow()),
            // The stream goes on.
            Some(Err(error)) if !error.is_terminal() => {}
            Some(Err(error)) => {
                let failure = Failure::of_stream(error, self.call.has_content());
                self.close(Some(failure), false);
            }
            None => self.close(None, true),
        }
    }

    pub(crate) fn chunk(&mut self, chunk: &ChatCompletionChunk) {
        if self.call.is_open() {
            self.call.first_chunk();
            self.facts.add(chunk);
            self.add_words(chunk);
        }
    }

    fn add_words(&mut self, chunk: &ChatCompletionChunk) {
        let Some(answer) = &mut self.answer else { return };
        answer.push(chunk);
        self.chunks += 1;
        if self.chunks.is_multiple_of(MEASURED_AFTER) && answer.size() > LARGEST_ANSWER {
            self.answer = None;
        }
    }

    /// Takes the end of a stream that is read as a whole.
    pub(crate) fn end(&mut self, answer: &Result<ChatCompletion, Incomplete>) {
        let failure = match answer {
            Ok(completion) => {
                let facts = AnswerFacts::of(completion);
                return self.call.end_stream(&facts, Some(completion), None, true);
            }
            Err(incomplete) => Failure::of_completion(&incomplete.error, self.call.has_content()),
        };
        if failure.is_some() {
            self.close(failure, false);
        }
    }

    fn close(&mut self, failure: Option<Failure>, is_whole: bool) {
        if self.call.is_open() {
            let answer = self.answer.take().map(|answer| answer.into_completion());
            self.call.end_stream(&self.facts, answer.as_ref(), failure, is_whole);
        }
    }
}

/// The caller may stop reading. That is not an error, but the finish reasons show that the answer did not end.
impl Drop for StreamSpan {
    fn drop(&mut self) {
        self.close(None, false);
    }
}
