//! The error of one call, with everything that the server said about it. [`stream_error`](crate::stream_error)
//! makes it of what fails in an event stream.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatwire_stream::{BoxError, IdleTimeout, SharedError};
use chatwire_types::{ChatCompletion, ErrorResponse, strip_byte_order_mark};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::Response;
use crate::compression::Unreadable;
use crate::describe::{describe_media, one_line, request_id, shown};
use crate::secrets::Secrets;

/// The error of every call and of every stream.
///
/// It is opaque, so that later versions can add to it. Its parts are [`kind`](Self::kind),
/// [`status`](Self::status), [`code`](Self::code) and so on. If the server answered, the error has the
/// status, the headers, the request id and the bytes of the body.
///
/// - [`stream_error`](Self::stream_error) is there if an event stream failed after it began.
/// - [`partial`](Self::partial) is the answer as far as it arrived.
///
/// A function that returns it can use `?` on calls and streams, on the errors of `chatwire-stream`, and on
/// structured output and tools of `chatwire`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = chatwire_mock::MockServer::start().await?;
/// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
/// use chatwire_client::{Client, Error};
/// use chatwire_types::{CreateChatCompletionRequest, Message};
///
/// async fn count(client: &Client, request: &CreateChatCompletionRequest) -> Result<usize, Error> {
///     let mut stream = client.stream(request).await?;
///     let mut count = 0;
///     while let Some(chunk) = stream.next().await {
///         count += chunk?.text().unwrap_or_default().len();
///     }
///     Ok(count)
/// }
///
/// let request = CreateChatCompletionRequest::new("m", [Message::user("Say this is a test")]);
/// assert_eq!(count(&client, &request).await?, "This is a test!".len());
///
/// let error = count(&client, &request.n(0)).await.unwrap_err();
/// assert!(error.stream_error().is_none(), "the call failed before the stream began");
/// assert!(error.request_id().is_some());
/// # Ok(())
/// # }
/// ```
///
/// `Display` is one line that says what happened and why. Neither it nor any part of the error contains a part
/// of the request or a secret. A clone is cheap, because the copies share their content.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

/// The kind of an [`Error`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A setting cannot be used: the base URL, a header or a missing key. Or the call was made outside a tokio
    /// runtime. Nothing was sent, unless a stream is read outside a runtime after it began inside one, or
    /// [`completion`](crate::ChatStream::completion) is called after a part of the stream was read.
    Config,
    /// The request could not be built. Nothing was sent.
    Request,
    /// The [key provider](crate::KeyProvider) failed, or its key cannot be sent. Nothing was sent with it.
    Key,
    /// The connection failed: it was refused, the host is unknown, it took too long, or TLS failed.
    Connect,
    /// The certificate of the server cannot be trusted. Nothing was sent.
    Certificate,
    /// The server took longer than one of the client's limits after the connection was open.
    Timeout,
    /// The connection broke or the stream ended before the answer was complete, or the answer is not HTTP.
    Transport,
    /// The server answered with an error: with a status that is not a success, or with a body or an event that
    /// reports an error in spite of its status.
    Api,
    /// The status is a success, but the body is not what the operation documents, is too large or only a part,
    /// or is compressed in a way that the client cannot undo.
    InvalidBody,
    /// The answer is a completion, but not what the caller asked for: a refusal, a text that was cut off, a value of
    /// another type, too many calls of tools. The [source](std::error::Error::source) says which.
    UnusableAnswer,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    answer: Option<Answer>,
    /// The error envelope in the body. One in an event is in the source.
    response: Option<ErrorResponse>,
    /// The answer as far as it arrived. Shared, because a change of an error may copy it.
    partial: Option<Arc<ChatCompletion>>,
    source: Option<SharedError>,
    is_unanswered: bool,
}

pub(crate) type Source = BoxError;

/// A request to which there was no answer.
pub(crate) struct Failed {
    pub(crate) error: Source,
    pub(crate) is_connect: bool,
    /// Whether it is certain that no byte of an answer came.
    pub(crate) is_unanswered: bool,
    /// Whether the answer could not be parsed as HTTP.
    pub(crate) is_not_http: bool,
    /// The proxy of the environment, if the connection leads through one.
    pub(crate) proxy: Option<String>,
}

