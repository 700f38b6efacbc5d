//! Bytes to events: the event-stream format of the WHATWG HTML standard, to the letter, without I/O.
//! The decoder knows nothing of chat; what an event's data means is [`crate::chunks`]' work.

use alloc::vec::Vec;
use core::mem;

use memchr::memchr2;

use crate::event::{Event, EventTooLarge};

/// The bound on one event unless another is set: 64 MiB.
///
/// Generous on purpose: services send whole images and audio clips in one event.
pub const DEFAULT_MAX_EVENT_SIZE: usize = 64 * 1024 * 1024;

/// Cuts an event stream into events, whatever pieces its bytes come in.
///
/// The caller feeds bytes to [`next`](Self::next) and gets events back; nothing here reads, waits or
/// spawns. A byte is looked at once or twice and copied at most once, so the time is linear in the
/// input for every way of cutting it, and an event that lies whole in the input is not copied at all.
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
#[derive(Clone, Debug)]
pub struct Decoder {
    mode: Mode,
    /// A CR ended the last line; a LF that follows it belongs to that line end.
    skip_line_feed: bool,
    /// The block holds a data line, so that a blank line dispatches it.
    has_data: bool,
    /// `data` and `name` belong to an event that was handed out; the next call clears them.
    handed_out: bool,
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
    /// The retry value that no event has carried yet.
    new_retry: Option<u64>,
    limit: usize,
}

/// Where in the grammar the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// At the start of the stream, this many bytes of a byte order mark seen.
    Start(u8),
    /// At the start of a line.
    Line,
    /// Inside a field's name, which can still be one that counts.
    Name { start: [u8; LONGEST_NAME], length: u8 },
    /// Inside the value of a field; `fresh` right after the colon, where one space is dropped.
    Value { field: Field, fresh: bool },
    /// Inside a comment or a line that means nothing.
    Ignored,
    /// In the rest of a block whose event was too large; `line` at the start of a line.
    TooLarge { line: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
}

