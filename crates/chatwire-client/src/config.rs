//! The settings of a client and their defaults. The key and its header are in [`auth`](crate::auth), and the
//! HTTP client is built in [`transport`](crate::transport).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chatwire_types::Extra;
use percent_encoding::percent_decode_str;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, USER_AGENT};
use serde_json::Value;

use crate::Error;
use crate::auth;
use crate::client::{Client, Settings};
use crate::extra_body::add_secrets;
use crate::keys::{KeyProvider, KeySource};
use crate::limits::Limits;
use crate::parameters::encode_path;
use crate::redirect::CHAT_PATH;
use crate::retry::{Retry, RetryHook, SystemTimer, Timer};
use crate::secrets::Secrets;
use crate::trace::{SharedSpan, TraceContent};
use crate::transport::{Transport, TransportFactory};

/// The settings of a [`Client`], each with a default that suits a hosted service.
///
/// ```
/// # fn run() -> Result<(), chatwire_client::Error> {
/// use chatwire_client::Client;
///
/// let client = Client::builder().api_key("sk-test").header("x-team", "blue").build()?;
/// assert_eq!(client.base_url(), "https://api.openai.com/v1");
///
/// let error = Client::builder().base_url("localhost:8080").build().unwrap_err();
/// assert!(error.to_string().contains("http://localhost:8080"));
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    api_key: Option<String>,
    key_source: Option<KeySource>,
    auth_header: Option<String>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    extra: Extra,
    connect_timeout: Option<Duration>,
    pub(crate) limits: Limits,
    max_retries: u32,
    transport: Option<TransportFactory>,
    on_retry: Option<RetryHook>,
    timer: Arc<dyn Timer>,
    pub(crate) trace_content: TraceContent,
}

/// How to build a client.
impl Client {
    /// Returns a builder with the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Returns a builder for a deployment of Azure OpenAI, such as `https://NAME.openai.azure.com`. Set the key
    /// with [`api_key`](ClientBuilder::api_key), or tokens with [`bearer`](ClientBuilder::bearer) and
    /// [`key_provider`](ClientBuilder::key_provider).
    ///
    /// ```
    /// use chatwire_client::Client;
    ///
    /// let client = Client::azure("https://name.openai.azure.com", "gpt-4o", "2024-10-21")
    ///     .api_key("0123456789abcdef")
    ///     .build()?;
    /// assert_eq!(client.base_url(), "https://name.openai.azure.com/openai/deployments/gpt-4o");
    /// # Ok::<(), chatwire_client::Error>(())
    /// ```
    pub fn azure(endpoint: &str, deployment: &str, api_version: &str) -> ClientBuilder {
        let (endpoint, deployment) = (endpoint.trim_end_matches('/'), encode_path(deployment));
        Self::builder()
            .base_url(format!("{endpoint}/openai/deployments/{deployment}"))
            .auth_header("api-key")
            .query("api-version", api_version)
    }

    /// Builds a client from environment variables such as `OPENAI_API_KEY`; see
    /// [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// Returns an error if neither `OPENAI_API_KEY` nor `OPENAI_BASE_URL` is set, or if a variable cannot be
    /// used.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

impl ClientBuilder {
    /// Reads the settings from the environment variables `OPENAI_API_KEY`, `OPENAI_BASE_URL`,
    /// `OPENAI_ORG_ID` and `OPENAI_PROJECT_ID`. An empty variable counts as unset, and white space around
    /// a value is ignored. A base URL alone is enough, because many local servers do not need a key.
    ///
    /// # Errors
    ///
    /// Returns an error if neither `OPENAI_API_KEY` nor `OPENAI_BASE_URL` is set, or if a variable is not
    /// valid UTF-8.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// Sets the address of the API, to which `/chat/completions` is appended. The default is
    /// `https://api.openai.com/v1`. If the address has a query, it is sent with every request.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Sets the API key, which is sent as `authorization: Bearer KEY`. White space around it is ignored. By
    /// default, no key is sent.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self.key_source = None;
        self
    }

