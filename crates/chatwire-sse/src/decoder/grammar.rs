//! The grammar of the format, byte run by byte run: where in a line the decoder stands, and what a
//! line means when it ends. When an event is handed out, and the bounds, are [`super`]'s work.

use alloc::vec::Vec;
use core::mem;

use memchr::memchr2;

use super::{Decoder, IDLE_CAPACITY};
use crate::event::EventTooLarge;

/// The longest names that count: `event` and `retry`.
const LONGEST_NAME: usize = 5;

/// From this size on, memory counts more than a few copies.
pub(super) const LARGE: usize = 64 * 1024;

/// Where in the grammar the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
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
pub(super) enum Field {
    Data,
    Event,
    Id,
    Retry,
}

impl Decoder {
    /// Takes one run of bytes of the same kind; true when it ended a block that has data.
    pub(super) fn step(&mut self, input: &mut &[u8]) -> Result<bool, EventTooLarge> {
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

    /// Stands at the colon or line end after a name.
    fn name_ended(&mut self, name: &[u8], input: &mut &[u8]) -> Result<bool, EventTooLarge> {
        let Some(field) = Field::named(name) else {
            self.ignore(name);
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

    /// Ignores the line that starts like this.
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
        // What is left over is not of this event, and counts for nothing.
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

/// Appends, growing by a part of what is kept, so that the time is linear all in all: by half, or by
/// an eighth where half would be much memory.
fn append(kept: &mut Vec<u8>, value: &[u8], limit: usize) {
    if kept.capacity() - kept.len() < value.len() {
        let part = if kept.len() < LARGE { kept.len() / 2 } else { kept.len() / 8 };
        let room = part.max(64).min(limit.saturating_sub(kept.len()));
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
