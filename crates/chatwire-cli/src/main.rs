//! The `chatwire` command. This file turns results into exit codes and error lines. [`args`] defines
//! the command line, and each command has its own file.

mod args;
mod chat;
mod check;
mod failure;
mod image;
mod printer;
mod serve;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Runtime;

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
    match command {
        Command::Chat(args) => {
            // Outside of `until_interrupted`, because reading stdin blocks and Ctrl-C must still end it.
            let request = chat::request(&args)?;
            runtime()?.block_on(until_interrupted(chat::run(&args, &request)))
        }
        Command::Serve(args) => runtime()?.block_on(serve::run(&args)),
        Command::Check(args) => check::run(&args),
    }
}

fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(format!("the runtime cannot start: {error}")))
}

/// Runs the work until Ctrl-C. Dropping it then closes its connection, which tells the server to stop.
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