/// What the server sent, as far as it arrived.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Error {
    /// Makes an error of a cause of your own. Its message is that of the cause.
    ///
    /// ```
    /// use chatwire_client::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::UnusableAnswer, "the answer names no city");
    /// assert_eq!(error.to_string(), "the answer names no city");
    /// ```
    #[must_use]
    pub fn new(kind: ErrorKind, cause: impl Into<BoxError>) -> Self {
        let cause = cause.into();
        Self::caused(kind, cause.to_string(), cause)
    }

    /// Adds the status and the headers of the answer that the error is about.
    #[must_use]
    pub fn with_response<T>(self, response: &Response<T>) -> Self {
        self.with(Answer::without_body(response.status_code(), response.headers().clone()))
    }

    /// Adds the answer as far as it arrived, for code that joins chunks itself.
    #[must_use]
    pub fn with_partial(self, partial: ChatCompletion) -> Self {
        self.change(|inner| inner.partial = Some(Arc::new(partial)))
    }

    /// The kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, if the server answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status.as_u16())
    }

    /// The headers of the answer, if the server answered: rate limits, request ids and so on.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.answer().map(|answer| &answer.headers)
    }

    /// The id that the server gave the request (`x-request-id` or a similar header), for its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.headers()?)
    }

    /// The body of the answer as far as it arrived, with every secret replaced by `***`: the API key, and the
    /// values of headers and query parameters that look like keys. If the status is an error, the body is cut
    /// after 1 MiB. A compressed body that cannot be read is left out, and so is the body of an event stream.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.answer().map(|answer| &answer.body[..])
    }

    /// The error envelope in the body or in the event, if it has one in any of the shapes that services use.
    #[must_use]
    pub fn response(&self) -> Option<ErrorResponse> {
        self.envelope().cloned()
    }

    /// The server's message, without status or code.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.envelope()?.error_message()
    }

    /// The server's code for the failure, such as `invalid_api_key` or `400`.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        self.envelope()?.error_code()
    }

    /// The server's class of the failure, such as `invalid_request_error`.
    #[must_use]
    pub fn error_type(&self) -> Option<String> {
        self.envelope()?.error_type().map(str::to_owned)
    }

    /// The request parameter that the server objects to, such as `messages[0].role`.
    #[must_use]
    pub fn param(&self) -> Option<String> {
        self.envelope()?.error_param()
    }

    /// The answer as far as it arrived, if the error is that of an answer in parts: from
    /// [`ChatStream::completion`](crate::ChatStream::completion), say. It has no choices if nothing arrived.
    #[must_use]
    pub fn partial(&self) -> Option<&ChatCompletion> {
        self.0.partial.as_deref()
    }

    fn envelope(&self) -> Option<&ErrorResponse> {
        self.0.response.as_ref().or_else(|| self.envelope_in_stream())
    }

    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.0.answer.as_ref()
    }
}

impl Error {
    pub(crate) fn config(message: String) -> Self {
        Self::said(ErrorKind::Config, message)
    }

    pub(crate) fn request(message: String) -> Self {
        Self::said(ErrorKind::Request, message)
    }

    pub(crate) fn key(message: String) -> Self {
        Self::said(ErrorKind::Key, message)
    }

    /// The error of a key provider. If any part of it has a secret, only its message is kept, without the secret.
    pub(crate) fn failed_key_provider(error: Source, secrets: &Secrets) -> Self {
        let redact = |text: String| match secrets.redacted(text.as_bytes()) {
            Some(redacted) => (String::from_utf8_lossy(&redacted).into_owned(), true),
            None => (text, false),
        };
        let (words, _) = redact(error.to_string());
        let all = causes(&*error)
            .fold(format!("{error:?} {error}"), |all, cause| format!("{all} {cause:?} {cause}"));
        let source = match redact(all) {
            (_, true) => words.clone().into(),
            _ => error,
        };
        let message = format!("the key provider failed: {}", one_line(&words));
        Self::caused(ErrorKind::Key, message, source)
    }

    pub(crate) fn timeout(message: String) -> Self {
        Self::said(ErrorKind::Timeout, message)
    }

