//! Makes the events of one choice, and tracks which of its parts were reported as done.
//! [`super::events`] defines the events and decides when the stream ends.

use std::borrow::Cow;

use chatwire_types::{
    Content, ContentPart, Delta, FinishReason, FunctionCallDelta, ToolCall, ToolCallDelta,
};
use serde_json::Value;

use super::choice::{ChoiceParts, call_pieces};
use super::content;
use super::events::ChatEvent;
use super::resent_texts::ResentTextDetector;
use crate::rules::says;

/// What was reported of one choice.
#[derive(Clone, Debug, Default)]
pub(super) struct ChoiceEvents {
    /// The index of the choice.
    choice: i64,
    content: PartState,
    content_detector: ResentTextDetector,
    refusal: PartState,
    reasoning: PartState,
    reasoning_detector: ResentTextDetector,
    /// The source of the reasoning: the first one with a text.
    source: Option<ReasoningSource>,
    /// The reasoning so far, if the merged delta does not have it as one text.
    joined: String,
    calls: Vec<CallEvents>,
    /// The calls that were not reported as done yet.
    waiting: Vec<usize>,
    /// Whether call 0 is the deprecated `function_call`.
    has_function_call: bool,
    /// The last finish reason.
    reason: Option<FinishReason>,
}

#[derive(Clone, Debug, Default)]
struct CallEvents {
    state: PartState,
    detector: ResentTextDetector,
    /// The call as it was reported as done.
    done: Option<ToolCall>,
}

/// Whether a part was reported as done.
///
/// A part is reported a second time only at the end of the stream. Otherwise a service that sends a finish
/// reason with every chunk would make every chunk copy the whole text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum PartState {
    /// Nothing was added.
    #[default]
    Empty,
    /// Something was added, and the part was never reported as done.
    Open,
    Done,
    /// Something was added after `Done`.
    Reopened,
}

impl PartState {
    const fn add(&mut self) {
        *self = match self {
            Self::Empty | Self::Open => Self::Open,
            Self::Done | Self::Reopened => Self::Reopened,
        };
    }

    /// Closes the part. Returns whether it must be reported as done.
    fn close(&mut self, at_end: bool) -> bool {
        let closes = *self == Self::Open || (at_end && *self == Self::Reopened);
        if closes {
            *self = Self::Done;
        }
        closes
    }
}

/// The places where services stream reasoning.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ReasoningSource {
    /// `reasoning_content`.
    Content,
    /// `reasoning`.
    Plain,
    /// `reasoning_details`.
    Details,
    /// Thinking parts of the content.
    Thinking,
    /// `thinking_blocks`.
    Blocks,
}

impl ChoiceEvents {
    pub(super) fn new(choice: i64) -> Self {
        Self { choice, ..Self::default() }
    }

    /// Reports a delta that was just added to `parts`.
    pub(super) fn add(&mut self, delta: &Delta, parts: &ChoiceParts, events: &mut Vec<ChatEvent>) {
        let choice = self.choice;
        self.add_reasoning(delta, parts.delta(), events);
        if let Some(delta) = non_empty(delta.content.as_ref().and_then(content::text)) {
            self.content.add();
            if self.content_detector.note(&delta) {
                events.push(ChatEvent::TextResent { choice, call: None });
            }
            events.push(ChatEvent::ContentDelta { choice, delta });
        }
        if let Some(delta) = non_empty(delta.refusal.as_deref().map(Cow::Borrowed)) {
            self.refusal.add();
            events.push(ChatEvent::RefusalDelta { choice, delta });
        }
        for (piece, call) in
            call_pieces(delta).iter().flat_map(|pieces| pieces.iter()).zip(parts.touched_calls())
        {
            if let Some(call) = call {
                let call = call + usize::from(self.has_function_call);
                self.add_call(call, &CallPiece::from(piece), events);
            }
        }
        self.add_function_call(delta, events);
    }

    /// Reports a finish reason, and everything that was not reported as done before.
    pub(super) fn finish(
        &mut self,
        reason: &FinishReason,
        parts: &ChoiceParts,
        events: &mut Vec<ChatEvent>,
    ) {
        let choice = self.choice;
        let reason = parts.finish_reason(reason);
        let is_new = self.reason.as_ref() != Some(&reason);
        if is_new {
            self.reason = Some(reason.clone());
        }
        self.close_texts(parts, false, events);
        self.close_waiting(parts, events);
        if is_new {
            events.push(ChatEvent::Finished { choice, reason });
        }
    }

