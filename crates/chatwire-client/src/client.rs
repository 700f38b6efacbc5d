//! The client: sends the requests that the generated operations build, and retries them.
//! [`config`](crate::config) builds it, and [`retry`](crate::retry) decides when to retry.

use std::fmt;
use std::sync::Arc;

use chatwire_types::Extra;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName};
use serde_json::Value;

use crate::body::{BodyContext, CallContext, Deadline};
use crate::describe::server_name;
use crate::keys::{KeyProvider, KeySource};
use crate::limits::Limits;
use crate::redirect::{Followed, MOST_REDIRECTS};
use crate::retry::{Retry, RetryHook, Timer, next_attempt};
use crate::runtime::OperationInfo;
use crate::secrets::Secrets;
use crate::trace::{Call, SharedSpan, TraceContent};
use crate::transport::{self, HttpResponse, Transport};
use crate::{Error, auth, compression, extra_body, redirect, time};

const EVENT_STREAM: &str = "text/event-stream";

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
    pub(crate) transport: Transport,
    pub(crate) settings: Arc<Settings>,
    /// The span of the call, in the copy of a client that makes a single call.
    pub(crate) span: SharedSpan,
}

/// What is added to every request, how long to wait, and how often to retry.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    /// Keys of every body that has none of that name.
    pub(crate) extra: Extra,
    pub(crate) has_key: bool,
    /// Where the key comes from if it is not among the headers.
    pub(crate) key_source: Option<KeySource>,
    /// The header that carries the key alone; `None` for `authorization`.
    pub(crate) auth_header: Option<HeaderName>,
    pub(crate) secrets: Secrets,
    pub(crate) limits: Limits,
    pub(crate) max_retries: u32,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) on_retry: Option<RetryHook>,
    pub(crate) trace_content: TraceContent,
}

impl Settings {
    /// Whether the key is sent in the header of this name.
    pub(crate) fn carries_key(&self, name: &str) -> bool {
        auth::key_header(self.auth_header.as_ref()).as_str().eq_ignore_ascii_case(name)
    }
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
    pub fn with_header(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, Error> {
        let (name, value) = (name.into(), value.into());
        let mut headers = self.settings.headers.clone();
        auth::add_header(&mut headers, &name, &value)?;
        Ok(self.with(|settings| {
            settings.secrets.add_value(&name, &value);
            settings.headers = headers;
            if settings.carries_key(&name) {
                settings.key_source = None;
            }
        }))
    }

    /// Returns a client that sends this API key, in the same header as before.
    ///
    /// # Errors
    ///
    /// Returns an error if the key cannot be sent in a header.
    pub fn with_api_key(&self, api_key: impl Into<String>) -> Result<Self, Error> {
        let api_key = api_key.into();
        let key = api_key.trim();
        let mut headers = self.settings.headers.clone();
        auth::add_key(&mut headers, key, self.settings.auth_header.as_ref())?;
        Ok(self.with(|settings| {
            settings.secrets.add(key);
            settings.has_key = true;
            settings.key_source = None;
            settings.headers = headers;
        }))
    }

    /// Returns a client that asks this provider for its key, and sends it in the same header as before.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// # let client = chatwire_client::Client::builder().base_url(server.base_url()).build()?;
    /// # use chatwire_types::{CreateChatCompletionRequest, Message};
    /// # let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hi")]);
    /// let client = client.with_key_provider(async || std::fs::read_to_string("team-7.key"));
    /// let error = client.chat(&request).await.unwrap_err();
    /// assert_eq!(error.kind(), chatwire_client::ErrorKind::Key);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_key_provider(&self, provider: impl KeyProvider) -> Self {
        self.with(|settings| {
            settings.has_key = true;
            settings.key_source = Some(KeySource::new(provider));
        })
    }

    /// Returns a client that also sends this query parameter.
    #[must_use]
    pub fn with_query(&self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.with(|settings| {
            settings.secrets.add_value(&name, &value);
            settings.query.push((name, value));
        })
    }

    /// Returns a client that also sends this key in the body of every request that does not set it. It replaces
    /// such a key of the same name. For one request, `with_extra` of the request does the same.
    #[must_use]
    pub fn with_extra(&self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.with(|settings| {
            extra_body::add_secrets(&mut settings.secrets, &key, &value);
            settings.extra.insert(key, value);
        })
    }

    /// Returns a client that retries a request at most this often.
    #[must_use]
    pub fn with_max_retries(&self, max_retries: u32) -> Self {
        self.with(|settings| settings.max_retries = max_retries)
    }

    /// Returns a client that calls this function before each retry, in place of that of the
    /// [builder](crate::ClientBuilder::on_retry).
    #[must_use]
    pub fn with_on_retry(&self, hook: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.on_retry = Some(RetryHook::new(hook)))
    }

    pub(crate) fn with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut copy = self.clone();
        change(Arc::make_mut(&mut copy.settings));
        copy
    }
}

