//! The arguments of `chatwire chat`. [`crate::chat`] runs the command, and [`values`](super::values) parses
//! arguments of several parts.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::EXIT_CODES;
use super::values::{self, Limit};

/// Send a prompt and print the answer as it arrives, or hold a conversation.
///
/// Without a prompt, the text that is piped in is the prompt. On a terminal, a conversation begins.
///
/// The answer goes to stdout. Notes about it (the server, reasoning, usage, warnings) go to stderr. Without a
/// key and an address, a server inside this program answers, and nothing leaves the machine.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ChatArgs {
    /// The prompt; `-` reads it from stdin.
    #[arg(allow_hyphen_values = false)]
    pub(crate) prompt: Option<String>,

    /// Instructions that come before the prompt.
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,

    /// An image to send with the prompt: a PNG, JPEG, GIF or WebP file, or a URL. May be repeated.
    #[arg(long, value_name = "FILE-OR-URL")]
    pub(crate) image: Vec<String>,

    #[command(flatten)]
    pub(crate) answer: AnswerArgs,

    #[command(flatten)]
    pub(crate) tools: ToolArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// What to ask for.
#[derive(Args, Debug)]
#[command(next_help_heading = "Answer")]
pub(crate) struct AnswerArgs {
    /// The model to ask.
    #[arg(long, default_value = "gpt-4o-mini", value_parser = values::not_blank)]
    pub(crate) model: String,

    /// The most tokens of an answer, sent as `max_tokens`. For a model that refuses that key, write
    /// `--extra max_completion_tokens=N`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,

    /// How random the answer is, most often from 0 to 2. Without it, the server decides.
    #[arg(long, value_name = "NUMBER", value_parser = values::number, allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,

    /// How many answers to ask for. Several answers are printed one after the other, with labels.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=128))]
    pub(crate) n: Option<u64>,

    /// A JSON Schema that the answer must follow, in strict mode. An answer that is not JSON is an error.
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,

    /// Another key of the request with its value as JSON, such as `top_p=0.9` or `user='"me"'`. It replaces
    /// what other options set. May be repeated.
    #[arg(long, value_name = "KEY=JSON", value_parser = values::extra)]
    pub(crate) extra: Vec<(String, Value)>,
}

/// Functions that the model may call.
#[derive(Args, Debug)]
#[command(next_help_heading = "Tools")]
pub(crate) struct ToolArgs {
    /// Definitions of tools as JSON: a list of tools as in a request, or one tool, or the definition of one
    /// function. Calls are shown. On a terminal, you are asked for their results. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) tool_file: Vec<PathBuf>,

    /// The result of every call of a tool, such as `get_weather=sunny`. May be repeated for other tools.
    #[arg(long, value_name = "NAME=TEXT", value_parser = values::pair)]
    pub(crate) tool_result: Vec<(String, String)>,
}

/// How to print the answer.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Ask for the whole answer at once.
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Print the completion as JSON once it is complete.
    #[arg(long)]
    pub(crate) json: bool,

    /// Whether to show the reasoning of the model on stderr. By default, it is shown on a terminal.
    #[arg(long, value_name = "WHEN")]
    pub(crate) reasoning: Option<Reasoning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reasoning {
    Show,
    Hide,
}

/// Where to send the request, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerArgs {
    /// The server's address, without `/chat/completions` [env: OPENAI_BASE_URL]. It is reached through the proxy of
    /// HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, unless NO_PROXY names it.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The server's key. It is safer in the environment [env: OPENAI_API_KEY, with --azure
    /// AZURE_OPENAI_API_KEY].
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,

    /// A header to send, such as `x-team: blue`. It replaces a header of the same name. May be repeated.
    #[arg(long, value_name = "NAME: VALUE", value_parser = values::header)]
    pub(crate) header: Vec<(String, String)>,

    /// A query parameter to send. May be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::pair)]
    pub(crate) query: Vec<(String, String)>,

    /// Ask Azure OpenAI at this address, such as `https://NAME.openai.azure.com`. For a token in place of a
    /// key, write `--header "authorization: Bearer TOKEN"`.
    #[arg(long, value_name = "ENDPOINT", conflicts_with = "base_url")]
    pub(crate) azure: Option<String>,

    /// The deployment to ask; by default, it has the name of the model.
    #[arg(long, value_name = "NAME", requires = "azure", value_parser = values::not_blank)]
    pub(crate) azure_deployment: Option<String>,

    /// The version of the API of Azure.
    #[arg(long, value_name = "DATE", requires = "azure", default_value = "2024-10-21")]
    pub(crate) azure_api_version: String,

    /// When a stream counts as complete.
    #[arg(long, value_name = "WHEN", default_value = "finish")]
    pub(crate) end_policy: EndPolicy,

    /// Another limit on time (in seconds), size (in bytes) or number; `none` removes it. May be repeated.
    ///
    /// NAME is connect_timeout, first_byte_timeout, idle_timeout, chunk_timeout, end_timeout, total_timeout,
    /// error_body_timeout, max_body_size, max_event_size, max_answer_size, max_objects or max_retries.
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::limit)]
    pub(crate) limit: Vec<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EndPolicy {
    /// With `[DONE]`, or with a finish reason for every choice.
    Finish,
    /// Also without both, for a server that sends neither.
    Any,
}
