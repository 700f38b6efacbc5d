//! Owned chunks that share what the chunks of a stream have in common, so that one costs a single
//! allocation, or none. How it is known what they have in common is the work of `differential`.

use std::borrow::Cow;
use std::fmt;

use chatwire_types::{
    ChatCompletionChunk, ChunkChoice, Content, FinishReason, Role, ToolCallDelta, Usage,
};

use serde::{Serialize, Serializer};

use crate::differential::{Field, Place, Shape, Texts};
use crate::rest::index;

/// With more values of its own than this, a chunk costs one allocation more.
const FEW: usize = 4;

/// Up to so many bytes of values are kept without an allocation.
const SHORT: usize = 35;

/// A chunk to keep, to send to another thread or to collect in great numbers.
///
/// Its values are its own, the texts and numbers in which it differs; everything else is shared with the
/// chunks of its stream that are alike, so that such a chunk costs one allocation, or none where its texts
/// are short, and a [`ChatCompletionChunk`] about six. Nothing is lost: [`to_chunk`](Self::to_chunk) makes
/// the full chunk of it, with the keys that the document does not know, and so do its JSON,
/// [`Accumulator::push_shared`](crate::Accumulator::push_shared) and
/// [`EventBody`](crate::encode::EventBody).
///
/// Chunks that differ in more than texts, counts, log-probabilities and numbers of unknown keys share
/// nothing, as those with content in parts.
///
/// ```
/// use chatwire_sse::ChunkDecoder;
///
/// let mut body = &b"data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n\
///     data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"}}]}\n\n"[..];
/// let mut decoder = ChunkDecoder::new();
/// let mut text = String::new();
/// while let Some(chunk) = decoder.next_shared(&mut body) {
///     let chunk = chunk?;
///     assert_eq!(chunk.id(), Some("c1"));
///     text.extend(chunk.text());
/// }
/// assert_eq!(text, "Hello");
/// // Nothing says that this is all of the answer.
/// assert!(matches!(decoder.finish_shared(), Some(Err(chatwire_sse::StreamError::Truncated(_)))));
/// # Ok::<(), chatwire_sse::StreamError>(())
/// ```
#[derive(Clone)]
pub struct SharedChunk {
    shape: Shape,
    values: Values,
}

/// The values of the shape's places, one after the other, and where each ends. Most chunks bring a
/// word or two.
#[derive(Clone, Debug)]
enum Values {
    Short { text: [u8; SHORT], ends: [u8; FEW] },
    Long { text: Box<str>, ends: [u32; FEW] },
    Many { text: Box<str>, ends: Box<[u32]> },
}

impl Values {
    const NONE: Self = Self::Short { text: [0; SHORT], ends: [0; FEW] };

    #[inline]
    fn new(values: &Texts) -> Self {
        let Texts { joined, ends: all } = values;
        let mut ends = [0; FEW];
        let Some(few) = ends.get_mut(..all.len()) else {
            return Self::Many { text: joined.as_str().into(), ends: all.as_slice().into() };
        };
        few.copy_from_slice(all);
        let mut text = [0; SHORT];
        match text.get_mut(..joined.len()) {
            Some(start) => {
                start.copy_from_slice(joined.as_bytes());
                Self::Short { text, ends: ends.map(|end| end as u8) }
            }
            None => Self::Long { text: joined.as_str().into(), ends },
        }
    }

    fn get(&self, position: usize) -> &str {
        let end = |position: usize| match self {
            Self::Short { ends, .. } => ends.get(position).map(|end| usize::from(*end)),
            Self::Long { ends, .. } => ends.get(position).map(|end| *end as usize),
            Self::Many { ends, .. } => ends.get(position).map(|end| *end as usize),
        };
        let start = position.checked_sub(1).and_then(end).unwrap_or_default();
        let range = start..end(position).unwrap_or_default();
        match self {
            Self::Short { text, .. } => {
                let bytes = text.get(range).unwrap_or_default();
                core::str::from_utf8(bytes).unwrap_or_default()
            }
            Self::Long { text, .. } | Self::Many { text, .. } => {
                text.get(range).unwrap_or_default()
            }
        }
    }
}

