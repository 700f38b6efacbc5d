//! Finds the values in the text of a chunk that may become holes. The text was parsed before, so this module
//! does not validate it; [`super`] checks that each value is the one in its field.

use std::num::NonZero;
use std::ops::Range;

use chatwire_types::{ChatCompletionChunk, ChunkChoice, Delta, Extra};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::chunk_fields::{
    ChoiceField, ChunkField, ExtraPath, TokenField, TokenList, TokenPosition, ValueKind,
    position_in,
};
use crate::json::string_length;

/// The range of a value in the text, and the field that the value fills. The range of a string or list excludes
/// its quotes or brackets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    /// `start <= end`
    start: u16,
    end: u16,
    pub(super) kind: ValueKind,
    pub(super) field: ChunkField,
    /// Whether the value has differed between chunks. Otherwise it is compared like the text around it.
    pub(super) is_used: bool,
}

impl Hole {
    #[inline]
    pub(super) fn range(&self) -> Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }
}

/// Finds the values that may become holes, in the order of the text. Returns `None` if a key comes twice in one
/// object, or has escapes, because the field would then hold another value than the one that stands here.
pub(super) fn scan(data: &[u8], chunk: &ChatCompletionChunk) -> Option<Vec<Hole>> {
    let mut scanner = Scanner { data, at: 0, found: Vec::new(), chunk };
    scanner.chunk()?;
    Some(scanner.found)
}

/// MiniMax reports success in every chunk: `{"status_code":0,"status_msg":""}`.
const MINIMAX_STATUS: &[u8] = b"base_resp";

/// Whether the document does not give a key to a type. A documented key whose value does not fit its field is
/// also in `extra`, but the next value may fit, so such a key must not become a hole.
fn is_unknown<T: DeserializeOwned>(key: &[u8], extra: fn(&T) -> &Extra) -> bool {
    // A null goes into the field of a documented key, and into `extra` under an unknown key.
    let object = [b"{\"", key, b"\":null}"].concat();
    serde_json::from_slice(&object).is_ok_and(|value| !extra(&value).is_empty())
}

const fn extra_of_delta(delta: &Delta) -> &Extra {
    &delta.extra
}

/// In an object with more unknown keys, no unknown value becomes a hole, because each look-up walks all keys.
const MAX_UNKNOWN: usize = 64;

struct Scanner<'a> {
    data: &'a [u8],
    /// The offset of the next byte. `at <= data.len()`.
    at: usize,
    found: Vec<Hole>,
    chunk: &'a ChatCompletionChunk,
}

/// The keys of one object that came already, one bit each.
#[derive(Default)]
struct Seen {
    /// By a number that the caller gives to the key.
    documented: u32,
    /// By the position of the key in `extra`.
    unknown: u64,
}

impl Seen {
    /// Returns `None` if this key came before.
    fn note(&mut self, key: u32) -> Option<()> {
        let bit = 1 << key;
        let is_new = self.documented & bit == 0;
        self.documented |= bit;
        is_new.then_some(())
    }

    /// Returns `None` if the unknown key at this position came before.
    fn note_unknown(&mut self, position: usize) -> Option<()> {
        let bit = 1_u64.checked_shl(u32::try_from(position).ok()?)?;
        let is_new = self.unknown & bit == 0;
        self.unknown |= bit;
        is_new.then_some(())
    }
}

impl<'a> Scanner<'a> {
    fn chunk(&mut self) -> Option<()> {
        let mut seen = Seen::default();
        let chunk = self.chunk;
        self.object(|this, key| match key {
            b"choices" => {
                seen.note(0)?;
                this.list(Self::choice)
            }
            b"id" => {
                seen.note(1)?;
                this.hole(ChunkField::Id)
            }
            b"created" => {
                seen.note(2)?;
                this.hole(ChunkField::Created)
            }
            b"usage" => {
                seen.note(3)?;
                this.usage()
            }
            b"obfuscation" => {
                seen.note(4)?;
                this.hole(ChunkField::Obfuscation)
            }
            // A chunk with another status is an error, so it must be parsed.
            MINIMAX_STATUS => this.value(),
            _ => {
                let number: Option<fn(ExtraPath) -> ChunkField> = Some(ChunkField::ExtraNumber);
                this.unknown(
                    &mut seen,
                    Some(chunk),
                    |chunk| &chunk.extra,
                    key,
                    ChunkField::Extra,
                    number,
                )
            }
        })
    }

