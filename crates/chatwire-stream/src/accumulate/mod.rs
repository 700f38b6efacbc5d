//! Joins chunks into the completion that the same request would have got without streaming.
//! [`ChunkDecoder`](crate::ChunkDecoder) decodes the chunks.
//!
//! # How pieces add up
//!
//! The document says for each key of a chunk how its values add up (`x-stream` in
//! `spec/chat.openapi.yaml`):
//!
//! | rule | what it does |
//! | --- | --- |
//! | `join` | concatenates texts |
//! | `first` | keeps the first value that is not empty |
//! | `last` | keeps the last value that is not empty |
//! | `closing` | like `last`; in a list of parts, a text after it opens the next part |
//! | `append` | concatenates lists |
//! | `by-index` | adds a piece to the last part with its `index`, if `type` and `id` agree; otherwise it is a new part |
//! | `merge` | merges objects key by key |
//! | `omit` | drops the value |
//!
//! A value is empty if it is null, an empty text, list or object, a time of 0, or the label `null`.
//!
//! Keys that the document does not define have these rules:
//!
//! - The items of lists are merged by an integer `index`, or else appended. An item of a delta is appended, too, if
//!   one of its texts would replace another text that it does not begin with.
//! - Objects are merged key by key.
//! - An empty value replaces nothing. This also holds for a value of another type than the document says.
//! - The last of other values stays.
//! - In a delta, texts are concatenated, except labels: `channel`, `created_at`, `format`, `id`, `index`,
//!   `mode`, `model`, `name`, `object`, `role`, `status`, `type`, and every key that ends in `_id`.
//! - Outside deltas, a list that begins with the known list replaces it.
//!
//! # Which choice, which tool call
//!
//! A choice has an index, which may be in quotes. A choice without one has the index 0.
//!
//! A piece of a tool call belongs to the call
//!
//! - with its id, and its index if it has one; else
//! - with its index; else
//! - of the previous piece.
//!
//! A piece with a name opens a new call instead if one of these is true:
//!
//! - It has another id than that call.
//! - An earlier piece of the same list belongs to that call.
//! - The arguments of that call are complete, and the piece also has arguments. If the ids are equal, the name or the
//!   arguments must differ.
//! - The arguments of that call are complete or missing, and the piece has another name. A piece without id,
//!   type and arguments is the rest of a name and opens no call.
//!
//! A piece without a name opens a new call only if it has another id and no index, and brings no arguments that the
//! call before lacks.
//!
//! The calls are sorted by index. A call without any value is left out.

mod choice;
mod choice_events;
mod content;
mod events;
mod resent_texts;
mod size;
mod tool_calls;

use std::collections::BTreeMap;

use chatwire_types::{ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, ObjectType, Usage};

use crate::chunks::{choice_index, choices};
use crate::outcome::TooManyParts;
use crate::rules::{self, IntoWhole, Merge, says};
use choice::{ChoiceParts, brings_something};
pub use events::{ChatEvent, ChatEvents};

/// The maximum number of choices, and of tool calls in one choice, that are kept.
///
/// The API allows 128 of each. The limit bounds the memory for a hostile server.
pub const MAX_PARTS: usize = 1024;

/// Joins the chunks of a stream into a completion.
///
/// Chunks of different choices may come in any order. The [module](crate::accumulate) lists the rules.
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
    /// The merged chunks, without choices.
    head: ChatCompletionChunk,
    /// Whether there was a chunk with more than a heartbeat.
    has_begun: bool,
    /// By index. `choices.len() <= MAX_PARTS`
    choices: BTreeMap<i64, ChoiceParts>,
    /// Whether there were more choices.
    too_many: bool,
    /// Whether each text of a delta repeats the text so far.
    resent_texts: bool,
}

impl Accumulator {
    /// Creates an accumulator without chunks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether a text that begins with the whole text so far replaces it.
    ///
    /// Some services send the whole text so far with each delta, although the protocol requires that deltas
    /// are joined. [`ChatEvent::TextResent`] reports a service that seems to do so. The default is `false`.
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

    /// Adds the next chunk of the stream. Choices and tool calls beyond [`MAX_PARTS`] are dropped, and
    /// [`ensure_complete`](Self::ensure_complete) reports that.
    pub fn push(&mut self, chunk: &ChatCompletionChunk) {
        self.push_head(chunk);
        for choice in choices(chunk).iter() {
            self.push_choice(choice);
        }
    }

    /// Returns the completion of the chunks so far, as a copy.
    pub fn completion(&self) -> ChatCompletion {
        self.clone().into_completion()
    }

    /// Returns the completion of the chunks.
    pub fn into_completion(self) -> ChatCompletion {
        let choices = self.choices.into_iter();
        let choices: Vec<_> = choices.map(|(index, parts)| parts.into_choice(index)).collect();
        let mut completion: ChatCompletion = self.head.into_whole();
        completion.object = Some(ObjectType::ChatCompletion);
        // A value that was not a list of choices is in `extra`.
        completion.extra.remove("choices");
        lift_usage(&mut completion, &choices);
        completion.choices = Some(choices);
        completion
    }

    /// Checks that no choice and no tool call was dropped because there were more than [`MAX_PARTS`].
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
    /// Returns [`TooManyParts`] if one was dropped.
    pub fn ensure_complete(&self) -> Result<(), TooManyParts> {
        let too_many = self.too_many || self.choices.values().any(ChoiceParts::has_too_many);
        if too_many { Err(TooManyParts { limit: MAX_PARTS }) } else { Ok(()) }
    }

    /// The estimated memory of the chunks so far, in bytes. It takes as long as encoding the completion.
    ///
    /// [`ChunkStream::completion`](crate::ChunkStream::completion) checks it from time to time. A loop of your own
    /// can do the same for a server that you do not trust.
    ///
    /// ```
    /// use chatwire_stream::Accumulator;
    ///
    /// let mut accumulator = Accumulator::new();
    /// let chunk = format!(r#"{{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#, "x".repeat(1000));
    /// accumulator.push(&serde_json::from_str(&chunk)?);
    /// assert!((1000..3000).contains(&accumulator.size()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn size(&self) -> usize {
        size::size_of(&self.head) + self.choices.values().map(ChoiceParts::size).sum::<usize>()
    }

    /// Adds everything of a chunk except its choices.
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

    /// Replaces id, model and time, because heartbeat chunks before the first real chunk may have made-up ones.
    fn replace_made_up_head(&mut self, chunk: &ChatCompletionChunk) {
        rules::last(&mut self.head.id, &chunk.id);
        rules::last(&mut self.head.model, &chunk.model);
        rules::last(&mut self.head.created, &chunk.created);
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

/// Whether a chunk brings a part of the answer, or its usage. Others only show that the connection is open.
pub(crate) fn brings_part(chunk: &ChatCompletionChunk) -> bool {
    says(&chunk.usage) || choices(chunk).iter().any(brings_something)
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

/// Moves usage to the top of the completion. In streams, Moonshot sends it in a choice, and Groq sends it in
/// `x_groq` for some models.
fn lift_usage(completion: &mut ChatCompletion, choices: &[Choice]) {
    let groq = completion.x_groq.as_ref();
    if !says(&completion.usage) {
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
