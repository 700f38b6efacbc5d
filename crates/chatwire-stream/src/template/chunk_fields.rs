//! Names the fields of a chunk that a template can fill, and reads a value into one of them.
//! [`super::scan`] finds the values of these fields in the text.

use std::mem;
use std::num::NonZero;

use chatwire_types::{
    ChatCompletionChunk, ChunkChoice, Content, Delta, Extra, Logprobs, Timestamp, ToolCallDelta,
    Usage,
};
use serde_json::{Number, Value};

use crate::json::{float, integers, number, read_string, signed, string_length, unsigned};

/// A field of a chunk. Another value of its kind changes nothing else in the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkField {
    Id,
    Created,
    Obfuscation,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    ReasoningTokens,
    /// Text in the unknown keys of the chunk.
    Extra(ExtraPath),
    /// A number in the unknown keys of the chunk.
    ExtraNumber(ExtraPath),
    /// A field of the choice at this position in the list.
    Choice(u16, ChoiceField),
}

/// A field of one choice. The numbers are positions in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChoiceField {
    /// Only in a chunk with one choice, because two choices with one index would be one choice.
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
    DeltaExtra(ExtraPath),
    /// Text in the unknown keys of the choice.
    Extra(ExtraPath),
    Token(TokenPosition, TokenField),
    TokenIds,
}

/// The position of a token in the log-probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TokenPosition {
    pub(super) list: TokenList,
    pub(super) entry: u16,
    /// `None` for the entry itself, or the number of an alternative in its `top_logprobs`, counted from 1.
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

/// The path to a value inside the unknown keys: the positions in objects and lists, from the outside in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ExtraPath {
    steps: [u8; 6],
    /// The number of steps. `length <= 6`.
    length: u8,
}

/// The syntax of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    Text,
    Unsigned,
    Signed,
    Float,
    Number,
    Integers,
}

