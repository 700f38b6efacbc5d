//! The fields of a chunk that may differ from one chunk to the next, and how a value is read into one.
//! [`super::scan`] finds where their values stand in the text.

use std::mem;
use std::num::NonZero;

use chatwire_types::{
    ChatCompletionChunk, ChunkChoice, Content, Delta, Extra, Logprobs, Timestamp, ToolCallDelta,
    Usage,
};
use serde_json::{Number, Value};

use crate::json::{count, float, index, integers, number};
use crate::json::{inside, read_string};

/// A field that can have any value of its kind without anything else being read otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Id,
    Created,
    Obfuscation,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    ReasoningTokens,
    /// Text in the unknown keys of the chunk.
    Extra(Path),
    /// A number in the unknown keys of the chunk.
    ExtraNumber(Path),
    /// A field of the choice at a position in the list.
    Choice(u16, Field),
}

/// A field of one choice; numbers are positions in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Of a chunk with one choice only.
    Index,
    Content,
    Refusal,
    ReasoningContent,
    Reasoning,
    DetailText(u16),
    DetailSummary(u16),
    Arguments(u16),
    Input(u16),
    FunctionArguments,
    AudioData,
    AudioTranscript,
    /// Text in the unknown keys of the delta.
    DeltaExtra(Path),
    /// Text in the unknown keys of the choice.
    Extra(Path),
    Token(TokenAt, TokenField),
    TokenIds,
}

/// An entry of the log-probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TokenAt {
    pub(super) list: TokenList,
    pub(super) entry: u16,
    /// Which of the alternatives of the entry, counted from 1, if not the entry itself.
    pub(super) top: Option<NonZero<u16>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenList {
    Content,
    Refusal,
    Reasoning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenField {
    Id,
    Token,
    Logprob,
    Bytes,
}

/// The way to a value inside of unknown keys: positions in objects and lists, from the outside in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    steps: [u8; 6],
    length: u8,
}

/// How a value is written, and with that, what can stand in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Count,
    Index,
    Float,
    Number,
    Integers,
}

