//! Decodes the bytes of a chat stream into typed chunks, and decides when and how the stream ends.
//! `chatwire-sse` cuts the bytes into events; [`crate::accumulate`] joins the chunks.

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
use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, CreateChatCompletionRequest, ErrorResponse,
    with_max_objects,
};

pub(crate) use event_reader::Step;
use event_reader::{EventReader, Expected, StreamState};
use event_type::EventType;
pub(crate) use finished_choices::{choice_index, choices, is_finished};
use first_line::FirstLine;

use crate::encode::ChunkEncoder;
use crate::outcome::{Done, EndPolicy, NotEventStream, StreamError};
use crate::split_text::SplitText;
use chatwire_types::json::LARGE;
use whole_answer::{error_beside, object_in, read_answer, read_only_chunk};

/// Removes secrets from bytes.
type Redact = Box<dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync>;

/// The default limit on the memory of an answer.
const DEFAULT_MAX_ANSWER_SIZE: usize = 64 * 1024 * 1024;

/// Decodes the chunks of a chat stream from bytes, without I/O.
///
/// # The end of a stream
///
/// - `[DONE]` ends the stream, in an event of any name. Later events are not read. An error on another line of
///   the same event still counts.
/// - At the end of the body, an event without a blank line after it is read. Then the [`EndPolicy`] decides
///   whether the answer is complete. If that event was cut off in the middle, the answer is not complete.
/// - A whole completion as JSON, from a server that ignores `stream`, is returned as chunks, and
///   [`done`](Self::done) returns [`Done::WholeAnswer`]. So is one chunk as JSON. Such a body may be as large as one
///   event. An error beside its choices follows.
/// - Any other body that is not an event stream is [`StreamError::NotEventStream`]. So is a body without an
///   event if the [`response`](Self::response) has a status other than 2xx.
///
/// # Events that are skipped
///
/// - Comments, and events without data or with blank data.
/// - Heartbeats: events with the name `ping`, `keepalive`, `keep-alive` or `heartbeat`.
///
/// # Errors in a stream
///
/// These are [`StreamError::Api`]:
///
/// - an event with the name `error`, in any case, also with blank data;
/// - `{"error":…}` without choices, alone or in a list, and `{"object":"error",…}`;
/// - an object without a documented key of a chunk that reports an error in another way: `{"errors":[…]}`,
///   `{"error_code":…}`, `{"throttlingException":{…}}` and similar ones;
/// - `{"code":…,"msg":…}`, and `{"message":…}` or `{"detail":…}` alone, unless the event has a custom name;
/// - a line `error: …` that is not a field of the format, as llama.cpp writes it, and any of these objects
///   without `data:` before it. The decoder keeps 4 KiB of such lines.
///
/// An error beside choices is returned after its chunk, also one in `x_groq` or in the status of a
/// `base_resp`. An `error` inside a choice stays there, because other choices may continue.
///
/// Data that is not a JSON object is [`StreamError::Undecodable`], and the stream continues. If an event
/// holds JSON objects on several lines, because the server omits the blank lines, each object is a chunk.
///
/// # Memory
///
/// A chunk can need far more memory than the text of its event: a choice needs 500 bytes, and its text may be
/// `{}`. Therefore an event with more than 262,144 JSON objects is [`StreamError::Undecodable`];
/// [`max_objects`](Self::max_objects) sets that limit. The objects of one event need at most 128 MiB. Other values need up to 72
/// times the size of their text; the worst case is a list of one-digit numbers under an unknown key. Adding
/// the chunk to an answer needs half as much again. For servers that you do not trust, set a lower
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
    /// The limit on one event, and on a body that is one completion.
    limit: usize,
    /// The limit on the memory of the answer that `completion` joins.
    answer_limit: usize,
    /// Removes secrets from the bytes of errors.
    redact: Option<Redact>,
    /// The whole answer, if the server sent one instead of a stream.
    answer: Option<Box<ChatCompletion>>,
    /// The error of the layer below that ended the body.
    broken: Option<Box<StreamError>>,
}

