//! Joins texts that a server cut between the halves of a surrogate pair: `"ok \ud83d"` in one chunk,
//! `"\ude00"` in the next. [`super::event_reader`] calls this module if a chunk cannot be parsed otherwise.
//!
//! A Rust string cannot hold a half. Therefore [`mark_halves`] replaces the escape of each half by a character of a
//! private-use range before the text is parsed, and [`SurrogateHalves`] joins these characters afterwards.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::rules::index_in_json;
use chatwire_types::json::{AnyJson, half_of, is_second_half, mark_halves, read};

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
        let marked = mark_halves(text);
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
                self.replace_in_keys(entries);
                for (key, value) in entries.iter_mut() {
                    path.push(PathStep::Key(key.clone()));
                    self.join(value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// A key is never cut.
    fn replace_in_keys(&mut self, entries: &mut Map<String, Value>) {
        if !entries.keys().any(|key| key.chars().any(|character| half_of(character).is_some())) {
            return;
        }
        let whole = |(mut key, value): (String, Value)| {
            // No text has the path without steps.
            self.join_text(&mut key, &[]);
            (key, value)
        };
        *entries = std::mem::take(entries).into_iter().map(whole).collect();
    }

    fn join_text(&mut self, text: &mut String, path: &[PathStep]) {
        let mut joined = String::with_capacity(text.len());
        let mut open = if text.is_empty() { None } else { self.waiting.remove(path) };
        for character in text.chars() {
            let half = half_of(character);
            match (open.take(), half) {
                (Some(first), Some(second)) if is_second_half(second) => {
                    joined.push(pair(first, second));
                }
                (first, half) => {
                    self.replace(first, &mut joined);
                    match half {
                        Some(first) if !is_second_half(first) => open = Some(first),
                        Some(_) => self.replace(half, &mut joined),
                        None => joined.push(character),
                    }
                }
            }
        }
        match open {
            Some(first) if is_in_pieces(path) => drop(self.waiting.insert(path.to_vec(), first)),
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

/// Whether a text may go on in the next chunk: in a choice, but not in its log-probabilities, which are of whole
/// tokens.
fn is_in_pieces(path: &[PathStep]) -> bool {
    let [PathStep::Key(key), PathStep::Index(_) | PathStep::Position(_), inside @ ..] = path else {
        return false;
    };
    key == "choices" && !matches!(inside, [PathStep::Key(key), ..] if key == "logprobs")
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
