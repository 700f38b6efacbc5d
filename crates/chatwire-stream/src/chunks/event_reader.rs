//! Reads the data of events, one after the other, as chunks, errors or the end of the stream.
//! [`super`] passes the events in and handles bodies that are not an event stream.

use std::borrow::Cow;

use chatwire_sse::Event;
use chatwire_types::{ChatCompletionChunk, DEFAULT_MAX_OBJECTS, ErrorResponse, with_max_objects};
use serde::de::IgnoredAny;

use super::event_type::{EventType, may_be_chunk};
use super::finished_choices::FinishedChoices;
use super::first_line::FirstLine;
use super::json_lines::JsonLines;
use super::lossy_text::{LossyText, text_lossy};
use super::payload::{Payload, begins_marker, error_on_line, is_marker};
use super::surrogates::SurrogateHalves;
use crate::error_envelopes::read_error;
use crate::outcome::{ApiError, Done, EndPolicy, StreamError, Truncated, Undecodable};
use crate::template::TemplateCache;
use chatwire_types::json::LARGE;

/// After a longer event, the buffers of its values shrink before the stream waits.
const LONG: u32 = 8 * 1024;

/// The next item of the stream. `Ok` means that [`EventReader::chunk`] returns the chunk.
pub(crate) type Step = Result<(), StreamError>;

/// The state of a stream after the events so far.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    pub(super) state: StreamState,
    /// The maximum number of JSON objects of one event. 32 bits are enough, because each takes two bytes of text.
    pub(super) max_objects: u32,
    /// Further items of the last event. They are returned before the next event is read.
    pending: Option<Box<Pending>>,
    templates: TemplateCache,
    /// Boxed, because nearly no stream has surrogate halves.
    halves: Option<Box<SurrogateHalves>>,
    choices: FinishedChoices,
    pub(super) expected: Expected,
    /// Whether the usage has come.
    has_usage: bool,
    /// The number of chunks so far.
    chunks: u64,
    /// Whether there was an event, other than `null`, that is not a chunk.
    has_undecodable: bool,
    pub(super) keep_raw: bool,
    /// The JSON text of the last chunk, if `keep_raw` is set.
    pub(super) raw: String,
    /// The length of the last event.
    last_length: u32,
    /// The length of the longest event since the buffers shrank. `last_length <= longest_length`.
    longest_length: u32,
    /// Whether the end of the body, and not a blank line, ended the current event.
    pub(super) is_last: bool,
    /// The data of the last event, if the end of the body cut it off in the middle.
    incomplete: Box<[u8]>,
}

/// What the answer to the request has.
#[derive(Debug)]
pub(super) struct Expected {
    /// The number of choices.
    pub(super) choices: u16,
    /// Whether the request asks for the usage.
    pub(super) usage: bool,
}

impl Default for Expected {
    fn default() -> Self {
        Self { choices: 1, usage: false }
    }
}

/// The state of a stream.
#[derive(Debug)]
pub(super) enum StreamState {
    /// There was no event yet, so the body may not be an event stream. Boxed, because nearly all of a stream comes
    /// later.
    FirstLine(Box<FirstLine>),
    Streaming,
    /// The answer is complete.
    Done(Done),
    /// An error ended the stream.
    Failed,
}

impl Default for StreamState {
    fn default() -> Self {
        Self::FirstLine(Box::default())
    }
}

/// A further item of an event.
#[derive(Debug)]
enum Pending {
    /// The data of the last chunk, which also reports an error.
    ErrorBesideChoices(Box<[u8]>),
    /// The remaining lines of an event that holds one JSON text on each line.
    Lines(JsonLines),
    /// Chunks that the server did not send as events: those of a whole answer, or the rest of the halves.
    Chunks {
        chunks: std::vec::IntoIter<ChatCompletionChunk>,
        /// The answer as JSON, if it also reports an error, which then ends the stream.
        error: Option<Vec<u8>>,
    },
}

impl EventReader {
    /// A reader for a new stream.
    pub(super) fn new() -> Self {
        Self { max_objects: DEFAULT_MAX_OBJECTS as u32, ..Self::default() }
    }

