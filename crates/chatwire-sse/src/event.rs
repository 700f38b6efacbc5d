//! What the decoder hands out: one event, borrowed, and the error for an event over the bound.
//! [`crate::decoder`] cuts bytes into events; the crate `chatwire-stream` reads what they mean in a chat.

use alloc::borrow::Cow;
use alloc::string::String;
#[cfg(feature = "bytes")]
use alloc::vec::Vec;
use core::fmt;
use core::str::Utf8Error;

/// One dispatched event of an event stream.
///
/// Everything is borrowed: from the input where the event is [not copied](crate::Decoder#copies), from
/// the decoder's buffer otherwise. Fields are bytes; the standard decodes a stream with replacement
/// characters, which [`data_lossy`](Self::data_lossy) does, and [`data_str`](Self::data_str) is the
/// strict reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The values of the event's `data` lines, joined by a line feed.
    pub data: &'a [u8],
    /// The value of the last `event` line; empty when there was none, which means `message`.
    pub name: &'a [u8],
    /// The last event id of the stream at this event, set here or by an earlier event; empty for none.
    pub id: &'a [u8],
    /// The reconnection time in milliseconds, when one was set since the event before this one.
    pub retry: Option<u64>,
}

impl<'a> Event<'a> {
    /// An event with this data and nothing else, to [write](crate::write_event).
    pub const fn new(data: &'a [u8]) -> Self {
        Self { data, name: b"", id: b"", retry: None }
    }

    /// The data as text, without a copy.
    ///
    /// # Errors
    ///
    /// When the data is not valid UTF-8; the error says where.
    pub fn data_str(&self) -> Result<&'a str, Utf8Error> {
        core::str::from_utf8(self.data)
    }

    /// The data as text, invalid UTF-8 replaced by U+FFFD as the standard says.
    pub fn data_lossy(&self) -> Cow<'a, str> {
        // The strict reading is several times faster, and nearly always right.
        self.data_str().map_or_else(|_| String::from_utf8_lossy(self.data), Cow::Borrowed)
    }

    /// The event's type: the value of its `event` line, or `message`.
    pub fn event_type(&self) -> Cow<'a, str> {
        match self.name {
            b"" => Cow::Borrowed("message"),
            name => String::from_utf8_lossy(name),
        }
    }

    /// The last event id as text, invalid UTF-8 replaced by U+FFFD.
    pub fn id_lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.id)
    }
}

/// Where a part of some bytes begins in them.
#[cfg(feature = "bytes")]
#[inline]
pub(crate) fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize)
}

/// One dispatched event to keep: a slice of the bytes that it came in, where it is [not
/// copied](crate::Decoder#copies).
///
/// The id is asked of the decoder: [`last_event_id`](crate::Decoder::last_event_id).
#[cfg(feature = "bytes")]
#[derive(Clone)]
pub struct EventBytes {
    /// The type's value, whatever the stream has between the two, and the data: one slice of all
    /// counts its references once.
    block: bytes::Bytes,
    name_end: usize,
    data_start: usize,
    pub(crate) retry: Option<u64>,
}

#[cfg(feature = "bytes")]
impl EventBytes {
    /// An event that lies in `input`, the type before the data.
    #[inline]
    pub(crate) fn slice(input: &bytes::Bytes, data: &[u8], name: Option<&[u8]>) -> Self {
        let data_start = offset_in(input, data);
        let (start, name_end) = match name {
            Some(name) => (offset_in(input, name), name.len()),
            None => (data_start, 0),
        };
        let block = input.slice(start..data_start + data.len());
        Self { block, name_end, data_start: data_start - start, retry: None }
    }

    /// An event whose parts do not lie in one input.
    pub(crate) fn joined(name: &[u8], mut data: Vec<u8>) -> Self {
        data.reserve_exact(name.len());
        data.splice(..0, name.iter().copied());
        Self { block: data.into(), name_end: name.len(), data_start: name.len(), retry: None }
    }

    /// The values of the event's `data` lines, joined by a line feed.
    #[inline]
    pub fn data(&self) -> &[u8] {
        self.block.get(self.data_start..).unwrap_or_default()
    }

    /// The value of the last `event` line; empty when there was none, which means `message`.
    #[inline]
    pub fn name(&self) -> &[u8] {
        self.block.get(..self.name_end).unwrap_or_default()
    }

    /// The reconnection time in milliseconds, when one was set since the event before this one.
    pub const fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// The data; where the event is a slice of the bytes that it came in, so is this.
    pub fn into_data(mut self) -> bytes::Bytes {
        self.block.split_off(self.data_start)
    }
}

#[cfg(feature = "bytes")]
impl fmt::Debug for EventBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy;
        f.debug_struct("EventBytes")
            .field("data", &text(self.data()))
            .field("name", &text(self.name()))
            .field("retry", &self.retry)
            .finish()
    }
}

/// Two events are equal when what they say is, wherever it lies.
#[cfg(feature = "bytes")]
impl PartialEq for EventBytes {
    fn eq(&self, other: &Self) -> bool {
        self.data() == other.data() && self.name() == other.name() && self.retry == other.retry
    }
}

#[cfg(feature = "bytes")]
impl Eq for EventBytes {}

/// An event grew over the decoder's bound and was thrown away.
///
/// A [`Decoder`](crate::Decoder) goes on with the next event; a stream of chunks ends with it, because
/// the answer would lack a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventTooLarge {
    /// The bound in bytes.
    pub limit: usize,
}

impl fmt::Display for EventTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "one event of the stream is larger than {} bytes; raise the decoder's max_event_size \
             if such events are wanted",
            self.limit
        )
    }
}

impl core::error::Error for EventTooLarge {}
