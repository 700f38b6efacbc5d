//! Bytes to events: the event-stream format of the WHATWG HTML standard (section 9.2, "Server-sent
//! events"), to the letter, without I/O.
//! The decoder knows nothing of chat; the crate `chatwire-stream` reads what an event's data means.

mod grammar;
mod unknown_lines;

use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, mem};

#[cfg(feature = "bytes")]
use bytes::Buf as _;
use memchr::memchr2;

#[cfg(feature = "bytes")]
use crate::event::EventBytes;
use crate::event::{Event, EventTooLarge};
use grammar::{LARGE, Mode};
use unknown_lines::UnknownLines;

/// The bound on one event unless another is set: 64 MiB.
///
/// Generous on purpose: services send whole images and audio clips in one event.
pub const DEFAULT_MAX_EVENT_SIZE: usize = 64 * 1024 * 1024;

/// The longest type of an event that is handed out from where it lies in the input.
const SHORT: usize = 64;

/// A buffer up to this size is kept for the next event even when the stream is idle.
const IDLE_CAPACITY: usize = 1024;

/// A buffer with nothing in it is kept up to this size.
const EMPTY_CAPACITY: usize = 512;

/// Cuts an event stream into events, whatever pieces its bytes come in.
///
/// The caller feeds bytes to [`next`](Self::next) and gets events back; nothing here reads, waits or
/// spawns.
///
/// The rules are those of the [WHATWG HTML standard](https://html.spec.whatwg.org/#parsing-an-event-stream),
/// section 9.2.5 and 9.2.6; that a stream ends, and what then counts, is said at [`finish`](Self::finish).
///
/// # Copies
///
/// A byte is looked at once or twice and copied at most once, so the time is linear in the input for
/// every way of cutting it. An event is not copied at all when it lies whole in the input and is plain:
/// one data line, nothing before it but an `event` line, nothing after it but the blank line, and one kind
/// of line end, LF or CRLF.
///
/// ```
/// use chatwire_sse::Decoder;
///
/// let mut decoder = Decoder::new();
/// let mut seen = Vec::new();
/// for piece in [&b"data: Hel"[..], b"lo\n", b"\nevent: note\ndata: 1\ndata: 2\n\n"] {
///     let mut input = piece;
///     while let Some(event) = decoder.next(&mut input)? {
///         seen.push((event.event_type().into_owned(), event.data_lossy().into_owned()));
///     }
/// }
/// assert_eq!(seen, [("message".into(), "Hello".into()), ("note".into(), "1\n2".into())]);
/// # Ok::<(), chatwire_sse::EventTooLarge>(())
/// ```
#[derive(Clone)]
pub struct Decoder {
    mode: Mode,
    /// A CR ended the last line; a LF that follows it belongs to that line end.
    skip_line_feed: bool,
    /// The block holds a data line, so that a blank line dispatches it.
    has_data: bool,
    /// `data` and `name` belong to an event that was handed out; the next call clears them.
    handed_out: bool,
    /// At the start of a block, and nothing is kept that the next event or call would change.
    fresh: bool,
    /// Values of the block's data lines, joined by LF. `has_data == false` implies empty.
    data: Vec<u8>,
    /// Value of the block's last `event` line.
    name: Vec<u8>,
    /// Value of an `event`, `id` or `retry` line that is not yet complete.
    line: Vec<u8>,
    /// Value of the block's last valid `id` line, committed by the blank line.
    next_id: Option<Vec<u8>>,
    last_id: Vec<u8>,
    retry: Option<u64>,
    /// No event has carried the retry value yet.
    has_new_retry: bool,
    limit: usize,
    unknown_lines: UnknownLines,
}

/// Where an event that is ready lies.
#[derive(Clone, Copy)]
enum Found<'i> {
    /// Data, and the type if an `event` line stands before the data, lie whole in the input.
    Input {
        data: &'i [u8],
        name: Option<&'i [u8]>,
    },
    Buffer,
}

