//! `chatwire serve`: runs the embedded server until Ctrl-C. `chatwire-mock` decides what it answers.

use std::io;
use std::time::Duration;

use chatwire_mock::{MockServer, MockServerBuilder, Script};

use crate::args::ServeArgs;
use crate::failure::Failure;

pub(crate) async fn run(args: &ServeArgs) -> Result<(), Failure> {
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
    let server = server.start().await.map_err(|error| not_started(&error, args.port))?;
    eprintln!("listening on {} (Ctrl-C stops)", server.base_url());
    if tokio::signal::ctrl_c().await.is_err() {
        // Ctrl-C cannot be received here, so the server runs until it is killed.
        std::future::pending::<()>().await;
    }
    Ok(())
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
