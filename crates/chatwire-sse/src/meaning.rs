//! What each event of a chat stream means: a chunk, an error, the end, or nothing.
//! When bytes make an event is [`crate::decoder`]'s work; [`crate::chunks`] drives both.

use std::borrow::Cow;
use std::mem;
use std::sync::LazyLock;

use chatwire_types::{ChatCompletionChunk, ErrorResponse};
use serde::de::{Error as _, IgnoredAny};

use crate::accumulate::{Accumulator, Turn};
use crate::data_text::DataText;
use crate::differential::{Shape, Templates};
use crate::errors::{error_in_list, read_error, reports_error};
use crate::event::{Event, text_lossy};
use crate::event_types::{EventType, may_be_chunk};
use crate::finished_choices::FinishedChoices;
use crate::large_json::{LARGE, is_large_json, read};
use crate::lines::Lines;
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
    chunk_in: ChunkIn,
    /// `current` is the chunk of the text that the templates have noted.
    is_noted: bool,
    /// That chunk, when it was handed out to be shared.
    noted: Option<Shape>,
    pub(crate) wanted: Wanted,
    pub(crate) keep_raw: bool,
    pub(crate) raw: String,
    /// What the current chunk came as, when it has an error beside its choices.
    error_beside: Option<Box<[u8]>>,
    /// Lines of the last event that are still to be read, each a payload of its own.
    lines: Option<Box<Lines>>,
    end: Option<End>,
    /// An event was no chunk.
    has_refused: bool,
    choices: FinishedChoices,
    chunks: u64,
    /// The length of the last event, and of the longest for which more room may still be kept.
    last_length: u32,
    longest_length: u32,
    /// The body has ended; the event that is read now was not ended by a blank line.
    at_end: bool,
    /// Data of that event, when it was cut off in the middle.
    rest: Box<[u8]>,
}

/// What one JSON text or `[DONE]` is.
enum Payload {
    End,
    Chunk { has_error: bool },
    Error(Box<ErrorResponse>),
}

/// What is done with chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    #[default]
    Lent,
    Shared,
    Added,
}