    /// Asks this provider for the API key before each attempt, in place of a fixed key: for tokens that expire and
    /// keys that rotate. See [`KeyProvider`], which an async closure is, too.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::builder().api_key("sk-rotated").start().await?;
    /// # async fn read_key() -> std::io::Result<String> { Ok("sk-rotated".to_owned()) }
    /// # use chatwire_types::{CreateChatCompletionRequest, Message};
    /// # let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hi")]);
    /// use chatwire_client::Client;
    ///
    /// let builder = Client::builder().key_provider(async || read_key().await);
    /// # let client = builder.base_url(server.base_url()).build()?;
    /// # client.chat(&request).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn key_provider(mut self, provider: impl KeyProvider) -> Self {
        self.key_source = Some(KeySource::new(provider));
        self.api_key = None;
        self
    }

    /// Sends the key alone as the value of this header, such as `api-key` for Azure, and does not send
    /// `authorization`.
    pub fn auth_header(mut self, name: impl Into<String>) -> Self {
        self.auth_header = Some(name.into());
        self
    }

    /// Sends the key as `authorization: Bearer KEY`. This is the default, except after [`Client::azure`], where it
    /// is for tokens of Microsoft Entra.
    ///
    /// ```
    /// use chatwire_client::Client;
    ///
    /// let client = Client::azure("https://name.openai.azure.com", "gpt-4o", "2024-10-21")
    ///     .bearer()
    ///     .api_key("eyJ0eXAi")
    ///     .build()?;
    /// # Ok::<(), chatwire_client::Error>(())
    /// ```
    pub fn bearer(mut self) -> Self {
        self.auth_header = None;
        self
    }

    /// Sets the organization that the requests count towards (`openai-organization`).
    pub fn organization(self, organization: impl Into<String>) -> Self {
        self.header("openai-organization", organization)
    }

    /// Sets the project that the requests count towards (`openai-project`).
    pub fn project(self, project: impl Into<String>) -> Self {
        self.header("openai-project", project)
    }

    /// Adds a header to every request. It replaces a header of the same name.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter to every request, such as `api-version` for Azure.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a key to the body of every request that does not set it: for gateways that demand a key which the
    /// document does not have, or as a default for all requests.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = chatwire_mock::MockServer::start().await?;
    /// use chatwire_client::Client;
    /// use chatwire_types::{CreateChatCompletionRequest, Message};
    ///
    /// let builder = Client::builder().extra("team", "blue").extra("temperature", 0.2);
    /// # let client = builder.base_url(server.base_url()).build()?;
    /// let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hi")]);
    /// client.chat(&request.temperature(0.7)).await?;
    /// # let sent = &server.requests()[0];
    /// assert_eq!(sent.extra.get("team"), Some(&"blue".into()));
    /// assert_eq!(sent.temperature, Some(0.7));
    /// # Ok(())
    /// # }
    /// ```
    pub fn extra(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(key, value.into());
        self
    }

    /// Sets the longest time to connect. The default is 10 seconds. `None` removes the limit.
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = timeout.into();
        self
    }

    /// Sets how often a request is retried at most. The default is 2.
    ///
    /// - The client retries after the statuses 408, 409, 429 and 5xx, if it could not connect, and if the
    ///   connection broke before the first byte of an answer.
    /// - It does not retry after an answer has begun, because a second answer would cost money again. It does not
    ///   retry if the account has no quota left, or if the certificate of the server cannot be trusted.
    /// - With [`configure_http`](Self::configure_http), [`http_client`](Self::http_client), or `https://` without one
    ///   of the `rustls` features, it does not retry after a broken connection, because reqwest does not say whether a byte
    ///   came.
    /// - After a 401 it asks the [key provider](Self::key_provider), if there is one, for another key, and retries
    ///   once if there is one.
    /// - It waits up to 8 seconds before a retry, or as long as the server asks (`retry-after`). If the
    ///   server asks for more than 2 minutes, the client returns the error instead.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// Sets a function that is called before the client waits for a retry, for a log or a message to the
    /// user. It must not block. A second call replaces the function.
    ///
    /// ```
    /// let builder = chatwire_client::Client::builder().on_retry(|retry| {
    ///     eprintln!("trying again in {:?}: {}", retry.delay(), retry.error());
    /// });
    /// # let _ = builder;
    /// ```
    pub fn on_retry(mut self, hook: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        self.on_retry = Some(RetryHook::new(hook));
        self
    }

    /// Sends over the connections of reqwest, and changes how they are built: the proxy, the certificates and so
    /// on. Redirects stay switched off, and the connect timeout is set before. It replaces what an earlier call, or
    /// [`http_client`](Self::http_client), set.
    ///
    /// The client uses the proxy of `HTTP_PROXY`, `HTTPS_PROXY` or `ALL_PROXY` without this call, if the proxy speaks
    /// HTTP or SOCKS 5.
    ///
    /// ```
    /// use chatwire_client::{Client, reqwest};
    ///
    /// let proxy = reqwest::Proxy::all("http://127.0.0.1:8888")?;
    /// let client = Client::builder().configure_http(move |http| http.proxy(proxy.clone())).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.transport = Some(TransportFactory::from_builder(configure));
        self
    }

    /// Sets your own HTTP client, for proxies, certificates or a connection pool. It replaces what
    /// [`configure_http`](Self::configure_http) set.
    ///
    /// It then decides about the connect timeout and about redirects. Switch redirects off in it, because
    /// they can send your key to another server.
    ///
    /// ```no_run
    /// # fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_client::Client;
    /// use chatwire_client::reqwest::{self, Proxy, redirect};
    ///
    /// let http_client = reqwest::Client::builder()
    ///     .proxy(Proxy::all("http://proxy.example:3128")?)
    ///     .redirect(redirect::Policy::none())
    ///     .build()?;
    /// let client = Client::builder().http_client(http_client).build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Without this crate's `rustls` feature, a client for `https://` needs a TLS feature of reqwest.
    pub fn http_client(mut self, http_client: reqwest::Client) -> Self {
        self.transport = Some(TransportFactory::from_client(http_client));
        self
    }

    /// Checks the settings and builds the client. It sends nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if the base URL is not an `http://` or `https://` address, the key or a header
    /// cannot be sent, `https://` is not available, or the environment names a proxy that cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        let BaseUrl { url: base, mut query, user } = parse_base_url(&self.base_url)?;
        query.extend(self.query.iter().cloned());
        let mut secrets = Secrets::default();
        query.iter().chain(&self.headers).for_each(|(name, value)| secrets.add_value(name, value));
        self.extra.iter().for_each(|(key, value)| add_secrets(&mut secrets, key, value));
        let password = user.map(|(user, password)| secrets.add_password(&user, &password));
        let key = self.api_key.as_deref().map(str::trim).filter(|key| !key.is_empty());
        key.iter().for_each(|key| secrets.add(key));
        secrets.add_path(base.path());
        let headers = self.request_headers(key, password.as_deref())?;
        let transport = match &self.transport {
            Some(factory) => factory.build(&base, self.connect_timeout)?,
            None => Transport::new(&base, self.connect_timeout)?,
        };
        let auth_header = self.auth_header.as_deref().map(auth::parse_name).transpose()?;
        let key_header = auth::key_header(auth_header.as_ref());
        // A header that the caller sets replaces the key.
        let is_replaced = has_header(&self.headers, &key_header);
        let key_source = self.key_source.filter(|_| !is_replaced);
        let settings = Settings {
            headers,
            query,
            extra: self.extra,
            has_key: key.is_some() || key_source.is_some(),
            key_source,
            auth_header,
            secrets,
            limits: self.limits,
            max_retries: self.max_retries,
            timer: self.timer,
            on_retry: self.on_retry,
            trace_content: self.trace_content,
        };
        let span = SharedSpan::default();
        let baseurl = base.as_str().trim_end_matches('/').to_owned();
        Ok(Client { baseurl, transport, settings: Arc::new(settings), span })
    }

    fn request_headers(
        &self,
        key: Option<&str>,
        password: Option<&str>,
    ) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        auth::add_header(&mut headers, USER_AGENT.as_str(), DEFAULT_USER_AGENT)?;
        if let Some(password) = password {
            auth::add_header(&mut headers, AUTHORIZATION.as_str(), password)?;
        }
        let auth_header = self.auth_header.as_deref().map(auth::parse_name).transpose()?;
        if let Some(key) = key {
            auth::add_key(&mut headers, key, auth_header.as_ref())?;
        }
        for (name, value) in &self.headers {
            auth::add_header(&mut headers, name, value)?;
        }
        Ok(headers)
    }

    fn from_variables(read: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<Self, Error> {
        let variable = |name: &str| read_variable(&read, name);
        let (key, base_url) = (variable("OPENAI_API_KEY")?, variable("OPENAI_BASE_URL")?);
        if key.is_none() && base_url.is_none() {
            return Err(Error::config(
                "OPENAI_API_KEY is not set: set it, or set OPENAI_BASE_URL to a server that does not \
                 need a key"
                    .to_owned(),
            ));
        }
        let mut builder = Self { api_key: key, ..Self::default() };
        if let Some(base_url) = base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(organization) = variable("OPENAI_ORG_ID")? {
            builder = builder.organization(organization);
        }
        if let Some(project) = variable("OPENAI_PROJECT_ID")? {
            builder = builder.project(project);
        }
        Ok(builder)
    }

    #[cfg(test)]
    pub(crate) fn timer(mut self, timer: Arc<dyn Timer>) -> Self {
        self.timer = timer;
        self
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            api_key: None,
            key_source: None,
            auth_header: None,
            headers: Vec::new(),
            query: Vec::new(),
            extra: Extra::new(),
            connect_timeout: Some(Duration::from_secs(10)),
            limits: Limits::default(),
            max_retries: 2,
            transport: None,
            on_retry: None,
            timer: Arc::new(SystemTimer),
            trace_content: TraceContent::default(),
        }
    }
}