/// A borrowed field of a chunk.
pub(super) enum FieldMut<'a> {
    Text(&'a mut String),
    Unsigned(&'a mut u64),
    Signed(&'a mut i64),
    Float(&'a mut f64),
    Number(&'a mut Number),
    Integers(&'a mut Vec<i64>),
}

impl ValueKind {
    /// The length of a value of this kind at the front of the bytes. Returns `None` for any other value, and
    /// for a number whose result is not certain.
    #[inline]
    pub(super) fn length(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Text => string_length(bytes).map(|(length, _)| length),
            Self::Unsigned => unsigned(bytes).map(|(length, _)| length),
            Self::Signed => signed(bytes).map(|(length, _)| length),
            Self::Float => number(bytes, 15),
            Self::Number => number(bytes, 18),
            Self::Integers => integers(bytes, |_| {}),
        }
    }
}

impl ExtraPath {
    /// Adds a step. Returns `None` if the path would be too long.
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

    fn text(self, extra: &mut Extra) -> Option<FieldMut<'_>> {
        match self.follow(extra)? {
            Value::String(text) => Some(FieldMut::Text(text)),
            _ => None,
        }
    }
}

impl ChunkField {
    #[inline]
    pub(super) const fn kind(self) -> ValueKind {
        match self {
            Self::Created
            | Self::PromptTokens
            | Self::CompletionTokens
            | Self::TotalTokens
            | Self::ReasoningTokens => ValueKind::Unsigned,
            Self::Choice(_, ChoiceField::Token(_, TokenField::Id)) => ValueKind::Unsigned,
            Self::Choice(_, ChoiceField::Index) => ValueKind::Signed,
            Self::ExtraNumber(_) => ValueKind::Number,
            Self::Choice(_, ChoiceField::Token(_, TokenField::Logprob)) => ValueKind::Float,
            Self::Choice(_, ChoiceField::Token(_, TokenField::Bytes) | ChoiceField::TokenIds) => {
                ValueKind::Integers
            }
            _ => ValueKind::Text,
        }
    }

    /// Frees the buffer of the field if it has one.
    pub(super) fn clear(self, chunk: &mut ChatCompletionChunk) {
        match self.value_mut(chunk) {
            Some(FieldMut::Text(text)) => *text = String::new(),
            Some(FieldMut::Integers(list)) => *list = Vec::new(),
            _ => {}
        }
    }

    /// Borrows the field. Returns `None` if the chunk does not have it with a value of this kind.
    #[inline]
    pub(super) fn value_mut(self, chunk: &mut ChatCompletionChunk) -> Option<FieldMut<'_>> {
        match self {
            Self::Choice(position, field) => {
                field.value_mut(chunk.choices.as_mut()?.get_mut(usize::from(position))?)
            }
            Self::Obfuscation => chunk.obfuscation.as_mut().map(FieldMut::Text),
            Self::Id => chunk.id.as_mut().map(FieldMut::Text),
            Self::Created => match chunk.created.as_mut()? {
                Timestamp::Seconds(seconds) => Some(FieldMut::Unsigned(seconds)),
                _ => None,
            },
            other => other.rare_value_mut(chunk),
        }
    }

    fn rare_value_mut(self, chunk: &mut ChatCompletionChunk) -> Option<FieldMut<'_>> {
        match self {
            Self::Extra(path) => return path.text(&mut chunk.extra),
            Self::ExtraNumber(path) => {
                return match path.follow(&mut chunk.extra)? {
                    Value::Number(number) => Some(FieldMut::Number(number)),
                    _ => None,
                };
            }
            _ => {}
        }
        self.count_in(chunk.usage.as_mut()?).map(FieldMut::Unsigned)
    }

    /// Borrows a count of tokens.
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

impl ChoiceField {
    #[inline]
    fn value_mut(self, choice: &mut ChunkChoice) -> Option<FieldMut<'_>> {
        match self {
            Self::Content => match choice.delta.as_mut()?.content.as_mut()? {
                Content::Text(text) => Some(FieldMut::Text(text)),
                _ => None,
            },
            Self::Index => choice.index.as_mut().map(FieldMut::Signed),
            Self::Token(at, field) => token(choice.logprobs.as_mut()?, at, field),
            Self::TokenIds => choice.token_ids.as_mut().map(FieldMut::Integers),
            Self::Extra(path) => path.text(&mut choice.extra),
            Self::DeltaExtra(path) => path.text(&mut choice.delta.as_mut()?.extra),
            other => other.text(choice.delta.as_mut()?).map(FieldMut::Text),
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

fn token(logprobs: &mut Logprobs, at: TokenPosition, field: TokenField) -> Option<FieldMut<'_>> {
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
        TokenField::Id => id.as_mut().map(FieldMut::Unsigned),
        TokenField::Token => token.as_mut().map(FieldMut::Text),
        TokenField::Logprob => logprob.as_mut().map(FieldMut::Float),
        TokenField::Bytes => bytes.as_mut().map(FieldMut::Integers),
    }
}

impl FieldMut<'_> {
    /// Sets the field to the value at the front of a text. Returns the length of the value, or `None` if the
    /// text does not begin with a value of this kind.
    #[inline]
    pub(super) fn read(self, text: &[u8]) -> Option<usize> {
        Some(match self {
            Self::Text(slot) => read_text(slot, text)?,
            Self::Unsigned(slot) => put(slot, unsigned(text)?),
            Self::Signed(slot) => put(slot, signed(text)?),
            Self::Float(slot) => put(slot, float(text)?),
            Self::Integers(list) => {
                list.clear();
                integers(text, |integer| list.push(integer))?
            }
            Self::Number(number) => {
                let length = ValueKind::Number.length(text)?;
                *number = serde_json::from_slice(text.get(..length)?).ok()?;
                length
            }
        })
    }

    /// Whether the field has the value that stands at the front of a text.
    pub(super) fn holds(self, text: &[u8]) -> bool {
        fn is<T: PartialEq + Default>(
            field: &T,
            read: impl FnOnce(&mut T) -> Option<usize>,
        ) -> bool {
            let mut value = T::default();
            read(&mut value).is_some() && value == *field
        }
        match self {
            Self::Text(field) => is(field, |value| FieldMut::Text(value).read(text)),
            Self::Unsigned(field) => is(field, |value| FieldMut::Unsigned(value).read(text)),
            Self::Signed(field) => is(field, |value| FieldMut::Signed(value).read(text)),
            Self::Float(field) => is(field, |value| FieldMut::Float(value).read(text)),
            Self::Integers(field) => is(field, |value| FieldMut::Integers(value).read(text)),
            Self::Number(field) => {
                let mut value = Number::from(0);
                FieldMut::Number(&mut value).read(text).is_some() && value == *field
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
    // Reuses the allocation. The bytes are checked as UTF-8 once, at the end.
    let mut bytes = mem::take(slot).into_bytes();
    bytes.clear();
    let length = read_string(text, &mut bytes)?;
    *slot = String::from_utf8(bytes).ok()?;
    Some(length)
}

/// The position of a key among the unknown keys.
pub(super) fn position_in(extra: &Extra, key: &[u8]) -> Option<usize> {
    extra.keys().position(|known| known.as_bytes() == key)
}
