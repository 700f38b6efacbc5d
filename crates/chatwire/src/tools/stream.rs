//! A chat with tools over streams, as a row of events. [`super::turns`] decides what the next request says.

use std::collections::VecDeque;
use std::fmt;

use chatwire_client::{ChatStream, Client, Error, Response};
use chatwire_stream::{AnswerLimit, ChatEvent, ChatEvents, StreamError};
use chatwire_types::ChatCompletion;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::handler::Running;
use super::trace::ChatSpan;
use super::turns::Turns;
use super::{Conversation, ToolResult, ToolsError};

/// What happens in a chat with tools.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ToolEvent {
    /// The answer of a turn has changed.
    Chat {
        /// The turn, from 0.
        turn: usize,
        /// The change.
        event: ChatEvent,
    },
    /// A tool is done. The results come as the tools end, which may not be the order of the calls.
    Result(ToolResult),
}

/// The events of a chat with tools: see [`ChatWithTools::stream_with_tools`](super::ChatWithTools::stream_with_tools).
///
/// Dropping it cancels the request and the tools that are running.
pub struct ToolStream<'t, 'a> {
    client: &'t Client,
    turns: Turns<'t, 'a>,
    state: State<'a>,
    failed: Option<ToolsError>,
    span: ChatSpan,
}

enum State<'a> {
    /// The next request is to be sent.
    Ask,
    /// An answer arrives.
    Answer(Box<Answer>),
    /// The tools of an answer run.
    Run(FuturesUnordered<Running<'a>>),
    Over,
}

struct Answer {
    stream: Response<ChatStream>,
    events: ChatEvents,
    limit: AnswerLimit,
    /// The events that were not returned yet.
    waiting: VecDeque<ChatEvent>,
    /// The whole answer, and why it is not complete, once the stream has ended.
    end: Option<(ChatCompletion, Option<Error>)>,
}

impl Answer {
    fn new(stream: Response<ChatStream>) -> Self {
        let limit = AnswerLimit::new(stream.decoder());
        Self { stream, events: ChatEvents::new(), limit, waiting: VecDeque::new(), end: None }
    }

    async fn next(&mut self) -> Option<ChatEvent> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.end.is_some() {
                return None;
            }
            match self.stream.next().await {
                Some(Ok(chunk)) => {
                    self.waiting.extend(self.events.push(chunk));
                    let answer = self.events.accumulator();
                    if let Err(error) = self.limit.check(self.stream.decoder(), answer) {
                        let error = Error::from(error).with_response(&self.stream);
                        self.close(Some(error));
                    }
                }
                // Some services send it for "nothing new".
                Some(Err(error)) if error.stream_error().is_some_and(StreamError::is_null) => {}
                Some(Err(error)) => self.close(Some(error)),
                None => self.close(None),
            }
        }
    }

    fn close(&mut self, failed: Option<Error>) {
        let events = std::mem::take(&mut self.events);
        let too_many = events.accumulator().ensure_complete().err();
        let too_many = too_many.map(|error| Error::from(error).with_response(&self.stream));
        let error = failed.or(too_many);
        let (last, completion) = events.finish();
        if error.is_none() {
            self.waiting.extend(last);
        }
        self.end = Some((completion, error));
    }
}

impl<'t, 'a> ToolStream<'t, 'a> {
    pub(super) fn new(client: &'t Client, turns: Turns<'t, 'a>) -> Self {
        Self { client, turns, state: State::Ask, failed: None, span: ChatSpan::default() }
    }

    /// Waits for the next event. Returns `None` when the chat is over. You may drop the future and call `next` again; if
    /// no part of an answer came yet, its request is then sent again.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`chat_with_tools`](super::ChatWithTools::chat_with_tools). The error is the last item.
    pub async fn next(&mut self) -> Option<Result<ToolEvent, ToolsError>> {
        if !matches!(self.state, State::Over) {
            self.span.begin(self.client, self.turns.request());
        }
        loop {
            let span = self.span.clone();
            match span.enter(self.step()).await {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) if matches!(self.state, State::Over) => {
                    self.span.end(Ok(self.turns.conversation()));
                    return None;
                }
                Ok(None) => {}
                Err(error) => {
                    self.state = State::Over;
                    self.span.end(Err(&error));
                    self.failed = Some(error.clone());
                    return Some(Err(error));
                }
            }
        }
    }

    /// Reads the chat to its end, and returns the conversation.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the chat, also if [`next`](Self::next) has returned it before.
    pub async fn finish(mut self) -> Result<Conversation, ToolsError> {
        while self.next().await.is_some() {}
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.turns.into_conversation()),
        }
    }

    /// Does one thing, and returns an event if there is one.
    async fn step(&mut self) -> Result<Option<ToolEvent>, ToolsError> {
        match &mut self.state {
            State::Ask => self.ask().await.map(|()| None),
            State::Answer(answer) => {
                let turn = self.turns.turn();
                if let Some(event) = answer.next().await {
                    return Ok(Some(ToolEvent::Chat { turn, event }));
                }
                self.end_answer().map(|()| None)
            }
            State::Run(running) => {
                let Some(result) = running.next().await else {
                    self.state = if self.turns.end_turn() { State::Over } else { State::Ask };
                    return Ok(None);
                };
                self.turns.add(result.clone());
                Ok(Some(ToolEvent::Result(result)))
            }
            State::Over => Ok(None),
        }
    }

    async fn ask(&mut self) -> Result<(), ToolsError> {
        self.turns.begin()?;
        let stream = self.client.stream(self.turns.request()).await;
        let stream = stream.map_err(|error| self.turns.request_failed(error))?;
        self.state = State::Answer(Box::new(Answer::new(stream)));
        Ok(())
    }

    /// Takes the whole answer, and starts its tools.
    fn end_answer(&mut self) -> Result<(), ToolsError> {
        let State::Answer(answer) = std::mem::replace(&mut self.state, State::Over) else {
            return Ok(());
        };
        let (completion, error) = answer.end.unwrap_or_default();
        if let Some(error) = error {
            return Err(self.turns.request_failed(error.with_partial(completion)));
        }
        let (_, response) = answer.stream.into_parts();
        self.turns.answer(completion, response)?;
        self.state = State::Run(self.turns.start(&self.span));
        Ok(())
    }
}

impl fmt::Debug for ToolStream<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolStream").field("turn", &self.turns.turn()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use chatwire_client::ErrorKind;
    use chatwire_stream::ChunkDecoder;
    use chatwire_types::{CreateChatCompletionRequest, Message};

    use super::*;

    #[tokio::test]
    async fn an_answer_that_is_too_large_ends() {
        let words = chatwire_mock::MockServer::builder().answer("word ".repeat(20_000));
        let server = words.start().await.unwrap();
        let client = Client::builder().base_url(server.base_url()).build().unwrap();
        let request = CreateChatCompletionRequest::new("m", [Message::user("Hi")]);
        let small = ChunkDecoder::new().max_answer_size(Some(1000));
        let mut answer = Answer::new(client.stream_with(&request, small).await.unwrap());
        let mut count = 0;
        while answer.next().await.is_some() {
            count += 1;
        }
        let (partial, error) = answer.end.unwrap();
        let error = error.unwrap();
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidBody, Some(200)), "{error}");
        assert!(partial.text().is_some() && (100..15_000).contains(&count), "{count}");
    }
}