impl SharedChunk {
    /// A chunk that shares nothing.
    pub fn new(chunk: ChatCompletionChunk) -> Self {
        Self::whole(Shape::whole(Box::new(chunk)))
    }

    /// A chunk that is the same as its shape.
    pub(crate) fn whole(shape: Shape) -> Self {
        Self { shape, values: Values::NONE }
    }

    /// A chunk of this shape with these values.
    #[inline]
    pub(crate) fn of_shape(shape: &Shape, texts: &Texts) -> Self {
        Self { shape: shape.clone(), values: Values::new(texts) }
    }

    /// The service's name for the answer.
    pub fn id(&self) -> Option<&str> {
        self.value(Place::Id).or(self.frame().id.as_deref())
    }

    /// The model that answers.
    pub fn model(&self) -> Option<&str> {
        self.frame().model.as_deref()
    }

    /// When the answer was begun, in whole seconds since 1970.
    pub fn created(&self) -> Option<u64> {
        self.count(Place::Created).or_else(|| self.frame().created_seconds())
    }

    /// How many tokens the request took, as far as this chunk says so.
    pub fn usage(&self) -> Option<Cow<'_, Usage>> {
        let usage = self.frame().usage.as_deref()?;
        if !self.shape.places().iter().any(|place| place.is_in_usage()) {
            return Some(Cow::Borrowed(usage));
        }
        self.to_chunk().usage.map(|usage| Cow::Owned(*usage))
    }

    /// The text that this chunk adds to the first choice in its list, which is another one from chunk to
    /// chunk where a stream has several. `None` for content in parts, whose text the
    /// [full chunk](Self::to_chunk) has.
    pub fn text(&self) -> Option<&str> {
        self.choices().next()?.content()
    }

    /// What is new in each answer.
    pub fn choices(&self) -> impl ExactSizeIterator<Item = SharedChoice<'_>> {
        let choices = self.frame().choices.as_deref().unwrap_or_default();
        let places = self.shape.places();
        let mut start = 0;
        choices.iter().enumerate().map(move |(position, frame)| {
            // Places stand as the text does: those of one choice together, and in the order of choices.
            let earlier = |place: &&Place| choice_of(place).is_none_or(|choice| choice < position);
            start += places.iter().skip(start).take_while(earlier).count();
            SharedChoice { chunk: self, frame, position, start }
        })
    }

    /// What the chunk shares with others, to look at what is the same in all of them at no cost. Fields that
    /// differ between them are empty or 0 here, unknown keys too; which they are, is known only when the
    /// second chunk has come, and the frame of a chunk that shares nothing is all of it. To read
    /// the chunk itself, use the other methods or [`to_chunk`](Self::to_chunk).
    pub fn frame(&self) -> &ChatCompletionChunk {
        self.shape.chunk()
    }

    /// The full chunk.
    pub fn to_chunk(&self) -> ChatCompletionChunk {
        self.clone().into()
    }

    /// The full chunk, made only where this one shares something.
    pub(crate) fn as_chunk(&self) -> Cow<'_, ChatCompletionChunk> {
        match self.shape.places() {
            [] => Cow::Borrowed(self.frame()),
            _ => Cow::Owned(self.to_chunk()),
        }
    }

    fn values(&self) -> impl Iterator<Item = (Place, &str)> {
        let places = self.shape.places().iter().enumerate();
        places.map(|(position, place)| (*place, self.values.get(position)))
    }

    fn value(&self, wanted: Place) -> Option<&str> {
        let position = self.shape.places().iter().position(|place| *place == wanted)?;
        Some(self.values.get(position))
    }

    fn count(&self, place: Place) -> Option<u64> {
        self.value(place)?.parse().ok()
    }
}

