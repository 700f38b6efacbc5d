//! The arguments of `chatwire man`. [`crate::man`] runs the command.

use std::path::PathBuf;

use clap::Args;

/// Print a manual page, or write all of them to a folder.
///
/// To read a page: `chatwire man chat | man -l -`
#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The command that the page is about; by default, `chatwire` itself.
    pub(crate) command: Option<String>,

    /// Write the pages of all commands to this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub(crate) dir: Option<PathBuf>,
}
