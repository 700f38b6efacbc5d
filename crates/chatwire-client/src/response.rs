//! What an operation returns if the server accepts the request: a value or a stream, with status and
//! headers. Everything else is an [`Error`](crate::Error).

use std::borrow::Cow;
use std::fmt;
use std::future::Future as _;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use chatwire_types::{ChatCompletion, ErrorResponse, strip_byte_order_mark};
use futures_core::Stream;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserializer as _, Serialize};

use crate::Error;
use crate::body::BodyContext;
use crate::compression::{self, Decompressor, Unreadable};
use crate::describe;
use crate::error::Answer;
use crate::rate_limits::RateLimits;
use crate::secrets::Secrets;
use crate::time::{self, Sleep};
use crate::trace::Call;
use crate::transport::{self, Body, HttpResponse};

/// An answer: the value, and the status and headers that came with it.
///
/// It dereferences to the value, so `response.choices` works. [`into_inner`](Self::into_inner) returns the
/// value itself.
#[derive(Clone, Debug)]
pub struct Response<T> {
    inner: T,
    status: StatusCode,
    headers: HeaderMap,
    /// What an error that is made of the value must not show.
    secrets: Secrets,
}

impl<T> Response<T> {
    pub(crate) fn new(inner: T, status: StatusCode, headers: HeaderMap) -> Self {
        Self { inner, status, headers, secrets: Secrets::default() }
    }

    /// Returns the value and drops the status and the headers.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Returns the value, and a response that has only the status and the headers.
    pub fn into_parts(self) -> (T, Response<()>) {
        let Self { inner, status, headers, secrets } = self;
        (inner, Response { inner: (), status, headers, secrets })
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The headers: rate limits, processing time and so on.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The id that the server gave the request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        describe::request_id(&self.headers)
    }

    /// The rate limits in the headers.
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits::read(&self.headers)
    }

    /// The media type of the body without its parameters, such as `text/event-stream`.
    pub fn media_type(&self) -> Option<&str> {
        describe::media_type(&self.headers)
    }

    /// The error of an answer that cannot be used, and why.
    pub(crate) fn invalid(self, why: &str) -> Error {
        let message = format!("{}, but {why}", describe::shown(self.status));
        Error::invalid_answer(message).with_answer(self.status, self.headers, Bytes::new())
    }

    /// The error of an answer with a key of another shape than expected.
    pub(crate) fn wrong_key(self, key: &str, expected: &str) -> Error
    where
        T: Serialize,
    {
        let json = serde_json::to_vec(&self.inner).unwrap_or_default();
        let body = self.secrets.redact(json.into());
        Error::wrong_key(self.status, self.headers, body, key, expected)
    }

    /// Converts the value and keeps the status and the headers.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        let Self { inner, status, headers, secrets } = self;
        Response { inner: change(inner), status, headers, secrets }
    }
}

impl<T: DeserializeOwned> Response<T> {
    /// Reads the whole body and decodes it. `keys` are the documented keys of the answer; if there are any, the
    /// answer has one of them.
    ///
    /// # Errors
    ///
    /// Returns an error if the body breaks off, is not the documented JSON, or reports an error in spite of
    /// its status.
    #[doc(hidden)]
    pub async fn json(response: HttpResponse, keys: &[&str]) -> Result<Self, Error>
    where
        T: 'static,
    {
        let call = Call::of(&response);
        let answer = Self::read(response, keys).await;
        call.end(answer.as_ref().map(|answer| &answer.inner));
        answer
    }

    async fn read(response: HttpResponse, keys: &[&str]) -> Result<Self, Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        let Some(context) = BodyContext::of(&response).cloned() else {
            return Err(Error::request("the response was not sent by this client".to_owned()));
        };
        let body = context.read(response).await?;
        if ErrorResponse::from_success(&body).is_some() {
            return Err(Error::refused(status, headers, context.redact(body), None));
        }
        match context.decode(&body) {
            Ok(_) if !has_key(&body, keys) => {
                Err(Error::no_answer(status, headers, context.redact(body)))
            }
            Ok(inner) => Ok(Self { inner, status, headers, secrets: context.secrets().clone() }),
            Err(source) => Err(Error::invalid_body(status, headers, context.redact(body), source)),
        }
    }
}

impl Response<ChatCompletion> {
    /// The error that an answer reports beside its choices.
    pub(crate) fn refused_beside_choices(self) -> Error {
        let json = serde_json::to_vec(&self.inner).unwrap_or_default();
        let body = self.secrets.redact(json.into());
        Error::refused(self.status, self.headers, body, None).with_partial(self.inner)
    }
}

impl Response<()> {
    /// An answer of which only the status and the headers matter. Its body is not read.
    #[doc(hidden)]
    #[must_use]
    pub fn empty(response: &HttpResponse) -> Self {
        Call::of(response).end(Ok(&()));
        Self::new((), response.status(), response.headers().clone())
    }
}

