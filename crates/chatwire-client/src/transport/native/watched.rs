//! Watches whether a server has answered on a connection. A request without a byte of an answer may be sent
//! again, because the server has most probably not read it. [`super`] makes the connections.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http::Uri;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower_service::Service;

use super::connector::Connector;
use super::route::Route;
use super::tls::Encrypted;
use crate::time;
use crate::transport::BoxError;

/// What happened on one connection. The connection, its requests and its answers share it.
#[derive(Clone, Debug)]
pub(super) struct Watch(Arc<State>);

#[derive(Debug)]
struct State {
    /// The number of bytes that came.
    read: AtomicU64,
    /// The number of bytes that had come when the last request was sent.
    read_before: AtomicU64,
    /// Whether the last answer has ended, so that the next byte that is sent begins a request.
    is_idle: AtomicBool,
}

impl Watch {
    fn new() -> Self {
        let (read, read_before) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(State { read, read_before, is_idle: AtomicBool::new(true) }))
    }

    fn sends(&self) {
        if self.0.is_idle.swap(false, Ordering::SeqCst) {
            self.0.read_before.store(self.0.read.load(Ordering::SeqCst), Ordering::SeqCst);
        }
    }

    fn receives(&self, bytes: usize) {
        self.0.read.fetch_add(bytes as u64, Ordering::SeqCst);
    }

    pub(super) fn answer_ended(&self) {
        self.0.is_idle.store(true, Ordering::SeqCst);
    }

    /// Whether no byte of an answer to the last request has come.
    pub(super) fn is_unanswered(&self) -> bool {
        let has_read = self.0.read.load(Ordering::SeqCst);
        self.0.is_idle.load(Ordering::SeqCst)
            || has_read == self.0.read_before.load(Ordering::SeqCst)
    }
}

/// Makes connections that are watched, within a time.
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) connector: Connector,
    pub(super) timeout: Option<Duration>,
}

impl Service<Uri> for Watched {
    type Response = TokioIo<WatchedStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.encrypted.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let connecting = self.connector.encrypted.call(address);
        let (timeout, is_forwarded) = (self.timeout, self.connector.is_forwarded);
        Box::pin(async move {
            let connected = match timeout {
                None => connecting.await,
                Some(limit) => time::timeout(limit, connecting).await.ok_or_else(|| {
                    let message = format!("it took longer than {limit:?}");
                    io::Error::new(io::ErrorKind::TimedOut, message)
                })?,
            };
            let stream = TokioIo::new(connected?);
            Ok(TokioIo::new(WatchedStream { stream, is_forwarded, watch: Watch::new() }))
        })
    }
}

/// A connection that is watched.
pub(super) struct WatchedStream {
    stream: TokioIo<<Encrypted<Route> as Service<Uri>>::Response>,
    is_forwarded: bool,
    watch: Watch,
}

impl Connection for WatchedStream {
    fn connected(&self) -> Connected {
        let connected = self.stream.inner().connected();
        connected.proxy(self.is_forwarded).extra(self.watch.clone())
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.watch.receives(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.watch.sends();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.watch.sends();
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The body of an answer, whose end is watched.
pub(super) struct WatchedBody {
    pub(super) body: Incoming,
    pub(super) watch: Option<Watch>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if (frame.is_none() || self.body.is_end_stream())
            && let Some(watch) = self.watch.take()
        {
            watch.answer_ended();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for WatchedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedBody").finish_non_exhaustive()
    }
}
