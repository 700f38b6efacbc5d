//! Asks a server, and sends results of tools back until the answer is final. [`answer`](super::answer) prints
//! one answer, [`conversation`](super::conversation) asks again and again.

use std::io::{self, Write as _};

use chatwire::types::terminal;
use chatwire::{ChatCompletion, Choice, CreateChatCompletionRequest, FinishReason};
use tokio::runtime::Runtime;

use super::answer::Show;
use super::notes::{note, report_ends, usage_line};
use super::server::{self, Server};
use super::spinner::Spinner;
use super::tools;
use crate::args::ChatArgs;
use crate::failure::Failure;
use crate::runtime;

pub(super) struct Session<'a> {
    args: &'a ChatArgs,
    runtime: Runtime,
    server: Server,
    show: Show,
    spinner: Spinner,
}

impl<'a> Session<'a> {
    /// Finds the server. It sends nothing.
    pub(super) fn start(args: &'a ChatArgs) -> Result<Self, Failure> {
        let runtime = runtime::new()?;
        let spinner = Spinner::default();
        let model = &args.answer.model;
        let server = runtime.block_on(Server::start(&args.server, model, &spinner))?;
        note(&format!("asking {model} at {}", server.description));
        let show = Show::new(&args.output, server::max_answer_size(&args.server));
        Ok(Self { args, runtime, server, show, spinner })
    }

    /// Asks, and adds all messages of the answer to the request.
    pub(super) fn ask(&self, request: &mut CreateChatCompletionRequest) -> Result<(), Failure> {
        for _ in 0..MAX_TURNS {
            let completion = self.answer(request)?;
            let is_last = !self.send_results(&completion, request)?;
            if is_last {
                return self.conclude(&completion, request);
            }
        }
        Err(Failure::new(format!(
            "the model still calls tools after {MAX_TURNS} answers; ask for less at once"
        )))
    }

    fn answer(&self, request: &CreateChatCompletionRequest) -> Result<ChatCompletion, Failure> {
        let model = request.model.as_deref().unwrap_or_default();
        self.spinner.start(format!("waiting for {}", terminal::one_line(model)));
        let decoder = server::decoder(&self.args.server);
        let answer = self.show.answer(&self.server.client, decoder, request, &self.spinner);
        let completion = self.runtime.block_on(runtime::until_interrupted(answer));
        // Ctrl-C leaves it running.
        self.spinner.stop();
        let completion = completion?;
        match completion.choices.as_ref().is_none_or(Vec::is_empty) {
            true => Err(Failure::no_choices(&completion)),
            false => Ok(completion),
        }
    }

    /// Adds the calls of an answer and their results to the request. Returns whether there were any.
    fn send_results(
        &self,
        completion: &ChatCompletion,
        request: &mut CreateChatCompletionRequest,
    ) -> Result<bool, Failure> {
        // With several answers, it would be unclear which one goes on.
        if request.n.unwrap_or(1) > 1 || completion.tool_calls().is_empty() {
            return Ok(false);
        }
        let Some(results) = tools::results(completion, &self.args.tools)? else { return Ok(false) };
        if let Some(message) = completion.message() {
            request.push(message.clone());
        }
        results.into_iter().for_each(|result| request.push(result));
        Ok(true)
    }

    /// Prints what comes after the text of the last answer.
    fn conclude(
        &self,
        completion: &ChatCompletion,
        request: &mut CreateChatCompletionRequest,
    ) -> Result<(), Failure> {
        if self.args.output.json {
            let json = serde_json::to_string_pretty(completion).map_err(|error| {
                Failure::new(format!("the completion cannot be written: {error}"))
            })?;
            writeln!(io::stdout(), "{json}")?;
        }
        report_ends(completion, request.n.unwrap_or(1));
        note(&usage_line(completion.usage.as_deref()));
        if let Some(failure) = Failure::in_answers(completion) {
            return Err(failure);
        }
        if self.args.answer.schema.is_some() {
            completion.choices.iter().flatten().try_for_each(must_be_json)?;
        }
        // Calls without results cannot be sent back.
        if let Some(message) = completion.message().filter(|_| completion.tool_calls().is_empty()) {
            request.push(message.clone());
        }
        Ok(())
    }
}

/// How many answers with tool calls are followed, so that a model cannot go on for ever.
const MAX_TURNS: usize = 10;

/// Checks an answer that must follow a schema. Whether it fits the schema is the server's part.
fn must_be_json(choice: &Choice) -> Result<(), Failure> {
    let number = choice.index.unwrap_or(0).saturating_add(1);
    let text = choice.as_text().unwrap_or_default();
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text) else { return Ok(()) };
    let why = match &choice.finish_reason {
        Some(FinishReason::ToolCalls) => return Ok(()),
        Some(FinishReason::Length) => {
            "it was cut at the token limit; raise --max-tokens".to_owned()
        }
        Some(FinishReason::ContentFilter) => "it was cut by the content filter".to_owned(),
        _ if choice.refusal().is_some() => "the model refused".to_owned(),
        _ => format!("{error}; does the server support a JSON Schema for this model?"),
    };
    Err(Failure::new(format!("answer {number} is not JSON: {why}")))
}
