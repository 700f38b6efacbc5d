//! Finds where the values that may differ stand in the text of a chunk. The text was parsed before, so
//! nothing is validated here; [`super::shape`] checks that each value fills its field.

use std::num::NonZero;
use std::ops::Range;

use chatwire_types::{ChatCompletionChunk, ChunkChoice, Delta, Extra};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::place::{Field, Kind, Path, Place, TokenAt, TokenField, TokenList, position_in};
use crate::json::inside;

/// Where a value stands in the text, a string or list without what is around it, and the field that
/// it fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    start: u16,
    end: u16,
    pub(super) kind: Kind,
    pub(super) place: Place,
    /// Whether the value differs between chunks.
    pub(super) is_open: bool,
}

impl Hole {
    #[inline]
    pub(super) fn range(&self) -> Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }
}

/// The values that may differ, in the order of the text; `None` when a key that matters comes twice
/// in one object, or is written with escapes.
pub(super) fn scan(data: &[u8], chunk: &ChatCompletionChunk) -> Option<Vec<Hole>> {
    let mut scanner = Scanner { data, at: 0, found: Vec::new(), chunk };
    scanner.chunk()?;
    Some(scanner.found)
}

/// Where minimax says with every chunk whether it succeeded: `{"status_code":0,"status_msg":""}`.
const MINIMAX_STATUS: &[u8] = b"base_resp";

/// Whether a type does not know a key. A known key can stand among the unknown ones, too, when its
/// value does not fit; whether another value fits is not known here.
fn is_unknown<T: DeserializeOwned>(key: &[u8], extra: fn(&T) -> &Extra) -> bool {
    // Null fits every optional key, and is kept under every unknown one.
    let object = [b"{\"", key, b"\":null}"].concat();
    serde_json::from_slice(&object).is_ok_and(|value| !extra(&value).is_empty())
}

const fn extra_of_delta(delta: &Delta) -> &Extra {
    &delta.extra
}

/// Of a part with more unknown keys than this, none may differ: each look-up walks all of them.
const MAX_UNKNOWN: usize = 64;

struct Scanner<'a> {
    data: &'a [u8],
    at: usize,
    found: Vec<Hole>,
    chunk: &'a ChatCompletionChunk,
}

/// The keys of one object that came already: documented ones and unknown ones, each by a number.
#[derive(Default)]
struct Seen {
    documented: u32,
    unknown: u64,
}

impl Seen {
    /// `None` when this key came before.
    fn note(&mut self, key: u32) -> Option<()> {
        let bit = 1 << key;
        let is_new = self.documented & bit == 0;
        self.documented |= bit;
        is_new.then_some(())
    }

