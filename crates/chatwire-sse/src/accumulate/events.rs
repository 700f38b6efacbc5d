//! What happens to an answer, as it happens: text that was added, a tool call that was opened, a
//! choice that is finished. How the pieces are joined is said in [`super`].

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ChunkChoice, Content, FinishReason, Logprobs, ToolCall,
    Usage,
};
use serde_json::Value;

use super::Accumulator;
use super::choice::ChoiceParts;
use super::head::is_empty;
use crate::rest::choices;

/// One thing that happened to an answer. Every one of a choice carries the choice's index.
///
/// The events that say `Done` come when the choice has its finish reason, or at the end of the stream
/// if it never has one. Should a service send more after the finish reason, they come once more.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChatEvent {
    /// Text was added to the content.
    ContentDelta {
        /// The choice.
        choice: i64,
        /// The new text.
        delta: String,
    },
    /// The content is complete.
    ContentDone {
        /// The choice.
        choice: i64,
        /// All of the text.
        content: String,
    },
    /// Text was added to the refusal.
    RefusalDelta {
        /// The choice.
        choice: i64,
        /// The new text.
        delta: String,
    },
    /// The refusal is complete.
    RefusalDone {
        /// The choice.
        choice: i64,
        /// All of the text.
        refusal: String,
    },
    /// Text was added to the reasoning, under either of its two keys.
    ReasoningDelta {
        /// The choice.
        choice: i64,
        /// The new text.
        delta: String,
    },
    /// The reasoning is complete.
    ReasoningDone {
        /// The choice.
        choice: i64,
        /// All of the text.
        reasoning: String,
    },
    /// A tool call was opened.
    ToolCallOpened {
        /// The choice.
        choice: i64,
        /// Which call of the choice, in order of arrival from 0: the same in all events of the call.
        call: usize,
        /// The call's id, if the first piece has it.
        id: Option<String>,
        /// The tool's name, if the first piece has it.
        name: Option<String>,
    },
    /// Text was added to the arguments of a function, or to the input of a custom tool.
    ToolCallDelta {
        /// The choice.
        choice: i64,
        /// Which call of the choice.
        call: usize,
        /// The new text.
        delta: String,
    },
    /// A tool call is complete.
    ToolCallDone {
        /// The choice.
        choice: i64,
        /// Which call of the choice.
        call: usize,
        /// The whole call.
        tool_call: ToolCall,
        /// The arguments of a function as JSON, an empty object if there are none. `None` if they
        /// are no JSON, as models make mistakes, and for custom tools.
        arguments: Option<Value>,
    },
    /// Log-probabilities of new tokens came.
    LogprobsDelta {
        /// The choice.
        choice: i64,
        /// The new ones.
        logprobs: Logprobs,
    },
    /// A choice has its finish reason.
    Finished {
        /// The choice.
        choice: i64,
        /// Why the model stopped.
        reason: FinishReason,
    },
    /// The tokens were counted. Services that count as they go send more than one; the last counts.
    Usage(Box<Usage>),
}

/// An [`Accumulator`] that says what each chunk did to the answer. The chunks may come from anywhere.
///
/// ```
/// use chatwire_sse::accumulate::{ChatEvent, ChatEvents};
///
/// let mut events = ChatEvents::new();
/// let mut seen = Vec::new();
/// for json in [
///     r#"{"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
///     r#"{"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
/// ] {
///     seen.extend(events.push(&serde_json::from_str(json)?));
/// }
/// assert!(matches!(&seen[1], ChatEvent::ContentDelta { delta, .. } if delta == "lo"));
/// assert!(matches!(&seen[2], ChatEvent::ContentDone { content, .. } if content == "Hello"));
/// assert!(matches!(&seen[3], ChatEvent::Finished { reason, .. } if reason.as_str() == "stop"));
///
/// let (rest, completion) = events.finish();
/// assert!(rest.is_empty());
/// assert_eq!(completion.text().as_deref(), Some("Hello"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChatEvents {
    accumulator: Accumulator,
    /// Choices of which something came after their last `Done`.
    open: Vec<i64>,
}

