//! `chatwire chat`: sends a prompt and prints the answer as it arrives. [`printer`](crate::printer)
//! keeps several answers apart, [`failure`](crate::failure) words the errors.

use std::io::{self, IsTerminal as _, Read as _, Write};
use std::time::Duration;

use chatwire::stream::Accumulator;
use chatwire::types::terminal;
use chatwire::{
    ChatCompletion, ChatCompletionChunk, Client, ClientBuilder, ContentPart,
    CreateChatCompletionRequest, Error, FinishReason, Message, StreamOptions, ToolCall, Usage,
};
use chatwire_mock::MockServer;

use crate::args::ChatArgs;
use crate::failure::Failure;
use crate::image;
use crate::printer::Printer;
use crate::serve::TOKEN_PACE;

pub(crate) async fn run(
    args: &ChatArgs,
    request: &CreateChatCompletionRequest,
) -> Result<(), Failure> {
    let server = Server::for_args(args).await?;
    let asked = request.n.unwrap_or(1);
    note(&format!("asking {} at {}", args.model, server.description));
    let mut stdout = io::stdout();
    let show = Show { asked, text: !args.json, escaped: stdout.is_terminal() };
    let completion = if args.no_stream {
        show.whole(&server.client, request, &mut stdout).await?
    } else {
        show.stream(&server.client, request, &mut stdout).await?
    };
    if completion.choices.as_ref().is_none_or(Vec::is_empty) {
        return Err(Failure::no_choices(&completion));
    }
    if args.json {
        let json = serde_json::to_string_pretty(&completion)
            .map_err(|error| Failure::new(format!("the completion cannot be written: {error}")))?;
        writeln!(stdout, "{json}")?;
    }
    report_ends(&completion, asked);
    note(&usage_line(completion.usage.as_deref()));
    Failure::in_answers(&completion).map_or(Ok(()), Err)
}

/// Builds the request from the arguments. Reads stdin and image files.
pub(crate) fn request(args: &ChatArgs) -> Result<CreateChatCompletionRequest, Failure> {
    let mut messages = Vec::new();
    messages.extend(args.system.as_deref().map(Message::system));
    messages.push(user_message(&prompt(&args.prompt)?, &args.image)?);
    let mut request = CreateChatCompletionRequest::new(&args.model, messages);
    if let Some(n) = args.n {
        request = request.n(n);
    }
    if !args.no_stream {
        request = request.stream_options(StreamOptions::new().include_usage(true));
    }
    Ok(request)
}

fn prompt(argument: &str) -> Result<String, Failure> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut prompt = String::new();
    io::stdin().read_to_string(&mut prompt).map_err(|error| {
        Failure::new(format!("the prompt cannot be read from stdin: {error}; it must be UTF-8"))
    })?;
    match prompt.trim_end() {
        "" => Err(Failure::new("stdin is empty; pipe the prompt in, or write it in place of `-`")),
        prompt => Ok(prompt.to_owned()),
    }
}

fn user_message(prompt: &str, images: &[String]) -> Result<Message, Failure> {
    if images.is_empty() {
        return Ok(Message::user(prompt));
    }
    let mut parts = vec![ContentPart::text(prompt)];
    for image in images {
        parts.push(image::part(image)?);
    }
    Ok(Message::user(parts))
}

/// The server to ask.
struct Server {
    client: Client,
    description: String,
    /// Kept because the server stops when this is dropped.
    _embedded: Option<MockServer>,
}

impl Server {
    async fn for_args(args: &ChatArgs) -> Result<Self, Failure> {
        let in_env = is_set("OPENAI_API_KEY") || is_set("OPENAI_BASE_URL");
        if args.base_url.is_none() && args.api_key.is_none() && !in_env {
            return Self::embedded().await;
        }
        let builder = if in_env { ClientBuilder::from_env() } else { Ok(Client::builder()) };
        let mut builder = builder.map_err(|error| Failure::call(&error))?;
        if let Some(base_url) = &args.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(api_key) = &args.api_key {
            builder = builder.api_key(api_key);
        }
        let client = builder
            .on_retry(|retry| note_wait(retry.delay(), retry.is_asked_by_server(), retry.error()))
            .build()
            .map_err(|error| Failure::call(&error))?;
        let description = without_password(client.base_url());
        Ok(Self { client, description, _embedded: None })
    }

    async fn embedded() -> Result<Self, Failure> {
        let server =
            MockServer::builder().chunk_delay(TOKEN_PACE).start().await.map_err(|error| {
                Failure::new(format!(
                    "the embedded server cannot start: {error}; use another one with --base-url"
                ))
            })?;
        let client = Client::builder().base_url(server.base_url()).build();
        let client = client.map_err(|error| Failure::call(&error))?;
        let description = format!(
            "{}, embedded in this program (no OPENAI_API_KEY, OPENAI_BASE_URL or --base-url)",
            server.base_url()
        );
        Ok(Self { client, description, _embedded: Some(server) })
    }
}

/// `http://user:password@host` without the user and the password, which must not be shown.
fn without_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => String::new(),
    }
}

/// An empty variable counts as unset, because many shells cannot unset one.
fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
}

/// How an answer is printed.
struct Show {
    /// How many choices were asked for.
    asked: u64,
    /// Whether text is printed at all.
    text: bool,
    /// Whether control characters are escaped: for a terminal, but not for a program.
    escaped: bool,
}