/// Shows the full chunk.
impl fmt::Debug for SharedChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedChunk").field(&self.to_chunk()).finish()
    }
}

/// Writes the full chunk.
impl Serialize for SharedChunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_chunk().serialize(serializer)
    }
}

impl From<ChatCompletionChunk> for SharedChunk {
    fn from(chunk: ChatCompletionChunk) -> Self {
        Self::new(chunk)
    }
}

impl From<SharedChunk> for ChatCompletionChunk {
    fn from(shared: SharedChunk) -> Self {
        if shared.shape.places().is_empty() {
            return *shared.shape.into_chunk();
        }
        let mut chunk = shared.shape.chunk().clone();
        shared.values().for_each(|(place, value)| place.fill(&mut chunk, value));
        chunk
    }
}

/// Two chunks are equal when the full chunks are.
impl PartialEq for SharedChunk {
    fn eq(&self, other: &Self) -> bool {
        self.to_chunk() == other.to_chunk()
    }
}

/// One choice of a [`SharedChunk`].
///
/// ```
/// let chunk = serde_json::from_str::<chatwire_types::ChatCompletionChunk>(
///     r#"{"choices":[{"index":0,"delta":{"reasoning":"Hm"}},{"index":1,"delta":{"content":"Hi"}}]}"#,
/// )?;
/// let chunk = chatwire_sse::SharedChunk::from(chunk);
/// let texts: Vec<_> = chunk.choices().map(|choice| (choice.reasoning(), choice.content())).collect();
/// assert_eq!(texts, [(Some("Hm"), None), (None, Some("Hi"))]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SharedChoice<'a> {
    chunk: &'a SharedChunk,
    frame: &'a ChunkChoice,
    position: usize,
    /// Where the places of this choice begin.
    start: usize,
}

impl<'a> SharedChoice<'a> {
    /// Which of the answers this belongs to, from 0, also where a service writes it in quotes.
    pub fn index(self) -> Option<i64> {
        let own = self.value(Field::Index).and_then(|index| index.parse().ok());
        own.or_else(|| index(self.frame.index, &self.frame.extra))
    }

    /// Who speaks.
    pub fn role(self) -> Option<&'a Role> {
        self.frame.delta.as_ref()?.role.as_ref()
    }

    /// Why the model stopped, in the last chunk of the answer.
    pub fn finish_reason(self) -> Option<&'a FinishReason> {
        self.frame.finish_reason.as_ref()
    }

    /// New text. Content in parts is in the [`frame`](Self::frame).
    pub fn content(self) -> Option<&'a str> {
        self.value(Field::Content).or_else(|| {
            match self.frame.delta.as_ref()?.content.as_ref()? {
                Content::Text(text) => Some(text.as_str()),
                _ => None,
            }
        })
    }

    /// New text of a refusal.
    pub fn refusal(self) -> Option<&'a str> {
        let rest = || self.frame.delta.as_ref()?.refusal.as_deref();
        self.value(Field::Refusal).or_else(rest)
    }

    /// New text of the reasoning, whichever of its two keys the service uses.
    pub fn reasoning(self) -> Option<&'a str> {
        let delta = self.frame.delta.as_ref();
        let (content, reasoning) =
            (self.value(Field::ReasoningContent), self.value(Field::Reasoning));
        let content = content.or_else(|| delta?.reasoning_content.as_deref());
        let reasoning = reasoning.or_else(|| delta?.reasoning.as_deref());
        // Services that know both keys may leave one of them empty.
        let filled = [content, reasoning].into_iter().flatten().find(|text| !text.is_empty());
        filled.or(content).or(reasoning)
    }

    /// The pieces of tool calls, each with its new arguments or input.
    pub fn tool_calls(self) -> impl Iterator<Item = (&'a ToolCallDelta, Option<&'a str>)> {
        let calls = self.frame.delta.as_ref().and_then(|delta| delta.tool_calls.as_deref());
        calls.unwrap_or_default().iter().enumerate().map(move |(position, call)| {
            // Later ones have no value of their own.
            let position = u16::try_from(position).ok();
            let own = position.and_then(|position| {
                let arguments = self.value(Field::Arguments(position));
                arguments.or_else(|| self.value(Field::Input(position)))
            });
            let function = || call.function.as_ref()?.arguments.as_deref();
            let custom = || call.custom.as_ref()?.input.as_deref();
            (call, own.or_else(function).or_else(custom))
        })
    }

    /// The choice without what is the chunk's own, as [`SharedChunk::frame`] says.
    pub fn frame(self) -> &'a ChunkChoice {
        self.frame
    }

    fn value(self, field: Field) -> Option<&'a str> {
        let SharedChunk { shape, values } = self.chunk;
        let own = |place: &&Place| choice_of(place) == Some(self.position);
        let mut places = shape.places().iter().skip(self.start).take_while(own);
        let is_of_field = |place: &Place| matches!(place, Place::Choice(_, of) if *of == field);
        Some(values.get(self.start + places.position(is_of_field)?))
    }
}

