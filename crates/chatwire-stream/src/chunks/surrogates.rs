//! Texts that a server cut between the halves of a surrogate pair: `"ok \\ud83d"` in one chunk, `"\\ude00"` in
//! the next. No Rust string holds a half, so the halves are joined here, before a chunk is made;
//! [`super::event_reader`] asks for it where a chunk cannot be parsed otherwise.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::json::read;

/// Stands for the half U+D800 while a text is parsed; the others follow it. The range is for private use,
/// and a text that has one of these characters already is not touched.
const FIRST: u32 = 0x10_0000;

/// What stays of a half that stays alone.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The halves at the ends of texts that may go on in the next chunk.
#[derive(Debug, Default)]
pub(super) struct SurrogateHalves {
    /// The first half of a pair, by the place of its text.
    open: BTreeMap<TextPath, u32>,
    /// How many halves stayed alone.
    pub(super) alone: u64,
}

/// The place of a text: the index of its choice, and the keys and positions that lead to it from there.
type TextPath = (Option<i64>, Vec<PathStep>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PathStep {
    Key(String),
    Position(usize),
}

impl SurrogateHalves {
    /// Whether a text waits for its second half.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Reads a chunk whose texts may begin or end with halves; `None` if there are none, or if it is not
    /// JSON all the same.
    pub(super) fn read(&mut self, text: &str) -> Option<Value> {
        let marked = mark(text);
        if marked.is_none() && self.open.is_empty() {
            return None;
        }
        let mut chunk: Value = read(marked.as_deref().unwrap_or(text)).ok()?;
        let Value::Object(object) = &mut chunk else { return None };
        for (key, value) in object {
            match value {
                Value::Array(choices) if key == "choices" => self.join_choices(choices),
                value => self.join(value, &mut (None, vec![PathStep::Key(key.clone())])),
            }
        }
        Some(chunk)
    }

    /// A chunk with what is left at the end of a stream: a replacement for each half that waits.
    pub(super) fn rest(&mut self) -> Option<Value> {
        let mut choices = Vec::new();
        for ((index, steps), _) in std::mem::take(&mut self.open) {
            self.alone += 1;
            let mut choice = nest(&steps, REPLACEMENT.to_string().into());
            if let (Some(index), Value::Object(choice)) = (index, &mut choice) {
                choice.insert("index".to_owned(), index.into());
                choices.push(Value::Object(std::mem::take(choice)));
            }
        }
        (!choices.is_empty())
            .then(|| Map::from_iter([("choices".to_owned(), choices.into())]).into())
    }

    fn join_choices(&mut self, choices: &mut [Value]) {
        for choice in choices {
            let index = choice.get("index").and_then(Value::as_i64).unwrap_or(0);
            self.join(choice, &mut (Some(index), Vec::new()));
        }
    }

    /// Joins the halves in a value and in what is inside.
    fn join(&mut self, value: &mut Value, path: &mut TextPath) {
        match value {
            Value::String(text) => self.join_text(text, path),
            Value::Array(items) => {
                for (position, item) in items.iter_mut().enumerate() {
                    path.1.push(PathStep::Position(position));
                    self.join(item, path);
                    path.1.pop();
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries.iter_mut() {
                    path.1.push(PathStep::Key(key.clone()));
                    self.join(value, path);
                    path.1.pop();
                }
            }
            _ => {}
        }
    }

    fn join_text(&mut self, text: &mut String, path: &TextPath) {
        let mut joined = String::with_capacity(text.len());
        let mut open = if text.is_empty() { None } else { self.open.remove(path) };
        for character in text.chars() {
            let half = half_of(character);
            match (open.take(), half) {
                (Some(first), Some(second)) if is_second(second) => {
                    joined.push(pair(first, second));
                }
                (first, half) => {
                    self.replace(first, &mut joined);
                    match half {
                        Some(half) if !is_second(half) => open = Some(half),
                        half if half.is_some() => self.replace(half, &mut joined),
                        _ => joined.push(character),
                    }
                }
            }
        }
        if let Some(first) = open {
            self.open.insert(path.clone(), first);
        }
        *text = joined;
    }

    fn replace(&mut self, half: Option<u32>, text: &mut String) {
        if half.is_some() {
            self.alone += 1;
            text.push(REPLACEMENT);
        }
    }
}

/// A text with a replacement for each half of a pair; `None` if it has none.
pub(crate) fn replace_halves(text: &str) -> Option<String> {
    let is_half = |character: char| half_of(character).is_some();
    mark(text).map(|marked| marked.replace(is_half, &REPLACEMENT.to_string()))
}

/// The text with a character for each escape of a half that is not part of a pair; `None` if it has no such
/// escape, or has one of these characters.
fn mark(text: &str) -> Option<String> {
    if !text.contains("\\ud") && !text.contains("\\uD")
        || text.chars().any(|c| half_of(c).is_some())
    {
        return None;
    }
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    let mut has_half = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        marked.push_str(before);
        let first = escaped_half(escape);
        let second = first.and_then(|_| escaped_half(escape.get(6..)?));
        let length = match (first, second) {
            (Some(first), Some(second)) if !is_second(first) && is_second(second) => 12,
            (Some(half), _) => {
                has_half = true;
                marked.extend(char::from_u32(FIRST + half - 0xD800));
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // The character after a backslash is one of ASCII in JSON.
            (None, _) => escape.len().min(2),
        };
        let (whole, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        marked.push_str(whole);
        rest = after;
    }
    marked.push_str(rest);
    has_half.then_some(marked)
}

/// The half that an escape at the front of a text stands for.
fn escaped_half(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let half = u32::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&half).then_some(half)
}

/// The half that a character stands for.
fn half_of(character: char) -> Option<u32> {
    let offset = u32::from(character).checked_sub(FIRST)?;
    (offset < 0x800).then_some(0xD800 + offset)
}

const fn is_second(half: u32) -> bool {
    half >= 0xDC00
}

fn pair(first: u32, second: u32) -> char {
    let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    char::from_u32(code).unwrap_or(REPLACEMENT)
}

/// A value inside of the objects and lists that lead to it.
fn nest(steps: &[PathStep], value: Value) -> Value {
    steps.iter().rev().fold(value, |value, step| match step {
        PathStep::Key(key) => Map::from_iter([(key.clone(), value)]).into(),
        // The parts before it are not known to have changed.
        PathStep::Position(_) => vec![value].into(),
    })
}