/// Shows where the stream stands, and not the bytes that are kept.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("buffered", &self.buffered())
            .field("last_event_id", &String::from_utf8_lossy(&self.last_id))
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the start of a stream, with the default bound on one event.
    pub const fn new() -> Self {
        Self {
            mode: Mode::Start(0),
            skip_line_feed: false,
            has_data: false,
            handed_out: false,
            fresh: false,
            data: Vec::new(),
            name: Vec::new(),
            line: Vec::new(),
            next_id: None,
            last_id: Vec::new(),
            retry: None,
            has_new_retry: false,
            limit: DEFAULT_MAX_EVENT_SIZE,
            unknown_lines: UnknownLines::new(),
        }
    }

    /// Sets the bound on one event in bytes; `None` for no bound.
    ///
    /// Everything that is kept for an event counts: data with its joining line feeds, type, id and
    /// the line that is not complete yet. Comments and unknown fields are not kept. The last event id
    /// outlives its event and does not count towards later ones; it is no longer than the bound on
    /// its own event was.
    #[must_use]
    pub fn max_event_size(mut self, limit: Option<usize>) -> Self {
        self.limit = limit.unwrap_or(usize::MAX);
        self
    }

    /// Takes bytes from the front of `input` up to the end of the next event.
    ///
    /// `None` means that all of `input` is used up and more is needed. Call again with the same
    /// `input` after an event: it may hold more of them.
    ///
    /// # Errors
    ///
    /// When an event grows over the bound. Its bytes are dropped up to its blank line, however many
    /// calls that takes, and the events after it are decoded as usual.
    #[inline]
    pub fn next<'e, 'i: 'e>(
        &'e mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Event<'e>>, EventTooLarge> {
        if self.fresh
            && let Some((data, name)) = whole_event(input, true, self.limit)
        {
            let name = name.unwrap_or_default();
            return Ok(Some(Event { data, name, id: &self.last_id, retry: None }));
        }
        self.next_with_state(input)
    }

    fn next_with_state<'e, 'i: 'e>(
        &'e mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Event<'e>>, EventTooLarge> {
        self.forget_handed_out();
        match self.advance(input)? {
            Some(found) => Ok(Some(self.hand_out(found))),
            None => Ok(None),
        }
    }

    /// As [`next`](Self::next), with an event to keep: where that one is [not copied](Self#copies), the
    /// data is a slice of `input`.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use chatwire_sse::Decoder;
    ///
    /// let mut input = Bytes::from_static(b"data: one\n\ndata: two\n\n");
    /// let mut decoder = Decoder::new();
    /// let mut kept = Vec::new();
    /// while let Some(event) = decoder.next_bytes(&mut input)? {
    ///     kept.push(event.into_data());
    /// }
    /// assert_eq!(kept, ["one", "two"]);
    /// # Ok::<(), chatwire_sse::EventTooLarge>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    #[cfg(feature = "bytes")]
    #[inline]
    pub fn next_bytes(
        &mut self,
        input: &mut bytes::Bytes,
    ) -> Result<Option<EventBytes>, EventTooLarge> {
        let mut rest: &[u8] = input;
        if self.fresh
            && let Some((data, name)) = whole_event(&mut rest, true, self.limit)
        {
            let used = input.len() - rest.len();
            let event = EventBytes::slice(input, data, name);
            input.advance(used);
            return Ok(Some(event));
        }
        self.next_bytes_with_state(input)
    }

    #[cfg(feature = "bytes")]
    fn next_bytes_with_state(
        &mut self,
        input: &mut bytes::Bytes,
    ) -> Result<Option<EventBytes>, EventTooLarge> {
        self.forget_handed_out();
        let mut rest: &[u8] = input;
        let found = self.advance(&mut rest);
        let used = input.len() - rest.len();
        let event = found.map(|found| Some(self.hand_out_bytes(input, found?)));
        input.advance(used);
        event
    }

    /// Ends the stream and hands out an event that no blank line has ended.
    ///
    /// The standard discards such an event, and so does a caller who never calls this. Many chat
    /// servers close without the last blank line, or without any line end. The decoder is at the
    /// start of a new stream afterwards, as after [`restart`](Self::restart): when there is no event
    /// to hand out, what is left of the stream counts for nothing, its id included, which may have
    /// been cut off in the middle.
    ///
    /// ```
    /// let mut decoder = chatwire_sse::Decoder::new();
    /// assert!(decoder.next(&mut &b"id: 5"[..])?.is_none());
    /// assert!(decoder.finish()?.is_none());
    /// assert_eq!(decoder.last_event_id(), b"");
    ///
    /// assert!(decoder.next(&mut &b"id: 5\ndata: x"[..])?.is_none());
    /// assert_eq!(decoder.finish()?.map(|event| event.id), Some(&b"5"[..]));
    /// # Ok::<(), chatwire_sse::EventTooLarge>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the end of the stream completes a line that takes the event over the bound.
    pub fn finish(&mut self) -> Result<Option<Event<'_>>, EventTooLarge> {
        self.forget_handed_out();
        let retry = self.retry;
        let ended = self.end_line();
        if ended.is_err() || !self.has_data {
            self.retry = retry;
            self.restart();
            return ended.map(|()| None);
        }
        self.end_block();
        self.mode = Mode::Start(0);
        self.skip_line_feed = false;
        self.fresh = false;
        Ok(Some(self.hand_out(Found::Buffer)))
    }

    /// Forgets what is left of this stream and stands at the start of the next one.
    ///
    /// The last event id and the retry time stay, as a reconnecting client needs them; a retry time
    /// that no event has carried yet is not carried by the next stream's.
    pub fn restart(&mut self) {
        self.forget_block();
        self.line.clear();
        self.has_new_retry = false;
        self.mode = Mode::Start(0);
        self.skip_line_feed = false;
        self.fresh = false;
        self.unknown_lines.forget();
    }

    /// The stream's last event id, as of the last blank line or of the event that
    /// [`finish`](Self::finish) handed out; empty for none.
    pub fn last_event_id(&self) -> &[u8] {
        &self.last_id
    }

    /// The reconnection time in milliseconds that the stream set last.
    pub const fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// How many bytes of an event that is not complete are kept.
    pub fn buffered(&self) -> usize {
        if self.handed_out { self.line.len() } else { self.kept() }
    }

    fn advance<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, EventTooLarge> {
        self.fresh = false;
        while !input.is_empty() {
            if self.unknown_lines.is_complete() && !self.has_data {
                return Ok(None);
            }
            if self.at_block_start() {
                let room = self.limit.saturating_sub(self.kept());
                if let Some((data, name)) = whole_event(input, self.name.is_empty(), room) {
                    return Ok(Some(Found::Input { data, name }));
                }
            }
            if self.step(input)? {
                return Ok(Some(Found::Buffer));
            }
        }
        self.release_spare();
        self.fresh = self.is_fresh();
        Ok(None)
    }

    const fn is_fresh(&self) -> bool {
        self.at_block_start()
            && !self.handed_out
            && !self.unknown_lines.is_complete()
            && self.name.is_empty()
            && self.next_id.is_none()
            && !self.has_new_retry
    }

    /// True where a whole event may start: only an `event` or `id` line may have come before.
    const fn at_block_start(&self) -> bool {
        matches!(self.mode, Mode::Line) && !self.has_data && !self.skip_line_feed
    }

    /// Acts on a blank line; true when the block has data and is an event.
    fn end_block(&mut self) -> bool {
        self.commit_id();
        if !self.has_data {
            self.name.clear();
        } else if self.data.len() > LARGE {
            // What is made of the event may be as large; then its spare room is better given back.
            self.data.shrink_to_fit();
        }
        self.has_data
    }

    fn commit_id(&mut self) {
        if let Some(id) = self.next_id.take() {
            self.last_id = id;
        }
    }

    fn hand_out<'e, 'i: 'e>(&'e mut self, found: Found<'i>) -> Event<'e> {
        let retry = self.settle();
        let (data, name) = match found {
            Found::Input { data, name } => (data, name.unwrap_or(&self.name)),
            Found::Buffer => (&*self.data, &*self.name),
        };
        Event { data, name, id: &self.last_id, retry }
    }

    #[cfg(feature = "bytes")]
    fn hand_out_bytes(&mut self, input: &bytes::Bytes, found: Found<'_>) -> EventBytes {
        let retry = self.settle();
        let mut event = match found {
            Found::Input { data, name } if self.name.is_empty() => {
                EventBytes::slice(input, data, name)
            }
            Found::Input { data, .. } => EventBytes::joined(&self.name, data.to_vec()),
            Found::Buffer => EventBytes::joined(&self.name, mem::take(&mut self.data)),
        };
        event.retry = retry;
        event
    }

    /// What an event does to the decoder when it is handed out; the retry time that it carries.
    fn settle(&mut self) -> Option<u64> {
        self.commit_id();
        let retry = if mem::take(&mut self.has_new_retry) { self.retry } else { None };
        // Of an event that lies whole in the input, nothing is kept that had to be forgotten.
        self.handed_out = self.has_data || !self.name.is_empty();
        self.fresh = self.is_fresh();
        retry
    }

    fn forget_handed_out(&mut self) {
        if mem::take(&mut self.handed_out) {
            self.forget_block();
        }
    }

    fn forget_block(&mut self) {
        self.has_data = false;
        self.handed_out = false;
        self.data.clear();
        self.name.clear();
        self.next_id = None;
    }

    /// The data of the event that was handed out last, if it lay in the decoder's buffer; empty
    /// otherwise. A caller takes it to keep a large event without a copy.
    ///
    /// ```
    /// let mut decoder = chatwire_sse::Decoder::new();
    /// assert!(decoder.next(&mut &b"data: on"[..])?.is_none());
    /// assert!(decoder.next(&mut &b"e\n\n"[..])?.is_some());
    /// assert_eq!(decoder.take_data(), b"one");
    /// # Ok::<(), chatwire_sse::EventTooLarge>(())
    /// ```
    pub fn take_data(&mut self) -> Vec<u8> {
        if self.handed_out { mem::take(&mut self.data) } else { Vec::new() }
    }

    /// Keeps the lines that are not fields of the format and begin in one of these ways, at most 4 KiB
    /// of them. The standard ignores such lines, but some chat servers write errors there.
    ///
    /// [`next`](Self::next) then also returns `None` after such a line, although `input` may hold more:
    /// call [`take_unknown_lines`](Self::take_unknown_lines), and `next` again if it returned some.
    ///
    /// ```
    /// let mut decoder = chatwire_sse::Decoder::new().keep_unknown_lines(&[b"error:"]);
    /// let mut input = &b"error: overloaded\ndata: one\n\n"[..];
    /// assert!(decoder.next(&mut input)?.is_none());
    /// assert_eq!(decoder.take_unknown_lines().as_deref(), Some(&b"error: overloaded\n"[..]));
    /// assert!(decoder.next(&mut input)?.is_some());
    /// # Ok::<(), chatwire_sse::EventTooLarge>(())
    /// ```
    #[must_use]
    pub const fn keep_unknown_lines(mut self, beginnings: &'static [&'static [u8]]) -> Self {
        self.unknown_lines.beginnings = beginnings;
        self
    }

    /// The unknown lines since the last call, each with its line feed; `None` if there are none, or if
    /// they stand inside of an event that is not complete: then they follow that event.
    pub fn take_unknown_lines(&mut self) -> Option<Vec<u8>> {
        let is_inside = self.has_data && !self.handed_out;
        let is_ready = !is_inside && self.unknown_lines.is_complete();
        if is_ready { self.unknown_lines.take() } else { None }
    }

    /// The unknown lines when the body has ended, the last one with or without its line end. If an event
    /// is open, [`finish`](Self::finish) comes first.
    pub fn take_last_unknown_lines(&mut self) -> Option<Vec<u8>> {
        let is_inside = self.has_data && !self.handed_out;
        if is_inside { None } else { self.unknown_lines.take() }
    }

    /// Gives back what a large event needed, once the decoder has nothing to do. Between two events,
    /// where most streams wait, less is kept.
    fn release_spare(&mut self) {
        for kept in [&mut self.data, &mut self.line, &mut self.name] {
            let most = if kept.is_empty() { EMPTY_CAPACITY } else { IDLE_CAPACITY };
            if kept.capacity() > most && kept.capacity() / 2 > kept.len() {
                kept.shrink_to_fit();
            }
        }
    }

    fn kept(&self) -> usize {
        let id = self.next_id.as_ref().map_or(0, Vec::len);
        self.data.len() + self.name.len() + self.line.len() + id
    }

    /// Drops the block, of which `more` bytes are too many, and ignores the rest of it.
    fn make_room(&mut self, more: usize) -> Result<(), EventTooLarge> {
        self.check(more).inspect_err(|_| {
            self.forget_block();
            self.data = Vec::new();
            self.line = Vec::new();
            self.mode = Mode::TooLarge { line: false };
        })
    }

    fn check(&self, more: usize) -> Result<(), EventTooLarge> {
        let room = self.limit.saturating_sub(self.kept());
        if more <= room { Ok(()) } else { Err(EventTooLarge { limit: self.limit }) }
    }
}

