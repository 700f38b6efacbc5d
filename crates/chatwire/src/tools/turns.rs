//! The turns of a chat with tools: which calls run, and what the next request says. [`super`] sends the requests, and
//! [`super::stream`] does so over streams.

use std::borrow::Cow;
use std::ops::AddAssign as _;

use chatwire_client::{Error, Response};
use chatwire_types::{
    ChatCompletion, CreateChatCompletionRequest, FinishReason, Message, ResponseMessage, ToolCall,
    ToolChoice, ToolChoiceMode, Usage,
};
use futures_util::stream::FuturesUnordered;

use super::handler::{self, Running};
use super::trace::ChatSpan;
use super::{ToolResult, Tools, ToolsError};

/// A chat with tools, from the first request to the last answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Conversation {
    /// The request with every message so far: those of the caller, the answers, and the results of the tools. To go on,
    /// push a message and send it again.
    pub request: CreateChatCompletionRequest,
    /// The last answer. Its message is in the request too.
    pub completion: ChatCompletion,
    /// The status and the headers of the last answer. It is `None` until an answer comes.
    pub response: Option<Response<()>>,
    /// How many answers the model gave.
    pub turns: usize,
    /// The usage of all turns together. It is empty if the service reports none.
    pub usage: Usage,
    /// The calls that the caller must answer, because only the request has their tools. Push a
    /// [`Message::tool`] for each of them before you go on.
    pub pending: Vec<ToolCall>,
}

impl Conversation {
    /// The text of the last answer.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.completion.text()
    }

    /// Every message so far.
    pub fn messages(&self) -> &[Message] {
        self.request.messages.as_deref().unwrap_or_default()
    }
}

pub(super) struct Turns<'t, 'a> {
    tools: &'t Tools<'a>,
    conversation: Conversation,
    /// The calls that are answered now, each with its place in the answer.
    calls: Vec<ToolCall>,
    results: Vec<ToolResult>,
    /// What the caller forces the model to do in the first turn.
    forced: Option<ToolChoice>,
}

impl<'t, 'a> Turns<'t, 'a> {
    pub(super) fn new(request: CreateChatCompletionRequest, tools: &'t Tools<'a>) -> Self {
        let mut conversation = Conversation {
            request,
            completion: ChatCompletion::default(),
            response: None,
            turns: 0,
            usage: Usage::default(),
            pending: Vec::new(),
        };
        add_tools(&mut conversation.request, tools);
        Self { tools, conversation, calls: Vec::new(), results: Vec::new(), forced: None }
    }

    pub(super) const fn request(&self) -> &CreateChatCompletionRequest {
        &self.conversation.request
    }

    pub(super) const fn turn(&self) -> usize {
        self.conversation.turns
    }

    /// Checks that the model may answer once more.
    pub(super) fn begin(&mut self) -> Result<(), ToolsError> {
        if let Some(error) = &self.tools.failed {
            return Err(ToolsError::Schema(error.clone()));
        }
        if self.conversation.turns < self.tools.max_turns {
            return Ok(());
        }
        Err(ToolsError::TooManyTurns { conversation: self.so_far() })
    }

    /// Takes the answer of a turn.
    pub(super) fn answer(
        &mut self,
        completion: ChatCompletion,
        response: Response<()>,
    ) -> Result<(), ToolsError> {
        self.conversation.turns += 1;
        self.conversation.response = Some(response);
        self.conversation
            .usage
            .add_assign(completion.usage.as_deref().cloned().unwrap_or_default());
        let is_cut = matches!(
            completion.finish_reason(),
            Some(FinishReason::Length | FinishReason::ContentFilter)
        );
        let message = completion.message().cloned();
        self.conversation.completion = completion;
        let Some(mut message) = message else { return Ok(()) };
        add_missing_ids(&mut message, self.conversation.turns);
        self.calls = message.tool_calls.clone().unwrap_or_default();
        if is_cut && !self.calls.is_empty() {
            return Err(ToolsError::Cut { conversation: self.so_far() });
        }
        self.conversation.request.push(message);
        Ok(())
    }

