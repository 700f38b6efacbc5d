//! `chatwire man`: prints or writes manual pages. [`crate::completions`] prints completion scripts.

use std::io::{self, Write as _};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::args::{Cli, ManArgs};
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs) -> Result<(), Failure> {
    if let Some(folder) = &args.dir {
        return write_all(folder);
    }
    let page = match &args.command {
        None => page(Cli::command())?,
        Some(name) => page(subcommand(name)?)?,
    };
    Ok(io::stdout().write_all(&page)?)
}

/// The command with its full name, so that the page is about `chatwire chat` and not `chat`.
fn subcommand(name: &str) -> Result<Command, Failure> {
    let mut cli = Cli::command();
    cli.build();
    let names: Vec<String> = cli.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let Some(command) = cli.find_subcommand(name) else {
        return Err(Failure::usage(format!(
            "there is no command `{name}`; the commands are {}",
            names.join(", ")
        )));
    };
    Ok(command.clone())
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}

fn write_all(folder: &Path) -> Result<(), Failure> {
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| {
        Failure::new(format!("the pages cannot be written to {}: {error}", folder.display()))
    })
}
