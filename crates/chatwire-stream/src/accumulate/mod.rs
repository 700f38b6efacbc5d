//! Chunks to a completion: the answer that the same request would have got without streaming.
//! [`ChunkDecoder`](crate::ChunkDecoder) makes chunks of bytes; here they may come from anywhere.
//!
//! # How pieces add up
//!
//! The document says for each key of a chunk how its values add up (`x-stream` in
//! `spec/chat.openapi.yaml`):
//!
//! | rule | what it does |
//! | --- | --- |
//! | `join` | texts are put one after the other |
//! | `first` | the first value that says something stays |
//! | `last` | the last value that says something stays |
//! | `closing` | as `last`; in a list of parts, more text opens the next part |
//! | `append` | lists are put one after the other |
//! | `by-index` | a part joins the last one of its `index` if `type` and `id` agree, else it is added |
//! | `merge` | objects are merged key by key |
//! | `omit` | the value is left out |
//!
//! A value says nothing if it is null, an empty text, list or object, a time of 0, or the label `null`.
//!
//! Keys that the document does not know have one rule: lists are merged by an integer `index`, else
//! appended, objects are merged key by key, an empty value replaces nothing, and of other values the last
//! stays. In a delta, texts are joined, except labels: `channel`, `created_at`, `format`, `id`, `index`,
//! `mode`, `model`, `name`, `object`, `role`, `status`, `type` and every key that ends in `_id`. Outside of
//! deltas, a list that begins with everything known replaces it.
//!
//! # Which choice, which tool call
//!
//! A choice is known by its index, also in quotes, 0 if it has none.
//!
//! A piece of a tool call belongs to the call
//!
//! - with its id, and its index if it has one; else
//! - with its index; else
//! - of the piece before it.
//!
//! It opens the next call instead if it brings a name, and
//!
//! - it has another id than that call;
//! - an earlier piece of the same list went into that call;
//! - the arguments of that call are complete, and it brings arguments of its own; or
//! - the arguments of that call are complete or missing, it brings another name, and it is not only the
//!   rest of a name: such a piece has no id, no type and no arguments.
//!
//! Calls are put in the order of their indexes.

mod choice;
mod choice_events;
mod content;
mod events;

mod resent_texts;
mod tool_calls;

use std::collections::BTreeMap;

use chatwire_types::{ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, ObjectType, Usage};

use crate::chunks::{choice_index, choices};
use crate::outcome::TooManyParts;
use crate::rules::{IntoWhole, Merge, SaysNothing, says};
use choice::{ChoiceParts, brings_something};
pub use events::{ChatEvent, ChatEvents};

/// The most choices, and the most tool calls in one choice, that are kept. The API allows 128 of
/// each; the bound is there for servers that count up for ever.
pub const MAX_PARTS: usize = 1024;

/// Joins the chunks of a stream into the completion that they are the pieces of.
///
/// Chunks of different choices may come in any order. The rules are in the
/// [module](crate::accumulate)'s documentation.
///
/// ```
/// use chatwire_stream::Accumulator;
///
/// let mut accumulator = Accumulator::new();
/// for json in [
///     r#"{"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}"#,
///     r#"{"id":"c1","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
/// ] {
///     accumulator.push(&serde_json::from_str(json)?);
/// }
/// assert_eq!(
///     serde_json::to_value(accumulator.into_completion())?,
///     serde_json::json!({
///         "id": "c1",
///         "object": "chat.completion",
///         "choices": [{
///             "index": 0,
///             "message": {"role": "assistant", "content": "Hello"},
///             "finish_reason": "stop",
///         }],
///     }),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    /// The chunks so far as one, without choices.
    head: ChatCompletionChunk,
    /// Whether a chunk came that brings more than a sign of life.
    has_begun: bool,
    choices: BTreeMap<i64, ChoiceParts>,
    too_many: bool,
    /// Whether each text of a delta is all of the text so far.
    resent_texts: bool,
}