    /// Reports as done, at the end of the stream, everything that was not, or has changed since.
    pub(super) fn end(&mut self, parts: &ChoiceParts, events: &mut Vec<ChatEvent>) {
        self.close_texts(parts, true, events);
        self.close_waiting(parts, events);
        for call in 0..self.calls.len() {
            self.close_call(call, parts, events);
        }
    }

    fn add_reasoning(&mut self, delta: &Delta, message: &Delta, events: &mut Vec<ChatEvent>) {
        let choice = self.choice;
        let text = match self.source {
            Some(source) => non_empty(source.text(delta)),
            None => ReasoningSource::ALL.into_iter().find_map(|source| {
                let text = non_empty(source.text(delta))?;
                self.source = Some(source);
                Some(text)
            }),
        };
        let Some(delta) = text else { return };
        if !self.source.is_some_and(|source| source.has_text(message)) {
            self.joined.push_str(&delta);
        }
        self.reasoning.add();
        if self.reasoning_detector.note(&delta) {
            events.push(ChatEvent::TextResent { choice, call: None });
        }
        events.push(ChatEvent::ReasoningDelta { choice, delta });
    }

    fn add_call(&mut self, call: usize, piece: &CallPiece<'_>, events: &mut Vec<ChatEvent>) {
        let choice = self.choice;
        if call >= self.calls.len() {
            self.calls.resize_with(call + 1, CallEvents::default);
            self.waiting.push(call);
            let (id, name) = (piece.id.map(str::to_owned), piece.name.map(str::to_owned));
            events.push(ChatEvent::ToolCallOpened { choice, call, id, name });
        }
        let texts = piece.texts.into_iter().flatten().filter(|text| !text.is_empty());
        if let Some(known) = self.calls.get_mut(call) {
            known.state.add();
            if texts.clone().any(|text| known.detector.note(text)) {
                events.push(ChatEvent::TextResent { choice, call: Some(call) });
            }
        }
        let deltas = texts.map(str::to_owned);
        events.extend(deltas.map(|delta| ChatEvent::ToolCallDelta { choice, call, delta }));
    }

    /// Reports a piece of the deprecated `function_call`, unless tool calls came before. A server that sends
    /// both sends the same call twice.
    #[expect(deprecated, reason = "older servers still send `function_call`")]
    fn add_function_call(&mut self, delta: &Delta, events: &mut Vec<ChatEvent>) {
        let Some(piece) = delta.function_call.as_deref().map(CallPiece::from) else { return };
        if self.calls.is_empty() && piece.says_something() {
            self.has_function_call = true;
        }
        if self.has_function_call {
            self.add_call(0, &piece, events);
        }
    }

    fn close_texts(&mut self, parts: &ChoiceParts, at_end: bool, events: &mut Vec<ChatEvent>) {
        let choice = self.choice;
        let message = parts.delta();
        if self.reasoning.close(at_end) {
            let reasoning = match self.source {
                Some(ReasoningSource::Content) => message.reasoning_content.as_ref(),
                Some(ReasoningSource::Plain) => message.reasoning.as_ref(),
                _ => None,
            };
            let reasoning = reasoning.filter(|text| !text.is_empty()).unwrap_or(&self.joined);
            let reasoning = reasoning.clone();
            events.push(ChatEvent::ReasoningDone { choice, reasoning });
        }
        if self.content.close(at_end) {
            let content = message.content.as_ref().and_then(content::text);
            let content = content.unwrap_or_default().into_owned();
            events.push(ChatEvent::ContentDone { choice, content });
        }
        if self.refusal.close(at_end) {
            let refusal = message.refusal.clone().unwrap_or_default();
            events.push(ChatEvent::RefusalDone { choice, refusal });
        }
    }

    fn close_waiting(&mut self, parts: &ChoiceParts, events: &mut Vec<ChatEvent>) {
        for call in std::mem::take(&mut self.waiting) {
            self.close_call(call, parts, events);
        }
    }

    /// Reports a call as done, unless it is equal to the reported one. A piece may have changed nothing.
    fn close_call(&mut self, call: usize, parts: &ChoiceParts, events: &mut Vec<ChatEvent>) {
        let choice = self.choice;
        let known = self.calls.get_mut(call).filter(|known| known.state != PartState::Done);
        let tool_call = match call.checked_sub(usize::from(self.has_function_call)) {
            _ if known.is_none() => None,
            Some(call) => parts.tool_call(call),
            None => parts.function_call(),
        };
        let (Some(known), Some(tool_call)) = (known, tool_call) else { return };
        known.state = PartState::Done;
        if known.done.as_ref() != Some(&tool_call) {
            known.done = Some(tool_call.clone());
            let arguments = arguments(&tool_call, self.reason.as_ref());
            events.push(ChatEvent::ToolCallDone { choice, call, tool_call, arguments });
        }
    }
}