/// The field of a chunk that a value goes into.
pub(super) enum Slot<'a> {
    Text(&'a mut String),
    Count(&'a mut u64),
    Index(&'a mut i64),
    Float(&'a mut f64),
    Number(&'a mut Number),
    Integers(&'a mut Vec<i64>),
}

impl Kind {
    /// The length of a value of this kind at the front of the bytes; `None` where there is none, or
    /// where it is not sure how it would be read.
    #[inline]
    pub(super) fn length(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Text => inside(bytes).map(|(length, _)| length),
            Self::Count => count(bytes).map(|(length, _)| length),
            Self::Index => index(bytes).map(|(length, _)| length),
            Self::Float => number(bytes, 15),
            Self::Number => number(bytes, 18),
            Self::Integers => integers(bytes, |_| {}),
        }
    }
}

impl Path {
    pub(super) fn then(mut self, position: usize) -> Option<Self> {
        *self.steps.get_mut(usize::from(self.length))? = u8::try_from(position).ok()?;
        self.length += 1;
        Some(self)
    }

    fn follow(self, extra: &mut Extra) -> Option<&mut Value> {
        let mut steps = self.steps.iter().take(usize::from(self.length)).copied().map(usize::from);
        let (_, mut value) = extra.iter_mut().nth(steps.next()?)?;
        for step in steps {
            value = match value {
                Value::Object(object) => object.values_mut().nth(step)?,
                Value::Array(list) => list.get_mut(step)?,
                _ => return None,
            };
        }
        Some(value)
    }

    fn text(self, extra: &mut Extra) -> Option<Slot<'_>> {
        match self.follow(extra)? {
            Value::String(text) => Some(Slot::Text(text)),
            _ => None,
        }
    }
}

impl Place {
    #[inline]
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Created
            | Self::PromptTokens
            | Self::CompletionTokens
            | Self::TotalTokens
            | Self::ReasoningTokens => Kind::Count,
            Self::Choice(_, Field::Token(_, TokenField::Id)) => Kind::Count,
            Self::Choice(_, Field::Index) => Kind::Index,
            Self::ExtraNumber(_) => Kind::Number,
            Self::Choice(_, Field::Token(_, TokenField::Logprob)) => Kind::Float,
            Self::Choice(_, Field::Token(_, TokenField::Bytes) | Field::TokenIds) => Kind::Integers,
            _ => Kind::Text,
        }
    }

    /// Frees the buffer of the field, if it has one.
    pub(super) fn clear(self, chunk: &mut ChatCompletionChunk) {
        match self.slot(chunk) {
            Some(Slot::Text(text)) => *text = String::new(),
            Some(Slot::Integers(list)) => *list = Vec::new(),
            _ => {}
        }
    }

    /// The field of a chunk, if it has it with a value of this kind.
    #[inline]
    pub(super) fn slot(self, chunk: &mut ChatCompletionChunk) -> Option<Slot<'_>> {
        match self {
            Self::Choice(position, field) => {
                field.slot(chunk.choices.as_mut()?.get_mut(usize::from(position))?)
            }
            Self::Obfuscation => chunk.obfuscation.as_mut().map(Slot::Text),
            Self::Id => chunk.id.as_mut().map(Slot::Text),
            Self::Created => match chunk.created.as_mut()? {
                Timestamp::Seconds(seconds) => Some(Slot::Count(seconds)),
                _ => None,
            },
            other => other.rare_slot(chunk),
        }
    }

    fn rare_slot(self, chunk: &mut ChatCompletionChunk) -> Option<Slot<'_>> {
        match self {
            Self::Extra(path) => return path.text(&mut chunk.extra),
            Self::ExtraNumber(path) => {
                return match path.follow(&mut chunk.extra)? {
                    Value::Number(number) => Some(Slot::Number(number)),
                    _ => None,
                };
            }
            _ => {}
        }
        self.count_in(chunk.usage.as_mut()?).map(Slot::Count)
    }

    /// The field among the counts of tokens.
    fn count_in(self, usage: &mut Usage) -> Option<&mut u64> {
        let count = match self {
            Self::PromptTokens => &mut usage.prompt_tokens,
            Self::CompletionTokens => &mut usage.completion_tokens,
            Self::TotalTokens => &mut usage.total_tokens,
            Self::ReasoningTokens => {
                &mut usage.completion_tokens_details.as_mut()?.reasoning_tokens
            }
            _ => return None,
        };
        count.as_mut()
    }
}

impl Field {
    #[inline]
    fn slot(self, choice: &mut ChunkChoice) -> Option<Slot<'_>> {
        match self {
            Self::Content => match choice.delta.as_mut()?.content.as_mut()? {
                Content::Text(text) => Some(Slot::Text(text)),
                _ => None,
            },
            Self::Index => choice.index.as_mut().map(Slot::Index),
            Self::Token(at, field) => token(choice.logprobs.as_mut()?, at, field),
            Self::TokenIds => choice.token_ids.as_mut().map(Slot::Integers),
            Self::Extra(path) => path.text(&mut choice.extra),
            Self::DeltaExtra(path) => path.text(&mut choice.delta.as_mut()?.extra),
            other => other.text(choice.delta.as_mut()?).map(Slot::Text),
        }
    }

    #[expect(deprecated, reason = "older servers still send `function_call`")]
    fn text(self, delta: &mut Delta) -> Option<&mut String> {
        let text = match self {
            Self::Refusal => &mut delta.refusal,
            Self::ReasoningContent => &mut delta.reasoning_content,
            Self::Reasoning => &mut delta.reasoning,
            Self::Arguments(at) => &mut call(delta, at)?.function.as_mut()?.arguments,
            Self::Input(at) => &mut call(delta, at)?.custom.as_mut()?.input,
            Self::FunctionArguments => &mut delta.function_call.as_mut()?.arguments,
            Self::AudioData => &mut delta.audio.as_mut()?.data,
            Self::AudioTranscript => &mut delta.audio.as_mut()?.transcript,
            Self::DetailText(at) => {
                &mut delta.reasoning_details.as_mut()?.get_mut(usize::from(at))?.text
            }
            Self::DetailSummary(at) => {
                &mut delta.reasoning_details.as_mut()?.get_mut(usize::from(at))?.summary
            }
            _ => return None,
        };
        text.as_mut()
    }
}

