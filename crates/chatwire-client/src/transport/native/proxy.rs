//! The proxy that the environment names for a server. [`route`](super::route) leads through it.

use http::Uri;
use http::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::Error;

/// A proxy.
#[derive(Debug)]
pub(super) struct Proxy {
    /// Its address, without user and password.
    pub(super) address: Uri,
    pub(super) speaks: Speaks,
}

/// What a proxy speaks, with the user and the password that it wants.
#[derive(Debug)]
pub(super) enum Speaks {
    /// HTTP, with the header `proxy-authorization`.
    Http(Option<HeaderValue>),
    /// SOCKS 5 (RFC 1928). The proxy finds the address of the server.
    Socks5(Option<(String, String)>),
}

impl Proxy {
    /// The proxy that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name for this server.
    ///
    /// # Errors
    ///
    /// Returns an error if the proxy speaks neither HTTP nor SOCKS 5.
    pub(super) fn of_environment(server: &Url) -> Result<Option<Self>, Error> {
        Self::of(&Matcher::from_system(), server)
    }

    fn of(proxies: &Matcher, server: &Url) -> Result<Option<Self>, Error> {
        let Ok(server) = server.as_str().parse::<Uri>() else { return Ok(None) };
        let Some(proxy) = proxies.intercept(&server) else { return Ok(None) };
        let address = proxy.uri().clone();
        let speaks = match address.scheme_str() {
            Some("http" | "https") => Speaks::Http(proxy.basic_auth().cloned()),
            Some("socks5" | "socks5h") => Speaks::Socks5(
                proxy.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned())),
            ),
            _ => {
                return Err(Error::config(format!(
                    "the environment names the proxy {}, which speaks neither HTTP nor SOCKS 5; name another \
                     proxy, or add the server to NO_PROXY",
                    shown(&address)
                )));
            }
        };
        Ok(Some(Self { address, speaks }))
    }

    /// Whether what the proxy reads is encrypted.
    pub(super) fn is_https(&self) -> bool {
        self.address.scheme_str() == Some("https")
    }

    /// What the proxy wants to see with each request to an `http://` server.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        match &self.speaks {
            Speaks::Http(authorization) => authorization.as_ref(),
            Speaks::Socks5(_) => None,
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
            .https("socks5h://user:pass@p.test:1080")
            .no("direct.test")
            .build();
        let found = proxy("http://a.test/v1", &proxies).unwrap().unwrap();
        assert_eq!(shown(&found.address), "http://p.test:3128");
        assert_eq!(found.authorization().unwrap(), "Basic dXNlcjpwYXNz");
        let found = proxy("https://a.test/v1", &proxies).unwrap().unwrap();
        assert_eq!(shown(&found.address), "socks5h://p.test:1080");
        let Speaks::Socks5(Some((user, password))) = found.speaks else { panic!("{found:?}") };
        assert_eq!((&*user, &*password), ("user", "pass"));
        assert!(proxy("https://direct.test/v1", &proxies).unwrap().is_none());
    }

    #[test]
    fn a_proxy_that_speaks_something_else() {
        let proxies = Matcher::builder().all("socks4://user:secret@p.test:1080").build();
        let error = proxy("https://a.test/v1", &proxies).unwrap_err().to_string();
        assert!(error.contains("the proxy socks4://p.test:1080, which"), "{error}");
    }
}