impl ReasoningSource {
    /// In order of priority, because a service may send the same text in several of them.
    const ALL: [Self; 5] =
        [Self::Content, Self::Plain, Self::Details, Self::Thinking, Self::Blocks];

    fn text(self, delta: &Delta) -> Option<Cow<'_, str>> {
        match self {
            Self::Content => text_or_object(&delta.reasoning_content, delta, "reasoning_content"),
            Self::Plain => text_or_object(&delta.reasoning, delta, "reasoning"),
            Self::Details => {
                let details = delta.reasoning_details.as_ref()?.iter();
                let texts = details.flat_map(|detail| [&detail.text, &detail.summary]);
                Some(texts.flatten().map(String::as_str).collect())
            }
            Self::Thinking => match delta.content.as_ref()? {
                Content::Parts(parts) => Some(parts.iter().flat_map(thoughts).collect()),
                _ => None,
            },
            Self::Blocks => {
                let blocks = delta.thinking_blocks.as_ref()?.iter();
                Some(blocks.filter_map(|block| block.thinking.as_deref()).collect())
            }
        }
    }

    /// Whether the merged delta has the reasoning as one text.
    fn has_text(self, message: &Delta) -> bool {
        match self {
            Self::Content => says(&message.reasoning_content),
            Self::Plain => says(&message.reasoning),
            Self::Details | Self::Thinking | Self::Blocks => false,
        }
    }
}

/// A text, or the texts of the object that some services send instead.
fn text_or_object<'a>(
    text: &'a Option<String>,
    delta: &'a Delta,
    key: &str,
) -> Option<Cow<'a, str>> {
    if let Some(text) = text {
        return Some(Cow::Borrowed(text));
    }
    let object = delta.extra.get(key)?.as_object()?;
    let texts = ["content", "text", "thinking", "summary"]
        .iter()
        .filter_map(|key| object.get(*key)?.as_str());
    Some(texts.collect())
}

/// The texts of a thinking part.
fn thoughts(part: &ContentPart) -> impl Iterator<Item = &str> {
    let thinking = match part {
        ContentPart::Thinking(part) => part.thinking.as_deref(),
        _ => None,
    };
    thinking.unwrap_or_default().iter().filter_map(|part| match part {
        ContentPart::Text(part) => Some(part.text.as_str()),
        _ => None,
    })
}

/// The values of a piece of a call that events report.
struct CallPiece<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
    /// The arguments of a function and the input of a custom tool.
    texts: [Option<&'a str>; 2],
}

impl CallPiece<'_> {
    fn says_something(&self) -> bool {
        let texts = self.texts.into_iter().chain([self.name]);
        texts.flatten().any(|text| !text.is_empty())
    }
}

impl<'a> From<&'a ToolCallDelta> for CallPiece<'a> {
    fn from(delta: &'a ToolCallDelta) -> Self {
        let (function, custom) = (delta.function.as_ref(), delta.custom.as_ref());
        let name = function.and_then(|function| function.name.as_deref());
        let texts = [
            function.and_then(|function| function.arguments.as_deref()),
            custom.and_then(|custom| custom.input.as_deref()),
        ];
        let name = name.or_else(|| custom?.name.as_deref());
        Self { id: delta.id.as_deref(), name, texts }
    }
}

impl<'a> From<&'a FunctionCallDelta> for CallPiece<'a> {
    fn from(delta: &'a FunctionCallDelta) -> Self {
        Self { id: None, name: delta.name.as_deref(), texts: [delta.arguments.as_deref(), None] }
    }
}

/// Returns the text if it is not empty.
fn non_empty(text: Option<Cow<'_, str>>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(Cow::into_owned)
}

/// The arguments of a function as JSON. Absent arguments are an empty object only if the answer was not cut
/// off.
fn arguments(tool_call: &ToolCall, reason: Option<&FinishReason>) -> Option<Value> {
    let function = tool_call.as_function()?.function.as_ref()?;
    let text = function.arguments.as_deref().unwrap_or_default();
    let has_none = text.trim().is_empty() && !function.extra.contains_key("arguments");
    let is_cut =
        |reason: &FinishReason| matches!(reason.as_str(), "length" | "content_filter" | "error");
    if has_none && reason.is_none_or(is_cut) { None } else { tool_call.parse_arguments().ok() }
}
