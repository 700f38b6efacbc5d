//! The arguments of `chatwire serve`. [`crate::serve`] runs the command.

use clap::Args;

use super::EXIT_CODES;
use crate::serve::TOKEN_PACE;

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

    /// The text of the next answer. May be repeated for the answers after it; the last one stays.
    #[arg(long, value_name = "TEXT")]
    pub(crate) answer: Vec<String>,

    /// The wait before each chunk of a stream, such as `25ms` or `1s`; 0 waits for nothing.
    #[arg(long, value_name = "TIME", default_value_t = TOKEN_PACE.into())]
    pub(crate) chunk_delay: humantime::Duration,

    /// Let web pages of any origin call the server (CORS).
    #[arg(long)]
    pub(crate) cors: bool,

    /// The most connections that are open at the same time.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub(crate) max_connections: usize,
}
