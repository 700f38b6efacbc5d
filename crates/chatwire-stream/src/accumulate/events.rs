//! What happens to an answer, as it happens: text that was added, a tool call that was opened, a
//! choice that is finished. How the pieces are joined is said in [`super`].

use std::collections::BTreeMap;

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, ChunkChoice, FinishReason, Logprobs, ToolCall, Usage,
};
use serde_json::Value;

use super::Accumulator;
use super::choice_events::ChoiceEvents;
use crate::chunks::{choice_index, choices, is_finished};
use crate::rules::says;

/// One thing that happened to an answer. Every one of a choice carries the choice's index.
///
/// The events that say `Done` come when the choice has its finish reason. What a service sends only
/// after the finish reason is done at the next one, or at the end of the stream, which
/// [`ChatEvents::finish`] tells; so is everything of a choice without a finish reason. A whole `message`
/// in place of deltas is told at the end, too.
///
/// No `Done` comes twice with the same value. What is added to a part after its `Done`, to a text or to
/// the arguments of a tool call, makes it done a second time, with all of it, and only at the end. Hence
/// to run each tool call once, run those that are done when the stream is over, or remember by `choice`
/// and `call` which were run.
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
    /// Text was added to the reasoning. Of the places where services send it, only the one counts
    /// that first says something in the choice, as some send the same text in several:
    /// `reasoning_content`, `reasoning`, `reasoning_details` and the thinking parts of the content, in
    /// this order where they come together.
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
    /// A tool call was opened. The deprecated `function_call` is one, too, without an id, unless
    /// there were `tool_calls` before it.
    #[non_exhaustive]
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
    #[non_exhaustive]
    ToolCallDelta {
        /// The choice.
        choice: i64,
        /// Which call of the choice.
        call: usize,
        /// The new text.
        delta: String,
    },
    /// A tool call is complete: its choice has a finish reason, or the stream has ended. Before that, more
    /// of it may come even after another call was opened.
    #[non_exhaustive]
    ToolCallDone {
        /// The choice.
        choice: i64,
        /// Which call of the choice.
        call: usize,
        /// The whole call.
        tool_call: ToolCall,
        /// The arguments of a function as JSON, an empty object if there are none. `None` if they
        /// are no JSON, as models make mistakes; if there are none because the answer was cut off,
        /// without a finish reason or with `length`, `content_filter` or `error`; and for custom
        /// tools.
        arguments: Option<Value>,
    },
    /// Log-probabilities of new tokens came.
    #[non_exhaustive]
    LogprobsDelta {
        /// The choice.
        choice: i64,
        /// The new ones.
        logprobs: Logprobs,
    },
    /// A choice has its finish reason. It comes again only if the service changes it.
    #[non_exhaustive]
    Finished {
        /// The choice.
        choice: i64,
        /// Why the model stopped.
        reason: FinishReason,
    },
    /// A warning: the service seems to send with each delta all of the text so far, because each of at least
    /// three deltas began with all of the text before. The protocol says that deltas are joined; see
    /// [`Accumulator::resent_texts`]. It comes once for each text.
    #[non_exhaustive]
    TextResent {
        /// The choice.
        choice: i64,
        /// Which call of the choice, for the arguments of a tool call.
        call: Option<usize>,
    },
    /// The tokens were counted. Services that count as they go send more than one; the last counts.
    /// A count that is not at the top of a chunk comes at the end of the stream.
    Usage(Box<Usage>),
}

/// An [`Accumulator`] that says what each chunk did to the answer. The chunks may come from anywhere.
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
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk of the stream and says what it did. Parts beyond
    /// [`MAX_PARTS`](super::MAX_PARTS) are not told; [`ensure_complete`](Accumulator::ensure_complete) of the
    /// [`accumulator`](Self::accumulator) says whether there were any.
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

    /// Ends the stream: what is done only now, and the completion.
    ///
    /// After an error of the stream, what is done here is as much of it as came. Look at the error
    /// before you act on it.
    pub fn finish(mut self) -> (Vec<ChatEvent>, ChatCompletion) {
        let mut events = Vec::new();
        for (choice, parts) in &mut self.accumulator.choices {
            let progress = self.choices.entry(*choice).or_default();
            if let Some(message) = parts.use_whole_message() {
                progress.add(*choice, &message, parts, &mut events);
            }
            progress.end(*choice, parts, &mut events);
        }
        let completion = self.accumulator.into_completion();
        let usage =
            completion.usage.as_ref().filter(|_| !self.has_usage && says(&completion.usage));
        events.extend(usage.cloned().map(ChatEvent::Usage));
        (events, completion)
    }

    /// The accumulator, to look at the completion or to [`ensure_complete`](Accumulator::ensure_complete) it.
    pub const fn accumulator(&self) -> &Accumulator {
        &self.accumulator
    }

    fn push_choice(&mut self, part: &ChunkChoice, events: &mut Vec<ChatEvent>) {
        let choice = choice_index(part);
        self.accumulator.push_choice(part);
        let Some(parts) = self.accumulator.choices.get(&choice) else { return };
        let progress = self.choices.entry(choice).or_default();
        if let Some(delta) = &part.delta {
            progress.add(choice, delta, parts, events);
        }
        if let Some(logprobs) = &part.logprobs {
            events.push(ChatEvent::LogprobsDelta { choice, logprobs: logprobs.clone() });
        }
        if let Some(reason) = part.finish_reason.as_ref().filter(|_| is_finished(part)) {
            progress.finish(choice, reason, parts, events);
        }
    }
}
