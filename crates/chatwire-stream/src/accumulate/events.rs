//! Defines the events of an answer: a text was added, a tool call was opened, a choice is finished. [`super`]
//! joins the pieces; [`super::choice_events`] makes the events of one choice.

use std::collections::BTreeMap;

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ChunkChoice, FinishReason, Logprobs, ToolCall, Usage,
};
use serde_json::Value;

use super::Accumulator;
use super::choice_events::ChoiceEvents;
use crate::chunks::{choice_index, choices, is_finished};
use crate::rules::says;

/// A change of an answer. In each event of a choice, `choice` is the index of that choice.
///
/// # When a part is done
///
/// - `…Done` events come when the choice gets its finish reason.
/// - If a part begins after the finish reason, its `…Done` event comes with the next finish reason, or from
///   [`ChatEvents::finish`].
/// - If a choice has no finish reason, all its `…Done` events come from [`ChatEvents::finish`]. A service may
///   send a whole `message` instead of deltas; its events also come from there.
/// - If a service adds to a part after its `…Done` event, [`ChatEvents::finish`] returns a second one with
///   the whole value. Two `…Done` events of one part never have the same value.
///
/// To run each tool call only once, run the calls after the end of the stream, or remember their `choice` and
/// `call`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChatEvent {
    /// Text was added to the content.
    #[non_exhaustive]
    ContentDelta {
        /// The choice.
        choice: i64,
        /// The new text.
        delta: String,
    },
    /// The content is complete.
    #[non_exhaustive]
    ContentDone {
        /// The choice.
        choice: i64,
        /// All of the text.
        content: String,
    },
    /// Text was added to the refusal.
    #[non_exhaustive]
    RefusalDelta {
        /// The choice.
        choice: i64,
        /// The new text.
        delta: String,
    },
    /// The refusal is complete.
    #[non_exhaustive]
    RefusalDone {
        /// The choice.
        choice: i64,
        /// All of the text.
        refusal: String,
    },
    /// Text was added to the reasoning.
    ///
    /// Services send reasoning under several keys, and some send the same text under more than one. Only the
    /// first key with a text counts in a choice. If a chunk has several, the order is `reasoning_content`,
    /// `reasoning`, `reasoning_details`, thinking parts of the content, `thinking_blocks`.
    #[non_exhaustive]
    ReasoningDelta {
        /// The choice.
        choice: i64,
        /// The new text.
        delta: String,
    },
    /// The reasoning is complete.
    #[non_exhaustive]
    ReasoningDone {
        /// The choice.
        choice: i64,
        /// All of the text.
        reasoning: String,
    },
    /// A tool call was opened. The deprecated `function_call` is a tool call without an id, unless
    /// `tool_calls` came before it.
    #[non_exhaustive]
    ToolCallOpened {
        /// The choice.
        choice: i64,
        /// The position of the call in the choice, from 0 in order of arrival.
        call: usize,
        /// The id of the call, if the first piece has it.
        id: Option<String>,
        /// The name of the tool, if the first piece has it.
        name: Option<String>,
    },
    /// Text was added to the arguments of a function, or to the input of a custom tool.
    #[non_exhaustive]
    ToolCallDelta {
        /// The choice.
        choice: i64,
        /// Which call of the choice.
        call: usize,
        /// The new text.
        delta: String,
    },
    /// A tool call is complete, because its choice has a finish reason or the stream has ended. The opening
    /// of another call does not complete it.
    #[non_exhaustive]
    ToolCallDone {
        /// The choice.
        choice: i64,
        /// Which call of the choice.
        call: usize,
        /// The whole call.
        tool_call: ToolCall,
        /// The arguments of a function as JSON. Absent arguments are an empty object.
        ///
        /// `None` if the arguments are not valid JSON, because models make mistakes, and for custom tools.
        /// Also `None` if the call has no arguments and the answer was cut off: it has no finish reason, or
        /// `length`, `content_filter` or `error`.
        arguments: Option<Value>,
    },
    /// Log-probabilities of new tokens were added.
    #[non_exhaustive]
    LogprobsDelta {
        /// The choice.
        choice: i64,
        /// The new log-probabilities.
        logprobs: Logprobs,
    },
    /// A choice has a finish reason. The event comes again only if the service changes the reason.
    #[non_exhaustive]
    Finished {
        /// The choice.
        choice: i64,
        /// Why the model stopped.
        reason: FinishReason,
    },
    /// A warning: the service seems to send the whole text so far with each delta, because each of three deltas
    /// begins with the whole text before it. See [`Accumulator::resent_texts`]. The warning comes once for each
    /// text.
    #[non_exhaustive]
    TextResent {
        /// The choice.
        choice: i64,
        /// The position of the call, if the text is the arguments of a tool call.
        call: Option<usize>,
    },
    /// The usage of the request. Some services send several of these events; the last one counts. Usage that
    /// is not at the top of a chunk comes from [`ChatEvents::finish`].
    Usage(Box<Usage>),
}