    fn usage(&mut self) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, field) = match key {
                b"prompt_tokens" => (0, ChunkField::PromptTokens),
                b"completion_tokens" => (1, ChunkField::CompletionTokens),
                b"total_tokens" => (2, ChunkField::TotalTokens),
                b"completion_tokens_details" => {
                    seen.note(3)?;
                    return this.object_with(b"reasoning_tokens", ChunkField::ReasoningTokens);
                }
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.hole(field)
        })
    }

    fn choice(&mut self, choice: u16) -> Option<()> {
        let mut seen = Seen::default();
        let known = self.choice_at(choice);
        let is_alone = self.chunk.choices.as_ref().is_some_and(|choices| choices.len() == 1);
        self.object(|this, key| match key {
            b"delta" => {
                seen.note(0)?;
                this.delta(choice)
            }
            b"logprobs" => {
                seen.note(1)?;
                this.logprobs(choice)
            }
            b"index" => {
                seen.note(2)?;
                if is_alone {
                    this.hole(ChunkField::Choice(choice, ChoiceField::Index))
                } else {
                    this.value()
                }
            }
            b"token_ids" => {
                seen.note(3)?;
                this.hole(ChunkField::Choice(choice, ChoiceField::TokenIds))
            }
            _ => {
                let field = |path| ChunkField::Choice(choice, ChoiceField::Extra(path));
                this.unknown(&mut seen, known, |choice| &choice.extra, key, field, None)
            }
        })
    }

    fn choice_at(&self, choice: u16) -> Option<&'a ChunkChoice> {
        self.chunk.choices.as_ref()?.get(usize::from(choice))
    }

    fn logprobs(&mut self, choice: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, list) = match key {
                b"content" => (0, TokenList::Content),
                b"refusal" => (1, TokenList::Refusal),
                b"reasoning_content" => (2, TokenList::Reasoning),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.list(|this, entry| this.token(choice, TokenPosition { list, entry, top: None }))
        })
    }

    fn token(&mut self, choice: u16, at: TokenPosition) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, field) = match key {
                b"token" => (0, TokenField::Token),
                b"logprob" => (1, TokenField::Logprob),
                b"bytes" => (2, TokenField::Bytes),
                b"id" => (4, TokenField::Id),
                b"top_logprobs" if at.top.is_none() => {
                    seen.note(3)?;
                    return this.list(|this, top| {
                        let top = NonZero::<u16>::MIN.checked_add(top);
                        this.token(choice, TokenPosition { top, ..at })
                    });
                }
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.hole(ChunkField::Choice(choice, ChoiceField::Token(at, field)))
        })
    }

    fn delta(&mut self, choice: u16) -> Option<()> {
        let mut seen = Seen::default();
        let known = self.choice_at(choice).and_then(|choice| choice.delta.as_ref());
        self.object(|this, key| {
            let (bit, field) = match key {
                b"content" => (0, ChoiceField::Content),
                b"refusal" => (1, ChoiceField::Refusal),
                b"reasoning_content" => (2, ChoiceField::ReasoningContent),
                b"reasoning" => (3, ChoiceField::Reasoning),
                b"tool_calls" => {
                    seen.note(4)?;
                    return this.list(|this, position| this.tool_call(choice, position));
                }
                b"reasoning_details" => {
                    seen.note(5)?;
                    return this.list(|this, position| this.detail(choice, position));
                }
                b"function_call" => {
                    seen.note(6)?;
                    return this.object_with(
                        b"arguments",
                        ChunkField::Choice(choice, ChoiceField::FunctionArguments),
                    );
                }
                b"audio" => {
                    seen.note(7)?;
                    return this.audio(choice);
                }
                b"role" | b"name" | b"annotations" => return this.value(),
                _ => {
                    let field = |path| ChunkField::Choice(choice, ChoiceField::DeltaExtra(path));
                    return this.unknown(&mut seen, known, extra_of_delta, key, field, None);
                }
            };
            seen.note(bit)?;
            this.hole(ChunkField::Choice(choice, field))
        })
    }

    fn tool_call(&mut self, choice: u16, position: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, name, field): (_, &[u8], _) = match key {
                b"function" => (0, b"arguments", ChoiceField::Arguments(position)),
                b"custom" => (1, b"input", ChoiceField::Input(position)),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.object_with(name, ChunkField::Choice(choice, field))
        })
    }

    fn detail(&mut self, choice: u16, position: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, field) = match key {
                b"text" => (0, ChoiceField::DetailText(position)),
                b"summary" => (1, ChoiceField::DetailSummary(position)),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.hole(ChunkField::Choice(choice, field))
        })
    }

    fn audio(&mut self, choice: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, field) = match key {
                b"data" => (0, ChoiceField::AudioData),
                b"transcript" => (1, ChoiceField::AudioTranscript),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.hole(ChunkField::Choice(choice, field))
        })
    }

    /// Scans an object in which the value of one key may become a hole.
    fn object_with(&mut self, name: &[u8], field: ChunkField) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            if key != name {
                return this.value();
            }
            seen.note(0)?;
            this.hole(field)
        })
    }

    /// Scans an object and calls `value` at the value of each key. Skips any other value.
    fn object(&mut self, mut value: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        if self.peek()? != b'{' {
            return self.value();
        }
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let (start, end, escaped) = self.string()?;
            if escaped || self.next()? != b':' {
                return None;
            }
            value(self, self.data.get(start..end)?)?;
            if self.next()? == b'}' {
                return Some(());
            }
        }
    }

    /// Scans a list and calls `item` at each item. Skips any other value.
    fn list(&mut self, mut item: impl FnMut(&mut Self, u16) -> Option<()>) -> Option<()> {
        if self.peek()? != b'[' {
            return self.value();
        }
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        for position in 0..u16::MAX {
            item(self, position)?;
            if self.next()? == b']' {
                return Some(());
            }
        }
        None
    }

    /// Scans the value of another key. If the key is unknown, the texts in the value may become holes, and with
    /// `number` also the numbers.
    fn unknown<T: DeserializeOwned>(
        &mut self,
        seen: &mut Seen,
        part: Option<&T>,
        extra: fn(&T) -> &Extra,
        key: &[u8],
        text: impl Fn(ExtraPath) -> ChunkField + Copy,
        number: Option<fn(ExtraPath) -> ChunkField>,
    ) -> Option<()> {
        let part = part.filter(|part| extra(part).len() <= MAX_UNKNOWN);
        let position = part.and_then(|part| position_in(extra(part), key));
        if let Some(position) = position {
            seen.note_unknown(position)?;
        }
        let value = part.zip(position).and_then(|(part, at)| extra(part).values().nth(at));
        let path = position.and_then(|position| ExtraPath::default().then(position));
        let may_differ = |value: &&Value| match value {
            Value::Null | Value::Bool(_) => false,
            Value::Number(_) => number.is_some(),
            _ => true,
        };
        match value.filter(may_differ).zip(path) {
            Some((value, path)) if is_unknown(key, extra) => self.json(value, path, text, number),
            _ => self.value(),
        }
    }

    /// Scans a value inside the unknown keys, which is `value` in the chunk.
    fn json(
        &mut self,
        value: &Value,
        path: ExtraPath,
        text: impl Fn(ExtraPath) -> ChunkField + Copy,
        number: Option<fn(ExtraPath) -> ChunkField>,
    ) -> Option<()> {
        match (value, number) {
            (Value::String(_), _) => self.hole(text(path)),
            (Value::Number(_), Some(number)) => self.hole(number(path)),
            (Value::Array(list), _) => self.list(|this, position| {
                let inner = list.get(usize::from(position));
                match (inner, path.then(usize::from(position))) {
                    (Some(inner), Some(path)) => this.json(inner, path, text, number),
                    _ => this.value(),
                }
            }),
            (Value::Object(object), _) => {
                let mut entries = object.iter().enumerate();
                self.object(|this, key| {
                    // If a key comes twice, the entries are not in the order of the text.
                    let (position, (name, inner)) = entries.next()?;
                    if name.as_bytes() != key {
                        return None;
                    }
                    match path.then(position) {
                        Some(path) => this.json(inner, path, text, number),
                        None => this.value(),
                    }
                })
            }
            _ => self.value(),
        }
    }

    /// Adds the next value as a hole, if it has the kind of the field, and skips it.
    fn hole(&mut self, field: ChunkField) -> Option<()> {
        let kind = field.kind();
        let opening = match kind {
            ValueKind::Text => Some(b'"'),
            ValueKind::Integers => Some(b'['),
            ValueKind::Unsigned | ValueKind::Signed | ValueKind::Float | ValueKind::Number => None,
        };
        let first = self.peek()?;
        let start = if opening == Some(first) { self.at + 1 } else { self.at };
        let is_of_kind = opening.is_none_or(|opening| opening == first);
        if is_of_kind && let Some(length) = kind.length(self.data.get(start..)?) {
            let (start, end) = (start.try_into().ok()?, (start + length).try_into().ok()?);
            self.found.push(Hole { start, end, kind, field, is_used: false });
        }
        self.value()
    }

    /// Skips a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' | b',' | b':' => self.at += 1,
                _ => self.scalar(),
            }
            if matches!(self.data.get(self.at - 1), Some(b'}' | b']')) {
                depth = depth.checked_sub(1)?;
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Skips a number, `true`, `false` or `null`.
    fn scalar(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
    }

    /// Skips a string. Returns the start and the end of its inside, and whether it has escapes.
    fn string(&mut self) -> Option<(usize, usize, bool)> {
        if self.next()? != b'"' {
            return None;
        }
        let start = self.at;
        let (length, escaped) = string_length(self.data.get(start..)?)?;
        self.at += length + 1;
        Some((start, start + length, escaped))
    }

    /// Skips white space. Returns the next byte without taking it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.data.get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}
