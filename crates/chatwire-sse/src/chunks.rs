//! Events to typed chunks: what an event of a chat means, and when and how the stream is over.
//! Cutting bytes into events is [`crate::decoder`]'s work, joining chunks [`crate::accumulate`]'s.

use std::borrow::Cow;
use std::fmt;

use chatwire_types::ChatCompletionChunk;

use crate::accumulate::Accumulator;
use crate::decoder::Decoder;
use crate::event::offset_in;
use crate::event_types::EventType;
use crate::large_json::LARGE;
use crate::meaning::{Meaning, Step, Wanted};
use crate::opening::Opening;
use crate::outcome::{Done, EndPolicy, StreamError};
use crate::shared::SharedChunk;

/// Decodes the chunks of a chat stream from bytes, without I/O.
///
/// What it does with everything that is not a plain chunk:
///
/// - `[DONE]` ends the stream, whatever the event's type. Later events are not looked at; an error on
///   another line of the same event still counts.
/// - Comments, events without data or with blank data, and the heartbeats `event: ping`, `keepalive`,
///   `keep-alive` and `heartbeat` are skipped. Of `event: error`, blank data is an error all the same.
/// - `{"error":…}` without choices, alone or in a list, `{"object":"error",…}` and every
///   `event: error`, in small or capital letters, are [`StreamError::Api`]. So is an object that has
///   no documented key of a chunk, is no sign of life, and speaks of an error and not of success:
///   `{"errors":[…]}`, `{"error_code":…}`, `{"throttlingException":{…}}` and the like, and unless the
///   event has a type of its own, `{"code":…,"msg":…}`, and `{"message":…}` or `{"detail":…}` with
///   nothing beside it. An error beside choices, in `x_groq` or in the
///   status of a `base_resp` too, is reported after its chunk, which keeps it. An `error` inside of a
///   choice stays there, as without streaming: other choices may go on.
/// - So is a line that is no field of the format and says `error:` and what went wrong, as llama.cpp
///   writes it, or that is an error as above without `data:` before it. Of such lines, 4 KiB are read.
/// - Data that is no JSON object is [`StreamError::Undecodable`], and the stream goes on. Several
///   JSON objects on the lines of one event, as servers send that forget the blank line, are a
///   chunk each, and `[DONE]` on a line of its own is the end.
/// - A body that is no event stream is [`StreamError::NotEventStream`], and so is every body without
///   an event when the [`response`](Self::response) has a status other than 2xx.
/// - The end of the body hands out an event that no blank line ended, and is then judged by the
///   [`EndPolicy`]. When such an event was cut off, the answer is not complete.
///
/// A chunk can take far more memory than the text of its event: a choice is 512 bytes, and its text
/// may be `{}`. Therefore an event with more than 262,144 JSON objects, which no real one comes near,
/// is [`StreamError::Undecodable`] without being parsed. What may be left are 128 MiB for the
/// objects, and up to 72 times its text for any other value: that much for a list of one-digit
/// numbers under a key that is not documented, and half as much again where it is added to an
/// answer. To bound all of it for servers that are not trusted, set a lower
/// [`max_event_size`](Self::max_event_size).
///
/// ```
/// use chatwire_sse::{ChunkDecoder, Done};
///
/// let body = b": hello\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n\
///     data: [DONE]\n\n";
/// let mut decoder = ChunkDecoder::new();
/// let mut chunks = 0;
/// for piece in body.chunks(7) {
///     let mut input = piece;
///     while let Some(chunk) = decoder.next(&mut input) {
///         chunk?;
///         chunks += 1;
///     }
/// }
/// assert_eq!(chunks, 1);
/// assert_eq!(decoder.done(), Some(Done::Marker));
/// # Ok::<(), chatwire_sse::StreamError>(())
/// ```
pub struct ChunkDecoder {
    decoder: Decoder,
    opening: Opening,
    meaning: Meaning,
    policy: EndPolicy,
    /// What the layer below ended the body with.
    broken: Option<Box<StreamError>>,
}

