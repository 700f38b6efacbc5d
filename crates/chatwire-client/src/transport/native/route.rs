//! The way to a server, direct or through a proxy, without the TLS of the server. [`connector`](super::connector)
//! adds that, and [`proxy`](super::proxy) finds the proxy.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use tower_service::Service;

use super::proxy::{Protocol, Proxy};
use super::tls::Encrypted;
use crate::transport::BoxError;

/// A router forgets a silent connection after some minutes, and a model may think for longer.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Opens connections to one server.
#[derive(Clone)]
pub(super) enum Route {
    Direct(HttpConnector),
    /// The proxy at the address reads each request, and sends it on.
    Forward(ToProxy, Uri),
    /// The proxy passes on the bytes for the server.
    Tunnel(Tunnel<ToProxy>),
    /// Like `Tunnel`, with SOCKS 5.
    Socks(SocksV5<HttpConnector>),
}

/// The connection to a proxy may use TLS, too.
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
        let (address, to_proxy) = (proxy.address.clone(), Box::new(to_proxy));
        match &proxy.protocol {
            Protocol::Http(_) if !server_is_https => Self::Forward(to_proxy, address),
            Protocol::Http(None) => Self::Tunnel(Tunnel::new(address, to_proxy)),
            Protocol::Http(Some(value)) => {
                Self::Tunnel(Tunnel::new(address, to_proxy).with_auth(value.clone()))
            }
            Protocol::Socks5(None) => Self::Socks(SocksV5::new(address, plain())),
            Protocol::Socks5(Some((user, password))) => {
                let socks = SocksV5::new(address, plain());
                Self::Socks(socks.with_auth(user.clone(), password.clone()))
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

    /// hyper-util's connectors, which resolve names on their own threads, are always ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        match self {
            Self::Direct(plain) => Box::pin(open(plain.call(server))),
            Self::Forward(to_proxy, proxy) => Box::pin(open(to_proxy.call(proxy.clone()))),
            Self::Tunnel(tunnel) => Box::pin(open(tunnel.call(server))),
            Self::Socks(socks) => Box::pin(open(socks.call(with_port(server)))),
        }
    }
}

async fn open<S: Stream + 'static, E: Into<BoxError>>(
    opening: impl Future<Output = Result<S, E>> + Send,
) -> Result<Box<dyn Stream>, BoxError> {
    let stream = opening.await.map_err(Into::into)?;
    Ok(Box::new(stream))
}

/// Connections without TLS.
pub(super) fn plain() -> HttpConnector {
    let mut plain = HttpConnector::new();
    plain.set_nodelay(true);
    plain.enforce_http(false);
    plain.set_keepalive(Some(KEEPALIVE));
    plain.set_keepalive_interval(Some(KEEPALIVE));
    plain.set_keepalive_retries(Some(3));
    plain
}

/// Names the port 80, because SOCKS has no port of its own, and hyper-util takes 443 for both schemes.
fn with_port(server: Uri) -> Uri {
    let is_http = server.scheme_str() == Some("http") && server.port().is_none();
    let Some(host) = server.host().filter(|_| is_http) else { return server };
    let address = Uri::builder().scheme("http").authority(format!("{host}:80")).path_and_query("/");
    address.build().unwrap_or(server)
}
