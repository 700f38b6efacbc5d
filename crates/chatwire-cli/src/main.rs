//! The `chatwire` command. This file turns results into exit codes and error lines; what can be
//! asked for is in [`args`], and each command has its own file.

mod args;
mod chat;
mod check;
mod failure;
mod image;
mod printer;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    // Checking needs no network, and starts faster without a runtime.
    if let Command::Check(args) = command {
        return check::run(&args);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("no runtime: {error}")))?;
    runtime.block_on(async {
        match command {
            Command::Chat(args) => until_interrupted(chat::run(&args)).await,
            Command::Serve(args) => serve::run(&args).await,
            Command::Check(_) => Ok(()),
        }
    })
}

/// Dropping the work closes its connection, which is how a server learns to stop.
async fn until_interrupted(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut work = std::pin::pin!(work);
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    std::future::poll_fn(|cx| {
        if interrupt.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(Err(Failure::Interrupted));
        }
        work.as_mut().poll(cx)
    })
    .await
}