/// Where the chunk is that was read last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ChunkIn {
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

    /// Whether anything was handed out that would be missed, or an error.
    pub(crate) const fn has_begun(&self) -> bool {
        self.chunks > 0 || self.has_refused || matches!(self.end, Some(End::Failed))
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
        let in_template = self.chunk_in == ChunkIn::Template;
        let held = if in_template { self.templates.chunk() } else { self.current.as_deref() };
        held.unwrap_or_else(|| &NONE)
    }

    /// The chunk that was read last, to keep; an empty one the second time.
    pub(crate) fn take(&mut self) -> ChatCompletionChunk {
        if self.chunk_in == ChunkIn::Template {
            self.chunk_in = ChunkIn::Nowhere;
            return self.templates.chunk().cloned().unwrap_or_default();
        }
        *self.take_boxed()
    }

    fn take_boxed(&mut self) -> Box<ChatCompletionChunk> {
        match mem::take(&mut self.chunk_in) {
            ChunkIn::Nowhere | ChunkIn::Values => Box::default(),
            ChunkIn::Template => Box::new(self.templates.chunk().cloned().unwrap_or_default()),
            ChunkIn::Current => {
                self.is_noted = false;
                self.current.take().unwrap_or_default()
            }
        }
    }

    /// The chunk that was read last, as one that shares.
    pub(crate) fn take_shared(&mut self) -> SharedChunk {
        if self.chunk_in == ChunkIn::Values
            && let Some((shape, texts)) = self.templates.shared()
        {
            self.chunk_in = ChunkIn::Nowhere;
            return SharedChunk::of_shape(shape, texts);
        }
        let is_noted = self.is_noted && self.chunk_in == ChunkIn::Current;
        let shape = Shape::whole(self.take_boxed());
        self.noted = is_noted.then(|| shape.clone());
        SharedChunk::whole(shape)
    }

    /// Adds the chunk that was read last.
    #[inline]
    pub(crate) fn add_to(&mut self, accumulator: &mut Accumulator) {
        match self.chunk_in {
            ChunkIn::Nowhere => {}
            // Of such a chunk there is nothing that could be taken.
            ChunkIn::Values => return self.templates.add_values(accumulator),
            ChunkIn::Template => self.templates.add_lent(accumulator),
            ChunkIn::Current if self.is_noted => {
                let shape = self.templates.noted_number();
                accumulator.push_turn(self.chunk(), Turn { shape, index: None });
            }
            ChunkIn::Current => accumulator.push(self.chunk()),
        }
        self.chunk_in = ChunkIn::Nowhere;
    }

    /// Ends the stream with this error.
    pub(crate) fn fail(&mut self, error: StreamError) -> Step {
        self.end = Some(End::Failed);
        (self.lines, self.chunk_in) = (None, ChunkIn::Nowhere);
        Err(error)
    }

    /// What the last event has given beyond the item that was handed out.
    #[inline]
    pub(crate) fn next_waiting(&mut self) -> Option<Step> {
        if self.error_beside.is_some()
            && let Some(raw) = self.error_beside.take()
        {
            return Some(self.report_error_beside(raw.into()));
        }
        if self.lines.is_some() { self.next_line() } else { None }
    }

    /// Gives back what is not needed while the stream waits for more. What is lent stays.
    #[inline]
    pub(crate) fn wait(&mut self) {
        if !self.is_noted && self.chunk_in != ChunkIn::Current && self.current.is_some() {
            self.current = None;
        }
        if self.wanted == Wanted::Lent {
            self.templates.forget_texts();
        }
        if self.longest_length > LONG {
            self.templates.shrink(self.chunk_in == ChunkIn::Template);
            self.raw.shrink_to_fit();
            self.longest_length = self.last_length;
        }
    }

    /// Reads an event that only repeats a chunk before it; false when it does not, and is to be read
    /// as a [new one](Self::new_event).
    #[inline]
    pub(crate) fn repeats(&mut self, event: &Event<'_>) -> bool {
        self.last_length = u32::try_from(event.data.len()).unwrap_or(u32::MAX);
        self.longest_length = self.longest_length.max(self.last_length);
        may_be_chunk(event.name) && self.is_repeated(event.data)
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
        self.chunk_in =
            if self.wanted == Wanted::Lent { ChunkIn::Template } else { ChunkIn::Values };
        self.chunks += 1;
        if self.templates.has_turns() {
            self.note_turn();
        }
        if self.templates.has_settled() {
            self.forget_parsed();
        }
        if self.keep_raw {
            core::str::from_utf8(data).unwrap_or_default().trim().clone_into(&mut self.raw);
        }
        true
    }

    /// Notes the choice whose turn it was.
    fn note_turn(&mut self) {
        let in_chunk = match self.wanted {
            Wanted::Lent => true,
            Wanted::Shared => false,
            Wanted::Added => self.templates.is_added_whole(),
        };
        if let Some((index, finished)) = self.templates.turn(in_chunk) {
            self.choices.note_one(index, finished);
        }
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

    /// Reads an event of this type; `None` when it means nothing, or the end. Data that is owned is not
    /// copied for a report of it.
    // Inside of the loop over chunks that repeat, it would make that one slower.
    #[inline(never)]
    pub(crate) fn new_event(&mut self, kind: EventType, data: Cow<'_, [u8]>) -> Option<Step> {
        if !kind.is_heartbeat {
            self.make_room_for(&data);
        }
        let data = DataText::new(data);
        let text = data.as_str().trim();
        let is_marker = is_marker(text);
        if kind.is_error && !is_marker {
            let response = read_error(text);
            return Some(self.api_error(response, data.into_data()));
        }
        if text.is_empty() || (kind.is_heartbeat && !is_marker) {
            return None;
        }
        // A template that was tried in vain may have spoiled its chunk.
        self.chunk_in = ChunkIn::Nowhere;
        let exact = data.exact().filter(|_| !kind.is_heartbeat);
        if exact.is_some_and(|exact| self.templates.reopen(exact) && self.is_repeated(exact)) {
            return Some(Ok(()));
        }
        let is_alike = exact.is_some_and(|exact| self.templates.is_like_noted(exact));
        if is_alike && exact.is_some_and(|exact| self.repeats_noted(exact)) {
            return Some(Ok(()));
        }
        if let Err(error) = check_objects(text) {
            return self.undecodable(data.into_data(), error, self.at_end);
        }
        match self.payload(text, kind.has_own_type) {
            Ok(Payload::Chunk { has_error: false }) => {
                if let Some(exact) = exact {
                    self.note(exact, is_alike);
                }
                if self.keep_raw {
                    data.trim_into(&mut self.raw);
                }
                Some(Ok(()))
            }
            Ok(payload) => {
                self.keep_text(&payload, text);
                self.act(payload, || data.into_data())
            }
            Err(_) if holds_payloads_on_lines(text) => {
                let lines = Lines::new(data.into_data(), kind.has_own_type);
                self.lines = Some(Box::new(lines));
                self.next_line()
            }
            Err(error) => self.undecodable(data.into_data(), error, self.at_end),
        }
    }

    /// Gives back the chunk before one that is large, so that two of them are not there at one time.
    fn make_room_for(&mut self, data: &[u8]) {
        if data.len() > LARGE && data.trim_ascii_start().starts_with(b"{") {
            self.forget_parsed();
        }
    }

    /// Remembers the shape of the chunk that was just parsed.
    fn note(&mut self, data: &[u8], is_alike: bool) {
        if self.chunk().choices.is_none() {
            return;
        }
        if is_alike && let Some(chunk) = self.current.take() {
            self.current = self.templates.learn(data, chunk);
            if self.current.is_none() {
                return self.chunk_in = ChunkIn::Template;
            }
        }
        self.is_noted = self.templates.note(data);
    }

    /// Reads lines that are no field of the format, for the first that is an error.
    pub(crate) fn error_on_lines(&mut self, lines: &[u8]) -> Option<Step> {
        let raw = lines.split(|byte| *byte == b'\n').find_map(error_aside)?;
        Some(self.api_error(read_error(&text_lossy(raw)), raw.to_vec()))
    }

    /// Says that what is read now is an event that the end of the body ended.
    pub(crate) const fn begin_last_event(&mut self) {
        self.at_end = true;
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
        (self.end, self.chunk_in) = (Some(End::Done(done)), ChunkIn::Nowhere);
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
        let has_own_type = lines.has_own_type;
        while let Some((line, is_last)) = lines.next() {
            self.make_room_for(&line);
            let step = self.line(DataText::new(line), has_own_type, is_last);
            // Nothing follows the end, nor an error.
            if self.is_over() || self.error_beside.is_some() {
                return step;
            }
            if step.is_some() {
                self.lines = Some(lines).filter(|_| !is_last);
                return step;
            }
        }
        None
    }

    /// Reads one of several lines of an event.
    fn line(&mut self, line: DataText<'_>, has_own_type: bool, is_last: bool) -> Option<Step> {
        let text = line.as_str().trim();
        if text.is_empty() {
            return None;
        }
        match self.payload(text, has_own_type) {
            Ok(payload) => {
                self.keep_text(&payload, text);
                self.act(payload, || line.into_data())
            }
            Err(error) => self.undecodable(line.into_data(), error, self.at_end && is_last),
        }
    }

    /// Reads one JSON text or `[DONE]`; a chunk is the current one then.
    fn payload(&mut self, text: &str, has_own_type: bool) -> Result<Payload, serde_json::Error> {
        if is_marker(text) {
            return Ok(Payload::End);
        }
        if let Some(response) = error_in_list(text) {
            return Ok(Payload::Error(Box::new(response)));
        }
        if !self.is_noted {
            // The next one finds its memory at hand.
            self.current = None;
        }
        let chunk = read_chunk(text)?;
        let has_error = reports_error(&chunk, has_own_type);
        if has_error && chunk.choices.is_none() && choices(&chunk).is_empty() {
            drop(chunk);
            return Ok(Payload::Error(Box::new(read_error(text))));
        }
        self.choices.note(&chunk);
        self.chunks += 1;
        self.current = Some(chunk);
        self.chunk_in = ChunkIn::Current;
        (self.is_noted, self.noted) = (false, None);
        Ok(Payload::Chunk { has_error })
    }

    /// Keeps the text of a chunk for the caller who wants it.
    fn keep_text(&mut self, payload: &Payload, text: &str) {
        if self.keep_raw && matches!(payload, Payload::Chunk { .. }) {
            text.clone_into(&mut self.raw);
        }
    }

    /// What the caller learns of a payload that came as `raw`.
    fn act(&mut self, payload: Payload, raw: impl FnOnce() -> Vec<u8>) -> Option<Step> {
        match payload {
            Payload::End => {
                (self.end, self.chunk_in) = (Some(End::Done(Done::Marker)), ChunkIn::Nowhere);
                return None;
            }
            Payload::Chunk { has_error } => {
                self.error_beside = has_error.then(|| raw().into());
            }
            Payload::Error(response) => return Some(self.api_error(*response, raw())),
        }
        Some(Ok(()))
    }

    /// Reports the error beside the choices of the chunk that was handed out last.
    fn report_error_beside(&mut self, raw: Vec<u8>) -> Step {
        // Both may be large.
        self.current = None;
        let raw = DataText::new(raw.into());
        let response = read_error(raw.as_str().trim());
        self.api_error(response, raw.into_data())
    }

    fn api_error(&mut self, response: ErrorResponse, raw: Vec<u8>) -> Step {
        self.fail(StreamError::Api(Box::new(ApiError { response, raw })))
    }

    /// Reports data that is no chunk; where the end of the body cut it off, it is kept for the
    /// report of the truncation.
    fn undecodable(
        &mut self,
        raw: Vec<u8>,
        source: serde_json::Error,
        is_cut_off: bool,
    ) -> Option<Step> {
        self.chunk_in = ChunkIn::Nowhere;
        if is_cut_off && (is_beginning_of_json(&raw) || begins_marker(&raw)) {
            self.rest = raw.into();
            return None;
        }
        let error = StreamError::Undecodable(Undecodable { raw, source: source.into() });
        self.has_refused |= !error.is_null();
        Some(Err(error))
    }
}

