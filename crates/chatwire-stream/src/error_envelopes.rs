//! Reads the errors of a stream within its bounds. Which envelopes there are, and what reports an
//! error, `chatwire-types` knows; [`crate::chunks`] decides what becomes of such an event.

use chatwire_types::{ChatCompletionChunk, ErrorResponse, FirstError};

use crate::json::check_objects;
use crate::json::read_if;

/// Whether a chunk is, or holds, a report of an error. Words alone do not count in an event with a type
/// of its own, because they may be about something else.
pub(crate) fn reports_error(chunk: &ChatCompletionChunk, has_custom_name: bool) -> bool {
    if has_custom_name { chunk.reports_error_in_named_event() } else { chunk.reports_error() }
}

/// Reads a text as an error envelope. The envelope is empty if the text is not one, or has too many
/// objects; the caller keeps the bytes.
pub(crate) fn read_error(text: &str) -> ErrorResponse {
    let response = check_objects(text).is_ok().then(|| read_if(text));
    response.flatten().unwrap_or_default()
}

/// Reads a text that is a list, because some services put the envelope into a list of one.
pub(crate) fn error_in_list(text: &str) -> Option<ErrorResponse> {
    if !text.starts_with('[') {
        return None;
    }
    let FirstError(response) = read_if(text)?;
    response.filter(ErrorResponse::is_failure)
}
