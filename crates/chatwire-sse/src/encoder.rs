//! Encodes events into bytes that every decoder of the format reads back.
//! [`crate::decoder`] decodes bytes into events.

use alloc::format;
use alloc::vec::Vec;

use memchr::memchr2;

use crate::event::Event;

/// Appends one event to `bytes`: a line each for name, id and reconnection time if they are set, a `data`
/// line for each line of the data, and a blank line.
///
/// The format has no escapes, so some values change:
///
/// - CR, LF and CRLF in the data become ends of `data` lines, which a decoder returns as LF.
/// - A name or an id is cut before its first line end.
/// - An id with a NUL character is left out, because decoders ignore it.
///
/// ```
/// use chatwire_sse::{Decoder, Event, write_event};
///
/// let mut event = Event::new(b"one\ntwo");
/// event.name = b"note";
/// let mut bytes = Vec::new();
/// write_event(&mut bytes, &event);
/// assert_eq!(bytes, b"event: note\ndata: one\ndata: two\n\n");
/// assert_eq!(Decoder::new().next(&mut &bytes[..])?, Some(event));
/// # Ok::<(), chatwire_sse::EventTooLarge>(())
/// ```
pub fn write_event(bytes: &mut Vec<u8>, event: &Event<'_>) {
    write_field(bytes, b"event", event.name);
    if !event.id.contains(&0) {
        write_field(bytes, b"id", event.id);
    }
    if let Some(milliseconds) = event.retry {
        write_line(bytes, b"retry: ", format!("{milliseconds}").as_bytes());
    }
    for line in lines(event.data) {
        write_line(bytes, b"data: ", line);
    }
    bytes.push(b'\n');
}

/// Appends a comment to `bytes`. Decoders skip comments, so servers send them to keep a connection open.
/// Each line of the text becomes a comment line.
///
/// ```
/// let mut bytes = Vec::new();
/// chatwire_sse::write_comment(&mut bytes, "still thinking");
/// assert_eq!(bytes, b": still thinking\n\n");
/// ```
pub fn write_comment(bytes: &mut Vec<u8>, text: &str) {
    for line in lines(text.as_bytes()) {
        write_line(bytes, b": ", line);
    }
    bytes.push(b'\n');
}

/// Writes the first line of `value` as a field, unless that line is empty.
fn write_field(bytes: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    let value = lines(value).next().unwrap_or_default();
    if !value.is_empty() {
        bytes.extend_from_slice(name);
        write_line(bytes, b": ", value);
    }
}

fn write_line(bytes: &mut Vec<u8>, prefix: &[u8], value: &[u8]) {
    bytes.extend_from_slice(prefix);
    bytes.extend_from_slice(value);
    bytes.push(b'\n');
}

/// Splits a text at LF, CR and CRLF. An empty text is one empty line.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr2(b'\r', b'\n', text) else { return rest.take() };
        let (line, after) = text.split_at_checked(end)?;
        rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..));
        Some(line)
    })
}