    /// The error of a body that was silent for longer than the idle timeout.
    pub(crate) fn silence(server: &str, limit: Duration) -> Self {
        let message = format!(
            "{server} sent nothing for {limit:?} in the middle of its answer; ask again, or set a \
             longer `idle_timeout`"
        );
        // A chunk stream that reads the body looks for this cause.
        Self::caused(ErrorKind::Timeout, message, IdleTimeout::new(limit))
    }

    /// The error of a body that broke off.
    pub(crate) fn broken_body(server: &str, error: Source) -> Self {
        let cause = root_cause(&*error);
        let message = format!("the answer of {server} broke off: {cause}; ask again");
        Self::caused(ErrorKind::Transport, message, error)
    }

    /// The error of a request to which there was no answer.
    pub(crate) fn failed_request(server: &str, failed: Failed) -> Self {
        let Failed { error, is_connect, is_unanswered, is_not_http, proxy } = failed;
        let cause = root_cause(&*error);
        let (kind, message) = if let Some(reason) = certificate_problem(&*error) {
            let proxy = proxy.filter(|proxy| proxy.starts_with("https:"));
            let proxy = proxy.map(|proxy| format!(" or of the proxy {proxy}")).unwrap_or_default();
            let message = format!(
                "the certificate of {server}{proxy} cannot be trusted: {reason}; check the base URL, or trust the \
                 certificate with `SSL_CERT_FILE`"
            );
            (ErrorKind::Certificate, message)
        } else if is_connect {
            let message = match proxy {
                None => format!(
                    "cannot connect to {server}: {cause}; check the base URL, and that the server is running"
                ),
                Some(proxy) => format!(
                    "cannot connect to {server} through the proxy {proxy}: {cause}; check the proxy"
                ),
            };
            (ErrorKind::Connect, message)
        } else if is_not_http {
            let message = format!("{server} did not answer with HTTP that can be read: {cause}");
            (ErrorKind::Transport, message)
        } else {
            let message =
                format!("the connection to {server} broke before the answer began: {cause}");
            (ErrorKind::Transport, message)
        };
        Self::caused(kind, message, error).change(|inner| inner.is_unanswered = is_unanswered)
    }

