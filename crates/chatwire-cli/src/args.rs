//! The command line: what can be asked for, and what `--help` says about it. Doing it is the job of
//! [`chat`](crate::chat), [`serve`](crate::serve) and [`check`](crate::check).

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
/// The answer goes to stdout, everything about it (the server, usage, warnings) to stderr. Without
/// a key and a base URL, a server inside this program answers, and nothing leaves the machine.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ChatArgs {
    /// What to say; `-` reads it from stdin.
    #[arg(allow_hyphen_values = false)]
    pub(crate) prompt: String,

    /// The server's address, up to and without `/chat/completions` [env: OPENAI_BASE_URL].
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The server's key. The environment is the safer place for it [env: OPENAI_API_KEY].
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,

    /// The model to ask.
    #[arg(long, default_value = "gpt-4o-mini")]
    pub(crate) model: String,

    /// Instructions that come before the prompt.
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,

    /// An image to look at: a PNG, JPEG, GIF or WebP file, or an address. May be repeated.
    #[arg(long, value_name = "FILE-OR-URL")]
    pub(crate) image: Vec<String>,

    /// How many answers to ask for; more than one are printed labelled, one after the other.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=128))]
    pub(crate) n: Option<u64>,

    /// Ask for the whole answer at once.
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Print the completion as JSON when it is whole.
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

    /// The key that every request must carry; without it, none is asked for.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
}

/// Decode payload files with the types, encode them again, and report what changed.
///
/// A file's kind is in its name: NAME.request.json, NAME.response.json, NAME.chunk.json,
/// NAME.error.json, NAME.stream.sse; what a response is (a list, a deleted completion, an error) is
/// in the file. Directories are walked; other files in them are passed over, and counted.
///
/// A file passes when nothing in it was refused or lost. An explicit `null` of an optional key may
/// be absent afterwards, and a number may be written differently if it is the same number. What the
/// document does not know, or has in another shape, is reported and kept, which is no failure.
/// Up to 20 files are reported one by one, more of them by service: the folder that a file is in.
///
/// An `index.json` beside or above the files may say more: a list of cases, each with `kind`,
/// `service` and `files`. A file of the kind `malformed` must fail, with line and column. It counts
/// as failed all the same, but is listed apart; --expect-malformed keeps it out of the exit code. A
/// `template` has placeholders for values, which the types keep like anything else they do not know.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CheckArgs {
    /// Files and directories.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Report every file and every finding.
    #[arg(long, short)]
    pub(crate) verbose: bool,

    /// Exit with 0 if only those files fail that an index.json calls malformed.
    #[arg(long)]
    pub(crate) expect_malformed: bool,

    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything asked for was done
  1    it failed: the server or the network said no, or a checked file did not pass
  2    the command line is wrong
  130  stopped with Ctrl-C
  141  whoever read the output stopped reading";
