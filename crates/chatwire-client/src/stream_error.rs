//! Converts what fails in an event stream to an [`Error`], and back for programs that pass streams on. The errors
//! themselves are in [`error`](crate::error) and in `chatwire-stream`.

use std::error::Error as _;

use chatwire_stream::{AnswerTooLarge, CompletionError, Incomplete, StreamError, TooManyParts};
use chatwire_types::ErrorResponse;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use crate::describe::{one_line, shown};
use crate::error::{Answer, Source, details};
use crate::{Error, ErrorKind};

impl Error {
    /// What failed in an event stream. It is `None` if the call failed before the stream began.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_client::{Client, ErrorKind};
    /// use chatwire_mock::{Fault, MockServer};
    /// use chatwire_stream::StreamError;
    /// use chatwire_types::{ChatCompletion, CreateChatCompletionRequest, Message};
    ///
    /// let server = MockServer::builder().random_fault(1.0, Fault::CutAfterChunks(3)).start().await?;
    /// let client = Client::builder().base_url(server.base_url()).build()?;
    /// let request = CreateChatCompletionRequest::new("m", [Message::user("Say this is a test")]);
    /// let error = client.stream(&request).await?.completion().await.unwrap_err();
    /// assert!(matches!(error.stream_error(), Some(StreamError::Transport(_))));
    /// assert_eq!(error.kind(), ErrorKind::Transport);
    /// assert_eq!(error.status(), Some(200));
    /// assert_eq!(error.partial().and_then(ChatCompletion::text).as_deref(), Some("This is"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn stream_error(&self) -> Option<&StreamError> {
        self.source()?.downcast_ref()
    }

    /// The envelope in the event that reports an error.
    pub(crate) fn envelope_in_stream(&self) -> Option<&ErrorResponse> {
        envelope_in(self.stream_error()?)
    }

    /// The error of a stream whose response has this head.
    pub(crate) fn in_stream(error: StreamError, head: Option<&Answer>) -> Self {
        let (kind, in_body) = kind_and_envelope(&error);
        let cause = call_behind(&error);
        let message = cause.map_or_else(|| error.to_string(), ToString::to_string);
        let answer = head.or_else(|| cause?.answer()).cloned();
        let no_headers = HeaderMap::new();
        let headers = answer.as_ref().map_or(&no_headers, |answer| &answer.headers);
        let message = message + &details(headers, in_body.as_ref().or(envelope_in(&error)));
        let error = Self::caused(kind, message, error).with_envelope(in_body);
        match answer {
            Some(answer) => error.with(answer),
            None => error,
        }
    }

    /// The error of a completion of such a stream.
    pub(crate) fn in_completion(incomplete: Incomplete, head: Option<&Answer>) -> Self {
        let Incomplete { partial, error, .. } = incomplete;
        let is_read = matches!(error, CompletionError::AlreadyRead);
        let error = match (error, head) {
            (CompletionError::Stream(error), head) => Self::in_stream(error, head),
            (error, None) => error.into(),
            (error, Some(head)) => Self::from(error).with(head.clone()),
        };
        if is_read { error } else { error.with_partial(*partial) }
    }

    /// The error of an event stream that came although the request asked for JSON.
    pub(crate) fn incomplete(answer: Answer, incomplete: Incomplete) -> Self {
        let Incomplete { partial, error, .. } = incomplete;
        let status = shown(answer.status);
        let error = match error {
            CompletionError::Stream(StreamError::Api(api)) => {
                let details = details(&answer.headers, Some(&api.response));
                let message = format!("{status}: {}{details}", one_line(&api.message()));
                Self::caused(ErrorKind::Api, message, StreamError::Api(api))
            }
            error => {
                let message =
                    format!("{status}, but the answer is an incomplete event stream: {error}");
                Self::caused(ErrorKind::InvalidBody, message, cause(error))
            }
        };
        error.with(answer).with_partial(*partial)
    }
}

/// The error of the stream, if it is one, for [`Error::stream_error`].
fn cause(error: CompletionError) -> Source {
    match error {
        CompletionError::Stream(error) => error.into(),
        error => error.into(),
    }
}

/// The error of the client that is the cause of a broken stream.
fn call_behind(error: &StreamError) -> Option<&Error> {
    match error {
        StreamError::Transport(source) => source.downcast_ref(),
        _ => None,
    }
}

/// The envelope that the error of a stream holds. It may be as long as an event, so it is not copied.
fn envelope_in(error: &StreamError) -> Option<&ErrorResponse> {
    match error {
        StreamError::Api(error) => Some(&error.response),
        _ => None,
    }
}

/// The kind, and the envelope in a short body that is not an event stream.
fn kind_and_envelope(error: &StreamError) -> (ErrorKind, Option<ErrorResponse>) {
    let kind = match error {
        StreamError::Api(_) => ErrorKind::Api,
        StreamError::NotEventStream(other) => match other.api_error() {
            Some(error) => return (ErrorKind::Api, Some(error.response)),
            None => ErrorKind::InvalidBody,
        },
        StreamError::Undecodable(_) | StreamError::EventTooLarge(_) => ErrorKind::InvalidBody,
        StreamError::IdleTimeout(_) => ErrorKind::Timeout,
        _ => call_behind(error).map_or(ErrorKind::Transport, Error::kind),
    };
    (kind, None)
}

/// For a stream that the program reads itself, with `ChunkStream` or `ChunkReader`. The error has no status, unless
/// the bytes are those of a [`ByteStream`](crate::ByteStream).
impl From<StreamError> for Error {
    fn from(error: StreamError) -> Self {
        Self::in_stream(error, None)
    }
}

/// For chunks that the program joins itself.
impl From<CompletionError> for Error {
    fn from(error: CompletionError) -> Self {
        match error {
            CompletionError::Stream(error) => error.into(),
            CompletionError::AlreadyRead => Self::new(ErrorKind::Config, error),
            _ => Self::new(ErrorKind::InvalidBody, error),
        }
    }
}

/// For an [`AnswerLimit`](chatwire_stream::AnswerLimit) of the program.
impl From<AnswerTooLarge> for Error {
    fn from(error: AnswerTooLarge) -> Self {
        CompletionError::from(error).into()
    }
}

/// For an [`Accumulator`](chatwire_stream::Accumulator) of the program.
impl From<TooManyParts> for Error {
    fn from(error: TooManyParts) -> Self {
        CompletionError::from(error).into()
    }
}

/// Keeps the answer as far as it arrived: see [`Error::partial`].
impl From<Incomplete> for Error {
    fn from(incomplete: Incomplete) -> Self {
        Self::in_completion(incomplete, None)
    }
}

/// Converts an error to that of a stream, for programs that pass streams on.
///
/// - What failed in a stream stays as it is: [`Error::stream_error`].
/// - An error envelope becomes [`Api`](StreamError::Api).
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
        if let Some(in_stream) = error.stream_error() {
            return in_stream.clone();
        }
        let is_about_body = matches!(error.kind(), ErrorKind::Api | ErrorKind::InvalidBody);
        let answer = error.answer().filter(|answer| {
            is_about_body && !(answer.status.is_success() && answer.body.is_empty())
        });
        let Some(answer) = answer else { return Self::transport(error) };
        let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self::of_response(answer.status.as_u16(), content_type, &answer.body)
    }
}
