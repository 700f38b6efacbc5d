//! What each event of a chat stream means: a chunk, an error, the end, or nothing.
//! When bytes make an event is [`crate::decoder`]'s work; [`crate::chunks`] drives both.

use std::borrow::Cow;
use std::mem;
use std::sync::LazyLock;

use chatwire_types::ChatCompletionChunk;
use serde::de::IgnoredAny;

use crate::accumulate::{Accumulator, Turn};
use crate::differential::{Shape, Templates};
use crate::errors::reports_error;
use crate::event::Event;
use crate::event_types::{has_own_type, has_plain_name, is_error, is_heartbeat};
use crate::finished_choices::Choices;
use crate::object_limit::check_objects;
use crate::outcome::{ApiError, Done, EndPolicy, StreamError, Truncated, Undecodable};
use crate::rest::choices;
use crate::shared::SharedChunk;

/// The data of the event that ends a stream.
const MARKER: &str = "[DONE]";

/// The same as careless servers write it.
const QUOTED_MARKER: &str = "\"[DONE]\"";

/// After an event of more bytes, the room of its values is given back before the stream waits.
const LONG: u32 = 8 * 1024;

/// `Ok` says that the next chunk is there, to be lent or taken.
pub(crate) type Step = Result<(), StreamError>;

/// What the events of a stream have meant so far.
#[derive(Debug, Default)]
pub(crate) struct Meaning {
    /// The last chunk that was parsed in full. Boxed, because an idle stream has none.
    current: Option<Box<ChatCompletionChunk>>,
    templates: Templates,
    next: Next,
    /// `current` is the chunk of the text that the templates have noted.
    is_noted: bool,
    /// That chunk, when it was handed out to be shared.
    noted: Option<Shape>,
    pub(crate) wanted: Wanted,
    pub(crate) keep_raw: bool,
    pub(crate) raw: String,
    /// An error that stood beside the choices of the current chunk.
    error_beside: Option<Box<ApiError>>,
    /// Lines of the last event that are still to be read, each a payload of its own.
    lines: Option<Box<Lines>>,
    end: Option<End>,
    choices: Choices,
    chunks: u64,
    /// The length of the last event, and of the longest for which more room may still be kept.
    last: u32,
    longest: u32,
    /// The event has a type, and it is none under which chunks come or errors are reported.
    has_own_type: bool,
    /// The body has ended; the event that is read now was not ended by a blank line.
    at_end: bool,
    /// Data of that event, when it was cut off in the middle.
    rest: Box<[u8]>,
}

#[derive(Debug)]
struct Lines {
    bytes: Vec<u8>,
    /// How far they have been read.
    start: usize,
}

/// What is done with chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    #[default]
    Lent,
    Shared,
    Added,
}

/// Where the next chunk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Nowhere,
    Current,
    Template,
    /// In a template, to be shared or added, and not to be lent.
    Values,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Done(Done),
    Failed,
}

impl Meaning {
    /// True when nothing follows.
    pub(crate) const fn is_over(&self) -> bool {
        self.end.is_some()
    }

    pub(crate) const fn done(&self) -> Option<Done> {
        match self.end {
            Some(End::Done(done)) => Some(done),
            _ => None,
        }
    }

    /// The chunk that was read last.
    pub(crate) fn chunk(&self) -> &ChatCompletionChunk {
        static NONE: LazyLock<ChatCompletionChunk> = LazyLock::new(ChatCompletionChunk::default);
        let in_template = self.next == Next::Template;
        let held = if in_template { self.templates.chunk() } else { self.current.as_deref() };
        held.unwrap_or_else(|| &NONE)
    }

    /// The chunk that was read last, to keep; an empty one the second time.
    pub(crate) fn take(&mut self) -> ChatCompletionChunk {
        if self.next == Next::Template {
            self.next = Next::Nowhere;
            return self.templates.chunk().cloned().unwrap_or_default();
        }
        *self.take_boxed()
    }

    fn take_boxed(&mut self) -> Box<ChatCompletionChunk> {
        match mem::take(&mut self.next) {
            Next::Nowhere | Next::Values => Box::default(),
            Next::Template => Box::new(self.templates.chunk().cloned().unwrap_or_default()),
            Next::Current => {
                self.is_noted = false;
                self.current.take().unwrap_or_default()
            }
        }
    }