    /// `None` when the unknown key at this position came before.
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
                this.scalar_at(Place::Id)
            }
            b"created" => {
                seen.note(2)?;
                this.scalar_at(Place::Created)
            }
            b"usage" => {
                seen.note(3)?;
                this.usage()
            }
            b"obfuscation" => {
                seen.note(4)?;
                this.scalar_at(Place::Obfuscation)
            }
            // Another status would be an error.
            MINIMAX_STATUS => this.value(),
            _ => {
                let number: Option<fn(Path) -> Place> = Some(Place::ExtraNumber);
                this.unknown(
                    &mut seen,
                    Some(chunk),
                    |chunk| &chunk.extra,
                    key,
                    Place::Extra,
                    number,
                )
            }
        })
    }

    fn usage(&mut self) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, place) = match key {
                b"prompt_tokens" => (0, Place::PromptTokens),
                b"completion_tokens" => (1, Place::CompletionTokens),
                b"total_tokens" => (2, Place::TotalTokens),
                b"completion_tokens_details" => {
                    seen.note(3)?;
                    return this.one(b"reasoning_tokens", Place::ReasoningTokens);
                }
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.scalar_at(place)
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
                    this.scalar_at(Place::Choice(choice, Field::Index))
                } else {
                    this.value()
                }
            }
            b"token_ids" => {
                seen.note(3)?;
                this.scalar_at(Place::Choice(choice, Field::TokenIds))
            }
            _ => {
                let place = |path| Place::Choice(choice, Field::Extra(path));
                this.unknown(&mut seen, known, |choice| &choice.extra, key, place, None)
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
            this.list(|this, entry| this.token(choice, TokenAt { list, entry, top: None }))
        })
    }

    fn token(&mut self, choice: u16, at: TokenAt) -> Option<()> {
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
                        this.token(choice, TokenAt { top, ..at })
                    });
                }
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.scalar_at(Place::Choice(choice, Field::Token(at, field)))
        })
    }

    fn delta(&mut self, choice: u16) -> Option<()> {
        let mut seen = Seen::default();
        let known = self.choice_at(choice).and_then(|choice| choice.delta.as_ref());
        self.object(|this, key| {
            let (bit, field) = match key {
                b"content" => (0, Field::Content),
                b"refusal" => (1, Field::Refusal),
                b"reasoning_content" => (2, Field::ReasoningContent),
                b"reasoning" => (3, Field::Reasoning),
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
                    return this.one(b"arguments", Place::Choice(choice, Field::FunctionArguments));
                }
                b"audio" => {
                    seen.note(7)?;
                    return this.audio(choice);
                }
                b"role" | b"name" | b"annotations" => return this.value(),
                _ => {
                    let place = |path| Place::Choice(choice, Field::DeltaExtra(path));
                    return this.unknown(&mut seen, known, extra_of_delta, key, place, None);
                }
            };
            seen.note(bit)?;
            this.scalar_at(Place::Choice(choice, field))
        })
    }

    fn tool_call(&mut self, choice: u16, position: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, name, field): (_, &[u8], _) = match key {
                b"function" => (0, b"arguments", Field::Arguments(position)),
                b"custom" => (1, b"input", Field::Input(position)),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.one(name, Place::Choice(choice, field))
        })
    }

    fn detail(&mut self, choice: u16, position: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, field) = match key {
                b"text" => (0, Field::DetailText(position)),
                b"summary" => (1, Field::DetailSummary(position)),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.scalar_at(Place::Choice(choice, field))
        })
    }

    fn audio(&mut self, choice: u16) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            let (bit, field) = match key {
                b"data" => (0, Field::AudioData),
                b"transcript" => (1, Field::AudioTranscript),
                _ => return this.value(),
            };
            seen.note(bit)?;
            this.scalar_at(Place::Choice(choice, field))
        })
    }

    /// An object of which one key matters.
    fn one(&mut self, name: &[u8], place: Place) -> Option<()> {
        let mut seen = Seen::default();
        self.object(|this, key| {
            if key != name {
                return this.value();
            }
            seen.note(0)?;
            this.scalar_at(place)
        })
    }

    /// Passes over an object key by key; any other value is passed over whole.
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

    /// Passes over a list item by item; any other value is passed over whole.
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

    /// A key that has no rule here: if it is an unknown one, the texts in its value may differ, and
    /// with `number` the numbers, too.
    fn unknown<T: DeserializeOwned>(
        &mut self,
        seen: &mut Seen,
        part: Option<&T>,
        extra: fn(&T) -> &Extra,
        key: &[u8],
        text: impl Fn(Path) -> Place + Copy,
        number: Option<fn(Path) -> Place>,
    ) -> Option<()> {
        let part = part.filter(|part| extra(part).len() <= MAX_UNKNOWN);
        let position = part.and_then(|part| position_in(extra(part), key));
        if let Some(position) = position {
            seen.note_unknown(position)?;
        }
        let value = part.zip(position).and_then(|(part, at)| extra(part).values().nth(at));
        let path = position.and_then(|position| Path::default().then(position));
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

    /// A value whose JSON is kept as it came.
    fn json(
        &mut self,
        value: &Value,
        path: Path,
        text: impl Fn(Path) -> Place + Copy,
        number: Option<fn(Path) -> Place>,
    ) -> Option<()> {
        match (value, number) {
            (Value::String(_), _) => self.scalar_at(text(path)),
            (Value::Number(_), Some(number)) => self.scalar_at(number(path)),
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
                    // A key that came twice stands where it came first; then nothing is sure.
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

    /// A value that may differ, if it is written as one of its kind.
    fn scalar_at(&mut self, place: Place) -> Option<()> {
        let opening = match place.kind() {
            Kind::Text => Some(b'"'),
            Kind::Integers => Some(b'['),
            Kind::Count | Kind::Index | Kind::Float | Kind::Number => None,
        };
        let first = self.peek()?;
        let start = if opening == Some(first) { self.at + 1 } else { self.at };
        let is_of_kind = opening.is_none_or(|opening| opening == first);
        if is_of_kind && let Some(length) = place.kind().length(self.data.get(start..)?) {
            let (start, end) = (start.try_into().ok()?, (start + length).try_into().ok()?);
            self.found.push(Hole { start, end, kind: place.kind(), place, is_open: false });
        }
        self.value()
    }

    /// Passes over any value.
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

    /// Passes over a number, `true`, `false` or `null`.
    fn scalar(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
    }

    /// Passes over a string: where its inside starts and ends, and whether it has escapes.
    fn string(&mut self) -> Option<(usize, usize, bool)> {
        if self.next()? != b'"' {
            return None;
        }
        let start = self.at;
        let (length, escaped) = inside(self.data.get(start..)?)?;
        self.at += length + 1;
        Some((start, start + length, escaped))
    }

    /// The next byte that is no white space, left where it is.
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