    /// Whether it is certain that no byte of an answer came.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.0.is_unanswered
    }

    /// The error of an answer that is not a whole answer, with a message that says why.
    pub(crate) fn invalid_answer(message: String) -> Self {
        Self::said(ErrorKind::InvalidBody, message)
    }

    /// Adds what arrived of the answer.
    pub(crate) fn with_answer(self, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        self.with(Answer { status, headers, body })
    }

    /// The error of an answer whose status is not a success. `redirect` says why a redirect was not
    /// followed.
    pub(crate) fn refused(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        redirect: Option<String>,
    ) -> Self {
        let response = ErrorResponse::from_body(&body);
        let words = response.as_ref().and_then(ErrorResponse::error_message).map(one_line);
        let words = words.or(redirect).unwrap_or_else(|| describe_media(&headers, &body));
        let message = format!("{}: {words}{}", shown(status), details(&headers, response.as_ref()));
        Self::said(ErrorKind::Api, message)
            .with(Answer { status, headers, body })
            .with_envelope(response)
    }

    /// The error of a success whose body is not the documented JSON.
    pub(crate) fn invalid_body(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        source: serde_json::Error,
    ) -> Self {
        let what = describe_media(&headers, &body);
        let message = format!(
            "{}, but the body is not the documented JSON: {source} ({what})",
            shown(status)
        );
        let response = ErrorResponse::from_body(&body);
        Self::caused(ErrorKind::InvalidBody, message, source)
            .with(Answer { status, headers, body })
            .with_envelope(response)
    }

    /// The error of a success whose body is compressed and cannot be read.
    pub(crate) fn compressed(
        status: StatusCode,
        headers: HeaderMap,
        unreadable: &Unreadable,
    ) -> Self {
        let message = format!("{}, but the body cannot be read: {unreadable}", shown(status));
        Self::said(ErrorKind::InvalidBody, message).with(Answer::without_body(status, headers))
    }

    /// The error of an answer that is only a part.
    pub(crate) fn partial_content(headers: HeaderMap) -> Self {
        let status = StatusCode::PARTIAL_CONTENT;
        let message = format!(
            "{}: the answer is only a part, which the client did not ask for; check the server or the \
             proxy before it",
            shown(status)
        );
        Self::said(ErrorKind::InvalidBody, message).with(Answer::without_body(status, headers))
    }

    /// The error of a success whose body has no key of the documented answer.
    pub(crate) fn no_answer(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let what = describe_media(&headers, &body);
        let message = format!(
            "{}, but the body has none of the documented keys, so it is not an answer ({what}); check \
             the base URL",
            shown(status)
        );
        let response = ErrorResponse::from_body(&body);
        Self::said(ErrorKind::InvalidBody, message)
            .with(Answer { status, headers, body })
            .with_envelope(response)
    }

    /// The error of a success in which a key has another shape than expected.
    pub(crate) fn wrong_key(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        key: &str,
        expected: &str,
    ) -> Self {
        let what = describe_media(&headers, &body);
        let message = format!(
            "{}, but `{key}` is not {expected}, so the body is not an answer ({what}); check the base URL",
            shown(status)
        );
        Self::said(ErrorKind::InvalidBody, message).with(Answer { status, headers, body })
    }

    /// Whether a success has a body that is not the documented JSON, or that is not JSON and reports an error. It may
    /// be an event stream.
    pub(crate) fn may_be_streamed_answer(&self) -> bool {
        let is_other_json = || self.source().is_some_and(|source| source.is::<serde_json::Error>());
        self.answer().is_some_and(|answer| {
            let text = strip_byte_order_mark(&answer.body).trim_ascii_start();
            let is_json = matches!(text.first(), Some(b'{' | b'['));
            let reports_error = self.kind() == ErrorKind::Api && answer.status.is_success();
            is_other_json() || (reports_error && !is_json)
        })
    }

    /// An error without a cause.
    fn said(kind: ErrorKind, message: String) -> Self {
        Self(Arc::new(Inner {
            kind,
            message,
            answer: None,
            response: None,
            partial: None,
            source: None,
            is_unanswered: false,
        }))
    }

    pub(crate) fn caused(kind: ErrorKind, message: String, cause: impl Into<Source>) -> Self {
        Self::said(kind, message).change(|inner| inner.source = Some(cause.into().into()))
    }

    pub(crate) fn with(self, answer: Answer) -> Self {
        self.change(|inner| inner.answer = Some(answer))
    }

    pub(crate) fn with_envelope(self, response: Option<ErrorResponse>) -> Self {
        self.change(|inner| inner.response = response)
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl Answer {
    pub(crate) fn without_body(status: StatusCode, headers: HeaderMap) -> Self {
        Self { status, headers, body: Bytes::new() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.0.message)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("body_len", &self.body().map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The type, code, parameter and request id that are known, in parentheses.
pub(crate) fn details(headers: &HeaderMap, response: Option<&ErrorResponse>) -> String {
    let named = |name, value: Option<String>| value.map(|value| format!("{name} {value}"));
    let details: Vec<String> = [
        named("type", response.and_then(ErrorResponse::error_type).map(str::to_owned)),
        named("code", response.and_then(ErrorResponse::error_code)),
        named("param", response.and_then(ErrorResponse::error_param)),
        named("request id", request_id(headers).map(str::to_owned)),
    ]
    .into_iter()
    .flatten()
    .collect();
    match details.is_empty() {
        true => String::new(),
        false => format!(" ({})", one_line(&details.join(", "))),
    }
}

/// The innermost cause, because only that one says what happened ("Connection refused").
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let cause = causes(error).last().map_or_else(|| error.to_string(), ToString::to_string);
    one_line(&cause)
}

/// The causes of an error, from the outside in.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause| StdError::source(*cause))
}

/// Why a certificate is not trusted: `UnknownIssuer` of `invalid peer certificate: UnknownIssuer`.
fn certificate_problem(error: &(dyn StdError + 'static)) -> Option<String> {
    causes(error).find_map(|cause| {
        let text = cause.to_string();
        let problem = text.strip_prefix("invalid peer certificate: ")?;
        // Newer checks are wrapped: `Other(OtherError(CaUsedAsEndEntity))`.
        let inner = problem.rsplit("Error(").next().unwrap_or(problem).trim_end_matches(')');
        Some(one_line(if problem.starts_with("Other(") { inner } else { problem }))
    })
}
