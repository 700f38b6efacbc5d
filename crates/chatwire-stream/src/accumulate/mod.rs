//! Chunks to a completion: what the same request would have been answered without streaming.
//! Where the chunks come from is no matter here; bytes become chunks in [`ChunkDecoder`](crate::ChunkDecoder).
//!
//! # How the parts of an answer are joined
//!
//! | what | rule |
//! | --- | --- |
//! | `id`, `model`, `created` | the first that is not empty; of `created`, not 0 |
//! | `usage` | the last that is not null or empty, never a sum; failing that, the one in a choice or in `x_groq` |
//! | `error`, `stop_reason` | the last that is not null |
//! | other texts and lists of a chunk or choice that the document knows | the last that is not null or empty |
//! | its objects, and keys that it does not know | the last that is not null; objects key by key |
//! | `role`, `name`, `finish_reason`, ids, names of tools | the last that is not empty |
//! | `content`, `refusal`, `reasoning`, `reasoning_content` | text is joined |
//! | `content` as a list of parts | joined; the first part continues the last when both are text, or both thinking |
//! | `arguments`, `input`, audio `data` and `transcript` | joined |
//! | `logprobs`, `annotations`, `token_ids` | lists are joined |
//! | `reasoning_details` | entries of one index and type are joined |
//! | other keys of a delta, documented or not | strings are joined, but for labels; everything else is as the unknown keys of a chunk |
//! | a value of another shape than documented | kept, unless a value of the right shape comes for its key |
//! | `message` | is the answer if the deltas say nothing until the end; else left out |
//! | `obfuscation`, `p` | left out: padding |
//!
//! Of a label, the last that is not empty stays. Labels are `channel`, `created_at`, `format`, `id`,
//! `index`, `mode`, `model`, `name`, `object`, `role`, `status`, `type` and every key that ends in `_id`.
//!
//! A choice is known by its index, also in quotes, 0 if it has none. A tool call is known by its index,
//! also in quotes, and id: a second id under one index is a second call, and a delta that names neither
//! continues the call before it. A delta with a name opens the next call all the same where an earlier
//! one of the same list went into that call; where the arguments of that call are complete and it
//! brings some of its own; and where they are complete or missing and it brings another name. Calls
//! are put in the order of their indexes.

mod choice;
mod content;
mod events;
mod extra;
mod head;
mod inner_keys;
mod merge;
mod progress;
mod reasoning;
mod tool_calls;

use std::collections::BTreeMap;

use chatwire_types::{ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, Usage};

use crate::outcome::TooManyParts;
use crate::rest::{choice_index, choices, with_rest};
use choice::ChoiceParts;
pub use events::{ChatEvent, ChatEvents};
use head::Head;

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
    head: Head,
    choices: BTreeMap<i64, ChoiceParts>,
    too_many: bool,
}

impl Accumulator {
    /// An accumulator to which nothing was added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk of the stream.
    pub fn push(&mut self, chunk: &ChatCompletionChunk) {
        self.head.push(chunk);
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
        let (mut completion, rest) = self.head.into_parts();
        let choices = self.choices.into_iter();
        let choices: Vec<_> = choices.map(|(index, parts)| parts.into_choice(index)).collect();
        lift_usage(&mut completion, &choices);
        let mut completion = with_rest(completion, rest);
        completion.choices = Some(choices);
        completion
    }

    /// Whether there was more than [`MAX_PARTS`] of something, so that the completion lacks the rest.
    ///
    /// ```
    /// use chatwire_stream::{Accumulator, accumulate::MAX_PARTS};
    ///
    /// let mut accumulator = Accumulator::new();
    /// for index in 0..=MAX_PARTS {
    ///     assert!(accumulator.check().is_ok());
    ///     let chunk = format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"a"}}}}]}}"#);
    ///     accumulator.push(&serde_json::from_str(&chunk)?);
    /// }
    /// assert!(accumulator.check().is_err());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there was.
    pub fn check(&self) -> Result<(), TooManyParts> {
        let too_many = self.too_many || self.choices.values().any(ChoiceParts::has_too_many);
        if too_many { Err(TooManyParts { limit: MAX_PARTS }) } else { Ok(()) }
    }

    fn push_choice(&mut self, choice: &ChunkChoice) {
        let index = choice_index(choice);
        if self.choices.len() < MAX_PARTS || self.choices.contains_key(&index) {
            self.choices.entry(index).or_default().push(choice);
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
    if completion.usage.as_ref().is_none_or(|usage| head::is_empty(usage)) {
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
