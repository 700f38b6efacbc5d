//! Encodes streams, for servers: a completion into the chunks of its stream, and chunks into bytes.
//! [`crate::chunks`] decodes the bytes, and [`crate::accumulate`] joins the chunks.
//!
//! The output has only `data` lines and comments, because every client understands those.

mod body;
mod choice;

use std::collections::{BTreeSet, VecDeque};
use std::iter;

use bytes::Bytes;
use chatwire_sse::write_comment;
use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, ErrorResponse, ObjectType,
};
use serde::Serialize;

use crate::rules::Streamed;
pub use crate::split_text::SplitText;
pub use body::EventBody;
use choice::choice_parts;

/// The event that ends a stream.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Cuts a completion into the chunks of a stream.
///
/// The order of the chunks is:
///
/// 1. The first chunk also holds everything that is not about a choice.
/// 2. For each choice, a chunk with the role, chunks with pieces of its text and tool calls, and a chunk with
///    the finish reason. The choices take turns.
/// 3. A chunk with the usage and without choices, if [`include_usage`](Self::include_usage) is set.
/// 4. A chunk with the `error` beside the choices, if there is one. It is the last, because readers stop there.
///
/// # What is lost
///
/// An [`Accumulator`](crate::Accumulator) restores the completion from the chunks, with these exceptions:
///
/// - Missing values are added: the `object`, the list of choices, the index and message of a choice, the role
///   of a message, and the type of a tool call.
/// - Choices are sorted by index. If two choices have the same index, all get their positions as indexes.
/// - The `index` of a tool call in a message becomes its position.
/// - `p` and `obfuscation` are removed, because they are padding in a stream.
/// - Usage that is only in a choice is also put at the top.
/// - A tool call that is not an object is removed.
/// - Two reasoning details in a row become one if they have the same index, type and id.
/// - A `delta` beside the message of a choice is removed.
///
/// ```
/// use chatwire_stream::encode::ChunkEncoder;
/// use chatwire_stream::ChunkReader;
/// use chatwire_types::ChatCompletion;
///
/// let completion: ChatCompletion = serde_json::from_str(
///     r#"{"id":"c1","object":"chat.completion","choices":[{"index":0,
///         "message":{"role":"assistant","content":"Hello there"},"finish_reason":"stop"}]}"#,
/// )?;
/// let body = ChunkEncoder::new().body(&completion);
/// assert!(body.ends_with(b"data: [DONE]\n\n"));
/// assert_eq!(ChunkReader::new(&body[..]).completion()?, completion);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChunkEncoder {
    include_usage: bool,
    split: SplitText,
}

impl ChunkEncoder {
    /// Creates an encoder that cuts text into words and does not send usage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether a last chunk holds the usage, as the request asks with `stream_options.include_usage`.
    #[must_use]
    pub const fn include_usage(mut self, include: bool) -> Self {
        self.include_usage = include;
        self
    }

    /// Sets where text is cut.
    #[must_use]
    pub const fn split(mut self, split: SplitText) -> Self {
        self.split = split;
        self
    }

    /// Returns all chunks of a completion.
    ///
    /// They need about 300 times the memory of a long text that is cut into words. [`ChunkEncoder::iter`]
    /// needs the memory of one chunk.
    pub fn chunks(&self, completion: &ChatCompletion) -> Vec<ChatCompletionChunk> {
        self.iter(completion).collect()
    }

    /// Returns the chunks of a completion lazily.
    ///
    /// The iterator needs less than a kilobyte for each choice, and the current chunk. Text is cut into small
    /// pieces, but a list, such as log-probabilities, is copied as a whole.
    ///
    /// ```
    /// use chatwire_stream::encode::{ChunkEncoder, event};
    ///
    /// let completion = serde_json::from_str(
    ///     r#"{"choices":[{"index":0,"message":{"content":"one two"},"finish_reason":"stop"}]}"#,
    /// )?;
    /// let frames = ChunkEncoder::new().iter(&completion).map(|chunk| event(&chunk));
    /// assert_eq!(frames.count(), 4);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn iter<'a>(
        &self,
        completion: &'a ChatCompletion,
    ) -> impl Iterator<Item = ChatCompletionChunk> + use<'a> {
        let include_usage = self.include_usage;
        let with_null = move |chunk: ChatCompletionChunk| {
            // If the request asks for usage, the official service sends `null` in every other chunk.
            if include_usage { chunk.usage_or_null() } else { chunk }
        };
        let with_usage = include_usage.then_some(completion);
        answer_chunks(completion, self.split)
            .map(with_null)
            .chain(with_usage.into_iter().filter_map(usage_chunk))
            .chain(iter::once(completion).filter_map(error_chunk))
    }

    /// Returns the whole body of a response: the chunks of a completion and `[DONE]`. An error in the
    /// completion ends the body without `[DONE]`.
    ///
    /// Each chunk repeats id, model and more, so a word needs about 250 bytes. To send the chunks one by one,
    /// pass each chunk of [`ChunkEncoder::iter`] to [`event`].
    pub fn body(&self, completion: &ChatCompletion) -> Bytes {
        let mut body = Vec::new();
        for chunk in self.iter(completion) {
            write_event(&mut body, &chunk);
        }
        if !completion.error.as_ref().is_some_and(|error| error.says_something()) {
            body.extend_from_slice(DONE);
        }
        body.into()
    }
}

