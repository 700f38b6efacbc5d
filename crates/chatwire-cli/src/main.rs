//! The `chatwire` command. This file turns results into exit codes and error lines. [`args`] defines
//! the command line, and each command has its own file.

mod args;
mod chat;
mod check;
mod completions;
mod failure;
mod man;
mod probe;
mod runtime;
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
    match command {
        Command::Chat(args) => chat::run(&args),
        Command::Serve(args) => runtime::new()?.block_on(serve::run(&args)),
        Command::Check(args) => check::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
