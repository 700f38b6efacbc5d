//! The way to a server, straight or through a proxy, without the TLS of the server. [`connector`](super::connector)
//! adds that, and [`proxy`](super::proxy) finds the proxy.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use tower_service::Service;

use super::connector::Encrypted;
use super::proxy::{Proxy, Speaks};
use crate::transport::BoxError;

/// Opens connections to one server.
#[derive(Clone)]
pub(super) enum Route {
    Straight(HttpConnector),
    /// The proxy reads each request, and sends it on.
    Forward(ToProxy, Uri),
    /// The proxy passes on the bytes for the server.
    Tunnel(Tunnel<ToProxy>, Uri),
    /// The proxy does so, too, but speaks SOCKS.
    Socks(SocksV5<HttpConnector>, Uri),
}

/// A proxy may want TLS for itself.
type ToProxy = Box<Encrypted<HttpConnector>>;

/// A connection of any kind.
pub(super) trait Stream: Read + Write + Connection + Unpin + Send {}

impl<S: Read + Write + Connection + Unpin + Send> Stream for S {}

impl Connection for Box<dyn Stream> {
    fn connected(&self) -> Connected {
        (**self).connected()
    }
}

impl Route {
    /// The way through this proxy. `to_proxy` connects to it.
    pub(super) fn through(
        proxy: &Proxy,
        to_proxy: Encrypted<HttpConnector>,
        server_is_https: bool,
    ) -> Self {
        let address = proxy.address.clone();
        match &proxy.speaks {
            Speaks::Http(_) if !server_is_https => Self::Forward(Box::new(to_proxy), address),
            Speaks::Http(authorization) => {
                let tunnel = Tunnel::new(address.clone(), Box::new(to_proxy));
                Self::Tunnel(
                    match authorization {
                        Some(value) => tunnel.with_auth(value.clone()),
                        None => tunnel,
                    },
                    address,
                )
            }
            Speaks::Socks5(user) => {
                let socks = SocksV5::new(address.clone(), plain());
                Self::Socks(
                    match user {
                        Some((user, password)) => socks.with_auth(user.clone(), password.clone()),
                        None => socks,
                    },
                    address,
                )
            }
        }
    }

    /// Whether the requests go to a proxy, which must see the whole address.
    pub(super) fn is_forwarded(&self) -> bool {
        matches!(self, Self::Forward(..))
    }
}

impl Service<Uri> for Route {
    type Response = Box<dyn Stream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        match self {
            Self::Straight(plain) => Box::pin(open(plain.call(server), None)),
            Self::Forward(to_proxy, proxy) => {
                Box::pin(open(to_proxy.call(proxy.clone()), Some(proxy.clone())))
            }
            Self::Tunnel(tunnel, proxy) => Box::pin(open(tunnel.call(server), Some(proxy.clone()))),
            Self::Socks(socks, proxy) => {
                Box::pin(open(socks.call(with_port(server)), Some(proxy.clone())))
            }
        }
    }
}

/// Connections without TLS.
pub(super) fn plain() -> HttpConnector {
    let mut plain = HttpConnector::new();
    plain.set_nodelay(true);
    plain.enforce_http(false);
    plain
}

async fn open<S: Stream + 'static, E: Into<BoxError>>(
    opening: impl Future<Output = Result<S, E>> + Send,
    proxy: Option<Uri>,
) -> Result<Box<dyn Stream>, BoxError> {
    match (opening.await.map_err(Into::into), proxy) {
        (Ok(stream), _) => Ok(Box::new(stream)),
        (Err(error), None) => Err(error),
        (Err(error), Some(proxy)) => Err(NoWayThrough::new(&proxy, &*error).into()),
    }
}

/// Why a proxy does not lead to a server. It has no causes, because a caller sees the innermost one, and that does not
/// name the proxy.
#[derive(Debug)]
pub(super) struct NoWayThrough(String);

impl NoWayThrough {
    fn new(proxy: &Uri, error: &(dyn StdError + 'static)) -> Self {
        let cause = super::causes(error).last().map(ToString::to_string).unwrap_or_default();
        let proxy = super::proxy::shown(proxy);
        Self(format!("{cause}, on the way through the proxy {proxy} of the environment"))
    }
}

impl fmt::Display for NoWayThrough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for NoWayThrough {}

/// Names the port 80, because SOCKS has no port of its own, and hyper-util takes 443 for both schemes.
fn with_port(server: Uri) -> Uri {
    let is_http = server.scheme_str() == Some("http") && server.port().is_none();
    let Some(host) = server.host().filter(|_| is_http) else { return server };
    let address = Uri::builder().scheme("http").authority(format!("{host}:80")).path_and_query("/");
    address.build().unwrap_or(server)
}