/// Takes an event that lies whole at the front of the input and needs no more than `room`: one data
/// line, and an `event` line before it if that may be there. Returns its data and type.
#[expect(clippy::inline_always, reason = "a call costs a fifth of what an event costs")]
#[inline(always)]
fn whole_event<'i>(
    input: &mut &'i [u8],
    may_have_type: bool,
    room: usize,
) -> Option<(&'i [u8], Option<&'i [u8]>)> {
    let (name, value) = match input.strip_prefix(b"data:") {
        Some(value) => (None, value),
        None if may_have_type => {
            let (name, rest) = short_line(input.strip_prefix(b"event:")?)?;
            let rest = rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))?;
            (Some(name), rest.strip_prefix(b"data:")?)
        }
        None => return None,
    };
    let (data, rest) = line(value)?;
    let rest = after_blank_line(rest)?;
    if data.len() + name.map_or(0, <[u8]>::len) > room {
        return None;
    }
    *input = rest;
    Some((data, name))
}

/// The value of a field that starts here, and what follows from its line end on.
#[inline]
fn line(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = value.strip_prefix(b" ").unwrap_or(value);
    value.split_at_checked(memchr2(b'\n', b'\r', value)?)
}

/// As [`line`], for a value of a few bytes, which is found sooner without a vector register.
#[inline]
fn short_line(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = value.strip_prefix(b" ").unwrap_or(value);
    value.split_at_checked(short_line_end(value)?)
}