fn call(delta: &mut Delta, position: u16) -> Option<&mut ToolCallDelta> {
    delta.tool_calls.as_mut()?.get_mut(usize::from(position))
}

fn token(logprobs: &mut Logprobs, at: TokenAt, field: TokenField) -> Option<Slot<'_>> {
    let list = match at.list {
        TokenList::Content => &mut logprobs.content,
        TokenList::Refusal => &mut logprobs.refusal,
        TokenList::Reasoning => &mut logprobs.reasoning_content,
    };
    let entry = list.as_mut()?.get_mut(usize::from(at.entry))?;
    let (id, token, logprob, bytes) = match at.top {
        None => (&mut entry.id, &mut entry.token, &mut entry.logprob, &mut entry.bytes),
        Some(top) => {
            let top = entry.top_logprobs.as_mut()?.get_mut(usize::from(top.get()) - 1)?;
            (&mut top.id, &mut top.token, &mut top.logprob, &mut top.bytes)
        }
    };
    match field {
        TokenField::Id => id.as_mut().map(Slot::Count),
        TokenField::Token => token.as_mut().map(Slot::Text),
        TokenField::Logprob => logprob.as_mut().map(Slot::Float),
        TokenField::Bytes => bytes.as_mut().map(Slot::Integers),
    }
}

impl Slot<'_> {
    /// Takes the value of its kind at the front of a text; returns its length, or `None` when there
    /// is none.
    #[inline]
    pub(super) fn read(self, text: &[u8]) -> Option<usize> {
        Some(match self {
            Self::Text(slot) => read_text(slot, text)?,
            Self::Count(slot) => put(slot, count(text)?),
            Self::Index(slot) => put(slot, index(text)?),
            Self::Float(slot) => put(slot, float(text)?),
            Self::Integers(list) => {
                list.clear();
                integers(text, |integer| list.push(integer))?
            }
            Self::Number(number) => {
                let length = Kind::Number.length(text)?;
                *number = serde_json::from_slice(text.get(..length)?).ok()?;
                length
            }
        })
    }

    /// Whether the value at the front of a text is the one that the field has.
    pub(super) fn holds(self, text: &[u8]) -> bool {
        fn is<T: PartialEq + Default>(
            field: &T,
            read: impl FnOnce(&mut T) -> Option<usize>,
        ) -> bool {
            let mut value = T::default();
            read(&mut value).is_some() && value == *field
        }
        match self {
            Self::Text(field) => is(field, |value| Slot::Text(value).read(text)),
            Self::Count(field) => is(field, |value| Slot::Count(value).read(text)),
            Self::Index(field) => is(field, |value| Slot::Index(value).read(text)),
            Self::Float(field) => is(field, |value| Slot::Float(value).read(text)),
            Self::Integers(field) => is(field, |value| Slot::Integers(value).read(text)),
            Self::Number(field) => {
                let mut value = Number::from(0);
                Slot::Number(&mut value).read(text).is_some() && value == *field
            }
        }
    }
}

#[inline]
fn put<T>(slot: &mut T, (length, value): (usize, T)) -> usize {
    *slot = value;
    length
}

#[inline]
fn read_text(slot: &mut String, text: &[u8]) -> Option<usize> {
    let mut bytes = mem::take(slot).into_bytes();
    bytes.clear();
    let length = read_string(text, &mut bytes)?;
    *slot = String::from_utf8(bytes).ok()?;
    Some(length)
}

/// The position of an unknown key.
pub(super) fn position_in(extra: &Extra, key: &[u8]) -> Option<usize> {
    extra.keys().position(|known| known.as_bytes() == key)
}
