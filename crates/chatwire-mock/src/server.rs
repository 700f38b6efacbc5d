//! The public server: its settings, its start and its end. [`routes`](crate::routes) answers the
//! requests.

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chatwire_types::CreateChatCompletionRequest;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::routes::{self, State};

/// A running server. If it is dropped, it accepts no new connection; open connections may finish.
pub struct MockServer {
    address: SocketAddr,
    state: Arc<State>,
    _stop: oneshot::Sender<()>,
}

/// The settings of a [`MockServer`].
#[derive(Clone, Default)]
#[must_use]
pub struct MockServerBuilder {
    port: u16,
    api_key: Option<String>,
    answers: Vec<String>,
    chunk_delay: Duration,
}

impl MockServer {
    /// Starts a server on a free port of the loopback interface. It needs no API key and answers
    /// without delay.
    ///
    /// # Errors
    /// Returns an error if no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Settings other than those of [`start`](Self::start).
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// The address without a path: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL for a client: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// The bodies of all valid requests, in their order.
    #[must_use]
    pub fn requests(&self) -> Vec<CreateChatCompletionRequest> {
        self.state.requests()
    }
}

impl MockServerBuilder {
    /// Sets the port. The default, 0, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the API key that every request must carry. By default, none is needed.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Sets the text of the next answer. Call it again for the answer after it; the last text is
    /// repeated.
    pub fn answer(mut self, text: impl Into<String>) -> Self {
        self.answers.push(text.into());
        self
    }

    /// Sets the wait before each chunk of a stream. The default is zero.
    pub fn chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = delay;
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    /// Returns an error if the port cannot be opened, most often because it is taken.
    pub async fn start(self) -> io::Result<MockServer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::new(self.api_key, self.answers, self.chunk_delay));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, routes::router(state.clone()));
        // Dropping the sender is the signal to stop.
        let serving = serving.with_graceful_shutdown(async { stopped.await.unwrap_or_default() });
        tokio::spawn(serving.into_future());
        Ok(MockServer { address, state, _stop: stop })
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Debug for MockServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServerBuilder")
            .field("port", &self.port)
            .field("chunk_delay", &self.chunk_delay)
            .finish_non_exhaustive()
    }
}
