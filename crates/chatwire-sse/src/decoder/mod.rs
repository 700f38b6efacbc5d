//! Decodes bytes into events as the WHATWG HTML standard requires (section 9.2, "Server-sent events").
//! [`grammar`] parses the lines; this module returns whole events and limits what is kept.

mod grammar;
mod unknown_lines;

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

/// The default limit on one event: 64 MiB.
///
/// The limit is generous, because services send whole images and audio clips in one event.
pub const DEFAULT_MAX_EVENT_SIZE: usize = 64 * 1024 * 1024;

/// The longest event name for which an event is returned without a copy.
const MAX_BORROWED_NAME: usize = 64;

/// The capacity that a buffer keeps while the stream is idle.
const IDLE_CAPACITY: usize = 1024;

/// The capacity that an empty buffer keeps while the stream is idle.
const EMPTY_CAPACITY: usize = 512;

/// Cuts an event stream into events. Its bytes may come in pieces of any size.
///
/// Pass the bytes to [`next`](Self::next), and call [`finish`](Self::finish) when the stream has ended.
/// The rules are sections 9.2.5 and 9.2.6 of the
/// [WHATWG HTML standard](https://html.spec.whatwg.org/#parsing-an-event-stream).
///
/// # Copies
///
/// The decoder reads each byte once or twice and copies it at most once, so the time is linear in the
/// input for every way of cutting it. An event is not copied if it lies whole in one input and is plain:
///
/// - it has one `data` line;
/// - nothing stands before that line except an `event` line;
/// - the blank line follows directly;
/// - its line ends are all LF or all CRLF.
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
    /// Whether a CR ended the last line. An LF directly after it belongs to the same line end.
    skip_line_feed: bool,
    /// Whether the block has a data line, so that its blank line dispatches an event.
    has_data: bool,
    /// Whether `data` and `name` belong to an event that was returned. The next call clears them.
    handed_out: bool,
    /// Whether the fast path of [`Decoder::next`] may run. Implies [`Decoder::can_skip_state`].
    skips_state: bool,
    /// Values of the block's data lines, joined by LF. `has_data == false` implies empty.
    data: Vec<u8>,
    /// Value of the block's last `event` line.
    name: Vec<u8>,
    /// Value of an `event`, `id` or `retry` line that is not yet complete.
    line: Vec<u8>,
    /// Value of the block's last valid `id` line. The blank line moves it to `last_id`.
    next_id: Option<Vec<u8>>,
    /// The last event id, which the standard keeps from event to event.
    last_id: Vec<u8>,
    /// The last reconnection time in milliseconds.
    retry: Option<u64>,
    /// Whether `retry` was set and not yet returned with an event.
    has_new_retry: bool,
    /// `data`, `name`, `line` and `next_id` together are never longer.
    limit: usize,
    unknown_lines: UnknownLines,
}

/// The place of a complete event.
#[derive(Clone, Copy)]
enum Found<'i> {
    /// The data lies in the input. So does the name, if an `event` line stands directly before the data.
    Input { data: &'i [u8], name: Option<&'i [u8]> },
    /// The event lies in the decoder's buffers.
    Buffer,
}