/// Eight bytes at a time. The lowest byte that is marked is a line end; a higher one may be none.
#[inline]
fn short_line_end(value: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xFF;
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & (ONES << 7)
    }
    let (words, _) = value.as_chunks();
    words.iter().take(SHORT / 8).enumerate().find_map(|(position, word)| {
        let word = u64::from_le_bytes(*word);
        let ends = zeros(word ^ (ONES * b'\n' as u64)) | zeros(word ^ (ONES * b'\r' as u64));
        (ends != 0).then(|| position * 8 + ends.trailing_zeros() as usize / 8)
    })
}

#[inline]
fn after_blank_line(rest: &[u8]) -> Option<&[u8]> {
    rest.strip_prefix(b"\n\n").or_else(|| rest.strip_prefix(b"\r\n\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_costs_less_than_twice_its_size_and_nothing_afterwards() {
        let mut decoder = Decoder::new();
        decoder.next(&mut &b"data: "[..]).unwrap();
        for _ in 0..2000 {
            decoder.next(&mut &[b'x'; 1460][..]).unwrap();
            assert!(decoder.data.capacity() < 2 * decoder.data.len());
        }
        assert!(decoder.next(&mut &b"\n\n"[..]).unwrap().is_some());
        assert!(decoder.next(&mut &b": idle\n"[..]).unwrap().is_none());
        assert!(decoder.data.capacity() <= EMPTY_CAPACITY);
    }
}
