//! Sends requests to the real server, unchanged except for what belongs to a connection.
//! [`forward`](super::forward) passes its answers on.

use std::error::Error;
use std::io;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri, header};
use bytes::Bytes;
use reqwest::{Body, Client, Url};

use crate::problem::Problem;

/// A real server.
pub(crate) struct Upstream {
    /// Its base URL, without a slash at the end.
    base: Url,
    /// What a request without a key is sent with.
    authorization: Option<HeaderValue>,
    /// The password of the base URL, which is a secret.
    password: Option<String>,
    client: Client,
}

impl Upstream {
    /// The key is for requests that have none of their own.
    pub(crate) fn new(url: &str, key: Option<&str>) -> io::Result<Self> {
        let wrong = |problem: &str| {
            let text = format!("the upstream '{url}' cannot be used: {problem}");
            io::Error::new(io::ErrorKind::InvalidData, text)
        };
        let base = Url::parse(url).ok().filter(|base| base.has_host());
        let base =
            base.filter(|base| ["http", "https"].contains(&base.scheme())).ok_or_else(|| {
                wrong("write the base URL of a server, such as https://api.openai.com/v1")
            })?;
        let authorization = key.map(|key| HeaderValue::try_from(format!("Bearer {key}")));
        let authorization = authorization
            .transpose()
            .map_err(|_| wrong("its key has characters that a header cannot have"))?;
        let client = client(&base).map_err(|error| wrong(&cause(&error)))?;
        let password = base.password().map(str::to_owned);
        Ok(Self { base, authorization, password, client })
    }

    /// The secrets that requests to this server can carry beside their own.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let key = self.authorization.as_ref().and_then(|value| value.to_str().ok());
        let key = key.and_then(|value| value.strip_prefix("Bearer "));
        key.into_iter().chain(self.password.as_deref())
    }

    /// Sends a request, and waits for the head of the answer.
    pub(super) async fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Body>, Problem> {
        let mut headers = headers;
        remove_headers_of_connection(&mut headers);
        for name in NOT_SENT {
            headers.remove(name);
        }
        if let (Some(key), false) = (&self.authorization, has_key(&headers)) {
            headers.insert(header::AUTHORIZATION, key.clone());
        }
        let request = self.client.request(method, self.address(uri)).headers(headers);
        // A body of no bytes would get a length.
        let request = if body.is_empty() { request } else { request.body(body) };
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let mut response = Response::from(response);
        remove_headers_of_connection(response.headers_mut());
        Ok(response)
    }

    /// The base URL of this server stands for `/v1`, the one of the mock, because a client has a base URL too.
    /// Other paths stay as they are.
    fn address(&self, uri: &Uri) -> Url {
        let mut address = self.base.clone();
        let base = self.base.path().trim_end_matches('/');
        match uri.path().strip_prefix("/v1") {
            Some(rest) if !base.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
                address.set_path(&format!("{base}{rest}"));
            }
            _ => address.set_path(uri.path()),
        }
        let queries = [self.base.query(), uri.query()];
        let query: Vec<&str> =
            queries.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        address.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
        address.set_fragment(None);
        address
    }

    fn unreachable(&self, error: reqwest::Error) -> Problem {
        let mut shown = self.base.clone();
        // A URL without a host, which has no password, is refused at the start.
        let _ = shown.set_password(None);
        let _ = shown.set_username("");
        shown.set_query(None);
        let cause = cause(&error.without_url());
        Problem::new(
            502,
            format!(
                "The upstream {shown} does not answer: {cause}. Check its address, and that it runs."
            ),
        )
    }
}

/// A client that changes nothing on the way: it follows no redirect, and asks for no compression.
fn client(base: &Url) -> reqwest::Result<Client> {
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(CONNECTION_LIFE);
    let is_local = base
        .host_str()
        .is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
    // A proxy reaches no server on this machine.
    let client = if is_local { client.no_proxy() } else { client };
    client.build()
}

/// Many servers close a connection that is idle for five seconds, just when a request could be on its way.
const CONNECTION_LIFE: Duration = Duration::from_secs(4);

/// Headers of a request that the upstream does not get, beside those of the connection.
///
/// Without `accept-encoding`, answers come uncompressed, so that people and `chatwire check` can read the
/// recordings, and so that no secret hides in them. The length is that of the body.
const NOT_SENT: [HeaderName; 5] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::ACCEPT_ENCODING,
    HeaderName::from_static("x-chatwire-fault"),
];

/// Azure takes a key in `api-key`, and others in `x-api-key`.
fn has_key(headers: &HeaderMap) -> bool {
    let names = ["authorization", "api-key", "x-api-key"];
    names.iter().any(|name| headers.contains_key(*name))
}

/// Removes headers that are about one connection and not about the message (RFC 9110, section 7.6.1).
fn remove_headers_of_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    let known = [
        "connection",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    for name in named.iter().map(HeaderName::as_str).chain(known) {
        headers.remove(name);
    }
}

/// An error with all its causes.
fn cause(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_url_stands_for_v1() {
        let check = |base: &str, target: &'static str, expected: &str| {
            let upstream = Upstream::new(base, None).unwrap();
            let address = upstream.address(&Uri::from_static(target));
            assert_eq!(address.as_str(), expected, "{base} {target}");
        };
        let chat = "/v1/chat/completions";
        check("http://h:1/v1", chat, "http://h:1/v1/chat/completions");
        check("http://h:1/v1/", chat, "http://h:1/v1/chat/completions");
        check("http://h:1", chat, "http://h:1/v1/chat/completions");
        check("https://h/api/v1#x", chat, "https://h/api/v1/chat/completions");
        check("http://h/v1", "/v1", "http://h/v1");
        check("http://h/v1", "/health", "http://h/health");
        check("http://h/api", "/v10/x", "http://h/v10/x");
        check("http://h/v1", "/v1/models/a%2Fb?limit=1", "http://h/v1/models/a%2Fb?limit=1");
        check("http://h/d?v=1", "/v1/models?limit=1", "http://h/d/models?v=1&limit=1");
        check("http://h/d?v=1", "/v1/models", "http://h/d/models?v=1");
    }

    #[test]
    fn wrong_upstreams() {
        for url in ["", "h:1", "ftp://h", "unix:/x", "localhost"] {
            assert!(Upstream::new(url, None).is_err(), "{url}");
        }
        assert!(Upstream::new("http://h", Some("a\nb")).is_err());
    }

    #[test]
    fn headers_of_the_connection() {
        let pairs = [
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("x-end", "2"),
        ];
        let mut headers =
            HeaderMap::from_iter(pairs.map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            }));
        remove_headers_of_connection(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-end"]);
    }
}
