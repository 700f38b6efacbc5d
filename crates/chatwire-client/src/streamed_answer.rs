//! Reads an answer that came as an event stream although the request did not ask for one. Streams that
//! the request asks for are read in [`chat`](crate::chat).

use chatwire_stream::{ChunkDecoder, ChunkReader, CompletionError, StreamError};
use chatwire_types::ChatCompletion;

use crate::describe::media_type;
use crate::{Error, Response};

/// Reads the body that this error holds once more: as an event stream, or as a completion with `[DONE]`
/// behind it. The limit on JSON objects is that of the first reading, because it may be why that failed.
///
/// # Errors
///
/// - The error that the event stream reports.
/// - An error that says why the event stream is not complete.
/// - The same error again, if the body is not an event stream.
pub(crate) fn read_streamed_answer(
    error: Error,
    max_objects: Option<usize>,
) -> Result<Response<ChatCompletion>, Error> {
    let Some(answer) = error.answer() else { return Err(error) };
    // A compressed body was not read, so it is empty, too.
    if answer.body.trim_ascii().is_empty() {
        return Err(error);
    }
    let media_type = media_type(&answer.headers);
    let decoder = ChunkDecoder::new()
        .max_objects(max_objects.unwrap_or(usize::MAX))
        .response(answer.status.as_u16(), media_type);
    match ChunkReader::with_decoder(&answer.body[..], decoder).completion() {
        Ok(completion) => Ok(Response::new(completion, answer.status, answer.headers.clone())),
        Err(incomplete) => match incomplete.error {
            CompletionError::Stream(StreamError::NotEventStream(_)) => Err(error),
            _ => Err(Error::incomplete(answer.clone(), incomplete)),
        },
    }
}
