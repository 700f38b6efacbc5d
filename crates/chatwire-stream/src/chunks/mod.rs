//! Events to typed chunks: what the bytes of a chat stream say, and when and how the stream is over.
//! `chatwire-sse` cuts bytes into events before it, [`crate::accumulate`] joins chunks after it.

mod event_reader;
mod event_type;
mod finished_choices;
mod first_line;
mod json_lines;
mod lossy_text;
mod payload;
mod surrogates;
mod whole_answer;

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use chatwire_sse::{DEFAULT_MAX_EVENT_SIZE, Decoder};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};

pub(crate) use event_reader::Step;
use event_reader::{EventReader, StreamState};
use event_type::EventType;
pub(crate) use finished_choices::{choice_index, choices, is_finished};
use first_line::FirstLine;

use crate::encode::ChunkEncoder;
use crate::json::LARGE;
use crate::outcome::{Done, EndPolicy, StreamError};
use crate::split_text::SplitText;
use whole_answer::read_answer;

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
/// - A whole completion as JSON, as servers send that ignore `stream`, is handed out as chunks;
///   [`done`](Self::done) says [`Done::WholeAnswer`]. Such a body is kept up to the bound on one event.
/// - Any other body that is not an event stream is [`StreamError::NotEventStream`], and so is every body without
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
/// use chatwire_stream::{ChunkDecoder, Done};
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
/// # Ok::<(), chatwire_stream::StreamError>(())
/// ```
pub struct ChunkDecoder {
    decoder: Decoder,
    events: EventReader,
    policy: EndPolicy,
    /// The bound on one event, and on a whole answer in place of a stream.
    limit: usize,
    /// A whole answer that came in place of a stream.
    answer: Option<Box<ChatCompletion>>,
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
            decoder: Decoder::new().keep_unknown_lines(&[b"error:", b"{"]),
            events: EventReader::default(),
            policy: EndPolicy::default(),
            limit: DEFAULT_MAX_EVENT_SIZE,
            answer: None,
            broken: None,
        }
    }

    /// Tells status and content type of the response, for judging and reporting a body that is no
    /// event stream.
    #[must_use]
    pub fn response(mut self, status: u16, content_type: Option<&str>) -> Self {
        if let StreamState::FirstLine(first_line) = &mut self.events.state {
            first_line.response(status, content_type);
        }
        self
    }

    /// Sets what counts as a complete stream.
    ///
    /// ```
    /// use chatwire_stream::{ChunkDecoder, ChunkReader, EndPolicy};
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
        self.limit = limit.unwrap_or(usize::MAX);
        self
    }

    /// Keeps the JSON text of each chunk for [`raw`](Self::raw), at the price of a copy.
    ///
    /// ```
    /// let mut decoder = chatwire_stream::ChunkDecoder::new().keep_raw(true);
    /// assert!(decoder.next(&mut &b"data: {\"choices\": [ ]}\n\n"[..]).is_some());
    /// assert_eq!(decoder.raw(), "{\"choices\": [ ]}");
    /// ```
    #[must_use]
    pub const fn keep_raw(mut self, keep: bool) -> Self {
        self.events.keep_raw = keep;
        self
    }

    /// Takes bytes from the front of `input` up to the next chunk.
    ///
    /// `None` means that all of `input` is used up: more is needed, or the stream is over. Call
    /// again with the same `input` after a chunk.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is `Undecodable`.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        self.step(input).map(|step| self.lend(step))
    }

    /// Says that the body has ended; call it until it returns `None`.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]: `Truncated` if the body ended before the answer did.
    pub fn finish(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        self.finish_step().map(|step| self.lend(step))
    }

    /// The chunk that was lent last, to keep. A second call returns an empty one, and so does one
    /// after an error and after the end.
    pub fn take(&mut self) -> ChatCompletionChunk {
        self.events.take()
    }

    /// The JSON text of the chunk that was handed out last; empty unless
    /// [`keep_raw`](Self::keep_raw) is on.
    pub fn raw(&self) -> &str {
        &self.events.raw
    }

    /// How many halves of a surrogate pair stayed alone and became U+FFFD. Some servers cut a text between the
    /// escapes of a pair; two halves in one place of two chunks in a row are joined.
    ///
    /// ```
    /// use chatwire_stream::{ChunkReader, ChunkDecoder};
    ///
    /// let body = &br#"data: {"choices":[{"index":0,"delta":{"content":"ok \ud83d"}}]}
    ///
    /// data: {"choices":[{"index":0,"delta":{"content":"\ude00 done"}}]}
    ///
    /// data: [DONE]
    ///
    /// "#[..];
    /// let mut reader = ChunkReader::new(body);
    /// assert_eq!(reader.completion()?.text().as_deref(), Some("ok \u{1F600} done"));
    /// assert_eq!(reader.decoder().lone_surrogates(), 0);
    /// # Ok::<(), chatwire_stream::Incomplete>(())
    /// ```
    pub fn lone_surrogates(&self) -> u64 {
        self.events.lone_surrogates()
    }

    /// How the stream ended, once it has ended well.
    pub const fn done(&self) -> Option<Done> {
        self.events.done()
    }

    /// True when nothing follows, whether the stream ended well or not.
    pub const fn is_over(&self) -> bool {
        self.events.is_over()
    }

    /// Whether anything was handed out that would be missed, or an error.
    pub(crate) const fn has_begun(&self) -> bool {
        self.events.has_begun()
    }

    /// Ends the stream with an error of the caller's.
    pub(crate) fn fail(&mut self, error: StreamError) -> Step {
        self.events.fail(error)
    }

    pub(crate) fn lend(&self, step: Step) -> Result<&ChatCompletionChunk, StreamError> {
        static NONE: LazyLock<ChatCompletionChunk> = LazyLock::new(ChatCompletionChunk::default);
        step.map(|()| self.events.chunk().unwrap_or_else(|| &NONE))
    }

    pub(crate) fn step(&mut self, input: &mut &[u8]) -> Option<Step> {
        if let Some(step) = self.events.next_pending() {
            return Some(step);
        }
        match &mut self.events.state {
            StreamState::FirstLine(first_line) => {
                if first_line.look(input) {
                    first_line.keep_json(input, self.limit);
                    *input = &[];
                    let other = first_line.rejected()?;
                    return Some(self.fail(StreamError::NotEventStream(Box::new(other))));
                }
            }
            StreamState::Streaming => {}
            StreamState::Done(_) | StreamState::Failed => {
                *input = &[];
                return self.error_after_done();
            }
        }
        self.next_item(input)
    }

    /// Decodes events until one of them is an item.
    fn next_item(&mut self, input: &mut &[u8]) -> Option<Step> {
        loop {
            let before = *input;
            let event = match self.decoder.next(input) {
                Ok(Some(event)) => event,
                Ok(None) => match self.decoder.take_unknown_lines() {
                    Some(lines) => match self.error_on_lines(&lines) {
                        None => continue,
                        error => return error,
                    },
                    None => {
                        self.events.wait();
                        return None;
                    }
                },
                Err(error) => return Some(self.fail(StreamError::EventTooLarge(error))),
            };
            if let StreamState::FirstLine(_) = self.events.state {
                self.events.state = StreamState::Streaming;
            }
            if self.events.decode_like_earlier(&event) {
                return Some(Ok(()));
            }
            let kind = EventType::new(event.name);
            let data = match event.data {
                data if data.len() <= LARGE => Cow::Borrowed(data),
                // Large data is taken out of the decoder, because a copy would double the memory.
                data => match slice_in(before, data) {
                    Some(data) => Cow::Borrowed(data),
                    None => Cow::Owned(self.decoder.take_data()),
                },
            };
            if let Some(step) = self.events.read(kind, data) {
                return Some(step);
            }
            if self.is_over() {
                *input = &[];
                return self.error_after_done();
            }
        }
    }

    /// Reads unknown lines, for an error. Under a failure status, the whole body is the error.
    fn error_on_lines(&mut self, lines: &[u8]) -> Option<Step> {
        match &self.events.state {
            StreamState::FirstLine(first_line) if first_line.has_failed() => None,
            _ => self.events.read_unknown_lines(lines),
        }
    }

    /// Reads the unknown lines that were left over when the body ended.
    fn last_error_on_lines(&mut self) -> Option<Step> {
        let lines = self.decoder.take_last_unknown_lines()?;
        self.error_on_lines(&lines)
    }

    /// Reads the unknown lines around `[DONE]`. An error there is how the stream ended.
    fn error_after_done(&mut self) -> Option<Step> {
        self.done()?;
        self.last_error_on_lines()
    }

    /// Ends the body with an error of the layer below. What came before it is handed out first.
    pub(crate) fn break_off(&mut self, error: StreamError) {
        self.broken = Some(Box::new(error));
    }

    pub(crate) fn finish_step(&mut self) -> Option<Step> {
        if let Some(step) = self.events.next_pending() {
            return Some(step);
        }
        if self.is_over() {
            return self.error_after_done();
        }
        if self.first_line().is_some_and(FirstLine::is_not_events) {
            // The decoder may have seen the first letters of it.
            return self.hand_out_answer().or_else(|| self.end_of_body());
        }
        if let Some(step) = self.last_error_on_lines() {
            return Some(step);
        }
        let last = match self.decoder.finish() {
            Ok(None) => return self.end_of_body(),
            Ok(Some(event)) => {
                self.events.is_last = true;
                if self.events.decode_like_earlier(&event) {
                    Some(Ok(()))
                } else {
                    let kind = EventType::new(event.name);
                    let data = self.decoder.take_data();
                    self.events.read(kind, Cow::Owned(data))
                }
            }
            Err(error) => Some(self.fail(StreamError::EventTooLarge(error))),
        };
        let last = self.unless_status_says_more(last);
        // JsonLines around the last event are told after it: at once, if it says nothing.
        last.or_else(|| self.last_error_on_lines()).or_else(|| self.end_of_body())
    }

    /// Hands out a whole answer that came in place of a stream, as the chunks that a stream of it has.
    fn hand_out_answer(&mut self) -> Option<Step> {
        let StreamState::FirstLine(first_line) = &mut self.events.state else { return None };
        let body = first_line.take_json().filter(|_| self.broken.is_none())?;
        let answer = read_answer(&body)?;
        let encoder = ChunkEncoder::new().include_usage(true).split(SplitText::Whole);
        self.events.hand_out(encoder.iter(&answer));
        self.answer = Some(answer);
        self.events.next_pending()
    }

    /// The whole answer that came in place of a stream.
    pub(crate) fn take_answer(&mut self) -> Option<ChatCompletion> {
        self.answer.take().map(|answer| *answer)
    }

    /// Drops an undecodable first event that the end of the body ended under a failure status, because the
    /// body as a whole says more.
    fn unless_status_says_more(&mut self, last: Option<Step>) -> Option<Step> {
        let StreamState::FirstLine(first_line) = &self.events.state else { return last };
        let says_something =
            last.as_ref().is_some_and(|step| !matches!(step, Err(StreamError::Undecodable(_))));
        if says_something || !first_line.has_failed() {
            self.events.state = StreamState::Streaming;
            return last;
        }
        None
    }

    fn first_line(&self) -> Option<&FirstLine> {
        match &self.events.state {
            StreamState::FirstLine(first_line) => Some(first_line),
            _ => None,
        }
    }

    fn end_of_body(&mut self) -> Option<Step> {
        if self.is_over() {
            return None;
        }
        let is_broken = self.broken.is_some();
        let other = self.first_line().and_then(|first_line| first_line.rejected_at_end(is_broken));
        if let Some(other) = other {
            return Some(self.fail(StreamError::NotEventStream(Box::new(other))));
        }
        if let Some(step) = self.events.rest_of_halves() {
            return Some(step);
        }
        if let Some(error) = self.broken.take() {
            return Some(self.fail(*error));
        }
        let truncated = self.events.end_of_body(self.policy)?;
        Some(self.fail(StreamError::Truncated(truncated)))
    }
}

/// The same bytes as a part of `whole`, if that is where they are.
fn slice_in<'a>(whole: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    whole.get(start..start.checked_add(part.len())?)
}
