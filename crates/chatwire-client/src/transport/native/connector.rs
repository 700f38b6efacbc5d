//! Connects to a server: [`route`](super::route) leads to it, and [`tls`](super::tls) encrypts what it needs.
//! [`watched`](super::watched) watches what happens on the connection.

use reqwest::Url;

use super::proxy::Proxy;
use super::route::{Route, plain};
use super::tls::{Encrypted, Tls};
use crate::Error;

/// Opens connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) encrypted: Encrypted<Route>,
    /// Whether the requests go to a proxy, which must see the whole address.
    pub(super) is_forwarded: bool,
}

impl Connector {
    /// Connects to this server through this proxy. Without one of the `rustls` features, neither may be `https://`.
    pub(super) fn new(server: &Url, proxy: Option<&Proxy>) -> Result<Self, Error> {
        let is_https = server.scheme() == "https";
        let has_certificates = is_https || proxy.is_some_and(Proxy::is_https);
        let tls = Tls::new(has_certificates)?;
        let route = match proxy {
            None => Route::Direct(plain()),
            Some(proxy) => Route::through(proxy, tls.encrypted(plain()), is_https),
        };
        let is_forwarded = route.is_forwarded();
        Ok(Self { encrypted: tls.encrypted(route), is_forwarded })
    }
}
