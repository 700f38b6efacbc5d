//! A failed call as the error of a stream. The errors themselves are in [`error`](crate::error) and in
//! `chatwire-stream`.

use std::error::Error as _;

use chatwire_stream::{CompletionError, Incomplete, StreamError};
use reqwest::header::CONTENT_TYPE;

use crate::Error;

/// Converts a call that failed before its stream began, for programs that pass on both kinds of error.
///
/// - An error envelope becomes [`Api`](StreamError::Api).
/// - An event stream that is not complete becomes the error that ended it.
/// - Any other HTTP error becomes [`NotEventStream`](StreamError::NotEventStream) with its status.
/// - Silence in the middle of a body becomes [`IdleTimeout`](StreamError::IdleTimeout).
/// - Everything else becomes [`Transport`](StreamError::Transport).
///
/// ```no_run
/// # async fn pass_on(
/// #     client: &chatwire_client::Client,
/// #     request: &chatwire_types::CreateChatCompletionRequest,
/// # ) -> Result<chatwire_types::ChatCompletion, chatwire_stream::StreamError> {
/// let completion = client.chat(request).await?.into_inner();
/// # Ok(completion)
/// # }
/// ```
impl From<Error> for StreamError {
    fn from(error: Error) -> Self {
        if let Some(ended_by) = end_of_stream(&error) {
            return ended_by;
        }
        let Some(answer) = error.answer() else { return Self::transport(error) };
        let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self::of_response(answer.status.as_u16(), content_type, &answer.body)
    }
}

/// What ended the event stream that came as the answer of [`Client::chat`](crate::Client::chat).
fn end_of_stream(error: &Error) -> Option<StreamError> {
    match &error.source()?.downcast_ref::<Incomplete>()?.error {
        CompletionError::Stream(error) => Some(error.clone()),
        _ => None,
    }
}
