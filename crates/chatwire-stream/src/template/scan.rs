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

/// A chunk with more keys in one object does not become a template. The limit keeps the search for duplicate
/// keys cheap.
const MAX_KEYS: usize = 64;

struct Scanner<'a> {
    data: &'a [u8],
    /// The offset of the next byte. `at <= data.len()`.
    at: usize,
    found: Vec<Hole>,
    chunk: &'a ChatCompletionChunk,
}

impl<'a> Scanner<'a> {
    fn chunk(&mut self) -> Option<()> {
        let chunk = self.chunk;
        self.object(|this, key| match key {
            b"choices" => this.list(Self::choice),
            b"id" => this.hole(ChunkField::Id),
            b"created" => this.hole(ChunkField::Created),
            b"usage" => this.usage(),
            b"obfuscation" => this.hole(ChunkField::Obfuscation),
            // A chunk with another status is an error, so it must be parsed.
            MINIMAX_STATUS => this.value(),
            _ => {
                let number: Option<fn(ExtraPath) -> ChunkField> = Some(ChunkField::ExtraNumber);
                this.unknown(Some(chunk), |chunk| &chunk.extra, key, ChunkField::Extra, number)
            }
        })
    }

    fn usage(&mut self) -> Option<()> {
        self.object(|this, key| {
            let field = match key {
                b"prompt_tokens" => ChunkField::PromptTokens,
                b"completion_tokens" => ChunkField::CompletionTokens,
                b"total_tokens" => ChunkField::TotalTokens,
                b"completion_tokens_details" => {
                    return this.object_with(b"reasoning_tokens", ChunkField::ReasoningTokens);
                }
                _ => return this.value(),
            };
            this.hole(field)
        })
    }

    fn choice(&mut self, choice: u16) -> Option<()> {
        let known = self.choice_at(choice);
        let is_alone = self.chunk.choices.as_ref().is_some_and(|choices| choices.len() == 1);
        self.object(|this, key| match key {
            b"delta" => this.delta(choice),
            b"logprobs" => this.logprobs(choice),
            b"index" if is_alone => this.hole(ChunkField::Choice(choice, ChoiceField::Index)),
            b"index" => this.value(),
            b"token_ids" => this.hole(ChunkField::Choice(choice, ChoiceField::TokenIds)),
            _ => {
                let field = |path| ChunkField::Choice(choice, ChoiceField::Extra(path));
                this.unknown(known, |choice| &choice.extra, key, field, None)
            }
        })
    }

    fn choice_at(&self, choice: u16) -> Option<&'a ChunkChoice> {
        self.chunk.choices.as_ref()?.get(usize::from(choice))
    }

    fn logprobs(&mut self, choice: u16) -> Option<()> {
        self.object(|this, key| {
            let list = match key {
                b"content" => TokenList::Content,
                b"refusal" => TokenList::Refusal,
                b"reasoning_content" => TokenList::Reasoning,
                _ => return this.value(),
            };
            this.list(|this, entry| this.token(choice, TokenPosition { list, entry, top: None }))
        })
    }

    fn token(&mut self, choice: u16, at: TokenPosition) -> Option<()> {
        self.object(|this, key| {
            let field = match key {
                b"token" => TokenField::Token,
                b"logprob" => TokenField::Logprob,
                b"bytes" => TokenField::Bytes,
                b"id" => TokenField::Id,
                b"top_logprobs" if at.top.is_none() => {
                    return this.list(|this, top| {
                        let top = NonZero::<u16>::MIN.checked_add(top);
                        this.token(choice, TokenPosition { top, ..at })
                    });
                }
                _ => return this.value(),
            };
            this.hole(ChunkField::Choice(choice, ChoiceField::Token(at, field)))
        })
    }

    fn delta(&mut self, choice: u16) -> Option<()> {
        let known = self.choice_at(choice).and_then(|choice| choice.delta.as_ref());
        self.object(|this, key| {
            let field = match key {
                b"content" => ChoiceField::Content,
                b"refusal" => ChoiceField::Refusal,
                b"reasoning_content" => ChoiceField::ReasoningContent,
                b"reasoning" => ChoiceField::Reasoning,
                b"tool_calls" => {
                    return this.list(|this, position| this.tool_call(choice, position));
                }
                b"reasoning_details" => {
                    return this.list(|this, position| this.detail(choice, position));
                }
                b"function_call" => {
                    return this.object_with(
                        b"arguments",
                        ChunkField::Choice(choice, ChoiceField::FunctionArguments),
                    );
                }
                b"audio" => return this.audio(choice),
                b"role" | b"name" | b"annotations" => return this.value(),
                _ => {
                    let field = |path| ChunkField::Choice(choice, ChoiceField::DeltaExtra(path));
                    return this.unknown(known, extra_of_delta, key, field, None);
                }
            };
            this.hole(ChunkField::Choice(choice, field))
        })
    }

    fn tool_call(&mut self, choice: u16, position: u16) -> Option<()> {
        self.object(|this, key| {
            let (name, field): (&[u8], _) = match key {
                b"function" => (b"arguments", ChoiceField::Arguments(position)),
                b"custom" => (b"input", ChoiceField::Input(position)),
                _ => return this.value(),
            };
            this.object_with(name, ChunkField::Choice(choice, field))
        })
    }

    fn detail(&mut self, choice: u16, position: u16) -> Option<()> {
        self.object(|this, key| {
            let field = match key {
                b"text" => ChoiceField::DetailText(position),
                b"summary" => ChoiceField::DetailSummary(position),
                _ => return this.value(),
            };
            this.hole(ChunkField::Choice(choice, field))
        })
    }

    fn audio(&mut self, choice: u16) -> Option<()> {
        self.object(|this, key| {
            let field = match key {
                b"data" => ChoiceField::AudioData,
                b"transcript" => ChoiceField::AudioTranscript,
                _ => return this.value(),
            };
            this.hole(ChunkField::Choice(choice, field))
        })
    }

    /// Scans an object in which the value of one key may become a hole.
    fn object_with(&mut self, name: &[u8], field: ChunkField) -> Option<()> {
        self.object(|this, key| if key == name { this.hole(field) } else { this.value() })
    }

    /// Scans an object and calls `value` at the value of each key. Skips any other value. Returns `None` if a
    /// key comes twice or has escapes.
    fn object(&mut self, mut value: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        if self.peek()? != b'{' {
            return self.value();
        }
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        let mut keys = Vec::new();
        loop {
            let (start, end, escaped) = self.string()?;
            let key = self.data.get(start..end)?;
            if escaped || keys.contains(&key) || keys.len() == MAX_KEYS || self.next()? != b':' {
                return None;
            }
            keys.push(key);
            value(self, key)?;
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
        part: Option<&T>,
        extra: fn(&T) -> &Extra,
        key: &[u8],
        text: impl Fn(ExtraPath) -> ChunkField + Copy,
        number: Option<fn(ExtraPath) -> ChunkField>,
    ) -> Option<()> {
        let position = part.and_then(|part| position_in(extra(part), key));
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
