//! Parses lines and fields of the format (WHATWG HTML, sections 9.2.5 and 9.2.6), one run of bytes at a
//! time. [`super`] holds the decoder's state and returns the events.

use alloc::vec::Vec;
use core::mem;

use memchr::memchr2;

use super::{Decoder, IDLE_CAPACITY};
use crate::event::EventTooLarge;

/// The length of the longest known names, `event` and `retry`.
const LONGEST_NAME: usize = 5;

/// Above this size, buffers grow by smaller steps, because their spare room costs more than the copies.
pub(super) const LARGE: usize = 64 * 1024;

/// The position in the grammar before the next byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// At the start of the stream, after this many bytes of a byte order mark (`0..=2`).
    Start(u8),
    /// At the start of a line.
    Line,
    /// Inside a name of which `start[..length]` was read, and which may still be a known one.
    Name { start: [u8; LONGEST_NAME], length: u8 },
    /// Inside the value of a field. Directly after the colon, one space is dropped.
    Value { field: Field, is_after_colon: bool },
    /// Inside a comment or a field with an unknown name.
    Ignored,
    /// In the rest of a block whose event was too large.
    TooLarge { is_line_start: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Data,
    Event,
    Id,
    Retry,
}

impl Decoder {
    /// Takes one run of bytes. Returns whether it ended a block that has data, which is an event.
    pub(super) fn take_run(&mut self, input: &mut &[u8]) -> Result<bool, EventTooLarge> {
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
            Mode::Value { field, is_after_colon } => {
                return self.field_value(field, is_after_colon, input);
            }
            Mode::Ignored => self.ignored(input),
            Mode::TooLarge { is_line_start } => self.too_large(is_line_start, input),
        }
        Ok(false)
    }

    /// Drops a byte order mark. The beginning of one, without the rest, begins a field with an unknown name.
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

    /// Collects a name up to its colon or line end, and then decides which field it names.
    fn field_name(
        &mut self,
        mut start: [u8; LONGEST_NAME],
        mut length: u8,
        input: &mut &[u8],
    ) -> Result<bool, EventTooLarge> {
        while let Some(&byte) = input.first() {
            if matches!(byte, b':' | b'\n' | b'\r') {
                let name = start.get(..usize::from(length)).unwrap_or_default();
                return self.name_ended(name, input);
            }
            let Some(slot) = start.get_mut(usize::from(length)) else {
                self.ignore(&start);
                return Ok(false);
            };
            *slot = byte;
            length += 1;
            take(input, 1);
        }
        self.mode = Mode::Name { start, length };
        Ok(false)
    }

    /// Starts the value of the field. The input stands at the colon or line end after the name.
    fn name_ended(&mut self, name: &[u8], input: &mut &[u8]) -> Result<bool, EventTooLarge> {
        let Some(field) = Field::named(name) else {
            self.ignore(name);
            return Ok(false);
        };
        self.begin_value(field)?;
        self.mode = Mode::Value { field, is_after_colon: true };
        if input.first() == Some(&b':') {
            take(input, 1);
        }
        Ok(false)
    }

    /// Appends the line feed that joins a second data line to the first.
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
        is_after_colon: bool,
        input: &mut &[u8],
    ) -> Result<bool, EventTooLarge> {
        if is_after_colon && let Some(rest) = input.strip_prefix(b" ") {
            *input = rest;
        }
        self.mode = Mode::Value { field, is_after_colon: false };
        let value = take_to_line_end(input);
        self.make_room(value.len())?;
        let kept = if field == Field::Data { &mut self.data } else { &mut self.line };
        append(kept, value, self.limit);
        if self.line_end(input) {
            self.end_line()?;
        }
        Ok(false)
    }

    /// Ignores the line that begins with `start`.
    fn ignore(&mut self, start: &[u8]) {
        self.mode = Mode::Ignored;
        self.unknown_lines.begin(start);
    }

    fn ignored(&mut self, input: &mut &[u8]) {
        self.unknown_lines.push(take_to_line_end(input));
        if self.line_end(input) {
            self.mode = Mode::Line;
            self.unknown_lines.end();
        }
    }

    /// Drops the lines of a block up to its blank line.
    fn too_large(&mut self, is_line_start: bool, input: &mut &[u8]) {
        let is_blank = take_to_line_end(input).is_empty() && is_line_start;
        let has_ended = self.line_end(input);
        self.mode = if has_ended && is_blank {
            Mode::Line
        } else {
            Mode::TooLarge { is_line_start: has_ended }
        };
    }

    /// Takes a line end from the front of the input. Returns whether there was one.
    fn line_end(&mut self, input: &mut &[u8]) -> bool {
        let Some(&byte) = input.first() else { return false };
        if !matches!(byte, b'\n' | b'\r') {
            return false;
        }
        take(input, 1);
        self.skip_line_feed = byte == b'\r';
        true
    }

    /// Processes the line that is now complete and moves to the start of the next one.
    pub(super) fn end_line(&mut self) -> Result<(), EventTooLarge> {
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
        // After a swap, the buffer holds an older value.
        self.line.clear();
        self.line.shrink_to(IDLE_CAPACITY);
    }

    fn set_retry(&mut self) {
        if let Some(milliseconds) = digits(&self.line) {
            self.retry = Some(milliseconds);
            self.has_new_retry = true;
        }
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

/// Takes the bytes before the next line end, or all of them if there is none.
fn take_to_line_end<'i>(input: &mut &'i [u8]) -> &'i [u8] {
    let end = memchr2(b'\n', b'\r', input).unwrap_or(input.len());
    take(input, end)
}

fn take<'i>(input: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at_checked(count).unwrap_or((*input, &[]));
    *input = rest;
    taken
}

/// Appends a value to a buffer. The buffer grows by half its length, or by an eighth if it is large, so that
/// all appends together take linear time and little memory is spare.
fn append(kept: &mut Vec<u8>, value: &[u8], limit: usize) {
    if kept.capacity() - kept.len() < value.len() {
        let part = if kept.len() < LARGE { kept.len() / 2 } else { kept.len() / 8 };
        let room = part.max(64).min(limit.saturating_sub(kept.len()));
        kept.reserve_exact(room.max(value.len()));
    }
    kept.extend_from_slice(value);
}

/// Parses a value of ASCII digits only. A number that does not fit into 64 bits is ignored.
fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}