/// Shows where the stream stands, and not what is kept of it.
impl fmt::Debug for ChunkDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkDecoder")
            .field("decoder", &self.decoder)
            .field("is_over", &self.is_over())
            .field("done", &self.done())
            .finish_non_exhaustive()
    }
}

impl Default for ChunkDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl ChunkDecoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self {
            decoder: Decoder::new().set_lines_aside(),
            opening: Opening::default(),
            meaning: Meaning::default(),
            policy: EndPolicy::default(),
            broken: None,
        }
    }

    /// Tells status and content type of the response, for judging and reporting a body that is no
    /// event stream.
    #[must_use]
    pub fn response(mut self, status: u16, content_type: Option<&str>) -> Self {
        self.opening.response(status, content_type);
        self
    }

    /// Sets what counts as a complete stream.
    ///
    /// ```
    /// use chatwire_sse::{ChunkDecoder, ChunkReader, EndPolicy};
    ///
    /// let body = &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n"[..];
    /// assert!(ChunkReader::new(body).completion().is_err());
    ///
    /// let decoder = ChunkDecoder::new().end_policy(EndPolicy::AllowMissingFinish);
    /// assert!(ChunkReader::with_decoder(body, decoder).completion().is_ok());
    /// ```
    #[must_use]
    pub const fn end_policy(mut self, policy: EndPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the bound on one event in bytes, 64 MiB if not set; `None` for no bound.
    #[must_use]
    pub fn max_event_size(mut self, limit: Option<usize>) -> Self {
        self.decoder = self.decoder.max_event_size(limit);
        self
    }

    /// Keeps the JSON text of each chunk for [`raw`](Self::raw), at the price of a copy.
    ///
    /// ```
    /// let mut decoder = chatwire_sse::ChunkDecoder::new().keep_raw(true);
    /// assert!(decoder.next(&mut &b"data: {\"choices\": [ ]}\n\n"[..]).is_some());
    /// assert_eq!(decoder.raw(), "{\"choices\": [ ]}");
    /// ```
    #[must_use]
    pub const fn keep_raw(mut self, keep: bool) -> Self {
        self.meaning.keep_raw = keep;
        self
    }

    /// Takes bytes from the front of `input` up to the next chunk.
    ///
    /// `None` means that all of `input` is used up: more is needed, or the stream is over. Call
    /// again with the same `input` after a chunk.
    ///
    /// # Errors
    ///
    /// Every [`StreamError`] but `AlreadyRead`, `IdleTimeout`, `TooManyParts`, `Transport` and
    /// `Truncated`.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        self.step(input).map(|step| self.lend(step))
    }

    /// Says that the body has ended; call it until it returns `None`.
    ///
    /// # Errors
    ///
    /// Every [`StreamError`] but `AlreadyRead`, `IdleTimeout`, `TooManyParts` and `Transport`.
    pub fn finish(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        self.finish_step().map(|step| self.lend(step))
    }

    /// The chunk that was lent last, to keep. A second call returns an empty one, and so does one
    /// after an error, after the end, and after a chunk that was shared or added.
    pub fn take(&mut self) -> ChatCompletionChunk {
        self.meaning.take()
    }

    /// As [`next`](Self::next), with a chunk to keep that shares what chunks have in common: one
    /// allocation in place of the six or so that a clone of a chunk takes. At the end of the body,
    /// [`finish_shared`](Self::finish_shared) says whether it was whole.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn next_shared(&mut self, input: &mut &[u8]) -> Option<Result<SharedChunk, StreamError>> {
        let step = self.wanting(Wanted::Shared, |this| this.step(input));
        Some(step?.map(|()| self.take_shared()))
    }

    /// As [`finish`](Self::finish), with a chunk to keep.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_shared(&mut self) -> Option<Result<SharedChunk, StreamError>> {
        let step = self.wanting(Wanted::Shared, Self::finish_step);
        Some(step?.map(|()| self.take_shared()))
    }

    /// Takes bytes from the front of `input` up to the end of the next chunk, and adds the chunk to
    /// `accumulator`.
    ///
    /// The completion is the same as with [`next`](Self::next) and [`Accumulator::push`], but of a
    /// chunk that differs from the one before it in some texts only, nothing else is looked at: the
    /// fastest way from bytes to a completion. At the end of the body, [`finish_into`](Self::finish_into)
    /// says whether it was whole.
    ///
    /// ```
    /// use chatwire_sse::{Accumulator, ChunkDecoder};
    ///
    /// let mut body = &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n\
    ///     data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"}}]}\n\ndata: [DONE]\n\n"[..];
    /// let (mut decoder, mut accumulator) = (ChunkDecoder::new(), Accumulator::new());
    /// while let Some(added) = decoder.next_into(&mut body, &mut accumulator) {
    ///     added?;
    /// }
    /// while let Some(added) = decoder.finish_into(&mut accumulator) {
    ///     added?;
    /// }
    /// assert_eq!(accumulator.into_completion().text().as_deref(), Some("Hello"));
    /// # Ok::<(), chatwire_sse::StreamError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn next_into(
        &mut self,
        input: &mut &[u8],
        accumulator: &mut Accumulator,
    ) -> Option<Result<(), StreamError>> {
        let step = self.wanting(Wanted::Added, |this| this.step(input));
        Some(step?.map(|()| self.meaning.add_to(accumulator)))
    }

    /// As [`finish`](Self::finish), with the chunk added to `accumulator`.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_into(
        &mut self,
        accumulator: &mut Accumulator,
    ) -> Option<Result<(), StreamError>> {
        let step = self.wanting(Wanted::Added, Self::finish_step);
        Some(step?.map(|()| self.meaning.add_to(accumulator)))
    }

    /// The JSON text of the chunk that was handed out last; empty unless
    /// [`keep_raw`](Self::keep_raw) is on.
    pub fn raw(&self) -> &str {
        &self.meaning.raw
    }

    /// How the stream ended, once it has ended well.
    pub const fn done(&self) -> Option<Done> {
        self.meaning.done()
    }

    /// True when nothing follows, whether the stream ended well or not.
    pub const fn is_over(&self) -> bool {
        self.meaning.is_over()
    }

    /// Whether anything was handed out that would be missed, or an error.
    pub(crate) const fn has_begun(&self) -> bool {
        self.meaning.has_begun()
    }

    /// What the next chunk is read for.
    pub(crate) const fn want(&mut self, wanted: Wanted) {
        self.meaning.wanted = wanted;
    }

    fn wanting<T>(&mut self, wanted: Wanted, read: impl FnOnce(&mut Self) -> T) -> T {
        self.want(wanted);
        let read = read(self);
        self.want(Wanted::Lent);
        read
    }

    /// Adds the chunk that was read last.
    pub(crate) fn add_to(&mut self, accumulator: &mut Accumulator) {
        self.meaning.add_to(accumulator);
    }

    pub(crate) fn take_shared(&mut self) -> SharedChunk {
        self.meaning.take_shared()
    }

    /// Ends the stream with an error of the caller's.
    pub(crate) fn fail(&mut self, error: StreamError) -> Step {
        self.meaning.fail(error)
    }

    pub(crate) fn lend(&self, step: Step) -> Result<&ChatCompletionChunk, StreamError> {
        step.map(|()| self.meaning.chunk())
    }

    pub(crate) fn step(&mut self, input: &mut &[u8]) -> Option<Step> {
        if let Some(step) = self.meaning.next_waiting() {
            return Some(step);
        }
        if self.is_over() {
            *input = &[];
            return self.error_beside_done();
        }
        if self.opening.look(input) {
            *input = &[];
            return self.reject();
        }
        self.next_meaning(input)
    }

    /// Decodes until an event means something.
    fn next_meaning(&mut self, input: &mut &[u8]) -> Option<Step> {
        loop {
            let before = *input;
            let event = match self.decoder.next(input) {
                Ok(Some(event)) => event,
                Ok(None) => match self.decoder.take_aside(false) {
                    Some(lines) => match self.error_aside(&lines) {
                        None => continue,
                        error => return error,
                    },
                    None => {
                        self.meaning.wait();
                        return None;
                    }
                },
                Err(error) => return Some(self.fail(StreamError::EventTooLarge(error))),
            };
            self.opening.settle();
            if self.meaning.repeats(&event) {
                return Some(Ok(()));
            }
            let kind = EventType::new(event.name);
            let data = match event.data {
                data if data.len() <= LARGE => Cow::Borrowed(data),
                data => match within(before, data) {
                    Some(data) => Cow::Borrowed(data),
                    None => Cow::Owned(self.decoder.take_data()),
                },
            };
            if let Some(step) = self.meaning.new_event(kind, data) {
                return Some(step);
            }
            if self.is_over() {
                *input = &[];
                return self.error_beside_done();
            }
        }
    }

    /// Reads lines that are no field of the format, for an error.
    fn error_aside(&mut self, lines: &[u8]) -> Option<Step> {
        let is_allowed = self.opening.allows_asides() || self.is_over();
        if is_allowed { self.meaning.error_on_lines(lines) } else { None }
    }

    /// Reads those that were left over when the body ended.
    fn last_error_aside(&mut self) -> Option<Step> {
        let lines = self.decoder.take_aside(true)?;
        self.error_aside(&lines)
    }

    /// Reads those of the event that ended the stream: an error makes its end another one.
    fn error_beside_done(&mut self) -> Option<Step> {
        self.done()?;
        self.last_error_aside()
    }

    /// Ends the body with an error of the layer below, once what came before has been handed out.
    pub(crate) fn break_off(&mut self, error: StreamError) {
        self.broken = Some(Box::new(error));
    }

    fn reject(&mut self) -> Option<Step> {
        let other = self.opening.rejected()?;
        Some(self.fail(StreamError::NotEventStream(Box::new(other))))
    }

    pub(crate) fn finish_step(&mut self) -> Option<Step> {
        if let Some(step) = self.meaning.next_waiting() {
            return Some(step);
        }
        if self.is_over() {
            return self.error_beside_done();
        }
        if self.opening.is_other() {
            // The decoder may have seen the first letters of it.
            return self.end_of_body();
        }
        if let Some(step) = self.last_error_aside() {
            return Some(step);
        }
        let last = match self.decoder.finish() {
            Ok(None) => return self.end_of_body(),
            Ok(Some(event)) => {
                self.meaning.begin_last_event();
                if self.meaning.repeats(&event) {
                    Some(Ok(()))
                } else {
                    let kind = EventType::new(event.name);
                    let data = self.decoder.take_data();
                    self.meaning.new_event(kind, Cow::Owned(data))
                }
            }
            Err(error) => Some(self.fail(StreamError::EventTooLarge(error))),
        };
        // Words that are no chunk say less than a status of failure.
        let says_something =
            last.as_ref().is_some_and(|step| !matches!(step, Err(StreamError::Undecodable(_))));
        self.opening.settle_at_end(says_something);
        let last = last.filter(|_| self.opening.has_event());
        // Lines around the last event are told after it: at once, if it says nothing.
        last.or_else(|| self.last_error_aside()).or_else(|| self.end_of_body())
    }

    fn end_of_body(&mut self) -> Option<Step> {
        if self.is_over() {
            return None;
        }
        let other = match &self.broken {
            Some(_) => self.opening.rejected_when_broken(),
            None => self.opening.rejected_at_end(),
        };
        if let Some(other) = other {
            return Some(self.fail(StreamError::NotEventStream(Box::new(other))));
        }
        if let Some(error) = self.broken.take() {
            return Some(self.fail(*error));
        }
        let truncated = self.meaning.end_of_body(self.policy)?;
        Some(self.fail(StreamError::Truncated(truncated)))
    }
}

/// The same bytes as a part of `whole`, if that is where they are.
fn within<'a>(whole: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let start = offset_in(whole, part);
    whole.get(start..start.checked_add(part.len())?)
}
