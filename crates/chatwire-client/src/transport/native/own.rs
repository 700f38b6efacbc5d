//! Sends requests over connections of hyper, which are watched, so that a request without an answer can be sent
//! again. [`connector`](super::connector) opens them, and [`by_reqwest`](super::by_reqwest) has those of reqwest.

use std::time::Duration;

use http::header::{HeaderValue, PROXY_AUTHORIZATION};
use http_body::Body as _;
use hyper_util::client::legacy::{Client as HyperClient, Error as HyperError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reqwest::Url;

use super::body::Body;
use super::connector::Connector;
use super::proxy::Proxy;
use super::watched::{Watch, Watched, WatchedBody};
use super::{Connections, POOL_IDLE, Sending, is_not_http};
use crate::error::{Error, Failed};
use crate::transport::{AnsweredBy, HttpResponse};

/// Our own connections to one server.
pub(super) struct OwnConnections {
    client: HyperClient<Watched, reqwest::Body>,
    /// The header `proxy-authorization`, for a proxy that reads each request.
    proxy_authorization: Option<HeaderValue>,
    /// The proxy, for messages.
    proxy: Option<String>,
}

impl OwnConnections {
    /// Connections to this server, through this proxy.
    pub(super) fn new(
        base: &Url,
        proxy: Option<&Proxy>,
        connect_timeout: Option<Duration>,
    ) -> Result<Self, Error> {
        let connector = Connector::new(base, proxy)?;
        // A tunnel asks for the password once, when it is opened.
        let forwarding = proxy.filter(|_| connector.is_forwarded);
        let proxy_authorization = forwarding.and_then(Proxy::authorization).cloned();
        let client = HyperClient::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .build(Watched { connector, timeout: connect_timeout });
        Ok(Self { client, proxy_authorization, proxy: proxy.map(Proxy::name) })
    }

    async fn send_watched(&self, request: reqwest::Request) -> Result<HttpResponse, Failed> {
        let url = request.url().clone();
        let mut request: http::Request<reqwest::Body> = request.try_into().map_err(unsent)?;
        if let Some(value) = &self.proxy_authorization {
            request.headers_mut().entry(PROXY_AUTHORIZATION).or_insert_with(|| value.clone());
        }
        let sending = self.client.request(request);
        let mut answer = sending.await.map_err(|error| failed(error, self.proxy.clone()))?;
        let mut watch = answer.extensions_mut().remove::<Watch>();
        answer.extensions_mut().insert(AnsweredBy(url));
        if answer.body().is_end_stream()
            && let Some(watch) = watch.take()
        {
            watch.answer_ended();
        }
        Ok(answer.map(|body| Body::watched(WatchedBody { body, watch })))
    }
}

impl Connections for OwnConnections {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(self.send_watched(request))
    }
}

fn unsent(error: reqwest::Error) -> Failed {
    Failed {
        error: error.without_url().into(),
        is_connect: false,
        is_unanswered: false,
        is_not_http: false,
        proxy: None,
    }
}

