//! The body of an answer. [`super`] makes it, and [`response`](crate::response) and [`body`](crate::body) read it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as _, Frame};

use super::watched::WatchedBody;
use crate::transport::BoxError;

/// How many pieces without bytes are read before other tasks get their turn.
const MOST_READS: usize = 64;

/// The body of an answer, in the pieces that the network made of it. Dropping it closes the connection.
#[derive(Debug, Default)]
pub struct Body(Source);

#[derive(Debug, Default)]
enum Source {
    #[default]
    Empty,
    Watched(WatchedBody),
    Reqwest(reqwest::Body),
}

impl Body {
    pub(super) fn watched(body: WatchedBody) -> Self {
        Self(Source::Watched(body))
    }

    pub(super) fn reqwest(body: reqwest::Body) -> Self {
        Self(Source::Reqwest(body))
    }

    /// The number of bytes that the server announced.
    pub(crate) fn announced(&self) -> Option<u64> {
        match &self.0 {
            Source::Empty => Some(0),
            Source::Watched(body) => body.size_hint().exact(),
            Source::Reqwest(body) => body.size_hint().exact(),
        }
    }

    /// The next piece of the body.
    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        for _ in 0..MOST_READS {
            match ready!(self.poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                // A frame without data has trailers, which are ignored.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Source::Empty => Poll::Ready(None),
            Source::Watched(body) => {
                Pin::new(body).poll_frame(context).map_err(|error| error.into())
            }
            Source::Reqwest(body) => {
                // The address may have a key in its query.
                Pin::new(body).poll_frame(context).map_err(|error| error.without_url().into())
            }
        }
    }
}