    /// Starts the calls of the answer. Those whose tools only the request has become pending.
    pub(super) fn start(&mut self, span: &ChatSpan) -> FuturesUnordered<Running<'a>> {
        let running = FuturesUnordered::new();
        for call in &self.calls {
            let name = call.name();
            let handler = self.tools.handlers.iter().find(|handler| Some(handler.name()) == name);
            match (handler, name) {
                (Some(handler), _) => running.push(span.tool(call, handler.run(call.clone()))),
                (None, Some(name)) if !self.has_tool(name) => {
                    let failed = handler::failed(call.clone(), self.no_such_tool(name));
                    running.push(span.tool(call, failed));
                }
                (None, _) => self.conversation.pending.push(call.clone()),
            }
        }
        running
    }

    /// Whether the request has a tool with this name.
    fn has_tool(&self, name: &str) -> bool {
        let tools = self.conversation.request.tools.iter().flatten();
        tools.filter_map(handler::name).any(|other| other == name)
    }

    fn no_such_tool(&self, name: &str) -> String {
        let tools = self.conversation.request.tools.iter().flatten();
        let names: Vec<_> =
            tools.filter_map(handler::name).map(|name| format!("`{name}`")).collect();
        format!("There is no tool `{name}`. The tools are {}.", names.join(", "))
    }

    pub(super) fn add(&mut self, result: ToolResult) {
        self.results.push(result);
    }

    /// Adds the results to the request, in the order of the calls. Returns whether the chat is over.
    pub(super) fn end_turn(&mut self) -> bool {
        let calls = std::mem::take(&mut self.calls);
        let place = |result: &ToolResult| calls.iter().position(|call| *call == result.call);
        self.results.sort_by_key(place);
        for result in self.results.drain(..) {
            let id = result.call.id().unwrap_or_default();
            self.conversation.request.push(Message::tool(id, result.content));
        }
        if self.conversation.request.tool_choice.as_ref().is_some_and(forces_a_call) {
            self.forced = self.conversation.request.tool_choice.take();
        }
        calls.is_empty() || !self.conversation.pending.is_empty()
    }

    pub(super) const fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    pub(super) fn into_conversation(mut self) -> Conversation {
        self.restore();
        self.conversation
    }

    pub(super) fn request_failed(&mut self, error: Error) -> ToolsError {
        ToolsError::Request { error, conversation: self.so_far() }
    }

    /// The conversation for an error.
    pub(super) fn so_far(&mut self) -> Box<Conversation> {
        self.restore();
        Box::new(self.conversation.clone())
    }

    /// Gives the request back as the caller set it.
    fn restore(&mut self) {
        if let Some(forced) = self.forced.take() {
            self.conversation.request.tool_choice = Some(forced);
        }
    }
}

/// Adds the tools that the request does not have yet.
fn add_tools(request: &mut CreateChatCompletionRequest, tools: &Tools<'_>) {
    if tools.handlers.is_empty() {
        return;
    }
    let all = request.tools.get_or_insert_default();
    for handler in &tools.handlers {
        if !all.iter().any(|tool| handler::name(tool) == Some(handler.name())) {
            all.push(handler.tool.clone());
        }
    }
}

/// With such a choice, the model calls tools in every turn.
fn forces_a_call(choice: &ToolChoice) -> bool {
    match choice {
        ToolChoice::Mode(mode) => matches!(mode, ToolChoiceMode::Required | ToolChoiceMode::Any),
        ToolChoice::Function(_) | ToolChoice::Custom(_) => true,
        _ => false,
    }
}

/// Gives an id to each call without one, because the message with its result must name it.
fn add_missing_ids(message: &mut ResponseMessage, turn: usize) {
    for (position, call) in message.tool_calls.iter_mut().flatten().enumerate() {
        let id = match call {
            ToolCall::Function(call) => &mut call.id,
            ToolCall::Custom(call) => &mut call.id,
            _ => continue,
        };
        if id.as_deref().unwrap_or_default().is_empty() {
            *id = Some(format!("call_{turn}_{position}"));
        }
    }
}