impl Show {
    fn printer<'a>(&self, out: &'a mut dyn Write) -> Printer<'a> {
        Printer::new(out, self.asked > 1).escaped(self.escaped)
    }

    async fn whole(
        &self,
        client: &Client,
        request: &CreateChatCompletionRequest,
        out: &mut dyn Write,
    ) -> Result<ChatCompletion, Failure> {
        let response = client.chat(request).await.map_err(|error| Failure::call(&error))?;
        let completion = response.into_inner();
        if self.text {
            let mut printer = self.printer(out);
            for choice in completion.choices.iter().flatten() {
                let message = choice.message.as_ref();
                let text = message.and_then(|message| message.content.as_ref()?.text());
                let refusal = message.and_then(|message| message.refusal.as_deref());
                let index = choice.index.unwrap_or(0);
                printer.text(index, &text.unwrap_or_default())?;
                printer.text(index, refusal.unwrap_or_default())?;
            }
            printer.end()?;
            print_tool_calls(&completion, &mut printer)?;
        }
        Ok(completion)
    }

    async fn stream(
        &self,
        client: &Client,
        request: &CreateChatCompletionRequest,
        out: &mut dyn Write,
    ) -> Result<ChatCompletion, Failure> {
        let mut stream = client.stream(request).await.map_err(|error| Failure::call(&error))?;
        let mut accumulator = Accumulator::new();
        let mut printer = self.printer(out);
        let mut failure = None;
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(chunk) => {
                    accumulator.push(chunk);
                    if self.text {
                        print_chunk(chunk, &mut printer)?;
                    }
                }
                Err(error) if error.is_null() => {}
                // Later errors are often only a result of the first one.
                Err(error) => {
                    failure.get_or_insert(error);
                }
            }
        }
        printer.end()?;
        let completion = accumulator.into_completion();
        match failure {
            None if self.text => print_tool_calls(&completion, &mut printer)?,
            None => {}
            // A server that reports an error in an answer often breaks the stream off after it.
            Some(error) => {
                let in_answers = Failure::in_answers(&completion);
                return Err(in_answers.unwrap_or_else(|| Failure::stream(&error)));
            }
        }
        Ok(completion)
    }
}

fn print_chunk(chunk: &ChatCompletionChunk, printer: &mut Printer<'_>) -> io::Result<()> {
    for choice in chunk.choices.iter().flatten() {
        let index = choice.index.unwrap_or(0);
        let delta = choice.delta.as_ref();
        if let Some(text) = delta.and_then(|delta| delta.content.as_ref()?.text()) {
            printer.text(index, &text)?;
        }
        if let Some(refusal) = delta.and_then(|delta| delta.refusal.as_deref()) {
            printer.text(index, refusal)?;
        }
        if choice.finish_reason.as_ref().is_some_and(|reason| !reason.as_str().is_empty()) {
            printer.finish(index)?;
        }
    }
    Ok(())
}

fn print_tool_calls(completion: &ChatCompletion, printer: &mut Printer<'_>) -> io::Result<()> {
    for choice in completion.choices.iter().flatten() {
        let message = choice.message.as_ref();
        for call in message.and_then(|message| message.tool_calls.as_ref()).into_iter().flatten() {
            printer.line(choice.index.unwrap_or(0), &format!("tool call {}", call_text(call)))?;
        }
    }
    Ok(())
}

/// `get_weather({"city":"Paris"})`
fn call_text(call: &ToolCall) -> String {
    let input = match call {
        ToolCall::Function(call) => call.function.as_ref().and_then(|f| f.arguments.as_deref()),
        ToolCall::Custom(call) => call.custom.as_ref().and_then(|custom| custom.input.as_deref()),
        _ => return serde_json::to_string(call).unwrap_or_default(),
    };
    format!("{}({})", call.name().unwrap_or("?"), input.unwrap_or_default())
}

/// Notes answers that were cut, and answers that are missing.
fn report_ends(completion: &ChatCompletion, asked: u64) {
    let given = completion.choices.as_ref().map_or(0, Vec::len);
    if u64::try_from(given).is_ok_and(|given| given < asked) {
        note(&format!("the server returned {given} of {asked} answers"));
    }
    for choice in completion.choices.iter().flatten() {
        let why = match &choice.finish_reason {
            Some(FinishReason::Length) => "was cut at the token limit",
            Some(FinishReason::ContentFilter) => "was cut by the content filter",
            _ => continue,
        };
        note(&format!("answer {} {why}", choice.index.unwrap_or(0).saturating_add(1)));
    }
}

fn usage_line(usage: Option<&Usage>) -> String {
    let Some(usage) = usage else { return "usage: not reported by the server".to_owned() };
    let count = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
    format!(
        "usage: {} prompt + {} completion = {} tokens",
        count(usage.prompt_tokens),
        count(usage.completion_tokens),
        count(usage.total_tokens)
    )
}

/// Writes to stderr, because stdout is for the answer alone.
fn note(text: &str) {
    let mut stderr = io::stderr();
    let (dim, plain) = if stderr.is_terminal() { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    // The answer matters more than a note that cannot be written.
    let _ = writeln!(stderr, "{dim}{}{plain}", terminal::one_line(text));
}

/// Explains a pause.
fn note_wait(delay: Duration, asked_by_server: bool, error: &Error) {
    if delay < NOTED_WAIT {
        return;
    }
    let why = if asked_by_server { ", as the server asked" } else { "" };
    note(&format!("waiting {:.0} s{why} ({error})", delay.as_secs_f64()));
}

/// Shorter waits are not noticed.
const NOTED_WAIT: Duration = Duration::from_secs(2);
