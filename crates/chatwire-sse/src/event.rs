//! Defines the events that the decoder returns, borrowed and owned, and the error for an event that is too
//! large. [`crate::decoder`] finds the events in the bytes.

use alloc::borrow::Cow;
use alloc::string::String;
#[cfg(feature = "bytes")]
use alloc::vec::Vec;
use core::fmt;
use core::str::Utf8Error;

/// One dispatched event of an event stream.
///
/// The event borrows from the input if it is [not copied](crate::Decoder#copies), and from the decoder's
/// buffer otherwise. The fields are bytes. The standard decodes them as UTF-8 with replacement characters:
/// use [`data_lossy`](Self::data_lossy) for that, and [`data_str`](Self::data_str) to reject invalid UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The values of the event's `data` lines, joined by a line feed.
    pub data: &'a [u8],
    /// The value of the last `event` line. It is empty without such a line, which means `message`.
    pub name: &'a [u8],
    /// The last event id of the stream, set by this event or by an earlier one. It is empty if none was set.
    pub id: &'a [u8],
    /// The reconnection time in milliseconds, if a `retry` line set one since the previous event.
    pub retry: Option<u64>,
}

impl<'a> Event<'a> {
    /// Creates an event that has only data, for [`write_event`](crate::write_event).
    pub const fn new(data: &'a [u8]) -> Self {
        Self { data, name: b"", id: b"", retry: None }
    }

    /// The data as text, without a copy.
    ///
    /// # Errors
    ///
    /// Returns an error with the position if the data is not valid UTF-8.
    pub fn data_str(&self) -> Result<&'a str, Utf8Error> {
        core::str::from_utf8(self.data)
    }

    /// The data as text. Invalid UTF-8 is replaced by U+FFFD, as the standard requires.
    pub fn data_lossy(&self) -> Cow<'a, str> {
        // The check for valid UTF-8 comes first, because it is several times faster and nearly always passes.
        self.data_str().map_or_else(|_| String::from_utf8_lossy(self.data), Cow::Borrowed)
    }

    /// The event type: the value of the `event` line, or `message` if it is empty.
    pub fn event_type(&self) -> Cow<'a, str> {
        match self.name {
            b"" => Cow::Borrowed("message"),
            name => String::from_utf8_lossy(name),
        }
    }

    /// The last event id as text. Invalid UTF-8 is replaced by U+FFFD.
    pub fn id_lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.id)
    }
}

/// The offset of `part`, which must be a slice of `whole`.
#[cfg(feature = "bytes")]
#[inline]
pub(crate) fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize)
}

/// An owned event. If it is [not copied](crate::Decoder#copies), it shares the memory of the input.
///
/// The decoder holds the event's id: see [`last_event_id`](crate::Decoder::last_event_id).
#[cfg(feature = "bytes")]
#[derive(Clone)]
pub struct EventBytes {
    /// The name, the bytes of the stream between name and data, and the data. They are one slice, because
    /// two slices would count two references.
    block: bytes::Bytes,
    /// `name_end <= data_start`
    name_end: usize,
    /// `data_start <= block.len()`
    data_start: usize,
    pub(crate) retry: Option<u64>,
}

#[cfg(feature = "bytes")]
impl EventBytes {
    /// Creates an event from slices of `input`. The name must stand before the data.
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

    /// Creates an event whose name and data do not lie in one input.
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

    /// The value of the last `event` line. It is empty without such a line, which means `message`.
    #[inline]
    pub fn name(&self) -> &[u8] {
        self.block.get(..self.name_end).unwrap_or_default()
    }

    /// The reconnection time in milliseconds, if a `retry` line set one since the previous event.
    pub const fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// Returns the data without a copy.
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

/// Compares name, data and retry, because two equal events may lie differently in memory.
#[cfg(feature = "bytes")]
impl PartialEq for EventBytes {
    fn eq(&self, other: &Self) -> bool {
        self.data() == other.data() && self.name() == other.name() && self.retry == other.retry
    }
}

#[cfg(feature = "bytes")]
impl Eq for EventBytes {}

/// An event is larger than the decoder's limit and was dropped.
///
/// A [`Decoder`](crate::Decoder) continues with the next event. A stream of chat chunks ends with this
/// error, because the answer would lack a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventTooLarge {
    /// The limit in bytes.
    pub limit: usize,
}

impl fmt::Display for EventTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the stream sent an event of more than {} bytes; raise the decoder's `max_event_size` \
             if you expect such events",
            self.limit
        )
    }
}

impl core::error::Error for EventTooLarge {}
