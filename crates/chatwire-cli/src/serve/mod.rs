//! `chatwire serve`: runs the embedded server until Ctrl-C. `chatwire-mock` decides what it answers, and
//! [`log`] shows it.

mod log;
mod signals;

use std::io::{self, Write as _};
use std::time::Duration;

use chatwire_mock::{MockServer, MockServerBuilder, Script};
use serde_json::json;

use crate::args::ServeArgs;
use crate::failure::Failure;
use log::Log;
use signals::Signals;

pub(crate) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::new(format!("Ctrl-C cannot be received: {error}")))?;
    let mut server = builder(args)?;
    let log = Log::start(args.json);
    if let Some((log, _)) = &log {
        let log = log.clone();
        server = server.on_exchange(move |exchange| log.exchange(exchange));
    }
    let server = server.start().await.map_err(|error| not_started(&error, args.port))?;
    say(&format!("listening on {} (Ctrl-C stops)", server.base_url()));
    let Some((log, mut printer)) = log else {
        signals.next().await;
        return stop(server, args, &mut signals).await.map(drop);
    };
    log.event(&json!({"event": "listening", "base_url": server.base_url()}));
    tokio::select! {
        () = signals.next() => {}
        Ok(error) = &mut printer.failed => return Err(error.into()),
    }
    let open = stop(server, args, &mut signals).await?;
    log.event(&json!({"event": "stopped", "closed_connections": open}));
    printer.finish(&log)
}

/// Lets the open answers end, and returns how many connections did not. A second signal ends the command at
/// once.
async fn stop(
    server: MockServer,
    args: &ServeArgs,
    signals: &mut Signals,
) -> Result<usize, Failure> {
    let open = tokio::select! {
        open = server.shutdown(args.grace.into()) => open,
        () = signals.next() => return Err(Failure::Interrupted),
    };
    if open > 0 {
        let connections = if open == 1 { "connection" } else { "connections" };
        say(&format!(
            "closed {open} {connections} with answers that took longer than {}",
            args.grace
        ));
    }
    Ok(open)
}

fn say(line: &str) {
    // A server can do its work without a reader of its notes.
    let _ = writeln!(io::stderr(), "{line}");
}

fn builder(args: &ServeArgs) -> Result<MockServerBuilder, Failure> {
    // `serve` never shows the requests.
    let server = MockServer::builder().keep_requests(0);
    let server = server.port(args.port).chunk_delay(args.chunk_delay.into()).cors(args.cors);
    let server = server.max_connections(args.max_connections);
    let mut server = args.answer.iter().fold(server, MockServerBuilder::answer);
    for (probability, fault) in &args.fault {
        server = server.random_fault(*probability, fault.clone());
    }
    server = server.fault_seed(args.fault_seed);
    if let Some(key) = &args.api_key {
        server = server.api_key(key);
    }
    if let Some(path) = &args.script {
        server =
            server.script(Script::read(path).map_err(|error| Failure::new(error.to_string()))?);
    }
    if let Some(path) = &args.replay {
        server = server.replay(path).pauses(args.pauses);
    }
    if let (Some(folder), Some(upstream)) = (&args.record, &args.upstream) {
        server = server.record(folder, upstream);
    }
    if let Some(key) = args.upstream_key.clone().or_else(upstream_key) {
        server = server.upstream_key(key);
    }
    Ok(server)
}

/// A key in the environment stays out of the list of processes. An empty variable counts as unset, because
/// many shells cannot unset one.
fn upstream_key() -> Option<String> {
    std::env::var("CHATWIRE_UPSTREAM_KEY").ok().filter(|key| !key.is_empty())
}

fn not_started(error: &io::Error, port: u16) -> Failure {
    if error.kind() == io::ErrorKind::InvalidData {
        // It names the recordings or the upstream.
        return Failure::new(error.to_string());
    }
    Failure::new(format!(
        "port {port} cannot be opened: {error}; choose another with --port, or 0 for a free one"
    ))
}

/// The time between two chunks, about that of a hosted model.
pub(crate) const TOKEN_PACE: Duration = Duration::from_millis(25);

/// Time for the end of most streams.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