/// Shows the state of the stream without the buffered bytes.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("buffered", &self.buffered())
            // Its text may be anything, even a key that the server repeats.
            .field("last_event_id_len", &self.last_id.len())
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
    /// Creates a decoder for a new stream, with [`DEFAULT_MAX_EVENT_SIZE`] as the limit on one event.
    pub const fn new() -> Self {
        Self {
            mode: Mode::Start(0),
            skip_line_feed: false,
            has_data: false,
            handed_out: false,
            skips_state: false,
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

    /// Sets the limit on one event in bytes. `None` removes the limit.
    ///
    /// The limit counts data with its joining line feeds, name, id, and the line that is not complete yet.
    /// Comments and unknown fields do not count, because they are dropped. The id of an earlier event does
    /// not count either.
    #[must_use]
    pub fn max_event_size(mut self, limit: Option<usize>) -> Self {
        self.limit = limit.unwrap_or(usize::MAX);
        self
    }

    /// Takes bytes from the front of `input` up to the end of the next event.
    ///
    /// `None` means that all of `input` was taken and more is needed. After an event, call again with the
    /// same `input`, because it may hold more events.
    ///
    /// # Errors
    ///
    /// Returns an error if an event is larger than the limit. The decoder then drops the bytes of that event
    /// up to its blank line and continues with the next event.
    #[inline]
    pub fn next<'e, 'i: 'e>(
        &'e mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Event<'e>>, EventTooLarge> {
        if self.skips_state
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

    /// Like [`next`](Self::next), but returns an owned event. If the event is [not copied](Self#copies), it
    /// shares the memory of `input`.
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
    /// Returns the same errors as [`next`](Self::next).
    #[cfg(feature = "bytes")]
    #[inline]
    pub fn next_bytes(
        &mut self,
        input: &mut bytes::Bytes,
    ) -> Result<Option<EventBytes>, EventTooLarge> {
        let mut rest: &[u8] = input;
        if self.skips_state
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

    /// Ends the stream and returns its last event, if no blank line has ended that event.
    ///
    /// The standard discards such an event. If you read from chat servers, call this method,
    /// because many of them omit the last blank line or the last line end.
    ///
    /// Without an event to return, the rest of the stream is dropped. That includes an id, because it may be
    /// incomplete. Afterwards, the decoder is at the start of a new stream, as after
    /// [`restart`](Self::restart).
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
    /// Returns an error if the last line makes the event larger than the limit.
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
        Ok(Some(self.hand_out(Found::Buffer)))
    }

    /// Drops the rest of this stream and prepares for the start of the next one.
    ///
    /// The last event id and the retry time stay, because a client needs them to reconnect. A retry time
    /// that was not yet returned with an event will not be returned with an event of the next stream.
    pub fn restart(&mut self) {
        self.forget_block();
        self.line.clear();
        self.has_new_retry = false;
        self.mode = Mode::Start(0);
        self.skip_line_feed = false;
        self.skips_state = false;
        self.unknown_lines.forget();
    }

    /// The last event id of the stream. It is empty if none was set. A new id counts from the blank line of
    /// its event on, or from [`finish`](Self::finish).
    pub fn last_event_id(&self) -> &[u8] {
        &self.last_id
    }

    /// The last reconnection time that the stream set, in milliseconds.
    pub const fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// The number of bytes that are kept of an incomplete event.
    pub fn buffered(&self) -> usize {
        if self.handed_out { self.line.len() } else { self.kept() }
    }

    fn advance<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, EventTooLarge> {
        self.skips_state = false;
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
            if self.take_run(input)? {
                return Ok(Some(Found::Buffer));
            }
        }
        self.release_spare();
        self.skips_state = self.can_skip_state();
        Ok(None)
    }

    /// Whether the next event, if it lies whole in the input, changes nothing of the decoder's state.
    const fn can_skip_state(&self) -> bool {
        self.at_block_start()
            && !self.handed_out
            && !self.unknown_lines.is_complete()
            && self.name.is_empty()
            && self.next_id.is_none()
            && !self.has_new_retry
    }

    /// Whether a whole event may start here. Only an `event` or `id` line may stand before it.
    const fn at_block_start(&self) -> bool {
        matches!(self.mode, Mode::Line) && !self.has_data && !self.skip_line_feed
    }

    /// Processes a blank line. Returns whether the block has data and therefore is an event.
    fn end_block(&mut self) -> bool {
        self.commit_id();
        if !self.has_data {
            self.name.clear();
        } else if self.data.len() > LARGE {
            // The caller may build a value of the same size, so the spare room is freed before.
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

    /// Updates the state for an event that is returned now. Returns the event's retry time.
    fn settle(&mut self) -> Option<u64> {
        self.commit_id();
        let retry = if mem::take(&mut self.has_new_retry) { self.retry } else { None };
        // An event that lies whole in the input leaves nothing in the buffers to clear.
        self.handed_out = self.has_data || !self.name.is_empty();
        self.skips_state = self.can_skip_state();
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

    /// Takes the data of the last event out of the decoder's buffer, to keep a large event without a copy.
    /// Returns an empty vector if the event was [not copied](Self#copies) into the buffer.
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

    /// Keeps lines that begin with one of these texts and are not fields of the format, at most 4 KiB of them.
    /// The standard ignores such lines, but some chat servers write errors there.
    ///
    /// [`next`](Self::next) then also returns `None` after such a line, although `input` may hold more. When
    /// it does, call [`take_unknown_lines`](Self::take_unknown_lines), and call `next` again if there were
    /// lines.
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

    /// Takes the unknown lines since the last call, each with its line feed. Returns `None` if there are none.
    /// Lines inside an event are returned after that event.
    pub fn take_unknown_lines(&mut self) -> Option<Vec<u8>> {
        if self.unknown_lines.is_complete() { self.take_last_unknown_lines() } else { None }
    }

    /// Takes the unknown lines at the end of the body, including one without a line end. If an event is
    /// incomplete, the lines are returned only after [`finish`](Self::finish).
    pub fn take_last_unknown_lines(&mut self) -> Option<Vec<u8>> {
        let is_inside = self.has_data && !self.handed_out;
        if is_inside { None } else { self.unknown_lines.take() }
    }

    /// Shrinks the buffers after a large event. Empty buffers shrink more, because most streams wait between
    /// two events.
    fn release_spare(&mut self) {
        for kept in [&mut self.data, &mut self.line, &mut self.name] {
            let most = if kept.is_empty() { EMPTY_CAPACITY } else { IDLE_CAPACITY };
            if kept.capacity() > most && kept.capacity() / 2 > kept.len() {
                kept.shrink_to_fit();
            }
        }
    }

    /// The number of bytes that count towards the limit.
    fn kept(&self) -> usize {
        let id = self.next_id.as_ref().map_or(0, Vec::len);
        self.data.len() + self.name.len() + self.line.len() + id
    }

    /// Checks that `more` bytes stay within the limit. If not, drops the block and ignores the rest of it.
    fn make_room(&mut self, more: usize) -> Result<(), EventTooLarge> {
        self.check(more).inspect_err(|_| {
            self.forget_block();
            self.data = Vec::new();
            self.line = Vec::new();
            self.mode = Mode::TooLarge { is_line_start: false };
        })
    }

    fn check(&self, more: usize) -> Result<(), EventTooLarge> {
        let room = self.limit.saturating_sub(self.kept());
        if more <= room { Ok(()) } else { Err(EventTooLarge { limit: self.limit }) }
    }
}

/// Takes an event that lies whole at the front of the input and fits into `room` bytes. The event has one
/// data line and, with `may_have_name`, an `event` line before it. Returns its data and name.
#[expect(clippy::inline_always, reason = "a call costs a fifth of what an event costs")]
#[inline(always)]
fn whole_event<'i>(
    input: &mut &'i [u8],
    may_have_name: bool,
    room: usize,
) -> Option<(&'i [u8], Option<&'i [u8]>)> {
    let (name, value) = match input.strip_prefix(b"data:") {
        Some(value) => (None, value),
        None if may_have_name => {
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

/// Splits at the line end: the value of a field, and the rest from the line end on.
#[inline]
fn line(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = value.strip_prefix(b" ").unwrap_or(value);
    value.split_at_checked(memchr2(b'\n', b'\r', value)?)
}

/// Like [`line`], for a value of a few bytes. The search with vector registers takes longer to start.
#[inline]
fn short_line(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = value.strip_prefix(b" ").unwrap_or(value);
    value.split_at_checked(short_line_end(value)?)
}

/// Searches eight bytes at a time. The lowest marked byte is a line end; a higher mark may be wrong, because
/// the subtraction borrows from the byte below.
#[inline]
fn short_line_end(value: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xFF;
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & (ONES << 7)
    }
    let (words, _) = value.as_chunks();
    words.iter().take(MAX_BORROWED_NAME / 8).enumerate().find_map(|(position, word)| {
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
    fn a_buffer_is_less_than_twice_its_event_and_shrinks_afterwards() {
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
