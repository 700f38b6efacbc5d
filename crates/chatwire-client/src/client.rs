//! The client: sends what the generated operations build, in as many attempts as it takes. How it
//! is set up is in [`config`](crate::config), when it tries again in [`retry`](crate::retry).

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
/// Cloning is cheap and shares the connections. The methods named after the operations are
/// generated from the document; the `with_…` methods give a copy that differs in one setting, for
/// a single call: `client.with_max_retries(0).create_chat_completion(&request)`.
#[derive(Clone)]
pub struct Client {
    /// Without a slash at its end.
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) settings: Arc<Settings>,
}

/// What is added to every request, and how long to wait for what.
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
    /// The address that the operations' paths are appended to, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.baseurl
    }

    /// A copy that also sends this header, in place of one of the same name.
    ///
    /// # Errors
    /// When name or value cannot be sent in a header.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        let mut headers = self.settings.headers.clone();
        auth::add_header(&mut headers, name, value)?;
        Ok(self.with(|settings| settings.headers = headers))
    }

    /// A copy that also sends this query parameter.
    #[must_use]
    pub fn with_query(&self, name: &str, value: &str) -> Self {
        self.with(|settings| settings.query.push((name.to_owned(), value.to_owned())))
    }

    /// A copy that tries again at most this often.
    #[must_use]
    pub fn with_max_retries(&self, max_retries: u32) -> Self {
        self.with(|settings| settings.max_retries = max_retries)
    }

    /// A copy that waits this long for an answer to begin; `None` is without a limit.
    #[must_use]
    pub fn with_first_byte_timeout(&self, timeout: Option<Duration>) -> Self {
        self.with(|settings| settings.first_byte_timeout = timeout)
    }

    /// A copy that bears this much silence in the middle of an answer; `None` is without a limit.
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
    /// Sends a request until the server accepts it, the retries are used up, or another attempt
    /// would be wrong. Nothing of the answer's body has been read when it returns.
    pub(crate) async fn send(
        &self,
        mut request: reqwest::Request,
        operation: &OperationInfo,
    ) -> Result<reqwest::Response, Error> {
        self.check_path(&request, operation)?;
        self.add_settings(&mut request);
        let mut retries = 0;
        loop {
            // Every body of ours is in memory, so there always is a copy.
            let attempt = request.try_clone();
            let last = attempt.is_none() || retries >= self.settings.max_retries;
            let sent = match attempt {
                Some(attempt) => attempt,
                None => return self.attempt(request).await,
            };
            let error = match self.attempt(sent).await {
                Ok(response) => return Ok(response),
                Err(error) if last => return Err(error),
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

    /// Headers that an operation sets itself, such as `accept`, stay as they are.
    fn add_settings(&self, request: &mut reqwest::Request) {
        for (name, value) in &self.settings.headers {
            request.headers_mut().insert(name, value.clone());
        }
        if !self.settings.query.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(&self.settings.query);
        }
    }

    /// An empty id would silently make the path that of another operation.
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
    /// Shows where it talks to, and nothing that could be a secret.
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
