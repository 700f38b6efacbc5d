//! The arguments of `chatwire chat`. [`crate::chat`] runs the command.

use clap::Args;

use super::EXIT_CODES;

/// Send a prompt and print the answer as it arrives.
///
/// The answer goes to stdout. Notes about it (the server, usage, warnings) go to stderr. Without a key
/// and a base URL, a server inside this program answers, and nothing leaves the machine.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ChatArgs {
    /// The prompt; `-` reads it from stdin.
    #[arg(allow_hyphen_values = false)]
    pub(crate) prompt: String,

    /// The server's address, without `/chat/completions` [env: OPENAI_BASE_URL].
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The server's key. It is safer in the environment [env: OPENAI_API_KEY].
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,

    /// The model to ask.
    #[arg(long, default_value = "gpt-4o-mini")]
    pub(crate) model: String,

    /// Instructions that come before the prompt.
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,

    /// An image to send with the prompt: a PNG, JPEG, GIF or WebP file, or a URL. May be repeated.
    #[arg(long, value_name = "FILE-OR-URL")]
    pub(crate) image: Vec<String>,

    /// How many answers to ask for. Several answers are printed one after the other, with labels.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=128))]
    pub(crate) n: Option<u64>,

    /// Ask for the whole answer at once.
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Print the completion as JSON once it is complete.
    #[arg(long)]
    pub(crate) json: bool,
}