    /// The chunk that was read last, as one that shares.
    pub(crate) fn take_shared(&mut self) -> SharedChunk {
        if self.next == Next::Values
            && let Some((shape, texts)) = self.templates.shared()
        {
            self.next = Next::Nowhere;
            return SharedChunk::of_shape(shape, texts);
        }
        let is_noted = self.is_noted && self.next == Next::Current;
        let shape = Shape::whole(self.take_boxed());
        self.noted = is_noted.then(|| shape.clone());
        SharedChunk::whole(shape)
    }

    /// Adds the chunk that was read last.
    #[inline]
    pub(crate) fn add_to(&mut self, accumulator: &mut Accumulator) {
        match self.next {
            Next::Nowhere => {}
            // Of such a chunk there is nothing that could be taken.
            Next::Values => return self.templates.add_values(accumulator),
            Next::Template => self.templates.add_lent(accumulator),
            Next::Current if self.is_noted => {
                let shape = self.templates.noted_number();
                accumulator.push_turn(self.chunk(), Turn { shape, index: None });
            }
            Next::Current => accumulator.push(self.chunk()),
        }
        self.next = Next::Nowhere;
    }

    /// Ends the stream with this error.
    pub(crate) fn fail(&mut self, error: StreamError) -> Step {
        self.end = Some(End::Failed);
        (self.lines, self.next) = (None, Next::Nowhere);
        Err(error)
    }

    /// Whether lines of the last event are still to be read.
    #[inline]
    pub(crate) const fn has_lines(&self) -> bool {
        self.lines.is_some()
    }

    /// What the last event has given beyond the item that was handed out.
    #[inline]
    pub(crate) fn next_waiting(&mut self) -> Option<Step> {
        if self.error_beside.is_some()
            && let Some(error) = self.error_beside.take()
        {
            return Some(self.fail(StreamError::Api(error)));
        }
        if self.lines.is_some() { self.next_line() } else { None }
    }

    /// Gives back what is not needed while the stream waits for more. What is lent stays.
    #[inline]
    pub(crate) fn wait(&mut self) {
        if !self.is_noted && self.next != Next::Current && self.current.is_some() {
            self.current = None;
        }
        if self.wanted == Wanted::Lent {
            self.templates.forget_texts();
        }
        if self.longest > LONG {
            self.templates.shrink(self.next == Next::Template);
            self.longest = self.last;
        }
    }

    /// Reads an event; `None` when it means nothing, or the end.
    #[inline]
    pub(crate) fn event(&mut self, event: &Event<'_>) -> Option<Step> {
        self.last = u32::try_from(event.data.len()).unwrap_or(u32::MAX);
        self.longest = self.longest.max(self.last);
        if has_plain_name(event) && self.is_repeated(event.data) {
            return Some(Ok(()));
        }
        self.new_event(event)
    }

    /// Reads a chunk that differs from one before it only where chunks do. Such a chunk reports no
    /// error, and unless choices take turns, begins and finishes none that was not begun and finished
    /// before.
    #[inline]
    fn is_repeated(&mut self, data: &[u8]) -> bool {
        let found = match self.wanted {
            Wanted::Lent => self.templates.read(data),
            Wanted::Shared => self.templates.read_values(data),
            Wanted::Added => self.templates.read_to_add(data),
        };
        if !found {
            return false;
        }
        self.next = if self.wanted == Wanted::Lent { Next::Template } else { Next::Values };
        self.chunks += 1;
        if self.templates.has_turns()
            && let Some((index, finished)) = self.templates.turn(self.wanted)
        {
            self.choices.note_one(index, finished);
        }
        if self.templates.has_settled() {
            self.forget_parsed();
        }
        if self.keep_raw {
            core::str::from_utf8(data).unwrap_or_default().trim().clone_into(&mut self.raw);
        }
        true
    }

    /// Gives back what the last chunk needed that was parsed in full, which may have been large.
    #[cold]
    fn forget_parsed(&mut self) {
        self.current = None;
        (self.is_noted, self.noted) = (false, None);
    }

    /// Reads a chunk that is like the last one, of which no template was made yet.
    fn repeats_noted(&mut self, data: &[u8]) -> bool {
        let noted = self.take_noted();
        noted.is_some_and(|noted| self.templates.learn_noted(noted, data)) && self.is_repeated(data)
    }

