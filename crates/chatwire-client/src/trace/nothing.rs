//! The types of this folder without the feature `tracing`. Those with it are in `span.rs`, `stream.rs` and
//! `settings.rs`.

use std::borrow::{Borrow, Cow};

use chatwire_stream::{Incomplete, StreamError};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};

use crate::retry::Retry;
use crate::transport::HttpResponse;
use crate::{Client, Error, Response};

#[derive(Clone, Copy, Default)]
pub(crate) struct TraceContent {}

#[derive(Clone, Debug, Default)]
pub(crate) struct Call;

impl Call {
    pub(crate) fn begin(client: &Client, _: &reqwest::Request, _: &'static str) -> Self {
        let TraceContent {} = client.settings.trace_content;
        Self
    }

    pub(crate) fn of(_: &HttpResponse) -> Self {
        Self
    }

    pub(crate) fn enter<F>(&self, sending: F) -> F {
        sending
    }

    pub(crate) fn retry(&self, _: &Retry) {}

    pub(crate) fn sent<T>(&self, _: &Result<T, Error>) {}

    pub(crate) fn end<T>(&self, _: Result<&T, &Error>) {}

    pub(crate) fn piece<T>(&self, _: Option<&Result<T, Error>>) {}
}

#[derive(Clone, Default)]
pub(crate) struct SharedSpan {}

impl SharedSpan {
    pub(crate) fn end(&self, _: &Result<Response<ChatCompletion>, Error>) {}
}

impl Client {
    pub(crate) fn in_one_span(&self) -> Cow<'_, Self> {
        Cow::Borrowed(self)
    }
}

pub(crate) struct StreamSpan;

impl StreamSpan {
    pub(crate) const fn new(_: Call) -> Self {
        Self
    }

    pub(crate) fn item<C: Borrow<ChatCompletionChunk>>(
        &mut self,
        _: Option<&Result<C, StreamError>>,
    ) {
    }

    pub(crate) fn chunk(&mut self, _: &ChatCompletionChunk) {}

    pub(crate) fn end(&mut self, _: &Result<ChatCompletion, Incomplete>) {}
}
