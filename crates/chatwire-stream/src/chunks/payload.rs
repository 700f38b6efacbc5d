//! Reads one JSON text of a stream as a chunk, an error or the end marker.
//! [`super::event_reader`] decides what follows from it for the stream.

use chatwire_types::{ChatCompletionChunk, ErrorResponse};
use serde::de::{Error as _, IgnoredAny};

use super::finished_choices::choices;
use crate::error_envelopes::{error_in_list, read_error, reports_error};
use chatwire_types::json::{LARGE, read};

/// The data of the event that ends a stream.
const MARKER: &str = "[DONE]";

/// The same marker in quotes, as some servers send it.
const QUOTED_MARKER: &str = "\"[DONE]\"";

/// One JSON text, or `[DONE]`.
pub(super) enum Payload {
    End,
    Chunk {
        chunk: Box<ChatCompletionChunk>,
        /// Whether the chunk reports an error beside its choices.
        has_error: bool,
    },
    Error(Box<ErrorResponse>),
}

impl Payload {
    /// Reads a text without white space around it. In an event with a custom name, a `message` alone is not an
    /// error.
    pub(super) fn read(text: &str, has_custom_name: bool) -> Result<Self, serde_json::Error> {
        if is_marker(text) {
            return Ok(Self::End);
        }
        if let Some(response) = error_in_list(text) {
            return Ok(Self::Error(Box::new(response)));
        }
        Ok(Self::of_chunk(read_chunk(text)?, text, has_custom_name))
    }

    /// Sorts a chunk that was read from `text`. Without choices, a chunk that reports an error is only an
    /// error.
    pub(super) fn of_chunk(
        chunk: Box<ChatCompletionChunk>,
        text: &str,
        has_custom_name: bool,
    ) -> Self {
        let has_error = reports_error(&chunk, has_custom_name);
        if has_error && chunk.choices.is_none() && choices(&chunk).is_empty() {
            drop(chunk);
            return Self::Error(Box::new(read_error(text)));
        }
        Self::Chunk { chunk, has_error }
    }
}

/// Reads a chunk. A large list or string is refused before a value is built, because it cannot be a chunk.
fn read_chunk(text: &str) -> Result<Box<ChatCompletionChunk>, serde_json::Error> {
    let found = match text.as_bytes().first() {
        Some(b'[') if text.len() > LARGE => "a list",
        Some(b'"') if text.len() > LARGE => "a string",
        _ => return read(text),
    };
    serde_json::from_str::<IgnoredAny>(text)?;
    Err(serde_json::Error::custom(format_args!("expected an object, found {found}")))
}

pub(super) fn is_marker(text: &str) -> bool {
    matches!(text, MARKER | QUOTED_MARKER)
}

/// Whether the data is the beginning of the marker, or the marker and more. Nothing may follow a marker in
/// quotes.
pub(super) fn begins_marker(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    let begins = |marker: &str| {
        let mut both = raw.iter().zip(marker.as_bytes());
        both.all(|(byte, expected)| byte.eq_ignore_ascii_case(expected))
    };
    begins(MARKER) || (raw.len() <= QUOTED_MARKER.len() && begins(QUOTED_MARKER))
}

/// The error on a line that is not a field of the format, if it reports one. llama.cpp writes `error: …`, and
/// some servers write the JSON of an error without `data:`.
pub(super) fn error_on_line(line: &[u8]) -> Option<&[u8]> {
    let named = line.strip_prefix(b"error").and_then(|rest| rest.strip_prefix(b":"));
    let raw = named.unwrap_or(line).trim_ascii();
    let is_error = match named {
        Some(_) => !matches!(raw, b"" | b"null" | b"0" | b"false" | b"\"\"" | b"{}" | b"[]"),
        None => serde_json::from_str(&String::from_utf8_lossy(raw))
            .is_ok_and(|chunk| reports_error(&chunk, false)),
    };
    is_error.then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_list_or_string_has_the_same_error_as_a_small_one() {
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
