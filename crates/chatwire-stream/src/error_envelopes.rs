//! Reads error envelopes in a stream. `chatwire-types` defines the envelopes;
//! [`crate::chunks`] decides what follows from an error.

use chatwire_types::{ChatCompletionChunk, ErrorResponse, FirstError};

use chatwire_types::json::{read_if, replace_halves};

/// Whether a chunk reports an error. In an event with a custom name, a message alone is not an error, because
/// it may be about anything.
pub(crate) fn reports_error(chunk: &ChatCompletionChunk, has_custom_name: bool) -> bool {
    if has_custom_name { chunk.reports_error_in_named_event() } else { chunk.reports_error() }
}

/// Reads a text as an error envelope. Returns an empty envelope if the text is not an object, or has too many
/// objects; the caller also keeps the bytes. Halves of surrogate pairs are replaced.
pub(crate) fn read_error(text: &str) -> ErrorResponse {
    let without_halves = || read_if(&replace_halves(text)?.0);
    read_if(text).or_else(without_halves).unwrap_or_default()
}

/// Reads the error in a list, because some services put the envelope into a list of one item.
pub(crate) fn error_in_list(text: &str) -> Option<ErrorResponse> {
    if !text.starts_with('[') {
        return None;
    }
    let FirstError(response) = read_if(text)?;
    response.filter(ErrorResponse::is_failure)
}
