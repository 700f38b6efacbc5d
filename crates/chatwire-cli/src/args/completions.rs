//! The arguments of `chatwire completions`. [`crate::completions`] runs the command.

use clap::Args;
use clap_complete::Shell;

/// Print a script that completes commands and options in your shell.
///
/// For bash: `chatwire completions bash > ~/.local/share/bash-completion/completions/chatwire`
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: Shell,
}
