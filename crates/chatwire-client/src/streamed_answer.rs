//! Reads an answer that came as an event stream although the request did not ask for one. Streams that
//! the request asks for are read in [`chat`](crate::chat).

use chatwire_stream::{
    ChunkDecoder, ChunkReader, CompletionError, Incomplete, StreamError, Truncated,
};
use chatwire_types::ChatCompletion;

use crate::describe::{compression, media_type};
use crate::{Error, Response};

/// Reads the body that this error holds once more: as an event stream, or as a completion with `[DONE]`
/// behind it.
///
/// # Errors
///
/// - The error that the event stream reports.
/// - An error that says why the event stream is not complete.
/// - The same error again, if the body is not an event stream.
pub(crate) fn read_streamed_answer(error: Error) -> Result<Response<ChatCompletion>, Error> {
    let Some(answer) = error.answer() else { return Err(error) };
    if compression(&answer.headers).is_some() {
        return Err(error);
    }
    let label = media_type(&answer.headers);
    let decoder = ChunkDecoder::new().response(answer.status.as_u16(), label);
    let incomplete = match ChunkReader::with_decoder(&answer.body[..], decoder).completion() {
        Ok(completion) => {
            return Ok(Response::new(completion, answer.status, answer.headers.clone()));
        }
        Err(incomplete) => incomplete,
    };
    if !is_event_stream(&incomplete, label) {
        return Err(error);
    }
    Err(Error::incomplete(answer.clone(), incomplete))
}

/// Whether the body that was read is an event stream at all. Plain text also decodes as a stream without
/// chunks, because a decoder ignores lines that it does not know.
fn is_event_stream(incomplete: &Incomplete, label: Option<&str>) -> bool {
    match &incomplete.error {
        CompletionError::Stream(StreamError::NotEventStream(_)) => false,
        CompletionError::Stream(StreamError::Truncated(Truncated { chunks: 0, .. })) => {
            label.is_some_and(|label| label.eq_ignore_ascii_case("text/event-stream"))
        }
        _ => true,
    }
}
