//! The arguments of `chatwire serve`. [`crate::serve`] runs the command.

use clap::Args;

use super::EXIT_CODES;

/// Run the embedded server on loopback until Ctrl-C.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ServeArgs {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,

    /// The key that every request must carry. By default, requests need no key.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
}