    fn take_noted(&mut self) -> Option<Box<ChatCompletionChunk>> {
        if mem::take(&mut self.is_noted) {
            return self.current.take();
        }
        self.noted.take().map(Shape::into_chunk)
    }

    fn new_event(&mut self, event: &Event<'_>) -> Option<Step> {
        let lossy = event.data_lossy();
        let text = lossy.trim();
        let is_marker = is_marker(text);
        if is_error(event.name) && !is_marker {
            return Some(self.api_error(text, event.data));
        }
        if text.is_empty() || (is_heartbeat(event.name) && !is_marker) {
            return None;
        }
        // A template that was tried in vain may have spoiled its chunk.
        self.next = Next::Nowhere;
        let is_plain = has_plain_name(event) && matches!(lossy, Cow::Borrowed(_));
        if is_plain && self.templates.reopen(event.data) && self.is_repeated(event.data) {
            return Some(Ok(()));
        }
        let is_alike = is_plain && self.templates.is_like_noted(event.data);
        if is_alike && self.repeats_noted(event.data) {
            return Some(Ok(()));
        }
        if let Err(error) = check_objects(text) {
            return self.undecodable(event.data, error, self.at_end);
        }
        self.has_own_type = has_own_type(event.name);
        match self.payload(text, event.data) {
            Ok(step) => {
                if is_plain {
                    self.note(event.data, is_alike);
                }
                step
            }
            Err(_) if holds_payloads_on_lines(text) => {
                self.lines = Some(Box::new(Lines { bytes: event.data.to_vec(), start: 0 }));
                self.next_line()
            }
            Err(error) => self.undecodable(event.data, error, self.at_end),
        }
    }

    /// Remembers the shape of the chunk that was just parsed.
    fn note(&mut self, data: &[u8], is_alike: bool) {
        let is_usual = self.next == Next::Current && self.error_beside.is_none();
        if self.is_over() || !is_usual || self.chunk().choices.is_none() {
            return;
        }
        if is_alike && let Some(chunk) = self.current.take() {
            self.current = self.templates.learn(data, chunk);
            if self.current.is_none() {
                return self.next = Next::Template;
            }
        }
        self.is_noted = self.templates.note(data);
    }

    /// Reads lines that are no field of the format, for the first that is an error.
    pub(crate) fn lines_aside(&mut self, lines: &[u8]) -> Option<Step> {
        let raw = lines.split(|byte| *byte == b'\n').find_map(error_aside)?;
        Some(self.api_error(&String::from_utf8_lossy(raw), raw))
    }

    /// Reads an event that the end of the body ended.
    pub(crate) fn last_event(&mut self, event: &Event<'_>) -> Option<Step> {
        self.at_end = true;
        self.event(event)
    }

    /// Judges the stream at the end of its body.
    pub(crate) fn end_of_body(&mut self, policy: EndPolicy) -> Option<Truncated> {
        let is_allowed = policy == EndPolicy::AllowMissingFinish && self.chunks > 0;
        let done = match () {
            () if !self.is_whole() => return Some(self.truncated()),
            () if self.choices.all_finished() => Done::FinishReason,
            () if is_allowed => Done::Allowed,
            () => return Some(self.truncated()),
        };
        (self.end, self.next) = (Some(End::Done(done)), Next::Nowhere);
        None
    }

    /// Whether nothing was lost with a last event that was cut off: of `[DONE]`, its beginning says
    /// enough.
    fn is_whole(&self) -> bool {
        begins_marker(&self.rest)
    }

    fn truncated(&mut self) -> Truncated {
        Truncated {
            chunks: self.chunks,
            unfinished: self.choices.unfinished(),
            rest: mem::take(&mut self.rest).into(),
        }
    }

    fn next_line(&mut self) -> Option<Step> {
        let mut lines = self.lines.take()?;
        while let Some(line) = line_at(&lines.bytes, lines.start) {
            lines.start += line.len() + 1;
            let is_last = lines.start >= lines.bytes.len();
            let step = self.line(line, self.at_end && is_last);
            if step.is_some() || self.is_over() {
                self.lines = Some(lines).filter(|_| !is_last && !self.is_over());
                return step;
            }
        }
        None
    }

    fn line(&mut self, line: &[u8], is_cut_off: bool) -> Option<Step> {
        let lossy = String::from_utf8_lossy(line);
        let text = lossy.trim();
        if text.is_empty() {
            return None;
        }
        match self.payload(text, line) {
            Ok(step) => step,
            Err(error) => self.undecodable(line, error, is_cut_off),
        }
    }

