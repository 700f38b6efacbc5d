//! Accepts connections and speaks HTTP/1 over each: within its timeouts, and so that clients can
//! read the last answer. [`routes`](crate::routes) answers the requests.

use std::future::poll_fn;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::exchange::{Exchange, OnExchange};
use crate::limits::{
    CONNECTION_BUFFER, Limits, MOST_DISCARDED, MOST_REFUSALS, SEND_BUFFER, WAITING_CONNECTIONS,
};
use crate::peers::{Peer, Peers};
use crate::problem::Problem;
use crate::socket::Socket;

/// Listens on loopback. Its connections inherit a small send buffer, because the system would buffer
/// megabytes for a client that does not read.
pub(crate) fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // As in `TcpListener::bind`. On Windows, it would share the port with other programs.
    socket.set_reuseaddr(cfg!(not(windows)))?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(WAITING_CONNECTIONS)
}

/// Accepts connections until `stopped`. The open ones finish the answer that they are in, and are closed after
/// the time that `stopped` says, if it says one. Returns how many were.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    on_exchange: Option<OnExchange>,
    mut stopped: oneshot::Receiver<Duration>,
) -> usize {
    let peers = Peers::new(limits.connections);
    let refusals = Arc::new(Semaphore::new(MOST_REFUSALS));
    let (stop, stopping) = watch::channel(());
    let longest = loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            longest = &mut stopped => break longest,
        };
        let Ok((stream, address)) = accepted else {
            // Most often, the process has too many open files. Others may soon be closed.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Without it, the system would hold small events back. A connection works without it too.
        let _ = stream.set_nodelay(true);
        let (router, stopping) = (router.clone(), stopping.clone());
        let log = Refusals { since: Instant::now(), on_exchange: on_exchange.clone() };
        if let Some(seat) = peers.admit(address.ip().is_loopback()) {
            tokio::spawn(async move {
                let socket = Socket::new(stream, seat.peer.clone(), limits.write_timeout);
                tokio::select! {
                    () = serve(socket, router, &seat.peer, limits, stopping, log) => {}
                    () = seat.peer.closed() => {}
                }
            });
        } else if let Ok(turn) = refusals.clone().try_acquire_owned() {
            tokio::spawn(async move {
                refuse(stream, limits, log).await;
                drop(turn);
            });
        }
    };
    drop((listener, stopping));
    // Each connection has a receiver until it has sent its last answer.
    stop.send_replace(());
    let Ok(longest) = longest else { return 0 };
    if timeout(longest, stop.closed()).await.is_ok() {
        return 0;
    }
    let open = stop.receiver_count();
    peers.close_all();
    stop.closed().await;
    open
}

/// Answers the requests of one connection.
async fn serve(
    socket: Socket,
    router: Router,
    peer: &Arc<Peer>,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
    log: Refusals,
) {
    let service = TowerToHyperService::new(router);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        Box::pin(service.call(request))
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request_timeout)
        .max_buf_size(CONNECTION_BUFFER)
        .serve_connection(TokioIo::new(socket), service);
    let end = tokio::select! {
        end = poll_fn(|context| connection.poll_without_shutdown(context)) => end,
        _ = stopping.changed() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|context| connection.poll_without_shutdown(context)).await
        }
    };
    drop(stopping);
    let parts = connection.into_parts();
    let mut socket = parts.io.into_inner();
    match end {
        Ok(()) => {}
        // hyper has sent an answer.
        Err(error) if error.is_parse() => {}
        // Without a part of a request, the client does not wait for an answer.
        Err(error) if error.is_timeout() && !parts.read_buf.is_empty() => {
            let problem = too_slow(limits.request_timeout);
            send(&mut socket, &problem).await;
            log.add(&problem);
        }
        Err(_) => return,
    }
    close(socket, limits.request_timeout).await;
}

/// Answers a connection beyond the bound with a 503.
async fn refuse(stream: TcpStream, limits: Limits, log: Refusals) {
    let text = format!(
        "The mock has {} open connections, all with requests: try again later, or raise \
         `max_connections` of the mock.",
        limits.connections
    );
    let mut socket = Socket::new(stream, Arc::default(), limits.write_timeout);
    let problem = Problem::new(503, text);
    send(&mut socket, &problem).await;
    log.add(&problem);
    // The client of so short an answer reads it at once.
    close(socket, limits.request_timeout.min(Duration::from_secs(1))).await;
}

/// Logs the answers to connections whose requests were not read, so that their method and path are not known.
struct Refusals {
    /// When the connection was accepted.
    since: Instant,
    on_exchange: Option<OnExchange>,
}

impl Refusals {
    fn add(&self, problem: &Problem) {
        let Some(OnExchange(tell)) = &self.on_exchange else { return };
        let duration = self.since.elapsed();
        tell(&Exchange {
            at: SystemTime::now().checked_sub(duration).unwrap_or(SystemTime::UNIX_EPOCH),
            method: UNKNOWN.to_owned(),
            path: UNKNOWN.to_owned(),
            model: None,
            status: Some(problem.status.as_u16()),
            prompt_tokens: None,
            completion_tokens: None,
            duration,
            bytes: problem.envelope().to_string().len() as u64,
            rule: None,
            recording: None,
            error: Some(problem.message().to_owned()),
            is_complete: true,
        });
    }
}

/// Stands for the method and the path of a request that was not read.
const UNKNOWN: &str = "-";

/// Sends an answer where hyper sends none. A failure is ignored, because it means that the client is
/// gone.
async fn send(socket: &mut (impl AsyncWrite + Unpin), problem: &Problem) {
    let body = problem.envelope().to_string();
    let text = format!(
        "HTTP/1.1 {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        problem.status,
        body.len(),
    );
    let _ = socket.write_all(text.as_bytes()).await;
}

/// Closes a connection after its last answer. If the system closed it while bytes of the client are
/// unread, it would reset the connection, and the client could lose the answer. So this reads a
/// bounded part of the rest first.
async fn close(mut socket: Socket, longest: Duration) {
    let discard = async {
        socket.shutdown().await?;
        tokio::io::copy(&mut socket.take(MOST_DISCARDED), &mut tokio::io::sink()).await
    };
    let _ = timeout(longest, discard).await;
}

fn too_slow(longest: Duration) -> Problem {
    let text = format!(
        "The head of the request did not arrive within {longest:?}: send it faster, or raise \
         `request_timeout` of the mock."
    );
    Problem::new(408, text)
}