impl fmt::Debug for ClientBuilder {
    /// Shows the names of headers and parameters without their values, because a value may be a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("ClientBuilder")
            .field("api_key", &self.api_key.as_ref().map(|_| "***"))
            .field("key_provider", &self.key_source)
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .field("connect_timeout", &self.connect_timeout)
            .field("limits", &self.limits)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}

fn has_header(headers: &[(String, String)], wanted: &HeaderName) -> bool {
    headers.iter().any(|(name, _)| wanted.as_str().eq_ignore_ascii_case(name))
}

fn read_variable(
    read: impl Fn(&str) -> Option<std::ffi::OsString>,
    name: &str,
) -> Result<Option<String>, Error> {
    let Some(value) = read(name) else { return Ok(None) };
    let Ok(value) = value.into_string() else {
        return Err(Error::config(format!(
            "{name} is not valid UTF-8: set it again as plain text"
        )));
    };
    Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty()))
}

/// The parts of the base URL.
struct BaseUrl {
    /// The address without user, password and query.
    url: reqwest::Url,
    query: Vec<(String, String)>,
    /// The user and the password, decoded.
    user: Option<(String, String)>,
}

fn parse_base_url(text: &str) -> Result<BaseUrl, Error> {
    let text = text.trim();
    let refuse = |why: &str| Err(Error::config(format!("the base URL cannot be used: {why}")));
    let mut url = match reqwest::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ if !text.contains("://") && !text.is_empty() => {
            return refuse(&format!("it has no scheme; did you mean `http://{}`?", shown(text)));
        }
        Ok(url) => return refuse(&format!("`{}://` is not http:// or https://", url.scheme())),
        Err(error) => return refuse(&format!("{error}; write it like {DEFAULT_BASE_URL}")),
    };
    if url.path().trim_end_matches('/').ends_with(CHAT_PATH) {
        return refuse("leave out `/chat/completions`, because the operations append it");
    }
    let query = url.query_pairs().into_owned().collect();
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let has_user = !url.username().is_empty() || url.password().is_some();
    let user =
        has_user.then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
    url.set_query(None);
    url.set_fragment(None);
    // These fail only for addresses without a host, which `http://` does not allow.
    let _ = (url.set_username(""), url.set_password(None));
    Ok(BaseUrl { url, query, user })
}

