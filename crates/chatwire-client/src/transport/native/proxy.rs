//! The proxy that the environment names for a server. [`connector`](super::connector) connects through it.

use http::Uri;
use http::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::Error;

/// A proxy that speaks HTTP.
#[derive(Debug)]
pub(super) struct Proxy {
    /// Its address, without the password.
    pub(super) address: Uri,
    /// The user and the password, as a header.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name for this server.
    ///
    /// # Errors
    ///
    /// Returns an error if it does not speak HTTP.
    pub(super) fn of_environment(server: &Url) -> Result<Option<Self>, Error> {
        Self::of(&Matcher::from_system(), server)
    }

    /// Whether what the proxy reads is encrypted.
    pub(super) fn is_https(&self) -> bool {
        self.address.scheme_str() == Some("https")
    }

    fn of(proxies: &Matcher, server: &Url) -> Result<Option<Self>, Error> {
        let Ok(server) = server.as_str().parse::<Uri>() else { return Ok(None) };
        let Some(proxy) = proxies.intercept(&server) else { return Ok(None) };
        let address = proxy.uri().clone();
        match address.scheme_str() {
            Some("http" | "https") => {
                Ok(Some(Self { address, authorization: proxy.basic_auth().cloned() }))
            }
            _ => Err(Error::config(format!(
                "the environment names the proxy {}, which does not speak HTTP; switch on the feature `socks` of \
                 reqwest and call `configure_http(|http| http)`, or set NO_PROXY for this server",
                shown(&address)
            ))),
        }
    }
}

/// The address of a proxy, for messages.
pub(super) fn shown(address: &Uri) -> String {
    let scheme = address.scheme_str().unwrap_or("http");
    format!("{scheme}://{}", address.authority().map_or("", |authority| authority.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(server: &str, proxies: &Matcher) -> Result<Option<Proxy>, Error> {
        Proxy::of(proxies, &Url::parse(server).unwrap())
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let proxies = Matcher::builder()
            .http("http://user:pass@p.test:3128")
            .https("p.test:3129")
            .no("direct.test")
            .build();
        let found = proxy("http://a.test/v1", &proxies).unwrap().unwrap();
        assert_eq!(shown(&found.address), "http://p.test:3128");
        assert_eq!(found.authorization.unwrap(), "Basic dXNlcjpwYXNz");
        let found = proxy("https://a.test/v1", &proxies).unwrap().unwrap();
        assert_eq!(shown(&found.address), "http://p.test:3129");
        assert_eq!(found.authorization, None);
        assert!(proxy("https://direct.test/v1", &proxies).unwrap().is_none());
    }

    #[test]
    fn a_proxy_that_does_not_speak_http() {
        let proxies = Matcher::builder().all("socks5h://user:secret@p.test:1080").build();
        let error = proxy("https://a.test/v1", &proxies).unwrap_err().to_string();
        assert!(error.contains("the proxy socks5h://p.test:1080, which"), "{error}");
    }
}