/// An [`Accumulator`] that returns events for what each chunk adds.
///
/// ```
/// use chatwire_stream::accumulate::{ChatEvent, ChatEvents};
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
    choices: BTreeMap<i64, ChoiceEvents>,
    has_usage: bool,
}

impl ChatEvents {
    /// Creates a value without chunks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk of the stream and returns its events.
    ///
    /// Parts beyond [`MAX_PARTS`](super::MAX_PARTS) give no events. To find out whether there were
    /// any, call [`ensure_complete`](Accumulator::ensure_complete) on the [`accumulator`](Self::accumulator).
    pub fn push(&mut self, chunk: &ChatCompletionChunk) -> Vec<ChatEvent> {
        let mut events = Vec::new();
        self.accumulator.push_head(chunk);
        for choice in choices(chunk).iter() {
            self.push_choice(choice, &mut events);
        }
        if let Some(usage) = chunk.usage.as_ref().filter(|_| says(&chunk.usage)) {
            self.has_usage = true;
            events.push(ChatEvent::Usage(usage.clone()));
        }
        events
    }

    /// Ends the stream. Returns the last events and the completion.
    ///
    /// After an error of the stream, `…Done` events from here hold only the part that arrived.
    pub fn finish(mut self) -> (Vec<ChatEvent>, ChatCompletion) {
        let mut events = Vec::new();
        for (choice, parts) in &mut self.accumulator.choices {
            let choice_events =
                self.choices.entry(*choice).or_insert_with(|| ChoiceEvents::new(*choice));
            if let Some(message) = parts.use_whole_message() {
                choice_events.add(&message, parts, &mut events);
            }
            choice_events.end(parts, &mut events);
        }
        let completion = self.accumulator.into_completion();
        let usage =
            completion.usage.as_ref().filter(|_| !self.has_usage && says(&completion.usage));
        events.extend(usage.cloned().map(ChatEvent::Usage));
        (events, completion)
    }

    /// The accumulator, for the completion so far.
    pub const fn accumulator(&self) -> &Accumulator {
        &self.accumulator
    }

    fn push_choice(&mut self, part: &ChunkChoice, events: &mut Vec<ChatEvent>) {
        let choice = choice_index(part);
        self.accumulator.push_choice(part);
        let Some(parts) = self.accumulator.choices.get(&choice) else { return };
        let choice_events = self.choices.entry(choice).or_insert_with(|| ChoiceEvents::new(choice));
        if let Some(delta) = &part.delta {
            choice_events.add(delta, parts, events);
        }
        if let Some(logprobs) = &part.logprobs {
            events.push(ChatEvent::LogprobsDelta { choice, logprobs: logprobs.clone() });
        }
        if let Some(reason) = part.finish_reason.as_ref().filter(|_| is_finished(part)) {
            choice_events.finish(reason, parts, events);
        }
    }
}