impl Client {
    /// Sends a request until the server accepts it, the retries are used up, or another attempt would be
    /// wrong. It does not read the body of the answer.
    ///
    /// # Errors
    ///
    /// Returns an error if no server accepts the request.
    #[doc(hidden)]
    pub async fn send(
        &self,
        mut request: reqwest::Request,
        operation: &OperationInfo,
    ) -> Result<HttpResponse, Error> {
        transport::check_runtime()?;
        self.check_path(&request, operation)?;
        self.add_settings(&mut request);
        extra_body::add(&mut request, &self.settings.extra)?;
        let is_streamed = request.headers().get(ACCEPT).is_some_and(|value| value == EVENT_STREAM);
        let deadline = self.settings.limits.total.filter(|_| !is_streamed).map(Deadline::after);
        let call = Call::begin(self, &request, operation.operation_id);
        let context = BodyContext::new(CallContext {
            limits: self.settings.limits,
            secrets: self.settings.secrets.clone(),
            server: server_name(request.url()),
            deadline,
            call: call.clone(),
        });
        // In a box, because it takes 4 KB, and the task of the caller would keep them as long as the stream.
        let sending = Box::pin(call.enter(self.send_with_retries(request, context.clone())));
        let sent = match deadline {
            None => sending.await,
            Some(deadline) => time::timeout_at(deadline.at, sending)
                .await
                .unwrap_or_else(|| Err(deadline.error(context.server()))),
        };
        call.sent(&sent);
        sent
    }

    async fn send_with_retries(
        &self,
        mut request: reqwest::Request,
        mut context: BodyContext,
    ) -> Result<HttpResponse, Error> {
        self.add_key(&mut request, &mut context).await?;
        let mut can_replace_key = true;
        for retries in 0.. {
            // The bodies of all operations are in memory, so a copy can always be made.
            let Some(attempt) = request.try_clone() else { break };
            let error = match self.attempt(attempt, &context).await {
                Ok(response) => return Ok(response),
                Err(error) if retries >= self.settings.max_retries => return Err(error),
                Err(error) => error,
            };
            if let Some(retry) = next_attempt(error.clone(), retries, &*self.settings.timer) {
                self.wait_for(&retry, &context).await;
                self.add_key(&mut request, &mut context).await?;
                continue;
            }
            match Retry::with_new_key(error.clone(), retries).filter(|_| can_replace_key) {
                Some(retry) if self.add_key(&mut request, &mut context).await? => {
                    can_replace_key = false;
                    self.wait_for(&retry, &context).await;
                }
                _ => return Err(error),
            }
        }
        self.attempt(request, &context).await
    }

    async fn wait_for(&self, retry: &Retry, context: &BodyContext) {
        context.call().retry(retry);
        if let Some(on_retry) = &self.settings.on_retry {
            on_retry.call(retry);
        }
        self.settings.timer.sleep(retry.delay()).await;
    }

    /// Adds the key of the key provider, if there is one. Returns whether it is another key than before.
    async fn add_key(
        &self,
        request: &mut reqwest::Request,
        context: &mut BodyContext,
    ) -> Result<bool, Error> {
        let Some(source) = &self.settings.key_source else { return Ok(false) };
        let key = source.next(self.settings.limits.first_byte, context.secrets_mut()).await?;
        let header = self.settings.auth_header.as_ref();
        let name = auth::key_header(header);
        let before = request.headers().get(&name).cloned();
        auth::add_key(request.headers_mut(), &key, header)
            .map_err(|error| Error::key(error.to_string()))?;
        Ok(request.headers().get(&name) != before.as_ref())
    }

    async fn attempt(
        &self,
        request: reqwest::Request,
        context: &BodyContext,
    ) -> Result<HttpResponse, Error> {
        let answer = self.follow_redirects(request, context);
        let response = match self.settings.limits.first_byte {
            None => answer.await?,
            Some(limit) => time::timeout(limit, answer).await.ok_or_else(|| {
                let server = context.server();
                Error::timeout(format!(
                    "{server} did not begin to answer within {limit:?}; ask again, or set a longer \
                     `first_byte_timeout`"
                ))
            })??,
        };
        let status = response.status();
        if !status.is_success() {
            return Err(Error::from_response(response).await);
        }
        if status == StatusCode::PARTIAL_CONTENT {
            return Err(Error::partial_content(response.headers().clone()));
        }
        Ok(response)
    }

    /// Sends a request, and sends it again to each address on the same server to which it is redirected.
    async fn follow_redirects(
        &self,
        request: reqwest::Request,
        context: &BodyContext,
    ) -> Result<HttpResponse, Error> {
        let mut next = request.try_clone();
        let mut request = request;
        for followed in 0.. {
            let again = next.take();
            let sending = self.transport.send(request);
            let mut response =
                sending.await.map_err(|failed| Error::failed_request(context.server(), failed))?;
            let target = redirect::followed(&response).filter(|_| followed < MOST_REDIRECTS);
            context.secrets().redact_headers(response.headers_mut());
            response.extensions_mut().insert(context.clone());
            response.extensions_mut().insert(Followed(followed));
            match (target, again) {
                (Some(target), Some(mut again)) => {
                    *again.url_mut() = target;
                    next = again.try_clone();
                    request = again;
                }
                _ => return Ok(response),
            }
        }
        Err(Error::request("the request was redirected too often".to_owned()))
    }

    /// Adds the headers and query parameters of the client. A header that the operation sets stays: the formats
    /// of request and answer, and its parameters.
    fn add_settings(&self, request: &mut reqwest::Request) {
        for (name, value) in &self.settings.headers {
            request.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
        request.headers_mut().entry(ACCEPT_ENCODING).or_insert(compression::ACCEPTED);
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
            .field("has_api_key", &self.settings.has_key)
            .field("limits", &self.settings.limits)
            .field("max_retries", &self.settings.max_retries)
            .finish_non_exhaustive()
    }
}
