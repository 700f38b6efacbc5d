//! The way back, for servers: a completion into the chunks that a stream of it would have, and chunks
//! into bytes. Reading them again is [`crate::chunks`]' and [`crate::accumulate`]'s work.
//!
//! Only frames that every client understands are written: no byte order mark, no event without
//! data, no `event: ping`, no frame of `id` or `retry` alone.

mod body;
mod choice;

use std::collections::{BTreeSet, VecDeque};
use std::iter;

use bytes::Bytes;
use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, ErrorResponse, ObjectType,
};
use serde::Serialize;
use serde_json::Value;

use crate::rules::Streamed;
pub use crate::split_text::SplitText;
pub use body::EventBody;
use choice::choice_parts;

/// The frame that ends a stream.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Cuts a completion into the chunks of a stream.
///
/// Each choice is a chunk with the role, then its text, tool calls and whatever else it has in
/// pieces, then a chunk with the finish reason. Choices take turns, as they do on the wire. What is
/// not about a choice is on the first chunk, and the usage, when it is asked for, on a last chunk
/// without choices. An `error` beside the choices comes after all that, on a chunk of its own,
/// because readers end there.
///
/// [`Accumulator`](crate::Accumulator) makes the completion of it again, but for what a stream cannot
/// say:
///
/// - That something is missing. What comes back has an `object` and a list of choices, each choice an
///   index and a message, each message a role, and each tool call a type.
/// - The index of a choice that another one has, too. All choices then have their places for indexes.
/// - The `index` of a tool call in a message: in a stream it is the place of the call, and has done
///   its work when the call is whole.
/// - The order of choices. They come back by index.
/// - `p` and `obfuscation`, which are padding in a stream.
/// - Where the usage stood, if only in a choice. It comes back at the top, too.
/// - A tool call that is no object. It is left out.
/// - Where one reasoning detail ends and the next one begins, if both have one index, type and id.
///   They come back as one.
/// - A `delta` of a choice beside its message, which some services have. It is left out.
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
    /// Cuts text into words and sends no usage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the last chunk holds the usage: the request's `stream_options.include_usage`.
    #[must_use]
    pub const fn include_usage(mut self, include: bool) -> Self {
        self.include_usage = include;
        self
    }

    /// Sets how text is cut.
    #[must_use]
    pub const fn split(mut self, split: SplitText) -> Self {
        self.split = split;
        self
    }

    /// The chunks of a completion, in the order of the wire.
    ///
    /// Of a long text in words they take some 300 times its memory: [`ChunkEncoder::iter`] makes one at
    /// a time.
    pub fn chunks(&self, completion: &ChatCompletion) -> Vec<ChatCompletionChunk> {
        self.iter(completion).collect()
    }

    /// The same chunks, each made when it is asked for.
    ///
    /// Beside the completion there is one chunk at a time and less than a kilobyte for each choice,
    /// however long the text. A list that comes whole, as log-probabilities do, is copied for its chunk.
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
        let asked = self.include_usage.then_some(completion);
        let is_asked = self.include_usage;
        let with_null = move |mut chunk: ChatCompletionChunk| {
            if is_asked {
                // As the official service sends it where the usage was asked for.
                chunk.extra.insert("usage", Value::Null);
            }
            chunk
        };
        answer_chunks(completion, self.split)
            .map(with_null)
            .chain(asked.into_iter().filter_map(usage_chunk))
            .chain(iter::once(completion).filter_map(error_chunk))
    }

    /// The whole body of a response: the chunks of a completion and, unless they end with an error,
    /// `[DONE]`. To send them one by one, write each of [`ChunkEncoder::iter`] with [`event`].
    ///
    /// Each chunk repeats what it belongs to, such as the model: about 250 bytes for a word.
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

/// One chunk as an event.
///
/// ```
/// let chunk = serde_json::from_str(r#"{"id":"c1","choices":[]}"#)?;
/// assert_eq!(chatwire_stream::encode::event(&chunk), "data: {\"id\":\"c1\",\"choices\":[]}\n\n");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn event(chunk: &ChatCompletionChunk) -> Bytes {
    one_event(chunk)
}

/// An error as an event. Nothing should follow it, `[DONE]` neither.
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

/// A comment, which clients skip: a sign of life while there is nothing to say. Each line of a text is a
/// comment of its own.
///
/// ```
/// assert_eq!(chatwire_stream::encode::comment("still thinking"), ": still thinking\n\n");
/// ```
pub fn comment(text: &str) -> Bytes {
    let mut bytes = String::new();
    for line in text.split(['\r', '\n']) {
        bytes.push_str(": ");
        bytes.push_str(line);
        bytes.push('\n');
    }
    bytes.push('\n');
    bytes.into()
}

fn one_event(value: &impl Serialize) -> Bytes {
    // Holds a usual chunk of a word, which is some 250 bytes, with all that services add to it.
    const USUAL: usize = 384;
    let mut bytes = Vec::with_capacity(USUAL);
    write_event(&mut bytes, value);
    bytes.into()
}

/// Writes a value as an event. JSON has no line end outside of its strings and escapes it inside, so
/// one `data` line holds it.
fn write_event(bytes: &mut Vec<u8>, value: &impl Serialize) {
    let start = bytes.len();
    bytes.extend_from_slice(b"data: ");
    match serde_json::to_writer(&mut *bytes, value) {
        Ok(()) => bytes.extend_from_slice(b"\n\n"),
        // The types of the wire have no value without JSON; half an event would be worse than none.
        Err(_) => bytes.truncate(start),
    }
}

/// The chunks of the choices. What is about none of them is on the first chunk, which is there also
/// without choices.
fn answer_chunks(
    completion: &ChatCompletion,
    split: SplitText,
) -> impl Iterator<Item = ChatCompletionChunk> {
    let choices = completion.choices.as_deref().unwrap_or_default();
    let bare = choices.is_empty().then_some(None);
    let parts = take_turns(choices, split).map(Some).chain(bare);
    parts.enumerate().map(|(place, part)| {
        let chunk = if place == 0 { first_frame(completion) } else { frame(completion) };
        chunk.choices(Vec::from_iter(part))
    })
}

/// One part of each choice, then the next of each.
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

/// The indexes of choices: their own if those tell them apart, else their places.
fn indexes(choices: &[Choice]) -> Vec<i64> {
    let own: Vec<i64> =
        (0..).zip(choices).map(|(place, choice)| choice.index.unwrap_or(place)).collect();
    let distinct: BTreeSet<_> = own.iter().collect();
    if distinct.len() == own.len() {
        own
    } else {
        (0..).zip(choices).map(|(place, _)| place).collect()
    }
}

/// What is not about a choice. The usage and an error come later.
fn first_frame(completion: &ChatCompletion) -> ChatCompletionChunk {
    let mut frame = completion.frame(false);
    frame.object = Some(ObjectType::ChatCompletionChunk);
    (frame.usage, frame.error) = (None, None);
    frame
}

/// What every chunk of the stream repeats.
#[expect(deprecated, reason = "clients still read `system_fingerprint`")]
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
