//! Defines the command line and its `--help`. [`chat`](crate::chat), [`serve`](crate::serve) and
//! [`check`](crate::check) run the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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

/// Decode payload files with the types, encode them again, and report what changed.
///
/// The name of a file says its kind: NAME.request.json, NAME.response.json, NAME.chunk.json,
/// NAME.error.json, NAME.stream.sse. The content of a response says more (a list, a deleted
/// completion, an error). Directories are searched. Their other files are skipped and counted.
///
/// A file passes if nothing in it was refused or lost. The `null` of an optional key may be absent
/// afterwards, and a number may be written differently. A key or value that the document does not know,
/// or has in another shape, is kept and reported. It does not fail the file.
///
/// In a stream, two more things are lost: a line that readers pass over, because it is neither a field
/// of an event nor a comment; and a value of a chunk that the completion of all chunks does not have.
///
/// Up to 20 files are reported one by one, more files by service: the folder that a file is in.
///
/// An `index.json` beside or above the files may say more: a list of cases, each with `kind`,
/// `service` and `files`. A file of the kind `malformed` must fail, with line and column. It counts
/// as failed and is listed apart. With --expect-malformed, it does not change the exit code. A
/// `template` has placeholders for values. The types keep them like other values they do not know.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CheckArgs {
    /// Files and directories.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Report every file and every finding.
    #[arg(long, short)]
    pub(crate) verbose: bool,

    /// Exit with 0 if the only files that fail are called malformed by an index.json.
    #[arg(long)]
    pub(crate) expect_malformed: bool,

    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    failure: an error from the server (also inside of one answer) or the network, or a checked file
       that did not pass
  2    the command line is wrong
  130  stopped with Ctrl-C
  141  the reader of the output closed it";
