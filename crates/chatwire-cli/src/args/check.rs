//! The arguments of `chatwire check`. [`crate::check`] runs the command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::EXIT_CODES;

/// Decode payload files with the types, encode them again, and report what changed.
///
/// The name of a file says its kind: NAME.request.json, NAME.response.json, NAME.chunk.json,
/// NAME.error.json, NAME.stream.sse. The content of a response says more (a list, a deleted
/// completion, an error). Directories are searched. Their other files are skipped and counted.
///
/// `-` reads a payload or a stream from stdin. Its content says its kind.
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
    /// Files and directories; `-` is stdin.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// What stdin holds, if its content does not say it.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<StdinKind>,

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StdinKind {
    Request,
    Response,
    Chunk,
    Error,
    Stream,
}
