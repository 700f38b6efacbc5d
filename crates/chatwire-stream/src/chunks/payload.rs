//! What one JSON text of a stream is: a chunk, an error or the end.
//! [`super::event_reader`] decides what that means for the stream.

use chatwire_types::{ChatCompletionChunk, ErrorResponse};
use serde::de::Error as _;

use super::finished_choices::choices;
use crate::errors::{error_in_list, read_error, reports_error};
use crate::json::{is_large_json, read};

/// The data of the event that ends a stream.
const MARKER: &str = "[DONE]";

/// The same as careless servers write it.
const QUOTED_MARKER: &str = "\"[DONE]\"";

/// One JSON text, or `[DONE]`.
pub(super) enum Payload {
    End,
    Chunk {
        chunk: Box<ChatCompletionChunk>,
        /// Whether it reports an error beside its choices.
        has_error: bool,
    },
    Error(Box<ErrorResponse>),
}

impl Payload {
    /// Reads a text that has no white space around it. In an event with a type of its own, a message
    /// alone is not an error.
    pub(super) fn read(text: &str, has_own_type: bool) -> Result<Self, serde_json::Error> {
        if is_marker(text) {
            return Ok(Self::End);
        }
        if let Some(response) = error_in_list(text) {
            return Ok(Self::Error(Box::new(response)));
        }
        Ok(Self::of_chunk(read_chunk(text)?, text, has_own_type))
    }

    /// What a chunk is that was read from a text.
    pub(super) fn of_chunk(
        chunk: Box<ChatCompletionChunk>,
        text: &str,
        has_own_type: bool,
    ) -> Self {
        let has_error = reports_error(&chunk, has_own_type);
        if has_error && chunk.choices.is_none() && choices(&chunk).is_empty() {
            drop(chunk);
            return Self::Error(Box::new(read_error(text)));
        }
        Self::Chunk { chunk, has_error }
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

pub(super) fn is_marker(text: &str) -> bool {
    matches!(text, MARKER | QUOTED_MARKER)
}

/// Whether this begins as the marker does, as far as it goes. In quotes, nothing may follow it.
pub(super) fn begins_marker(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    let begins = |marker: &str| {
        let mut both = raw.iter().zip(marker.as_bytes());
        both.all(|(byte, expected)| byte.eq_ignore_ascii_case(expected))
    };
    begins(MARKER) || (raw.len() <= QUOTED_MARKER.len() && begins(QUOTED_MARKER))
}

/// What went wrong, if a line that is no field says so: `error: …`, as llama.cpp writes it, or an error
/// without anything before it.
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
    use crate::json::LARGE;

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