    /// Reads one JSON text or `[DONE]`, which came as the bytes `raw`.
    fn payload(&mut self, text: &str, raw: &[u8]) -> Result<Option<Step>, serde_json::Error> {
        if is_marker(text) {
            (self.end, self.next) = (Some(End::Done(Done::Marker)), Next::Nowhere);
            return Ok(None);
        }
        let chunk: Box<ChatCompletionChunk> = match serde_json::from_str(text) {
            Ok(chunk) => chunk,
            Err(error) => return self.error_in_list(text, raw).map(Some).ok_or(error),
        };
        if reports_error(&chunk, self.has_own_type) {
            if chunk.choices.is_none() && choices(&chunk).is_empty() {
                drop(chunk);
                return Ok(Some(self.api_error(text, raw)));
            }
            self.error_beside = Some(Box::new(ApiError::new(text, raw)));
        }
        self.choices.note(&chunk);
        self.chunks += 1;
        self.current = Some(chunk);
        self.next = Next::Current;
        (self.is_noted, self.noted) = (false, None);
        if self.keep_raw {
            text.clone_into(&mut self.raw);
        }
        Ok(Some(Ok(())))
    }

    fn api_error(&mut self, text: &str, raw: &[u8]) -> Step {
        self.fail(StreamError::Api(Box::new(ApiError::new(text, raw))))
    }

    fn error_in_list(&mut self, text: &str, raw: &[u8]) -> Option<Step> {
        let error = text.starts_with('[').then(|| ApiError::in_list(text, raw)).flatten()?;
        Some(self.fail(StreamError::Api(Box::new(error))))
    }

    /// Reports data that is no chunk; where the end of the body cut it off, it is kept for the
    /// report of the truncation.
    fn undecodable(
        &mut self,
        raw: &[u8],
        source: serde_json::Error,
        is_cut_off: bool,
    ) -> Option<Step> {
        let raw = raw.to_vec();
        self.next = Next::Nowhere;
        if is_cut_off && (is_beginning_of_json(&raw) || begins_marker(&raw)) {
            self.rest = raw.into();
            return None;
        }
        Some(Err(StreamError::Undecodable(Undecodable { raw, source })))
    }
}

fn is_marker(text: &str) -> bool {
    matches!(text, MARKER | QUOTED_MARKER)
}

/// Whether this begins as the marker does, as far as it goes. In quotes, nothing may follow it.
fn begins_marker(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    let begins = |marker: &str| {
        let mut both = raw.iter().zip(marker.as_bytes());
        both.all(|(byte, expected)| byte.eq_ignore_ascii_case(expected))
    };
    begins(MARKER) || (raw.len() <= QUOTED_MARKER.len() && begins(QUOTED_MARKER))
}

/// What went wrong, if a line that is no field says so: `error: …`, as llama.cpp writes it, or an error
/// without anything before it.
fn error_aside(line: &[u8]) -> Option<&[u8]> {
    let named = line.strip_prefix(b"error").and_then(|rest| rest.strip_prefix(b":"));
    let raw = named.unwrap_or(line).trim_ascii();
    let is_error = match named {
        Some(_) => !matches!(raw, b"" | b"null" | b"0" | b"false" | b"\"\"" | b"{}" | b"[]"),
        None => serde_json::from_str(&String::from_utf8_lossy(raw))
            .is_ok_and(|chunk| reports_error(&chunk, false)),
    };
    is_error.then_some(raw)
}

/// Whether this may be a chunk, a list of errors or `[DONE]` that was cut off. Anything else says the
/// same with and without a blank line after it.
fn is_beginning_of_json(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    matches!(raw.first(), Some(b'{' | b'[')) && serde_json::from_slice::<IgnoredAny>(raw).is_err()
}

/// The line that starts at this place.
fn line_at(lines: &[u8], start: usize) -> Option<&[u8]> {
    let rest = lines.get(start..).filter(|rest| !rest.is_empty())?;
    rest.split(|byte| *byte == b'\n').next()
}

/// Servers that forget the blank line between events send several objects, or the end, in one event.
fn holds_payloads_on_lines(text: &str) -> bool {
    let is_object = |line: &str| {
        line.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(line).is_ok()
    };
    text.contains('\n') && text.lines().any(|line| is_marker(line.trim()) || is_object(line))
}
