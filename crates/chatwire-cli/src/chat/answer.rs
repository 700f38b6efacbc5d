//! Sends a request and prints the answer as it arrives. [`printer`](super::printer) keeps several answers
//! apart, and [`session`](super::session) decides what happens next.

use std::io::{self, IsTerminal as _};

use chatwire::stream::encode::ChunkEncoder;
use chatwire::stream::{ChatEvent, ChatEvents, ChunkDecoder, StreamError};
use chatwire::{ChatCompletion, Client, CreateChatCompletionRequest};

use super::printer::{Printer, Style};
use super::spinner::Spinner;
use super::tools;
use crate::args::{OutputArgs, Reasoning};
use crate::failure::Failure;

/// What of an answer is shown, and how.
#[derive(Clone, Copy)]
pub(super) struct Show {
    streamed: bool,
    /// Whether anything is printed while the answer arrives.
    text: bool,
    reasoning: bool,
    max_answer_size: usize,
}

impl Show {
    pub(super) fn new(args: &OutputArgs, max_answer_size: usize) -> Self {
        let reasoning = match args.reasoning {
            Some(when) => when == Reasoning::Show,
            None => io::stderr().is_terminal(),
        };
        Self { streamed: !args.no_stream, text: !args.json, reasoning, max_answer_size }
    }

    pub(super) async fn answer(
        self,
        client: &Client,
        decoder: ChunkDecoder,
        request: &CreateChatCompletionRequest,
        spinner: &Spinner,
    ) -> Result<ChatCompletion, Failure> {
        let mut screen = Screen {
            printer: Printer::to_terminal(request.n.unwrap_or(1) > 1),
            spinner,
            show: self,
        };
        let completion = if self.streamed {
            screen.stream(client, decoder, request).await
        } else {
            screen.whole(client, request).await
        };
        spinner.stop();
        completion
    }
}

struct Screen<'a> {
    printer: Printer<'a>,
    spinner: &'a Spinner,
    show: Show,
}

impl Screen<'_> {
    /// Prints a whole answer by way of the events that it would have streamed.
    async fn whole(
        &mut self,
        client: &Client,
        request: &CreateChatCompletionRequest,
    ) -> Result<ChatCompletion, Failure> {
        let response = client.chat(request).await.map_err(|error| Failure::call(&error))?;
        let completion = response.into_inner();
        let mut events = ChatEvents::new();
        for chunk in ChunkEncoder::new().iter(&completion) {
            self.print(&events.push(&chunk))?;
        }
        self.end(&completion)?;
        Ok(completion)
    }

    async fn stream(
        &mut self,
        client: &Client,
        decoder: ChunkDecoder,
        request: &CreateChatCompletionRequest,
    ) -> Result<ChatCompletion, Failure> {
        let stream = client.stream_with(request, decoder).await;
        let mut stream = stream.map_err(|error| Failure::call(&error))?;
        let mut events = ChatEvents::new();
        let mut size = SizeLimit::new(self.show.max_answer_size);
        let mut failure = None;
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(chunk) => {
                    let new = events.push(chunk);
                    self.print(&new)?;
                    size.add(&new, &events)?;
                }
                Err(error) if error.stream_error().is_some_and(StreamError::is_null) => {}
                // Later errors are often only a result of the first one.
                Err(error) => {
                    failure.get_or_insert(error);
                }
            }
        }
        let whole = size.check(&events);
        let (rest, completion) = events.finish();
        self.print(&rest)?;
        match failure {
            None => {
                self.end(&completion)?;
                whole?;
            }
            // A server that reports an error in an answer often breaks the stream off after it.
            Some(error) => {
                self.printer.end()?;
                let in_answers = Failure::in_answers(&completion);
                return Err(in_answers.unwrap_or_else(|| Failure::stream(&error)));
            }
        }
        Ok(completion)
    }

    fn print(&mut self, events: &[ChatEvent]) -> io::Result<()> {
        for event in events {
            match event {
                ChatEvent::ContentDelta { choice, delta, .. }
                | ChatEvent::RefusalDelta { choice, delta, .. } => {
                    self.text(*choice, Style::Answer, delta)?;
                }
                ChatEvent::ReasoningDelta { choice, delta, .. } if self.show.reasoning => {
                    self.text(*choice, Style::Reasoning, delta)?;
                }
                ChatEvent::Finished { choice, .. } if self.show.text => {
                    self.printer.finish(*choice)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, choice: i64, style: Style, text: &str) -> io::Result<()> {
        if !self.show.text || text.is_empty() {
            return Ok(());
        }
        self.spinner.stop();
        self.printer.text(choice, style, text)
    }

    /// Ends the text and prints the tool calls.
    fn end(&mut self, completion: &ChatCompletion) -> io::Result<()> {
        self.spinner.stop();
        self.printer.end()?;
        if !self.show.text {
            return Ok(());
        }
        for choice in completion.choices.iter().flatten() {
            let calls = choice.message.as_ref().and_then(|message| message.tool_calls.as_ref());
            for call in calls.into_iter().flatten() {
                let text = format!("tool call {}", tools::call_text(call));
                self.printer.line(choice.index.unwrap_or(0), &text)?;
            }
        }
        Ok(())
    }
}

/// The limit on the memory of an answer. Measuring takes as long as encoding the answer, so it happens each time the
/// answer may have doubled.
struct SizeLimit {
    limit: usize,
    measured: usize,
    /// What came after that, roughly.
    since: usize,
}

impl SizeLimit {
    fn new(limit: usize) -> Self {
        Self { limit, measured: 0, since: 0 }
    }

    fn add(&mut self, new: &[ChatEvent], events: &ChatEvents) -> Result<(), Failure> {
        self.since += CHUNK_SIZE + new.iter().map(text_length).sum::<usize>();
        if self.since <= self.measured.max(FIRST_MEASURED) {
            return Ok(());
        }
        self.since = 0;
        self.check(events)
    }

    fn check(&mut self, events: &ChatEvents) -> Result<(), Failure> {
        let accumulator = events.accumulator();
        accumulator.ensure_complete().map_err(|error| Failure::new(error.to_string()))?;
        self.measured = accumulator.size();
        if self.measured <= self.limit {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the answer needs more than {} bytes; check the base URL, or raise \
             `--limit max_answer_size=VALUE`",
            self.limit
        )))
    }
}

/// What a chunk takes beside its texts at most, as a rule.
const CHUNK_SIZE: usize = 256;

/// Smaller answers are measured at their end.
const FIRST_MEASURED: usize = 64 * 1024;

fn text_length(event: &ChatEvent) -> usize {
    match event {
        ChatEvent::ContentDelta { delta, .. }
        | ChatEvent::RefusalDelta { delta, .. }
        | ChatEvent::ReasoningDelta { delta, .. }
        | ChatEvent::ToolCallDelta { delta, .. } => delta.len(),
        _ => 0,
    }
}
