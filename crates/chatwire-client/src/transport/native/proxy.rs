//! The proxy that the environment names for a server. [`route`](super::route) leads through it.

use http::Uri;
use http::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::Error;

/// A proxy. It has no `Debug`, because that would show the password.
pub(super) struct Proxy {
    /// Its address, without user and password.
    pub(super) address: Uri,
    pub(super) protocol: Protocol,
}

/// The protocol of a proxy, with its credentials.
pub(super) enum Protocol {
    /// HTTP, with the header `proxy-authorization`.
    Http(Option<HeaderValue>),
    /// SOCKS 5 (RFC 1928), with user and password. The proxy resolves the name of the server, also for `socks5://`,
    /// because hyper-util would do so on a thread of the runtime.
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

    /// The address, for messages.
    pub(super) fn name(&self) -> String {
        without_path(&self.address)
    }

    fn of(proxies: &Matcher, server: &Url) -> Result<Option<Self>, Error> {
        let Ok(server) = server.as_str().parse::<Uri>() else { return Ok(None) };
        let Some(proxy) = proxies.intercept(&server) else { return Ok(None) };
        let address = with_port(proxy.uri());
        let protocol = match address.scheme_str() {
            Some("http" | "https") => Protocol::Http(proxy.basic_auth().cloned()),
            Some("socks5" | "socks5h") => Protocol::Socks5(
                proxy.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned())),
            ),
            _ => {
                return Err(Error::config(format!(
                    "the environment names the proxy {}, which speaks neither HTTP nor SOCKS 5; name another \
                     proxy, or add the server to NO_PROXY",
                    without_path(&address)
                )));
            }
        };
        Ok(Some(Self { address, protocol }))
    }

    /// Whether the connection to the proxy uses TLS.
    pub(super) fn is_https(&self) -> bool {
        self.address.scheme_str() == Some("https")
    }

    /// The header `proxy-authorization`, sent with each request to an `http://` server.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        match &self.protocol {
            Protocol::Http(authorization) => authorization.as_ref(),
            Protocol::Socks5(_) => None,
        }
    }
}

/// Names the port of SOCKS (RFC 1928, section 3), because the connector takes 80 for each scheme but `https`.
fn with_port(address: &Uri) -> Uri {
    let is_socks = address.scheme_str().is_some_and(|scheme| scheme.starts_with("socks"));
    let (true, None, Some(host)) = (is_socks, address.port(), address.host()) else {
        return address.clone();
    };
    let builder = Uri::builder().scheme(address.scheme_str().unwrap_or_default());
    let with_port = builder.authority(format!("{host}:1080")).path_and_query("/").build();
    with_port.unwrap_or_else(|_| address.clone())
}

/// The address of a proxy, for messages.
fn without_path(address: &Uri) -> String {
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
            .https("socks5h://user:pass@p.test")
            .no("direct.test")
            .build();
        let found = proxy("http://a.test/v1", &proxies).unwrap().unwrap();
        assert_eq!(found.name(), "http://p.test:3128");
        assert_eq!(found.authorization().unwrap(), "Basic dXNlcjpwYXNz");
        let found = proxy("https://a.test/v1", &proxies).unwrap().unwrap();
        assert_eq!(found.name(), "socks5h://p.test:1080");
        let Protocol::Socks5(Some((user, password))) = found.protocol else { panic!("not SOCKS") };
        assert_eq!((&*user, &*password), ("user", "pass"));
        assert!(proxy("https://direct.test/v1", &proxies).unwrap().is_none());
    }

    #[test]
    fn a_proxy_that_speaks_something_else() {
        let proxies = Matcher::builder().all("socks4://user:secret@p.test:1080").build();
        let error = proxy("https://a.test/v1", &proxies).err().unwrap().to_string();
        assert!(error.contains("the proxy socks4://p.test:1080, which"), "{error}");
    }
}