/// Reads a chunk. Of what is none, nothing is made before it is refused if it is large.
fn read_chunk(text: &str) -> Result<Box<ChatCompletionChunk>, serde_json::Error> {
    let found = match text.as_bytes().first() {
        Some(b'[') if is_large_json(text) => "a list",
        Some(b'"') if is_large_json(text) => "a string",
        _ => return read(text),
    };
    Err(serde_json::Error::custom(format_args!("expected an object, found {found}")))
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

/// Servers that forget the blank line between events send several objects, or the end, in one event.
fn holds_payloads_on_lines(text: &str) -> bool {
    let is_object = |line: &str| {
        line.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(line).is_ok()
    };
    text.contains('\n') && text.lines().any(|line| is_marker(line.trim()) || is_object(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads chunks in one way; says of each whether it was parsed in full.
    fn parsed(texts: &[String], wanted: Wanted, is_taken: bool) -> Vec<bool> {
        let mut meaning = Meaning { wanted, ..Meaning::default() };
        let mut accumulator = Accumulator::new();
        let mut parsed = |text: &String| {
            let event = Event { data: text.as_bytes(), name: b"", id: b"", retry: None };
            if !meaning.repeats(&event) {
                let data = Cow::Borrowed(event.data);
                meaning.new_event(EventType::new(event.name), data).unwrap().unwrap();
            }
            let parsed = meaning.chunk_in == ChunkIn::Current;
            match wanted {
                Wanted::Lent if is_taken => drop(meaning.take()),
                Wanted::Lent => {}
                Wanted::Shared => drop(meaning.take_shared()),
                Wanted::Added => meaning.add_to(&mut accumulator),
            }
            parsed
        };
        texts.iter().map(&mut parsed).collect()
    }

    const WAYS: [(Wanted, bool); 4] = [
        (Wanted::Lent, false),
        (Wanted::Lent, true),
        (Wanted::Shared, false),
        (Wanted::Added, false),
    ];

    #[test]
    fn streams_are_read_fast_again_within_eight_chunks() {
        let other = |number| format!(r#"{{"choices":[{{"delta":{{}},"stop_reason":{number}}}]}}"#);
        let alike = |text| format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
        for (before, others) in (0..40).flat_map(|others| [0, 5, 50].map(|before| (before, others)))
        {
            let texts: Vec<_> = (0..before)
                .map(alike)
                .chain((0..others).map(other))
                .chain((0..50).map(alike))
                .collect();
            for (wanted, is_taken) in WAYS {
                let parsed = parsed(&texts, wanted, is_taken);
                let late = &parsed[before + others + 8..];
                assert!(!late.contains(&true), "{before} {others} {wanted:?} {is_taken}");
            }
        }
    }

    #[test]
    fn token_ids_differ_from_chunk_to_chunk() {
        let text = |id: usize| {
            format!(r#"{{"choices":[{{"delta":{{"content":"x"}},"token_ids":[{id}]}}]}}"#)
        };
        let texts: Vec<_> = (0..50).map(text).collect();
        for (wanted, is_taken) in WAYS {
            assert!(!parsed(&texts, wanted, is_taken)[2..].contains(&true), "{wanted:?}");
        }
    }

    #[test]
    fn what_is_no_chunk_is_refused_in_the_words_of_its_type() {
        let long = "\\n".repeat(LARGE);
        for text in [
            "[L]",
            "[1,[L]]",
            "L",
            "[L,1",
            "[1}L",
            "{L}",
            "[1,]L",
            "[L] 2",
            "L x",
            "[L,1e999]",
            "[L,\"\\ud800\"]",
            "[L,\"\u{1}\"]",
            "{L}",
        ] {
            let text = &text.replace('L', &format!("\"{long}\""));
            let ours = read_chunk(text).unwrap_err();
            let theirs = read::<ChatCompletionChunk>(text).unwrap_err();
            assert_eq!(ours.to_string(), theirs.to_string());
            assert_eq!(ours.classify(), theirs.classify());
        }
    }
}
