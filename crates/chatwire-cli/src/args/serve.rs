//! The arguments of `chatwire serve`. [`crate::serve`] runs the command.

use std::path::PathBuf;

use chatwire_mock::{Fault, ParseFaultError, Pauses};
use clap::Args;

use super::EXIT_CODES;
use crate::serve::{GRACE, TOKEN_PACE};

/// Run the embedded server on loopback until Ctrl-C or SIGTERM.
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

    /// Answer by a script: a YAML or JSON file of rules that match requests, and of their replies.
    ///
    /// A rule has `name`, `when` and `reply` or `replies`. `when` has model, last_message, last_role, tools,
    /// headers, body and nth. A reply has text, tool_calls, reasoning, refusal, logprobs, usage, finish_reason
    /// and message, or one of completion, error, json, bytes and file; and status, headers, delay, chunk_delay,
    /// fault and error_after. For example:
    ///
    /// {rules: [{when: {model: gpt-*}, replies: [{error: 429, headers: {retry-after: 1}}, {text: Hello!}]}]}
    #[arg(long, value_name = "FILE", conflicts_with_all = ["replay", "record"])]
    pub(crate) script: Option<PathBuf>,

    /// The wait before each chunk of a stream, such as `25ms` or `1s`; 0 waits for nothing.
    #[arg(long, value_name = "TIME", default_value_t = TOKEN_PACE.into())]
    pub(crate) chunk_delay: humantime::Duration,

    /// Answer from recordings only: a folder of them, or a file such as NAME.stream.sse.
    #[arg(long, value_name = "PATH", conflicts_with = "answer")]
    pub(crate) replay: Option<PathBuf>,

    /// The pauses of a replay: `recorded`, `none`, or a time before each event of a stream.
    #[arg(long, value_name = "PAUSES", default_value = "none", requires = "replay")]
    pub(crate) pauses: Pauses,

    /// Pass every request on to --upstream, and record its answers in this folder for --replay. Keys and
    /// other secrets are left out.
    #[arg(long, value_name = "DIR", requires = "upstream", conflicts_with_all = ["answer", "replay"])]
    pub(crate) record: Option<PathBuf>,

    /// The base URL of the server to record, such as https://api.openai.com/v1.
    #[arg(long, value_name = "URL", requires = "record")]
    pub(crate) upstream: Option<String>,

    /// The key for requests to --upstream that have none. The variable CHATWIRE_UPSTREAM_KEY has it, too.
    #[arg(long, value_name = "KEY", requires = "record")]
    pub(crate) upstream_key: Option<String>,

    /// Let web pages of any origin call the server (CORS).
    #[arg(long)]
    pub(crate) cors: bool,

    /// The most connections that are open at the same time.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub(crate) max_connections: usize,

    /// Print a JSON object for each request on stdout. By default, there is a line for people on stderr if that
    /// is a terminal.
    #[arg(long)]
    pub(crate) json: bool,

    /// How long open answers may take to end after Ctrl-C or SIGTERM. A second signal ends them at once.
    #[arg(long, value_name = "TIME", default_value_t = GRACE.into())]
    pub(crate) grace: humantime::Duration,

    /// Damage answers by chance: a probability from 0 to 1 and a fault, such as `0.1:cut-after-bytes=100`.
    /// May be repeated.
    ///
    /// The faults: cut-after-bytes=N, cut-after-chunks=N, stall-after-bytes=N, stall-after-chunks=N,
    /// error-after-chunks=N, slow-first-byte=TIME, byte-by-byte, split-utf8, garbage, wrong-content-type,
    /// missing-done, huge-event=BYTES, html-error=STATUS, redirect=URL. A client asks for them with the header
    /// `x-chatwire-fault`.
    #[arg(long, value_name = "PROBABILITY:FAULT", value_parser = random_fault)]
    pub(crate) fault: Vec<(f64, Fault)>,

    /// The seed of --fault. The same seed damages the same answers.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) fault_seed: u64,
}

fn random_fault(text: &str) -> Result<(f64, Fault), String> {
    let (probability, fault) = text.split_once(':').unwrap_or(("", text));
    match probability.parse() {
        Ok(probability) if (0.0..=1.0).contains(&probability) => fault
            .parse()
            .map(|fault| (probability, fault))
            .map_err(|error: ParseFaultError| error.to_string()),
        _ => {
            Err(format!("write a probability from 0 to 1 before the fault, such as `0.1:{fault}`"))
        }
    }
}
