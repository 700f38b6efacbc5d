//! The arguments of `chatwire probe`. [`crate::probe`] runs the command.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::values;

/// Find out how a server differs from the protocol, and which clients that breaks.
///
/// The command sends about a hundred small requests, and looks at the answers byte by byte. Before the first one, it says
/// on stderr how many requests and tokens it needs at most. The report goes to stdout.
///
/// A busy server is asked again after the time that it names, for two minutes in all. A certificate that the operating
/// system does not trust can be named in SSL_CERT_FILE.
///
/// A case passes or deviates. It is unsupported if the server refuses a feature that it need not have, and skipped if it
/// could not be judged.
#[derive(Args, Debug)]
#[command(after_help = PROBE_EXIT_CODES, args_conflicts_with_subcommands = true)]
pub(crate) struct ProbeArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ProbeCommand>,

    /// The server's address, without `/chat/completions` [env: OPENAI_BASE_URL].
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The server's key. It is safer in the environment [env: OPENAI_API_KEY]. No report shows it.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,

    /// A header to send, such as `x-team: blue`. It replaces a header of the same name. May be repeated. No report
    /// shows its value.
    #[arg(long, value_name = "NAME: VALUE", value_parser = values::header)]
    pub(crate) header: Vec<(String, String)>,

    /// The model to ask. By default, it is the first one that the server lists.
    #[arg(long, value_name = "NAME", value_parser = values::not_blank)]
    pub(crate) model: Option<String>,

    /// Run only the cases of this group, or the case of this name, and those that they need. May be repeated.
    #[arg(long, value_name = "GROUP")]
    pub(crate) only: Vec<String>,

    /// The most requests to send. Cases beyond it are skipped.
    #[arg(long, value_name = "N")]
    pub(crate) budget: Option<usize>,

    /// Also run cases that store completions on the server. They delete them again.
    #[arg(long)]
    pub(crate) allow_store: bool,

    /// Also run cases that send megabytes, which a server may charge for.
    #[arg(long)]
    pub(crate) allow_large: bool,

    /// The longest wait for a piece of an answer. A whole answer may take twice as long. After two minutes of such waits,
    /// the run ends.
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub(crate) timeout: humantime::Duration,

    /// Exit with 1 if a case of this level, or of one that matters more, deviates.
    #[arg(long, value_name = "LEVEL", default_value = "must")]
    pub(crate) fail_on: FailOn,

    /// List the cases, and send nothing.
    #[arg(long)]
    pub(crate) list: bool,

    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Also show what was sent and what came, and list every case that is skipped.
    #[arg(long, short)]
    pub(crate) verbose: bool,

    /// Write the report as JUnit XML, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,

    /// Write the report as one HTML page, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// Write a badge with the share of cases that pass, too.
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) badge: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProbeCommand {
    Compare(CompareArgs),
}

/// Show the reports of several servers side by side.
///
/// The first server is the one to move from. The others are compared with it.
#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// Reports that `chatwire probe --json` printed.
    #[arg(required = true, value_name = "FILE", num_args = 2..)]
    pub(crate) reports: Vec<PathBuf>,

    /// Show only the cases in which the servers differ.
    #[arg(long)]
    pub(crate) differences: bool,

    /// Write the matrix as one HTML page, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Must,
    Should,
    May,
    /// Exit with 0 whatever deviates.
    Never,
}

const PROBE_EXIT_CODES: &str = "\
Exit codes:
  0    no case of the level of --fail-on deviates
  1    such a case deviates, or the server cannot be reached, or a file cannot be used
  2    the command line is wrong, or a variable of the environment
  130  stopped with Ctrl-C
  141  the reader of the output closed it";