/// Shows the state of the stream without its buffers.
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
    /// Creates a decoder for a new stream.
    pub fn new() -> Self {
        Self {
            decoder: Decoder::new().keep_unknown_lines(&[b"error:", b"{"]),
            events: EventReader::new(),
            policy: EndPolicy::default(),
            limit: DEFAULT_MAX_EVENT_SIZE,
            answer_limit: DEFAULT_MAX_ANSWER_SIZE,
            redact: None,
            answer: None,
            broken: None,
        }
    }

    /// Sets status and content type of the HTTP response. The decoder uses them to recognize and report a
    /// body that is not an event stream.
    #[must_use]
    pub fn response(mut self, status: u16, content_type: Option<&str>) -> Self {
        if let StreamState::FirstLine(first_line) = &mut self.events.state {
            first_line.response(status, content_type);
        }
        self
    }

    /// Sets when a stream counts as complete.
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

    /// Sets the limit on one event in bytes. The default is 64 MiB; `None` removes the limit.
    #[must_use]
    pub fn max_event_size(mut self, limit: Option<usize>) -> Self {
        self.decoder = self.decoder.max_event_size(limit);
        self.limit = limit.unwrap_or(usize::MAX);
        self
    }

    /// Sets the limit on the memory of the whole answer that
    /// [`completion`](crate::ChunkStream::completion) joins, in bytes. The default is 64 MiB; `None` removes the
    /// limit. The memory is [estimated](crate::Accumulator::size).
    ///
    /// ```
    /// use chatwire_stream::{ChunkDecoder, ChunkReader, CompletionError};
    ///
    /// let chunk = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(1000));
    /// let endless = chunk.repeat(5000);
    /// let decoder = ChunkDecoder::new().max_answer_size(Some(1_000_000));
    /// let error = ChunkReader::with_decoder(endless.as_bytes(), decoder).completion().unwrap_err();
    /// assert!(matches!(error.error, CompletionError::TooLarge(_)));
    /// assert!(error.partial.text().is_some_and(|text| text.len() < 2_000_000));
    /// ```
    #[must_use]
    pub fn max_answer_size(mut self, limit: Option<usize>) -> Self {
        self.answer_limit = limit.unwrap_or(usize::MAX);
        self
    }

    /// Sets what the answer to a request has: how many choices, and whether its usage. Without `[DONE]`, the
    /// answer counts as complete when all of it is here, even if the connection stays open or breaks then.
    ///
    /// ```
    /// use chatwire_stream::ChunkDecoder;
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("Hi")]).n(2);
    /// let decoder = ChunkDecoder::new().for_request(&request);
    /// ```
    #[must_use]
    pub fn for_request(mut self, request: &CreateChatCompletionRequest) -> Self {
        let options = request.stream_options.as_ref();
        self.events.expected = Expected {
            choices: request.n.and_then(|n| u16::try_from(n).ok()).unwrap_or(1),
            usage: options.and_then(|options| options.include_usage) == Some(true),
        };
        self
    }

    /// Sets the limit on the number of JSON objects in one event, because an object needs far more memory than
    /// its text. The default is [`DEFAULT_MAX_OBJECTS`](chatwire_types::DEFAULT_MAX_OBJECTS), 262,144.
    /// `usize::MAX` removes the limit. An event with more objects is [`StreamError::Undecodable`].
    ///
    /// ```
    /// use chatwire_stream::{ChunkDecoder, StreamError};
    ///
    /// let mut decoder = ChunkDecoder::new().max_objects(2);
    /// let mut body = &b"data: {\"choices\":[{\"delta\":{}}]}\n\n"[..];
    /// assert!(matches!(decoder.next(&mut body), Some(Err(StreamError::Undecodable(_)))));
    /// ```
    #[must_use]
    pub fn max_objects(mut self, max: usize) -> Self {
        self.events.max_objects = u32::try_from(max).unwrap_or(u32::MAX);
        self
    }

    /// Sets a function that removes secrets from the bytes of errors, because some servers repeat an API key in
    /// them. It returns `None` for bytes without a secret. The errors are decoded from what it returns.
    ///
    /// ```
    /// use chatwire_stream::ChunkDecoder;
    ///
    /// let hide = |bytes: &[u8]| {
    ///     let text = String::from_utf8_lossy(bytes);
    ///     text.contains("sk-1").then(|| text.replace("sk-1", "***").into_bytes())
    /// };
    /// let mut decoder = ChunkDecoder::new().redact(hide);
    /// let mut body = &b"data: {\"error\":\"bad key sk-1\"}\n\n"[..];
    /// let error = decoder.next(&mut body).unwrap().unwrap_err();
    /// assert!(error.to_string().ends_with("bad key ***"));
    /// ```
    #[must_use]
    pub fn redact(
        mut self,
        redact: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        self.redact = Some(Box::new(redact));
        self
    }

    /// Sets whether [`raw`](Self::raw) returns the JSON text of each chunk, which costs a copy.
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
    /// `None` means that all of `input` was taken: more is needed, or the stream has ended. After a chunk,
    /// call again with the same `input`.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is the last item, unless it is `Undecodable`.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        self.step(input).map(|step| self.chunk_of(step))
    }

    /// Ends the body and returns its last chunks. Call it until it returns `None`.
    ///
    /// # Errors
    ///
    /// Returns a [`StreamError`]. It is `Truncated` if the body ended before the answer did.
    pub fn finish(&mut self) -> Option<Result<&ChatCompletionChunk, StreamError>> {
        self.finish_step().map(|step| self.chunk_of(step))
    }

    /// Takes the chunk that was returned last. Returns an empty chunk the second time, after an error, and
    /// after the end.
    pub fn take(&mut self) -> ChatCompletionChunk {
        self.events.take()
    }

    /// The JSON text of the chunk that was returned last. It is empty unless [`keep_raw`](Self::keep_raw) is
    /// set.
    pub fn raw(&self) -> &str {
        &self.events.raw
    }

    /// The number of surrogate halves that became U+FFFD, because their other half did not follow.
    ///
    /// Some servers cut a text between the two escapes of a surrogate pair. The decoder joins the halves if
    /// the second begins the next chunk of that text.
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

    /// How the stream ended. Returns `None` until then, and after an error.
    pub const fn done(&self) -> Option<Done> {
        self.events.done()
    }

    /// Whether the stream has ended, with or without an error.
    pub const fn is_over(&self) -> bool {
        self.events.is_over()
    }

    /// The limit on the memory of the answer.
    pub(crate) const fn answer_limit(&self) -> usize {
        self.answer_limit
    }

    /// The length of the last event.
    pub(crate) const fn last_length(&self) -> usize {
        self.events.last_length()
    }

    /// Whether every choice has a finish reason.
    pub(crate) fn is_finished(&self) -> bool {
        self.events.is_finished()
    }

    /// Whether everything is here that the request asked for, except `[DONE]`.
    pub(crate) fn is_complete(&self) -> bool {
        self.events.is_complete()
    }

    /// Whether a chunk or an error was returned. A completion of the rest would lack it.
    pub(crate) const fn has_begun(&self) -> bool {
        self.events.has_begun()
    }

    /// Ends the stream with this error.
    fn fail(&mut self, error: StreamError) -> Step {
        self.events.fail(error)
    }

    /// Converts a step to the chunk or the error that the caller gets.
    pub(crate) fn chunk_of(&self, step: Step) -> Result<&ChatCompletionChunk, StreamError> {
        static NONE: LazyLock<ChatCompletionChunk> = LazyLock::new(ChatCompletionChunk::default);
        step.map(|()| self.events.chunk().unwrap_or_else(|| &NONE))
    }

    /// Removes secrets from an error.
    fn redacted(&self, step: Option<Step>) -> Option<Step> {
        match (step, &self.redact) {
            (Some(Err(error)), Some(redact)) => Some(Err(error.redacted(redact))),
            (step, _) => step,
        }
    }

    /// Does what [`next`](Self::next) does, but keeps the chunk in the decoder.
    pub(crate) fn step(&mut self, input: &mut &[u8]) -> Option<Step> {
        let step = self.next_step(input);
        if let Some(Err(_)) = &step { self.redacted(step) } else { step }
    }

    fn next_step(&mut self, input: &mut &[u8]) -> Option<Step> {
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

    /// Decodes events until one of them gives an item.
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
                        self.events.shrink_before_wait();
                        return None;
                    }
                },
                Err(error) => return Some(self.fail(StreamError::EventTooLarge(error))),
            };
            if let StreamState::FirstLine(_) = self.events.state {
                self.events.state = StreamState::Streaming;
            }
            if self.events.read_with_template(&event) {
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

    /// Returns the error on unknown lines, if there is one. After a failure status, the whole body is the
    /// error.
    fn error_on_lines(&mut self, lines: &[u8]) -> Option<Step> {
        let has_failed = self.first_line().is_some_and(FirstLine::has_failed);
        if has_failed { None } else { self.events.read_unknown_lines(lines) }
    }

    /// Returns the error on the last unknown lines of the body.
    fn last_error_on_lines(&mut self) -> Option<Step> {
        let lines = self.decoder.take_last_unknown_lines()?;
        self.error_on_lines(&lines)
    }

    /// Returns the error on the unknown lines around `[DONE]`.
    fn error_after_done(&mut self) -> Option<Step> {
        self.done()?;
        self.last_error_on_lines()
    }

    /// Ends the body with an error of the layer below. [`finish_step`](Self::finish_step) returns it after
    /// the last items.
    pub(crate) fn break_off(&mut self, error: StreamError) {
        // After a complete answer, the connection is not needed any more.
        if !self.events.is_complete() {
            self.broken = Some(Box::new(error));
        }
    }

    /// Does what [`finish`](Self::finish) does, but keeps the chunk in the decoder.
    pub(crate) fn finish_step(&mut self) -> Option<Step> {
        let step = self.last_step();
        self.redacted(step)
    }

    fn last_step(&mut self) -> Option<Step> {
        if let Some(step) = self.events.next_pending() {
            return Some(step);
        }
        if self.is_over() {
            return self.error_after_done();
        }
        if self.first_line().is_some_and(FirstLine::is_other_body) {
            // The decoder is not finished, because it may hold the first bytes of such a body.
            return self.read_whole_answer().or_else(|| self.end_of_body());
        }
        if let Some(step) = self.last_error_on_lines() {
            return Some(step);
        }
        let last = match self.decoder.finish() {
            Ok(None) => return self.end_of_body(),
            Ok(Some(event)) => {
                self.events.is_last = true;
                if self.events.read_with_template(&event) {
                    Some(Ok(()))
                } else {
                    let kind = EventType::new(event.name);
                    let data = self.decoder.take_data();
                    self.events.read(kind, Cow::Owned(data))
                }
            }
            Err(error) => Some(self.fail(StreamError::EventTooLarge(error))),
        };
        let last = self.unless_body_is_error(last);
        // An error on the lines around the last event follows it, or comes now if the event gives no item.
        last.or_else(|| self.last_error_on_lines()).or_else(|| self.end_of_body())
    }

    /// Reads a body that is not an event stream: a whole answer, or one chunk. Otherwise it may report an error.
    fn read_whole_answer(&mut self) -> Option<Step> {
        let StreamState::FirstLine(first_line) = &mut self.events.state else { return None };
        let body = first_line.take_json().filter(|_| self.broken.is_none())?;
        let other = first_line.describe();
        let text = object_in(&body)?;
        with_max_objects(self.events.max_objects as usize, || {
            if let Some((answer, replaced)) = read_answer(text) {
                self.events.add_lone_surrogates(replaced);
                self.end_with_answer(answer);
            } else if let Some(chunk) = read_only_chunk(text) {
                self.events.end_with_chunks(vec![chunk], None);
            } else {
                ErrorResponse::from_success(text.as_bytes())?;
                let error = NotEventStream { body: text.into(), ..other };
                return Some(self.fail(StreamError::NotEventStream(Box::new(error))));
            }
            self.events.next_pending()
        })
    }

    /// Ends the stream with the chunks that a stream of a whole answer would have. An error beside its choices comes
    /// last.
    fn end_with_answer(&mut self, answer: Box<ChatCompletion>) {
        let encoder = ChunkEncoder::new().include_usage(true).split(SplitText::Whole);
        let error = error_beside(&answer);
        let has_error = error.is_some();
        self.events.end_with_chunks(encoder.iter(&answer).collect(), error);
        self.answer = Some(answer).filter(|_| !has_error);
    }

    /// Takes the whole answer, if the server sent one instead of a stream.
    pub(crate) fn take_answer(&mut self) -> Option<ChatCompletion> {
        self.answer.take().map(|answer| *answer)
    }

    /// Drops an undecodable first event at the end of the body after a failure status, because the whole body
    /// is the error then.
    fn unless_body_is_error(&mut self, last: Option<Step>) -> Option<Step> {
        let Some(first_line) = self.first_line() else { return last };
        let is_decodable =
            last.as_ref().is_some_and(|step| !matches!(step, Err(StreamError::Undecodable(_))));
        if is_decodable || !first_line.has_failed() {
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
        // A body that is not an event stream is reported first, then waiting halves, and then the broken
        // connection.
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

/// Returns `part` with the lifetime of `whole`, if `part` is a slice of `whole`.
fn slice_in<'a>(whole: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    whole.get(start..start.checked_add(part.len())?)
}
