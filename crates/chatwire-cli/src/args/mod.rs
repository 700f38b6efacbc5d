//! Defines the command line and its `--help`, one file for each command. The modules beside this one run the
//! commands.

mod chat;
mod check;
mod completions;
mod man;
mod probe;
mod serve;
mod values;

use clap::{Parser, Subcommand};

pub(crate) use chat::{ChatArgs, EndPolicy, OutputArgs, Reasoning, ServerArgs, ToolArgs};
pub(crate) use check::{CheckArgs, StdinKind};
pub(crate) use completions::CompletionsArgs;
pub(crate) use man::ManArgs;
pub(crate) use probe::{CompareArgs, FailOn, ProbeArgs, ProbeCommand};
pub(crate) use serve::ServeArgs;
pub(crate) use values::{CountLimit, Limit, TimeLimit, limit_names};

/// Chat with any chat-completions server, run or probe one, or check payloads against the types.
#[derive(Debug, Parser)]
#[command(name = "chatwire", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Chat(Box<ChatArgs>),
    Serve(Box<ServeArgs>),
    Check(CheckArgs),
    Probe(Box<ProbeArgs>),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

const EXIT_CODES: &str = "\
Exit codes:
  0    success; also `serve` after Ctrl-C or SIGTERM
  1    failure: the server reported an error (also inside of one answer), the network failed, a file
       cannot be used, a checked file did not pass, or a probed server deviates
  2    the command line is wrong, or a variable of the environment
  130  stopped with Ctrl-C; `serve` after a second one
  141  the reader of the output closed it";
