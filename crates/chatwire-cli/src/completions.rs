//! `chatwire completions`: prints a completion script. [`crate::man`] prints manual pages.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::args::{Cli, CompletionsArgs};
use crate::failure::Failure;

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "chatwire", &mut script);
    Ok(io::stdout().write_all(&script)?)
}