impl Response<ByteStream> {
    /// Returns the body as it arrives.
    #[doc(hidden)]
    pub fn stream(response: HttpResponse) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let context = BodyContext::of(&response).cloned();
        let call = Call::of(&response);
        let decompressor = Decompressor::new(compression::label(&headers));
        let body = response.into_body();
        let head = Answer::without_body(status, headers.clone());
        let stream = ByteStream { body, decompressor, context, head, timer: None, call };
        Self::new(stream, status, headers)
    }
}

/// Whether an object has one of these keys. Any object has, if there are no keys to have.
fn has_key(json: &[u8], keys: &[&str]) -> bool {
    struct Keys<'k>(&'k [&'k str]);

    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let mut found = false;
            while let Some((key, _)) = map.next_entry::<Cow<'_, str>, IgnoredAny>()? {
                found |= self.0.contains(&&*key);
            }
            Ok(found)
        }
    }

    let mut reader = serde_json::Deserializer::from_slice(strip_byte_order_mark(json));
    keys.is_empty() || reader.deserialize_map(Keys(keys)).unwrap_or(true)
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

/// How many pieces without text are read before other tasks get their turn.
const MOST_READS: usize = 64;

/// The body of an answer, in the pieces that the network made of it.
///
/// The body may take as long as it needs. If nothing arrives for the client's idle timeout, the stream ends
/// with an error of the kind [`Timeout`](crate::ErrorKind::Timeout). An error has the status and the headers of the
/// answer. Dropping the stream closes the connection, which tells the server to stop.
pub struct ByteStream {
    body: Body,
    decompressor: Decompressor,
    context: Option<BodyContext>,
    /// Status and headers, for errors.
    head: Answer,
    /// Set only while the caller waits for the server.
    timer: Option<Sleep>,
    /// The span of the call, unless a stream of chunks has it.
    call: Call,
}

impl ByteStream {
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        for _ in 0..MOST_READS {
            match self.decompressor.next() {
                Ok(None) => {}
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(piece))),
                Err(unreadable) => return Poll::Ready(Some(Err(self.unreadable(&unreadable)))),
            }
            match self.body.poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(self.last_piece()),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(Error::broken_body(self.server(), error))));
                }
                Poll::Ready(Some(Ok(data))) => self.decompressor.push(data),
            }
        }
        // Pieces come that have no text. Timers and other tasks need their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        // Without a timer, the wait would have no limit.
        if let Err(error) = transport::check_runtime() {
            return Poll::Ready(error);
        }
        let limits = self.context.as_ref().map(BodyContext::limits);
        let Some(idle) = limits.and_then(|limits| limits.idle) else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| time::sleep(idle));
        std::task::ready!(Pin::new(timer).poll(cx));
        Poll::Ready(Error::silence(self.server(), idle))
    }

    /// What is left in the decompressor at the end of the body.
    fn last_piece(&mut self) -> Option<Result<Bytes, Error>> {
        match self.decompressor.finish() {
            Ok(piece) => piece.map(Ok),
            Err(unreadable) => Some(Err(self.unreadable(&unreadable))),
        }
    }

    /// Ends the body, and closes the connection.
    fn unreadable(&mut self, unreadable: &Unreadable) -> Error {
        self.body = Body::default();
        self.decompressor = Decompressor::new(None);
        Error::invalid_answer(format!(
            "the answer of {} cannot be read: {unreadable}",
            self.server()
        ))
    }

    fn server(&self) -> &str {
        self.context.as_ref().map_or("the server", BodyContext::server)
    }

    pub(crate) fn head(&self) -> &Answer {
        &self.head
    }

    /// What belongs to the call, for the stream of chunks.
    pub(crate) fn context(&self) -> Option<&BodyContext> {
        self.context.as_ref()
    }

    /// The span of the call, for the stream of chunks, which ends it.
    pub(crate) fn take_call(&mut self) -> Call {
        std::mem::take(&mut self.call)
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match this.poll_body(cx) {
            Poll::Ready(item) => {
                this.timer = None;
                let item = item.map(|item| item.map_err(|error| error.with(this.head.clone())));
                this.call.piece(item.as_ref());
                Poll::Ready(item)
            }
            Poll::Pending => this.poll_timer(cx).map(|error| {
                // Closes the connection, and the next poll ends the stream.
                this.body = Body::default();
                this.timer = None;
                let item = Some(Err(error.with(this.head.clone())));
                this.call.piece(item.as_ref());
                item
            }),
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = self.context.as_ref().map(BodyContext::limits);
        f.debug_struct("ByteStream").field("limits", &limits).finish_non_exhaustive()
    }
}