impl Accumulator {
    /// An accumulator to which nothing was added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether a text of a delta that begins with all of the text before replaces it. Some services
    /// send all of a text with each delta, although the protocol says that deltas are joined;
    /// [`ChatEvent::TextResent`] tells that one seems to.
    ///
    /// ```
    /// use chatwire_stream::Accumulator;
    ///
    /// let mut accumulator = Accumulator::new().resent_texts(true);
    /// for text in ["Hel", "Hello", "Hello there"] {
    ///     let chunk = format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#);
    ///     accumulator.push(&serde_json::from_str(&chunk)?);
    /// }
    /// assert_eq!(accumulator.into_completion().text().as_deref(), Some("Hello there"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub const fn resent_texts(mut self, are_resent: bool) -> Self {
        self.resent_texts = are_resent;
        self
    }

    /// Adds the next chunk of the stream.
    pub fn push(&mut self, chunk: &ChatCompletionChunk) {
        self.push_head(chunk);
        for choice in choices(chunk).iter() {
            self.push_choice(choice);
        }
    }

    /// The completion as it stands, for looking at it while the stream goes on.
    pub fn completion(&self) -> ChatCompletion {
        self.clone().into_completion()
    }

    /// The completion that the chunks make.
    pub fn into_completion(self) -> ChatCompletion {
        let choices = self.choices.into_iter();
        let choices: Vec<_> = choices.map(|(index, parts)| parts.into_choice(index)).collect();
        let mut completion: ChatCompletion = self.head.into_whole();
        completion.object = Some(ObjectType::ChatCompletion);
        // What is left under this key was not a list of choices.
        completion.extra.remove("choices");
        lift_usage(&mut completion, &choices);
        completion.choices = Some(choices);
        completion
    }

    /// Checks that the completion lacks no choice and no tool call because there were more than
    /// [`MAX_PARTS`].
    ///
    /// ```
    /// use chatwire_stream::{Accumulator, accumulate::MAX_PARTS};
    ///
    /// let mut accumulator = Accumulator::new();
    /// for index in 0..=MAX_PARTS {
    ///     assert!(accumulator.ensure_complete().is_ok());
    ///     let chunk = format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"a"}}}}]}}"#);
    ///     accumulator.push(&serde_json::from_str(&chunk)?);
    /// }
    /// assert!(accumulator.ensure_complete().is_err());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`TooManyParts`] if there were more.
    pub fn ensure_complete(&self) -> Result<(), TooManyParts> {
        let too_many = self.too_many || self.choices.values().any(ChoiceParts::has_too_many);
        if too_many { Err(TooManyParts { limit: MAX_PARTS }) } else { Ok(()) }
    }

    /// Adds what a chunk has beside its choices.
    fn push_head(&mut self, chunk: &ChatCompletionChunk) {
        if chunk.is_heartbeat() {
            return;
        }
        if !self.has_begun && choices(chunk).iter().any(brings_something) {
            self.has_begun = true;
            self.replace_made_up_head(chunk);
        }
        self.head.merge(chunk);
    }

    /// Heartbeat chunks before the first real one may have a made-up id, model and time.
    fn replace_made_up_head(&mut self, chunk: &ChatCompletionChunk) {
        fn replace<T: Clone + SaysNothing>(slot: &mut Option<T>, new: &Option<T>) {
            if says(new) {
                slot.clone_from(new);
            }
        }
        replace(&mut self.head.id, &chunk.id);
        replace(&mut self.head.model, &chunk.model);
        replace(&mut self.head.created, &chunk.created);
    }

    fn push_choice(&mut self, choice: &ChunkChoice) {
        let index = choice_index(choice);
        if self.choices.len() < MAX_PARTS || self.choices.contains_key(&index) {
            self.choices.entry(index).or_default().push(choice, self.resent_texts);
        } else {
            self.too_many = true;
        }
    }
}

impl<'a> Extend<&'a ChatCompletionChunk> for Accumulator {
    fn extend<I: IntoIterator<Item = &'a ChatCompletionChunk>>(&mut self, chunks: I) {
        for chunk in chunks {
            self.push(chunk);
        }
    }
}

impl Extend<ChatCompletionChunk> for Accumulator {
    fn extend<I: IntoIterator<Item = ChatCompletionChunk>>(&mut self, chunks: I) {
        for chunk in chunks {
            self.push(&chunk);
        }
    }
}

/// Some services put the usage at the top only when they do not stream: Moonshot streams it in a
/// choice, Groq for some models in `x_groq`.
fn lift_usage(completion: &mut ChatCompletion, choices: &[Choice]) {
    let groq = completion.x_groq.as_ref();
    if completion.usage.as_ref().is_none_or(SaysNothing::says_nothing) {
        let in_choice = choices.iter().rev().find_map(usage_of_choice);
        let found = in_choice.or_else(|| groq?.usage.clone());
        completion.usage = found.map(Into::into).or(completion.usage.take());
    }
    if completion.usage_breakdown.is_none() {
        completion.usage_breakdown =
            groq.and_then(|groq| groq.usage_breakdown.clone()).map(Into::into);
    }
}

fn usage_of_choice(choice: &Choice) -> Option<Usage> {
    let usage = choice.extra.get("usage").filter(|usage| usage.is_object())?;
    serde_json::from_value(usage.clone()).ok()
}
