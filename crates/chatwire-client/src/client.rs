//! The client: sends the requests that the generated operations build, and retries them.
//! [`config`](crate::config) builds it, and [`retry`](crate::retry) decides when to retry.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::Error;
use crate::auth::{self, Secret};
use crate::body::BodyContext;
use crate::describe::{compression, server_name};
use crate::retry::{RetryHook, Timer, next_attempt};
use crate::runtime::OperationInfo;

/// A client for one server.
///
/// A clone is cheap and shares the connections.
///
/// - [`chat`](Self::chat) waits for the whole answer, and [`stream`](Self::stream) returns its chunks.
/// - The methods named after the operations are generated from the document.
/// - The `with_…` methods return a client that differs in one setting. They are for a single call, such as
///   `client.with_max_retries(0).chat(&request)`.
#[derive(Clone)]
pub struct Client {
    /// The base URL without a slash at its end.
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) settings: Arc<Settings>,
}

/// What is added to every request, how long to wait, and how often to retry.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) secret: Option<Secret>,
    pub(crate) first_byte_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_retries: u32,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) on_retry: Option<RetryHook>,
    pub(crate) foreign_http_client: bool,
}

impl Client {
    /// Returns the address that the paths of the operations are appended to, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.baseurl
    }

    /// Returns a client that also sends this header. It replaces a header of the same name.
    ///
    /// # Errors
    ///
    /// Returns an error if the name or the value cannot be sent in a header.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        let mut headers = self.settings.headers.clone();
        auth::add_header(&mut headers, name, value)?;
        Ok(self.with(|settings| settings.headers = headers))
    }

    /// Returns a client that also sends this query parameter.
    #[must_use]
    pub fn with_query(&self, name: &str, value: &str) -> Self {
        self.with(|settings| settings.query.push((name.to_owned(), value.to_owned())))
    }

    /// Returns a client that retries a request at most this often.
    #[must_use]
    pub fn with_max_retries(&self, max_retries: u32) -> Self {
        self.with(|settings| settings.max_retries = max_retries)
    }

    /// Returns a client with this first-byte timeout: the longest wait for an answer to begin. `None` removes
    /// the limit.
    #[must_use]
    pub fn with_first_byte_timeout(&self, timeout: Option<Duration>) -> Self {
        self.with(|settings| settings.first_byte_timeout = timeout)
    }

    /// Returns a client with this idle timeout: the longest wait between two pieces of a response body.
    /// `None` removes the limit.
    #[must_use]
    pub fn with_idle_timeout(&self, timeout: Option<Duration>) -> Self {
        self.with(|settings| settings.idle_timeout = timeout)
    }

    fn with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut copy = self.clone();
        change(Arc::make_mut(&mut copy.settings));
        copy
    }
}

impl Client {
    /// Sends a request until the server accepts it, the retries are used up, or another attempt would be
    /// wrong. It does not read the body of the answer.
    pub(crate) async fn send(
        &self,
        mut request: reqwest::Request,
        operation: &OperationInfo,
    ) -> Result<reqwest::Response, Error> {
        self.check_path(&request, operation)?;
        self.add_settings(&mut request);
        let mut retries = 0;
        loop {
            // The bodies of all operations are in memory, so a copy can always be made.
            let Some(attempt) = request.try_clone() else { return self.attempt(request).await };
            let error = match self.attempt(attempt).await {
                Ok(response) => return Ok(response),
                Err(error) if retries >= self.settings.max_retries => return Err(error),
                Err(error) => error,
            };
            let Some(retry) = next_attempt(error.clone(), retries, &*self.settings.timer) else {
                return Err(error);
            };
            if let Some(on_retry) = &self.settings.on_retry {
                on_retry.call(&retry);
            }
            self.settings.timer.sleep(retry.delay()).await;
            retries += 1;
        }
    }

    async fn attempt(&self, request: reqwest::Request) -> Result<reqwest::Response, Error> {
        let server = server_name(request.url());
        let answer = self.client.execute(request);
        let mut response = match self.settings.first_byte_timeout {
            None => answer.await?,
            Some(limit) => tokio::time::timeout(limit, answer).await.map_err(|_| {
                Error::timeout(format!("{server} did not begin to answer within {limit:?}"))
            })??,
        };
        response.extensions_mut().insert(BodyContext {
            idle_timeout: self.settings.idle_timeout,
            secret: self.settings.secret.clone(),
            foreign_http_client: self.settings.foreign_http_client,
        });
        let status = response.status();
        if !status.is_success() {
            return Err(Error::from_response(response).await);
        }
        match compression(response.headers()) {
            None => Ok(response),
            Some(encoding) => Err(Error::compressed(status, response.headers().clone(), encoding)),
        }
    }

    /// Adds the headers and query parameters of the client. Its headers replace those that the operation
    /// sets.
    fn add_settings(&self, request: &mut reqwest::Request) {
        for (name, value) in &self.settings.headers {
            request.headers_mut().insert(name, value.clone());
        }
        if !self.settings.query.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(&self.settings.query);
        }
    }

    /// Refuses an empty id, because it would turn the path into that of another operation.
    fn check_path(&self, request: &reqwest::Request, info: &OperationInfo) -> Result<(), Error> {
        let base = reqwest::Url::parse(&self.baseurl).map_or(0, |url| url.path().len());
        let path = request.url().path().get(base..).unwrap_or_default();
        if path.ends_with('/') || path.contains("//") {
            let message = format!("`{}` needs an id that is not empty", info.operation_id);
            return Err(Error::request(message));
        }
        Ok(())
    }
}

impl fmt::Debug for Client {
    /// Shows the server and the limits, and nothing that can be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = reqwest::Url::parse(&self.baseurl).map(|url| server_name(&url));
        f.debug_struct("Client")
            .field("server", &server.unwrap_or_default())
            .field("api_key", &self.settings.secret)
            .field("first_byte_timeout", &self.settings.first_byte_timeout)
            .field("idle_timeout", &self.settings.idle_timeout)
            .field("max_retries", &self.settings.max_retries)
            .finish_non_exhaustive()
    }
}