/// The part of an address that may be shown: without a query and without a password.
fn shown(text: &str) -> &str {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    text.rsplit('@').next().unwrap_or_default()
}

const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";
const DEFAULT_USER_AGENT: &str = concat!("chatwire/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        let parse = |text| parse_base_url(text).map(|base| (base.url.to_string(), base.query));
        assert_eq!(parse(" http://h/v1/ ").unwrap().0, "http://h/v1/");
        let (url, query) = parse("https://h/openai?api-version=2024#x").unwrap();
        assert_eq!(url, "https://h/openai");
        assert_eq!(query, [("api-version".to_owned(), "2024".to_owned())]);
        for bad in ["", "h", "localhost:80", "ftp://h", "http://", "http://[::1", "/v1"] {
            assert_eq!(parse(bad).unwrap_err().kind(), crate::ErrorKind::Config, "{bad}");
        }
        assert!(parse("http://h/v1/chat/completions").is_err());
    }

    #[test]
    fn slashes_at_the_end_do_not_double() {
        for url in ["http://h/v1", "http://h/v1/", "http://h/v1//"] {
            let client = Client::builder().base_url(url).build().unwrap();
            assert_eq!(client.base_url(), "http://h/v1");
        }
    }

    fn from(variables: &[(&str, &str)]) -> Result<Client, Error> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name);
        ClientBuilder::from_variables(|name| find(name).map(|(_, value)| value.into()))?.build()
    }

    #[test]
    fn the_environment() {
        assert!(from(&[]).unwrap_err().to_string().contains("OPENAI_API_KEY"));
        assert!(from(&[("OPENAI_API_KEY", " ")]).is_err());
        let client = from(&[("OPENAI_API_KEY", "sk-1\n"), ("OPENAI_ORG_ID", "o")]).unwrap();
        assert_eq!(client.settings.headers["authorization"], "Bearer sk-1");
        assert_eq!(client.settings.headers["openai-organization"], "o");
        let client = from(&[("OPENAI_BASE_URL", "http://h/v1")]).unwrap();
        assert!(!client.settings.headers.contains_key("authorization"));
    }

    #[test]
    fn no_secret_shows() {
        let builder = Client::builder()
            .base_url("http://user:secret@h/v1?key=secret")
            .api_key("secret")
            .header("x-key", "secret");
        let mut shown = format!("{builder:?}");
        let client = builder.build().unwrap();
        shown += &format!("{client:?} {:?}", client.settings.headers);
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn the_bare_key_under_another_name() {
        let builder = Client::builder().base_url("http://h").api_key("k").auth_header("api-key");
        let client = builder.build().unwrap();
        assert_eq!(client.settings.headers["api-key"], "k");
        assert!(!client.settings.headers.contains_key("authorization"));
    }
}