/// The position of the choice that a place is in.
fn choice_of(place: &Place) -> Option<usize> {
    match place {
        Place::Choice(position, _) => Some(usize::from(*position)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChunkDecoder;

    /// The second of two chunks that differ in their id, in the text of each choice of an even position
    /// and in how many tokens they took.
    fn with_choices(count: usize) -> SharedChunk {
        let chunk = |number: usize| {
            let choice = |position: usize| match position % 2 {
                0 => {
                    format!(r#"{{"index":{position},"delta":{{"content":"{number} {position}"}}}}"#)
                }
                _ => format!(r#"{{"index":{position},"delta":{{"refusal":"no"}}}}"#),
            };
            let choices: Vec<String> = (0..count).map(choice).collect();
            let (choices, usage) = (choices.join(","), format!(r#"{{"total_tokens":{number}}}"#));
            format!("data: {{\"id\":\"c{number}\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n")
        };
        let body = [chunk(1), chunk(2)].concat();
        let (mut decoder, mut input) = (ChunkDecoder::new(), body.as_bytes());
        assert!(decoder.next_shared(&mut input).is_some_and(|chunk| chunk.is_ok()));
        let second = decoder.next_shared(&mut input).unwrap().unwrap();
        assert!(!second.shape.places().is_empty(), "it shares something");
        second
    }

    #[test]
    fn each_choice_has_its_own_values() {
        let chunk = with_choices(9);
        for (position, choice) in chunk.choices().enumerate() {
            let text = (position % 2 == 0).then(|| format!("2 {position}"));
            assert_eq!(choice.content().map(str::to_owned), text);
            assert_eq!(choice.refusal().is_some(), text.is_none());
        }
        assert_eq!((chunk.id(), chunk.text()), (Some("c2"), Some("2 0")));
        assert_eq!(chunk.choices().nth(4).unwrap().content(), Some("2 4"));
        assert_eq!(chunk.usage().unwrap().total_tokens, Some(2));
    }

    #[test]
    fn many_choices_take_linear_time() {
        let time = |chunk: &SharedChunk| {
            let start = std::time::Instant::now();
            assert_eq!(chunk.choices().filter_map(SharedChoice::reasoning).count(), 0);
            start.elapsed()
        };
        // The shortest of many: other tests run beside this one.
        let time = |count| {
            let chunk = with_choices(count);
            (0..100).map(|_| time(&chunk)).min().unwrap_or_default()
        };
        let (few, many) = (time(15), time(120));
        // 8 times as many; quadratic time would be 64 times as long.
        assert!(many < few * 20, "{few:?} for 15, {many:?} for 120");
    }
}