/// Encodes a chunk as an event.
///
/// ```
/// let chunk = serde_json::from_str(r#"{"id":"c1","choices":[]}"#)?;
/// assert_eq!(chatwire_stream::encode::event(&chunk), "data: {\"id\":\"c1\",\"choices\":[]}\n\n");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn event(chunk: &ChatCompletionChunk) -> Bytes {
    one_event(chunk)
}

/// Encodes an error as an event. End the body after it, without `[DONE]`.
///
/// ```
/// let error = serde_json::from_str(r#"{"error":{"message":"too many requests"}}"#)?;
/// let event = chatwire_stream::encode::error(&error);
/// assert_eq!(event, "data: {\"error\":{\"message\":\"too many requests\"}}\n\n");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn error(error: &ErrorResponse) -> Bytes {
    one_event(error)
}

/// Encodes a comment. Clients skip comments, so servers send them to keep a connection open. Each line of the
/// text becomes a comment line.
///
/// ```
/// assert_eq!(chatwire_stream::encode::comment("still thinking"), ": still thinking\n\n");
/// ```
pub fn comment(text: &str) -> Bytes {
    let mut bytes = Vec::new();
    write_comment(&mut bytes, text);
    bytes.into()
}

fn one_event(value: &impl Serialize) -> Bytes {
    // A chunk of one word needs about 250 bytes, and services add some more.
    const USUAL_LENGTH: usize = 384;
    let mut bytes = Vec::with_capacity(USUAL_LENGTH);
    write_event(&mut bytes, value);
    bytes.into()
}

/// Writes a value as an event with one `data` line. One line is enough, because compact JSON escapes line ends.
fn write_event(bytes: &mut Vec<u8>, value: &impl Serialize) {
    let start = bytes.len();
    bytes.extend_from_slice(b"data: ");
    match serde_json::to_writer(&mut *bytes, value) {
        Ok(()) => bytes.extend_from_slice(b"\n\n"),
        // This does not happen for the types of the document. A part of an event would be worse than no event.
        Err(_) => bytes.truncate(start),
    }
}

/// The chunks of the choices. There is a first chunk also without choices, because it holds everything else.
fn answer_chunks(
    completion: &ChatCompletion,
    split: SplitText,
) -> impl Iterator<Item = ChatCompletionChunk> {
    let choices = completion.choices.as_deref().unwrap_or_default();
    let without_choice = choices.is_empty().then_some(None);
    let parts = take_turns(choices, split).map(Some).chain(without_choice);
    parts.enumerate().map(|(position, part)| {
        let chunk = if position == 0 { first_frame(completion) } else { frame(completion) };
        chunk.choices(Vec::from_iter(part))
    })
}

/// Returns the first part of each choice, then the second part of each choice, and so on.
fn take_turns(choices: &[Choice], split: SplitText) -> impl Iterator<Item = ChunkChoice> {
    let parts = |(choice, index)| Box::new(choice_parts(choice, index, split));
    let mut waiting: VecDeque<_> = choices.iter().zip(indexes(choices)).map(parts).collect();
    iter::from_fn(move || {
        loop {
            let mut choice = waiting.pop_front()?;
            if let Some(part) = choice.next() {
                waiting.push_back(choice);
                return Some(part);
            }
        }
    })
}

/// The indexes of the choices, or their positions if two choices have the same index.
fn indexes(choices: &[Choice]) -> Vec<i64> {
    let own: Vec<i64> =
        (0..).zip(choices).map(|(position, choice)| choice.index.unwrap_or(position)).collect();
    let distinct: BTreeSet<_> = own.iter().collect();
    if distinct.len() == own.len() { own } else { (0..).take(choices.len()).collect() }
}

/// The first chunk: everything that is not about a choice, except usage and error.
fn first_frame(completion: &ChatCompletion) -> ChatCompletionChunk {
    let mut frame = completion.frame(false);
    frame.object = Some(ObjectType::ChatCompletionChunk);
    (frame.usage, frame.error) = (None, None);
    frame
}

/// The values that every chunk repeats.
fn frame(completion: &ChatCompletion) -> ChatCompletionChunk {
    let mut frame = ChatCompletionChunk::default();
    frame.id.clone_from(&completion.id);
    frame.object = Some(ObjectType::ChatCompletionChunk);
    frame.created.clone_from(&completion.created);
    frame.model.clone_from(&completion.model);
    frame.choices = Some(Vec::new());
    frame.service_tier.clone_from(&completion.service_tier);
    frame.system_fingerprint.clone_from(&completion.system_fingerprint);
    frame.provider.clone_from(&completion.provider);
    frame
}

fn usage_chunk(completion: &ChatCompletion) -> Option<ChatCompletionChunk> {
    let mut chunk = frame(completion);
    chunk.usage = Some(completion.usage.clone()?);
    Some(chunk)
}

fn error_chunk(completion: &ChatCompletion) -> Option<ChatCompletionChunk> {
    let mut chunk = frame(completion);
    chunk.error = Some(completion.error.clone()?);
    Some(chunk)
}
