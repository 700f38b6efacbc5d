//! Defines the command line and its `--help`, one file for each command. [`crate::chat`], [`crate::serve`] and
//! [`crate::check`] run the commands.

mod chat;
mod check;
mod serve;

use clap::{Parser, Subcommand};

pub(crate) use chat::ChatArgs;
pub(crate) use check::CheckArgs;
pub(crate) use serve::ServeArgs;

/// Chat with any chat-completions server, run one, or check payloads against the types.
#[derive(Debug, Parser)]
#[command(name = "chatwire", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Chat(ChatArgs),
    Serve(ServeArgs),
    Check(CheckArgs),
}

const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    failure: an error from the server (also inside of one answer) or the network, or a checked file
       that did not pass
  2    the command line is wrong
  130  stopped with Ctrl-C
  141  the reader of the output closed it";