impl ChatEvents {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk of the stream and says what it did.
    pub fn push(&mut self, chunk: &ChatCompletionChunk) -> Vec<ChatEvent> {
        let mut events = Vec::new();
        self.accumulator.head.push(chunk);
        for choice in choices(chunk).iter() {
            self.push_choice(choice, &mut events);
        }
        if let Some(usage) = chunk.usage.as_ref().filter(|usage| !is_empty(usage)) {
            events.push(ChatEvent::Usage(usage.clone()));
        }
        events
    }

    /// Ends the stream: what is done only now, and the completion.
    pub fn finish(mut self) -> (Vec<ChatEvent>, ChatCompletion) {
        let mut events = Vec::new();
        for choice in std::mem::take(&mut self.open) {
            self.close(choice, &mut events);
        }
        (events, self.accumulator.into_completion())
    }

    /// The accumulator, to look at the completion or to [`check`](Accumulator::check) it.
    pub const fn accumulator(&self) -> &Accumulator {
        &self.accumulator
    }

    fn push_choice(&mut self, part: &ChunkChoice, events: &mut Vec<ChatEvent>) {
        let choice = part.index.unwrap_or(0);
        let known = self.accumulator.choices.get(&choice).map_or(0, ChoiceParts::call_count);
        self.accumulator.push_choice(part);
        let Some(parts) = self.accumulator.choices.get(&choice) else { return };
        let before = events.len();
        add_texts(choice, part, events);
        add_calls(choice, part, parts, known, events);
        if let Some(logprobs) = &part.logprobs {
            events.push(ChatEvent::LogprobsDelta { choice, logprobs: logprobs.clone() });
        }
        if events.len() > before && !self.open.contains(&choice) {
            self.open.push(choice);
        }
        let reason = part.finish_reason.as_ref().filter(|reason| !reason.as_str().is_empty());
        if let Some(reason) = reason {
            self.open.retain(|open| *open != choice);
            self.close(choice, events);
            events.push(ChatEvent::Finished { choice, reason: reason.clone() });
        }
    }

    fn close(&self, choice: i64, events: &mut Vec<ChatEvent>) {
        if let Some(parts) = self.accumulator.choices.get(&choice) {
            parts.add_done(choice, events);
        }
    }
}

/// The texts that one part of a choice adds.
fn add_texts(choice: i64, part: &ChunkChoice, events: &mut Vec<ChatEvent>) {
    let Some(delta) = &part.delta else { return };
    let reasoning = delta.reasoning_content.as_ref().filter(|text| !text.is_empty());
    if let Some(delta) = said(reasoning.or(delta.reasoning.as_ref()).map(String::as_str)) {
        events.push(ChatEvent::ReasoningDelta { choice, delta });
    }
    let content = delta.content.as_ref().and_then(Content::text);
    if let Some(delta) = said(content.as_deref()) {
        events.push(ChatEvent::ContentDelta { choice, delta });
    }
    if let Some(delta) = said(delta.refusal.as_deref()) {
        events.push(ChatEvent::RefusalDelta { choice, delta });
    }
}

/// What one part of a choice does to its tool calls, of which `known` were there before it.
fn add_calls(
    choice: i64,
    part: &ChunkChoice,
    parts: &ChoiceParts,
    mut known: usize,
    events: &mut Vec<ChatEvent>,
) {
    let deltas = part.delta.iter().filter_map(|delta| delta.tool_calls.as_ref()).flatten();
    for (delta, call) in deltas.zip(parts.touched_calls()) {
        let Some(call) = *call else { continue };
        let function = delta.function.as_ref();
        let custom = delta.custom.as_ref();
        if call >= known {
            known = call + 1;
            let name = function.and_then(|function| function.name.clone());
            let name = name.or_else(|| custom?.name.clone());
            events.push(ChatEvent::ToolCallOpened { choice, call, id: delta.id.clone(), name });
        }
        let text = function.and_then(|function| function.arguments.as_deref());
        if let Some(delta) = said(text.or_else(|| custom?.input.as_deref())) {
            events.push(ChatEvent::ToolCallDelta { choice, call, delta });
        }
    }
}

/// Text that says something.
pub(super) fn said(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A call that is complete.
pub(super) fn call_done(choice: i64, call: usize, tool_call: ToolCall) -> ChatEvent {
    let is_function = tool_call.as_function().is_some();
    let arguments = is_function.then(|| tool_call.parse_arguments().ok()).flatten();
    ChatEvent::ToolCallDone { choice, call, tool_call, arguments }
}