fn failed(error: HyperError, proxy: Option<String>) -> Failed {
    let is_unanswered = match error.connect_info() {
        // The connection ended before the request was given to it.
        None => true,
        Some(info) => {
            let mut found = http::Extensions::new();
            info.get_extras(&mut found);
            found.get::<Watch>().is_some_and(Watch::is_unanswered)
        }
    };
    Failed {
        is_connect: error.is_connect(),
        is_unanswered,
        is_not_http: is_not_http(&error),
        proxy,
        error: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::proxy::Protocol;
    use super::*;

    /// Sends a request through a proxy that sends these answers, each after a read. Returns what the proxy read, and
    /// the status or the cause.
    async fn exchange(
        base: &str,
        protocol: Protocol,
        answers: &[&[u8]],
    ) -> (Vec<Vec<u8>>, Result<u16, String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let base = Url::parse(base).unwrap();
        let own = OwnConnections::new(&base, Some(&Proxy { address, protocol }), None).unwrap();
        let proxying = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heads = Vec::new();
            for answer in answers {
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.unwrap();
                heads.push(head[..length].to_vec());
                stream.write_all(answer).await.unwrap();
            }
            stream.shutdown().await.unwrap();
            heads
        };
        let request = reqwest::Request::new(reqwest::Method::GET, base.join("/v1/models").unwrap());
        let (heads, answer) = tokio::join!(proxying, own.send(request));
        let cause = |failed: Failed| Error::failed_request("the server", failed).to_string();
        (heads, answer.map(|answer| answer.status().as_u16()).map_err(cause))
    }

    fn http() -> Protocol {
        Protocol::Http(Some(HeaderValue::from_static("Basic dTpw")))
    }

    #[tokio::test]
    async fn a_proxy_reads_the_whole_address() {
        let answers: [&[u8]; 1] = [b"HTTP/1.1 204 No Content\r\n\r\n"];
        let (heads, answer) = exchange("http://chat.test", http(), &answers).await;
        let head = String::from_utf8_lossy(&heads[0]);
        assert!(head.starts_with("GET http://chat.test/v1/models HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nhost: chat.test\r\n"), "{head}");
        assert!(head.contains("\r\nproxy-authorization: Basic dTpw\r\n"), "{head}");
        assert_eq!(answer, Ok(204));
    }

    #[cfg(feature = "rustls-no-provider")]
    #[tokio::test]
    async fn a_proxy_refuses_a_tunnel() {
        let answers: [&[u8]; 1] = [b"HTTP/1.1 403 Forbidden\r\n\r\n"];
        let (heads, answer) = exchange("https://chat.test", http(), &answers).await;
        let head = String::from_utf8_lossy(&heads[0]);
        assert!(head.starts_with("CONNECT chat.test:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nProxy-Authorization: Basic dTpw\r\n"), "{head}");
        let cause = answer.unwrap_err();
        assert!(
            cause.starts_with("cannot connect to the server through the proxy http://127.0.0.1:"),
            "{cause}"
        );
        assert!(cause.ends_with(": tunnel error: unsuccessful; check the proxy"), "{cause}");
    }

    #[tokio::test]
    async fn a_proxy_speaks_socks() {
        let user = Some(("u".to_owned(), "p".to_owned()));
        let answers: [&[u8]; 4] = [
            // The method: a user and a password (RFC 1928, section 3; RFC 1929).
            &[5, 2],
            &[1, 0],
            // The proxy is connected to the server (RFC 1928, section 6).
            &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
            b"HTTP/1.1 204 No Content\r\n\r\n",
        ];
        let (heads, answer) = exchange("http://chat.test", Protocol::Socks5(user), &answers).await;
        assert_eq!(heads[1], b"\x01\x01u\x01p");
        assert_eq!(heads[2], b"\x05\x01\0\x03\x09chat.test\0\x50");
        assert!(heads[3].starts_with(b"GET /v1/models HTTP/1.1\r\n"));
        assert_eq!(answer, Ok(204));
    }

    #[tokio::test]
    async fn an_unreachable_proxy_is_named() {
        let address = "http://127.0.0.1:9/".parse().unwrap();
        let proxy = Proxy { address, protocol: Protocol::Http(None) };
        let base = Url::parse("http://chat.test").unwrap();
        let own = OwnConnections::new(&base, Some(&proxy), None).unwrap();
        let failed = own.send(reqwest::Request::new(reqwest::Method::GET, base)).await.unwrap_err();
        assert!(failed.is_connect && failed.is_unanswered);
        let cause = Error::failed_request("the server", failed).to_string();
        assert_eq!(
            cause,
            "cannot connect to the server through the proxy http://127.0.0.1:9: Connection refused \
             (os error 111); check the proxy"
        );
    }
}
