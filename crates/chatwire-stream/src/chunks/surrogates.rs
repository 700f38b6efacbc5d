//! Joins texts that a server cut between the halves of a surrogate pair: `"ok \\ud83d"` in one chunk,
//! `"\\ude00"` in the next. [`super::event_reader`] calls this module if a chunk cannot be parsed otherwise.
//!
//! A Rust string cannot hold a half. Therefore [`mark`] replaces the escape of each half by a character of a
//! private-use range before the text is parsed, and [`SurrogateHalves`] joins these characters afterwards.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::rules::index_in_json;
use chatwire_types::json::{AnyJson, read};

/// The character that stands for the half U+D800 while a text is parsed. The other halves follow it. A text
/// that already has a character of this private-use range is left unchanged.
const FIRST: u32 = 0x10_0000;

/// Replaces a half without its other half.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The first halves at the ends of texts, which wait for their second half.
#[derive(Debug, Default)]
pub(super) struct SurrogateHalves {
    waiting: BTreeMap<Vec<PathStep>, u32>,
    /// The number of halves that were replaced.
    pub(super) replaced: u64,
}

/// A step on the way to a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PathStep {
    Key(String),
    /// An item of a list by its `index`, because the pieces of one choice may stand at other positions.
    Index(i64),
    /// An item without an index.
    Position(usize),
}

impl SurrogateHalves {
    /// Whether no half waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Reads a chunk whose texts may begin or end with halves. Returns `None` if it has no halves, or if
    /// the text is not a JSON object.
    pub(super) fn read(&mut self, text: &str) -> Option<Value> {
        let marked = mark(text);
        if marked.is_none() && self.waiting.is_empty() {
            return None;
        }
        let AnyJson(mut chunk) = read(marked.as_deref().unwrap_or(text)).ok()?;
        if !chunk.is_object() {
            return None;
        }
        self.join(&mut chunk, &mut Vec::new());
        Some(chunk)
    }

    /// Returns a chunk with a replacement for each half that still waits at the end of the stream.
    pub(super) fn rest(&mut self) -> Option<Value> {
        let mut choices = Vec::new();
        for path in std::mem::take(&mut self.waiting).into_keys() {
            self.replaced += 1;
            let in_choices = path.get(1..).unwrap_or_default();
            if let Value::Array(choice) = nest(in_choices, REPLACEMENT.to_string().into()) {
                choices.extend(choice);
            }
        }
        (!choices.is_empty())
            .then(|| Map::from_iter([("choices".to_owned(), choices.into())]).into())
    }

    /// Joins the halves in all texts of a value.
    fn join(&mut self, value: &mut Value, path: &mut Vec<PathStep>) {
        match value {
            Value::String(text) => self.join_text(text, path),
            Value::Array(items) => {
                for (position, item) in items.iter_mut().enumerate() {
                    let index = item.get("index").and_then(index_in_json);
                    path.push(index.map_or(PathStep::Position(position), PathStep::Index));
                    self.join(item, path);
                    path.pop();
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries.iter_mut() {
                    path.push(PathStep::Key(key.clone()));
                    self.join(value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn join_text(&mut self, text: &mut String, path: &[PathStep]) {
        let mut joined = String::with_capacity(text.len());
        let mut open = if text.is_empty() { None } else { self.waiting.remove(path) };
        for character in text.chars() {
            let half = half_of(character);
            match (open.take(), half) {
                (Some(first), Some(second)) if is_second(second) => {
                    joined.push(pair(first, second));
                }
                (first, half) => {
                    self.replace(first, &mut joined);
                    match half {
                        Some(first) if !is_second(first) => open = Some(first),
                        Some(_) => self.replace(half, &mut joined),
                        None => joined.push(character),
                    }
                }
            }
        }
        match open {
            Some(first) if is_in_choice(path) => drop(self.waiting.insert(path.to_vec(), first)),
            // Texts of other keys are not sent in pieces.
            other => self.replace(other, &mut joined),
        }
        *text = joined;
    }

    fn replace(&mut self, half: Option<u32>, text: &mut String) {
        if half.is_some() {
            self.replaced += 1;
            text.push(REPLACEMENT);
        }
    }
}

/// Replaces each half in a JSON text. Returns also how many it replaced, and `None` if there are none.
pub(super) fn replace_halves(text: &str) -> Option<(String, u64)> {
    let marked = mark(text)?;
    let is_half = |character: &char| half_of(*character).is_some();
    let count = marked.chars().filter(is_half).count();
    let replaced = marked.chars().map(|c| if is_half(&c) { REPLACEMENT } else { c }).collect();
    Some((replaced, count as u64))
}

fn is_in_choice(path: &[PathStep]) -> bool {
    matches!(path, [PathStep::Key(key), PathStep::Index(_) | PathStep::Position(_), ..] if key == "choices")
}

/// Replaces each escape of a half that is not part of a pair by a private-use character. Returns `None` if
/// the text has no such escape, or already has one of these characters.
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
            // In JSON, the character after a backslash is ASCII, so this cut is between characters.
            (None, _) => escape.len().min(2),
        };
        let (whole, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        marked.push_str(whole);
        rest = after;
    }
    marked.push_str(rest);
    has_half.then_some(marked)
}

/// The half whose escape is at the front of a text.
fn escaped_half(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let half = u32::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&half).then_some(half)
}

/// The half for which a private-use character stands.
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

/// Wraps a value into the objects and lists of a path.
fn nest(steps: &[PathStep], value: Value) -> Value {
    steps.iter().rev().fold(value, |value, step| match step {
        PathStep::Key(key) => Map::from_iter([(key.clone(), value)]).into(),
        // The list has no other item, because nothing is added to the others.
        PathStep::Position(_) => vec![value].into(),
        PathStep::Index(index) => vec![with_index(value, *index)].into(),
    })
}

fn with_index(mut item: Value, index: i64) -> Value {
    if let Value::Object(object) = &mut item {
        object.insert("index".to_owned(), index.into());
    }
    item
}