    /// Whether the stream has ended. Pending items may follow.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, StreamState::Done(_) | StreamState::Failed)
    }

    /// Whether a chunk or an error was returned. A completion of the rest would lack it.
    pub(super) const fn has_begun(&self) -> bool {
        self.chunks > 0 || self.has_undecodable || matches!(self.state, StreamState::Failed)
    }

    pub(super) const fn done(&self) -> Option<Done> {
        match self.state {
            StreamState::Done(done) => Some(done),
            _ => None,
        }
    }

    /// The length of the last event.
    pub(super) const fn last_length(&self) -> usize {
        self.last_length as usize
    }

    /// Whether every choice has a finish reason.
    pub(super) fn is_finished(&self) -> bool {
        self.choices.all_finished()
    }

    /// Whether everything is here that the request asked for.
    pub(super) fn is_complete(&self) -> bool {
        let has_all = self.choices.count() >= self.expected.choices as usize;
        has_all && self.is_finished() && (self.has_usage || !self.expected.usage)
    }

    /// The last chunk.
    pub(super) fn chunk(&self) -> Option<&ChatCompletionChunk> {
        self.templates.chunk()
    }

    /// Takes the last chunk. Returns an empty chunk the second time.
    pub(super) fn take(&mut self) -> ChatCompletionChunk {
        self.templates.take().unwrap_or_default()
    }

    /// Ends the stream with this error.
    pub(super) fn fail(&mut self, error: StreamError) -> Step {
        self.state = StreamState::Failed;
        self.pending = None;
        self.templates.forget_chunk();
        Err(error)
    }

    /// Returns the next further item of the last event.
    #[inline]
    pub(super) fn next_pending(&mut self) -> Option<Step> {
        if self.pending.is_none() { None } else { self.read_pending() }
    }

    fn read_pending(&mut self) -> Option<Step> {
        match *self.pending.take()? {
            Pending::ErrorBesideChoices(raw) => Some(self.report_error_beside(raw.into())),
            Pending::Lines(lines) => self.next_line(lines),
            Pending::Chunks { mut chunks, error } => {
                let Some(chunk) = chunks.next() else {
                    return error.map(|raw| self.report_error_beside(raw));
                };
                self.pending = Some(Box::new(Pending::Chunks { chunks, error }));
                self.chunks += 1;
                self.templates.learn(Box::new(chunk), None);
                Some(Ok(()))
            }
        }
    }

    /// Ends the stream with the chunks of a whole answer, and with the error beside its choices.
    pub(super) fn end_with_chunks(
        &mut self,
        chunks: Vec<ChatCompletionChunk>,
        error: Option<Vec<u8>>,
    ) {
        let chunks = chunks.into_iter();
        self.pending = Some(Box::new(Pending::Chunks { chunks, error }));
        self.end(Done::WholeAnswer);
    }

    /// Shrinks the buffers before the stream waits for more bytes.
    #[inline]
    pub(super) fn shrink_before_wait(&mut self) {
        if self.longest_length > LONG {
            self.templates.shrink();
            self.raw.shrink_to_fit();
            self.longest_length = self.last_length;
        }
    }

    /// Reads an event that differs from an earlier chunk only in values. Returns false for any other event,
    /// which [`read`](Self::read) must read.
    #[inline]
    pub(super) fn read_with_template(&mut self, event: &Event<'_>) -> bool {
        self.last_length = u32::try_from(event.data.len()).unwrap_or(u32::MAX);
        self.longest_length = self.longest_length.max(self.last_length);
        let is_candidate =
            event.data.starts_with(b"{") && may_be_chunk(event.name) && !self.has_open_halves();
        if !is_candidate || !self.templates.decode(event.data) {
            return false;
        }
        self.chunks += 1;
        if let Some(chunk) = self.templates.chunk() {
            self.choices.note(chunk);
            self.has_usage |= chunk.usage.is_some();
        }
        if self.keep_raw {
            str::from_utf8(event.data).unwrap_or_default().trim().clone_into(&mut self.raw);
        }
        true
    }

    /// Reads an event. Returns `None` for a heartbeat and for the end. An error takes owned data without a
    /// copy.
    // Not inlined, because it would slow down the loop over events.
    #[inline(never)]
    pub(super) fn read(&mut self, kind: EventType, data: Cow<'_, [u8]>) -> Option<Step> {
        if !kind.is_heartbeat {
            self.make_room_for(&data);
        }
        let data = LossyText::new(data);
        let text = data.as_str().trim();
        let is_marker = is_marker(text);
        if kind.is_error && !is_marker {
            let response = read_error(text);
            return Some(self.api_error(response, data.into_data()));
        }
        if text.is_empty() || (kind.is_heartbeat && !is_marker) {
            return None;
        }
        self.templates.forget_chunk();
        match self.payload(text, kind.has_custom_name) {
            Ok((payload, is_plain)) => self.act(payload, data, is_plain && !kind.is_heartbeat),
            Err(_) if holds_payloads_on_lines(text) => {
                let lines = JsonLines::new(data.into_data(), kind.has_custom_name);
                self.next_line(lines)
            }
            Err(error) => self.undecodable(data.into_data(), error, self.is_last),
        }
    }

    /// Frees the previous chunk before a large one, so that memory never holds both.
    fn make_room_for(&mut self, data: &[u8]) {
        if data.len() > LARGE && data.trim_ascii_start().starts_with(b"{") {
            self.templates.free_parsed();
        }
    }

    /// Returns the first error on unknown lines of the body.
    pub(super) fn read_unknown_lines(&mut self, lines: &[u8]) -> Option<Step> {
        let raw = lines.split(|byte| *byte == b'\n').find_map(error_on_line)?;
        Some(self.api_error(read_error(&text_lossy(raw)), raw.to_vec()))
    }

    /// Ends the stream at the end of its body. Returns the error if the answer is not complete.
    pub(super) fn end_of_body(&mut self, policy: EndPolicy) -> Option<Truncated> {
        let is_allowed = policy == EndPolicy::AllowMissingFinish && self.chunks > 0;
        // If only a part of `[DONE]` was cut off, nothing is lost.
        let is_whole = begins_marker(&self.incomplete);
        let done = match () {
            () if !is_whole => return Some(self.truncated()),
            () if self.choices.all_finished() => Done::FinishReason,
            () if is_allowed => Done::Allowed,
            () => return Some(self.truncated()),
        };
        self.end(done);
        None
    }

    /// Returns a chunk with the replacements of surrogate halves that still wait.
    pub(super) fn rest_of_halves(&mut self) -> Option<Step> {
        let chunk = serde_json::from_value(self.halves.as_mut()?.rest()?).ok()?;
        let chunks = vec![chunk].into_iter();
        self.pending = Some(Box::new(Pending::Chunks { chunks, error: None }));
        self.next_pending()
    }

    #[inline]
    fn has_open_halves(&self) -> bool {
        self.halves.as_ref().is_some_and(|halves| !halves.is_empty())
    }

    /// Counts surrogate halves that were replaced in a whole answer.
    pub(super) fn add_lone_surrogates(&mut self, replaced: u64) {
        if replaced > 0 {
            self.halves.get_or_insert_default().replaced += replaced;
        }
    }

    pub(super) fn lone_surrogates(&self) -> u64 {
        self.halves.as_ref().map_or(0, |halves| halves.replaced)
    }

    fn end(&mut self, done: Done) {
        self.state = StreamState::Done(done);
        self.templates.forget_chunk();
    }

    fn truncated(&mut self) -> Truncated {
        Truncated {
            chunks: self.chunks,
            unfinished: self.choices.unfinished(),
            rest: std::mem::take(&mut self.incomplete).into(),
        }
    }

    /// Reads lines of an event up to the next item.
    fn next_line(&mut self, mut lines: JsonLines) -> Option<Step> {
        let has_custom_name = lines.has_custom_name;
        while let Some((line, is_last)) = lines.next() {
            self.make_room_for(&line);
            let step = self.read_line(LossyText::new(line), has_custom_name, is_last);
            // After the end or an error, the remaining lines are dropped.
            if self.is_over() || self.pending.is_some() {
                return step;
            }
            if step.is_some() {
                if !is_last {
                    self.pending = Some(Box::new(Pending::Lines(lines)));
                }
                return step;
            }
        }
        None
    }

    /// Reads one line of an event.
    fn read_line(
        &mut self,
        line: LossyText<'_>,
        has_custom_name: bool,
        is_last: bool,
    ) -> Option<Step> {
        self.templates.forget_chunk();
        let text = line.as_str().trim();
        if text.is_empty() {
            return None;
        }
        match self.payload(text, has_custom_name) {
            Ok((payload, _)) => self.act(payload, line, false),
            Err(error) => self.undecodable(line.into_data(), error, self.is_last && is_last),
        }
    }

    /// Reads a text and joins its surrogate halves. Returns also whether it has none, because only then it
    /// may become a template.
    fn payload(
        &mut self,
        text: &str,
        has_custom_name: bool,
    ) -> Result<(Payload, bool), serde_json::Error> {
        with_max_objects(self.max_objects as usize, || {
            let read = Payload::read(text, has_custom_name);
            if read.is_ok() && !self.has_open_halves() {
                return Ok((read?, true));
            }
            match self.halves.get_or_insert_default().read(text).map(serde_json::from_value) {
                Some(Ok(chunk)) => Ok((Payload::of_chunk(chunk, text, has_custom_name), false)),
                _ => Ok((read?, true)),
            }
        })
    }

    /// Updates the state for a payload and returns its item. The payload was read from `data`.
    fn act(&mut self, payload: Payload, data: LossyText<'_>, may_be_learned: bool) -> Option<Step> {
        match payload {
            Payload::End => {
                self.end(Done::Marker);
                return self.rest_of_halves();
            }
            Payload::Error(response) => return Some(self.api_error(*response, data.into_data())),
            Payload::Chunk { chunk, has_error } => {
                self.choices.note(&chunk);
                self.has_usage |= chunk.usage.is_some();
                self.chunks += 1;
                let is_plain = may_be_learned && !has_error && chunk.choices.is_some();
                self.templates.learn(chunk, data.valid_data().filter(|_| is_plain));
                if has_error {
                    if self.keep_raw {
                        data.as_str().trim().clone_into(&mut self.raw);
                    }
                    let raw = data.into_data().into();
                    self.pending = Some(Box::new(Pending::ErrorBesideChoices(raw)));
                } else if self.keep_raw {
                    data.trim_into(&mut self.raw);
                }
            }
        }
        Some(Ok(()))
    }

    /// Returns the error that the last chunk reported beside its choices.
    fn report_error_beside(&mut self, raw: Vec<u8>) -> Step {
        // The chunk and the error may be large, so memory should not hold both.
        self.templates.free_parsed();
        let raw = LossyText::new(raw.into());
        let response = read_error(raw.as_str().trim());
        self.api_error(response, raw.into_data())
    }

    fn api_error(&mut self, response: ErrorResponse, raw: Vec<u8>) -> Step {
        if let Some(halves) = &mut self.halves {
            // The halves that wait are lost, and counted.
            halves.rest();
        }
        self.fail(StreamError::Api(Box::new(ApiError { response, raw })))
    }

    /// Returns the error for data that is not a chunk. Data that the end of the body cut off is kept for
    /// [`Truncated`] instead.
    fn undecodable(
        &mut self,
        raw: Vec<u8>,
        source: serde_json::Error,
        is_cut_off: bool,
    ) -> Option<Step> {
        if is_cut_off && (is_beginning_of_json(&raw) || begins_marker(&raw)) {
            self.incomplete = raw.into();
            return None;
        }
        let error = StreamError::Undecodable(Undecodable { raw, source: source.into() });
        self.has_undecodable |= !error.is_null();
        Some(Err(error))
    }
}

/// Whether the data is the beginning of an object or list. Other data has the same meaning with and without a
/// blank line after it.
fn is_beginning_of_json(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    matches!(raw.first(), Some(b'{' | b'[')) && serde_json::from_slice::<IgnoredAny>(raw).is_err()
}

/// Whether an event holds a JSON object or the end marker on one of several lines. Some servers omit the
/// blank line between events.
fn holds_payloads_on_lines(text: &str) -> bool {
    let is_object = |line: &str| {
        line.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(line).is_ok()
    };
    text.contains('\n') && text.lines().any(|line| is_marker(line.trim()) || is_object(line))
}