/// Where the data of an event that is ready lies.
#[derive(Clone, Copy)]
enum Found<'i> {
    Input(&'i [u8]),
    Buffer,
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
            data: Vec::new(),
            name: Vec::new(),
            line: Vec::new(),
            next_id: None,
            last_id: Vec::new(),
            retry: None,
            new_retry: None,
            limit: DEFAULT_MAX_EVENT_SIZE,
        }
    }

    /// Sets the bound on one event in bytes; `None` for no bound.
    ///
    /// Everything that is kept for an event counts: data with its joining line feeds, type, id and
    /// the line that is not complete yet. Comments and unknown fields are not kept.
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
        self.forget_handed_out();
        match self.advance(input)? {
            Some(found) => Ok(Some(self.hand_out(found))),
            None => Ok(None),
        }
    }

    /// Ends the stream and hands out an event that no blank line has ended.
    ///
    /// The standard discards such an event, and so does a caller who never calls this. Many chat
    /// servers close without the last blank line, or without any line end. The decoder is at the
    /// start of a new stream afterwards, as after [`restart`](Self::restart).
    ///
    /// # Errors
    ///
    /// When the end of the stream completes a line that takes the event over the bound.
    pub fn finish(&mut self) -> Result<Option<Event<'_>>, EventTooLarge> {
        self.forget_handed_out();
        let ended = self.end_line();
        let ready = self.end_block();
        self.mode = Mode::Start(0);
        self.skip_line_feed = false;
        ended?;
        Ok(if ready { Some(self.hand_out(Found::Buffer)) } else { None })
    }

    /// Forgets what is left of this stream and stands at the start of the next one.
    ///
    /// The last event id and the retry time stay, as a reconnecting client needs them.
    pub fn restart(&mut self) {
        self.forget_block();
        self.line.clear();
        self.new_retry = None;
        self.mode = Mode::Start(0);
        self.skip_line_feed = false;
    }

    /// The stream's last event id, as of the last blank line; empty for none.
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

    #[inline]
    fn advance<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, EventTooLarge> {
        while !input.is_empty() {
            if self.at_block_start()
                && let Some(data) = whole_event(input)
            {
                self.check(data.len()).inspect_err(|_| self.forget_block())?;
                return Ok(Some(Found::Input(data)));
            }
            if self.step(input)? {
                return Ok(Some(Found::Buffer));
            }
        }
        self.release_spare();
        Ok(None)
    }

    /// True where a whole event may start: only an `event` or `id` line may have come before.
    const fn at_block_start(&self) -> bool {
        matches!(self.mode, Mode::Line) && !self.has_data && !self.skip_line_feed
    }

    /// Takes one run of bytes of the same kind; true when it ended a block that has data.
    fn step(&mut self, input: &mut &[u8]) -> Result<bool, EventTooLarge> {
        if mem::take(&mut self.skip_line_feed)
            && let Some(rest) = input.strip_prefix(b"\n")
        {
            *input = rest;
            return Ok(false);
        }
        match self.mode {
            Mode::Start(seen) => self.byte_order_mark(seen, input),
            Mode::Line => return self.line_start(input),
            Mode::Name { start, length } => return self.field_name(start, length, input),
            Mode::Value { field, fresh } => return self.field_value(field, fresh, input),
            Mode::Ignored => self.ignored(input),
            Mode::TooLarge { line } => self.too_large(line, input),
        }
        Ok(false)
    }

    /// Drops one byte order mark; a broken one is the start of a field that nobody knows.
    fn byte_order_mark(&mut self, seen: u8, input: &mut &[u8]) {
        const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
        let expected = MARK.get(usize::from(seen));
        self.mode = match (expected, input.first()) {
            (Some(a), Some(b)) if a == b => {
                take(input, 1);
                if seen == 2 { Mode::Line } else { Mode::Start(seen + 1) }
            }
            _ if seen == 0 => Mode::Line,
            _ => Mode::Ignored,
        };
    }

    fn line_start(&mut self, input: &mut &[u8]) -> Result<bool, EventTooLarge> {
        if self.line_end(input) {
            return Ok(self.end_block());
        }
        self.field_name([0; LONGEST_NAME], 0, input)
    }

    /// Collects a field's name until its colon or line end decides which field it is.
    fn field_name(
        &mut self,
        mut start: [u8; LONGEST_NAME],
        mut length: u8,
        input: &mut &[u8],
    ) -> Result<bool, EventTooLarge> {
        while let Some(&byte) = input.first() {
            if matches!(byte, b':' | b'\n' | b'\r') {
                let name = start.get(..usize::from(length)).unwrap_or_default();
                return self.name_ended(Field::named(name), input);
            }
            let Some(slot) = start.get_mut(usize::from(length)) else {
                self.mode = Mode::Ignored;
                return Ok(false);
            };
            *slot = byte;
            length += 1;
            take(input, 1);
        }
        self.mode = Mode::Name { start, length };
        Ok(false)
    }

    /// Stands at the colon or line end after a name.
    fn name_ended(
        &mut self,
        field: Option<Field>,
        input: &mut &[u8],
    ) -> Result<bool, EventTooLarge> {
        let Some(field) = field else {
            self.mode = Mode::Ignored;
            return Ok(false);
        };
        self.begin_value(field)?;
        self.mode = Mode::Value { field, fresh: true };
        if input.first() == Some(&b':') {
            take(input, 1);
        }
        Ok(false)
    }

    /// Joins a further data line to the ones before it.
    fn begin_value(&mut self, field: Field) -> Result<(), EventTooLarge> {
        if field == Field::Data && mem::replace(&mut self.has_data, true) {
            self.make_room(1)?;
            self.data.push(b'\n');
        }
        Ok(())
    }

    fn field_value(
        &mut self,
        field: Field,
        fresh: bool,
        input: &mut &[u8],
    ) -> Result<bool, EventTooLarge> {
        if fresh && let Some(rest) = input.strip_prefix(b" ") {
            *input = rest;
        }
        self.mode = Mode::Value { field, fresh: false };
        let value = take_to_line_end(input);
        self.make_room(value.len())?;
        let kept = if field == Field::Data { &mut self.data } else { &mut self.line };
        append(kept, value, self.limit);
        if self.line_end(input) {
            self.end_line()?;
        }
        Ok(false)
    }

    fn ignored(&mut self, input: &mut &[u8]) {
        take_to_line_end(input);
        if self.line_end(input) {
            self.mode = Mode::Line;
        }
    }

    fn too_large(&mut self, line: bool, input: &mut &[u8]) {
        let blank = line && take_to_line_end(input).is_empty();
        if !line {
            take_to_line_end(input);
        }
        self.mode = Mode::TooLarge { line: false };
        if self.line_end(input) {
            self.mode = if blank { Mode::Line } else { Mode::TooLarge { line: true } };
        }
    }

    /// Takes a line end, if one stands at the front.
    fn line_end(&mut self, input: &mut &[u8]) -> bool {
        let Some(&byte) = input.first() else { return false };
        if !matches!(byte, b'\n' | b'\r') {
            return false;
        }
        take(input, 1);
        self.skip_line_feed = byte == b'\r';
        true
    }

    /// Acts on the line that is complete now and stands at the start of the next one.
    fn end_line(&mut self) -> Result<(), EventTooLarge> {
        match mem::replace(&mut self.mode, Mode::Line) {
            Mode::Name { start, length } => {
                let name = start.get(..usize::from(length)).unwrap_or_default();
                if let Some(field) = Field::named(name) {
                    self.begin_value(field)?;
                    self.end_value(field);
                }
            }
            Mode::Value { field, .. } => self.end_value(field),
            _ => {}
        }
        Ok(())
    }

    fn end_value(&mut self, field: Field) {
        match field {
            Field::Data => return,
            Field::Event => mem::swap(&mut self.name, &mut self.line),
            Field::Id if self.line.contains(&0) => {}
            Field::Id => mem::swap(self.next_id.get_or_insert_default(), &mut self.line),
            Field::Retry => self.set_retry(),
        }
        self.line.clear();
    }

    fn set_retry(&mut self) {
        if let Some(milliseconds) = digits(&self.line) {
            self.retry = Some(milliseconds);
            self.new_retry = Some(milliseconds);
        }
    }

    /// Acts on a blank line; true when the block has data and is an event.
    fn end_block(&mut self) -> bool {
        self.commit_id();
        if !self.has_data {
            self.name.clear();
        }
        self.has_data
    }

    fn commit_id(&mut self) {
        if let Some(id) = self.next_id.take() {
            self.last_id = id;
        }
    }

    fn hand_out<'e, 'i: 'e>(&'e mut self, found: Found<'i>) -> Event<'e> {
        self.commit_id();
        self.handed_out = true;
        let retry = self.new_retry.take();
        let data = match found {
            Found::Input(data) => data,
            Found::Buffer => &self.data,
        };
        Event { data, name: &self.name, id: &self.last_id, retry }
    }

    #[inline]
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

    /// Gives back what a large event needed, once the decoder has nothing to do.
    fn release_spare(&mut self) {
        for kept in [&mut self.data, &mut self.line, &mut self.name] {
            if kept.is_empty() && kept.capacity() > IDLE_CAPACITY {
                *kept = Vec::new();
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

impl Field {
    const fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"data" => Some(Self::Data),
            b"event" => Some(Self::Event),
            b"id" => Some(Self::Id),
            b"retry" => Some(Self::Retry),
            _ => None,
        }
    }
}

/// Takes an event of one data line that lies whole at the front of the input, and returns its data.
#[inline]
fn whole_event<'i>(input: &mut &'i [u8]) -> Option<&'i [u8]> {
    let value = input.strip_prefix(b"data:")?;
    let value = value.strip_prefix(b" ").unwrap_or(value);
    let end = memchr2(b'\n', b'\r', value)?;
    let (data, rest) = value.split_at_checked(end)?;
    *input = rest.strip_prefix(b"\n\n").or_else(|| rest.strip_prefix(b"\r\n\r\n"))?;
    Some(data)
}

/// Takes what stands before the next line end, or everything.
fn take_to_line_end<'i>(input: &mut &'i [u8]) -> &'i [u8] {
    let end = memchr2(b'\n', b'\r', input).unwrap_or(input.len());
    take(input, end)
}

fn take<'i>(input: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at_checked(count).unwrap_or((*input, &[]));
    *input = rest;
    taken
}

/// Appends, growing by half: never more than 1.5 times what is kept, in amortised linear time.
fn append(kept: &mut Vec<u8>, value: &[u8], limit: usize) {
    if kept.capacity() - kept.len() < value.len() {
        let room = (kept.len() / 2).max(64).min(limit.saturating_sub(kept.len()));
        kept.reserve_exact(room.max(value.len()));
    }
    kept.extend_from_slice(value);
}

/// Reads ASCII digits only; a number beyond 64 bits is as good as none.
fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The longest names that count: `event` and `retry`.
const LONGEST_NAME: usize = 5;

/// A buffer up to this size is kept for the next event even when the stream is idle.
const IDLE_CAPACITY: usize = 1024;

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
        assert!(decoder.data.capacity() <= IDLE_CAPACITY);
    }
}
