//! Builds the positioned tree of [`super::node`] from parser events, and finds every error of
//! syntax.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};
use serde_json::Number;

use super::node::{Entry, Node, Value};
use crate::problem::{Position, Problem};

/// Deep enough for any schema, and shallow enough that recursion over the tree cannot overflow the
/// stack.
const DEEPEST: usize = 128;
/// The most values of a document. Aliases could turn a short text into an enormous tree.
const MOST_NODES: usize = 1_000_000;

/// Parses one YAML document into a tree.
pub(super) fn build(path: &str, text: &str) -> Result<Node, Vec<Problem>> {
    let mut builder = Builder::new(path);
    for event in Parser::new_from_str(text) {
        let outcome = match event {
            Ok((event, span)) => builder.event(event, span.start),
            Err(error) => Err(builder.syntax_error(&error)),
        };
        if let Err(problem) = outcome {
            builder.problems.push(problem);
            return Err(builder.problems);
        }
    }
    builder.finish()
}

struct Builder {
    file: Arc<str>,
    /// The open lists and objects, outermost first.
    open: Vec<Frame>,
    /// Values that an alias may repeat, by the parser's number of the anchor.
    anchors: HashMap<usize, (Node, usize)>,
    /// How many nodes exist so far, repeated ones included.
    nodes: usize,
    root: Option<Node>,
    problems: Vec<Problem>,
}

struct Frame {
    at: Position,
    anchor: usize,
    nodes_before: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: HashMap<String, usize>, key: Option<(String, Position)> },
}

impl Builder {
    fn new(path: &str) -> Self {
        Self {
            file: path.into(),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            root: None,
            problems: Vec::new(),
        }
    }

    fn finish(mut self) -> Result<Node, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.root.take().ok_or_else(|| {
            vec![
                Problem::error("empty-document", "the file is empty")
                    .why("there is nothing to generate from")
                    .fix("write an OpenAPI 3.0 document into it")
                    .at(&Position::start_of(&self.file)),
            ]
        })
    }

    fn event(&mut self, event: Event<'_>, marker: Marker) -> Result<(), Problem> {
        let at = self.position(marker);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    return self.key(text.into_owned(), style, at);
                }
                let tag = tag.as_ref();
                let scalar = Scalar::parse_from_cow_and_metadata(text.clone(), style, tag);
                let value = scalar_value(&text, scalar).ok_or_else(|| bad_scalar(&text, &at))?;
                self.value(Node { at, value }, anchor, 1)
            }
            Event::SequenceStart(anchor, _) => self.open(at, anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.open(at, anchor, Content::empty_map()),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, &at),
            Event::DocumentStart(_) if self.root.is_some() => Err(second_document(&at)),
            _ => Ok(()),
        }
    }

    fn position(&self, marker: Marker) -> Position {
        Position { file: self.file.clone(), line: marker.line().max(1), col: marker.col() + 1 }
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { content: Content::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, style: ScalarStyle, at: Position) -> Result<(), Problem> {
        if style == ScalarStyle::Plain && !is_key_text(&text) {
            self.problems.push(key_not_string(&format!("the key `{text}` is not a string"), &at));
        }
        if let Some(Frame { content: Content::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((text, at));
        }
        Ok(())
    }

    fn open(&mut self, at: Position, anchor: usize, content: Content) -> Result<(), Problem> {
        if self.wants_key() {
            return Err(key_not_string("a list or an object is used as a key", &at));
        }
        if self.open.len() >= DEEPEST {
            return Err(Problem::error("too-deep", format!("more than {DEEPEST} levels deep"))
                .why("no schema needs that, and deeper values take unbounded memory to read")
                .fix("name the inner part under `components` and refer to it")
                .at(&at));
        }
        self.open.push(Frame { at, anchor, nodes_before: self.nodes, content });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        let value = match frame.content {
            Content::List(items) => Value::Array(items),
            Content::Map { entries, .. } => Value::Object(merged(entries)),
        };
        let size = self.nodes - frame.nodes_before + 1;
        self.nodes = frame.nodes_before;
        self.value(Node { at: frame.at, value }, frame.anchor, size)
    }

    fn alias(&mut self, anchor: usize, at: &Position) -> Result<(), Problem> {
        if self.wants_key() {
            return Err(key_not_string("an alias is used as a key", at));
        }
        match self.anchors.get(&anchor).cloned() {
            Some((node, size)) if self.nodes + size <= MOST_NODES => self.value(node, 0, size),
            Some(_) => Err(Problem::error("too-large", "aliases repeat too many values")
                .why(format!("the document would grow beyond {MOST_NODES} values"))
                .fix("name the repeated part under `components` and refer to it by `$ref`")
                .at(at)),
            None => Err(Problem::error("yaml-syntax", "an alias inside its own anchor")
                .why("the value would never end")
                .fix("use `$ref` for a type that contains itself")
                .at(at)),
        }
    }

    /// Puts a finished value of `size` nodes into its parent.
    fn value(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Problem> {
        self.nodes += size;
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut().map(|frame| &mut frame.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, seen, key }) => {
                let Some((key, at)) = key.take() else {
                    return Ok(());
                };
                match seen.insert(key.clone(), at.line) {
                    Some(first) => self.problems.push(duplicate_key(&key, first, &at)),
                    None => entries.push(Entry { key, at, value: node }),
                }
            }
        }
        Ok(())
    }

    fn syntax_error(&self, error: &ScanError) -> Problem {
        Problem::error("yaml-syntax", error.info())
            .why("the file cannot be read as YAML from here on")
            .fix("check indentation, quotes and brackets at and just above this line")
            .at(&self.position(*error.marker()))
    }
}

/// The entries with those of the merge key `<<` in their place, which YAML 1.1 has for an alias or a list of
/// them. Keys that the object has itself stay, and of two merged ones the first.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    const MERGE: &str = "<<";
    let is_merge = |entry: &Entry| {
        let objects = entry.value.items();
        entry.key == MERGE
            && (entry.value.is_object()
                || !objects.is_empty() && objects.iter().all(Node::is_object))
    };
    if !entries.iter().any(is_merge) {
        return entries;
    }
    let mut seen: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let mut all = Vec::new();
    for entry in entries {
        if !is_merge(&entry) {
            all.push(entry);
            continue;
        }
        let objects = [&entry.value].into_iter().chain(entry.value.items());
        let inner = objects.flat_map(Node::entries).filter(|inner| seen.insert(inner.key.clone()));
        all.extend(inner.cloned());
    }
    all
}

impl Content {
    fn empty_map() -> Self {
        Self::Map { entries: Vec::new(), seen: HashMap::new(), key: None }
    }
}

/// Whether a plain scalar is text, or a whole number such as the `200` of a response.
fn is_key_text(text: &str) -> bool {
    matches!(Scalar::parse_from_cow(text.into()), Scalar::String(_) | Scalar::Integer(_))
}

/// The JSON value of a scalar; `None` if JSON does not have it, such as `.nan`.
fn scalar_value(text: &str, scalar: Option<Scalar<'_>>) -> Option<Value> {
    Some(match scalar? {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(value),
        Scalar::Integer(value) => Value::Number(value.into()),
        Scalar::FloatingPoint(value) => match text.parse::<u64>() {
            Ok(whole) => Value::Number(whole.into()),
            Err(_) => Value::Number(Number::from_f64(value.into_inner())?),
        },
        Scalar::String(text) => Value::String(text.into_owned()),
    })
}

fn bad_scalar(text: &str, at: &Position) -> Problem {
    Problem::error("yaml-syntax", format!("`{text}` has no counterpart in JSON"))
        .why("the document is used as JSON")
        .fix("write a finite number, or put the text in quotes")
        .at(at)
}

fn key_not_string(what: &str, at: &Position) -> Problem {
    Problem::error("key-not-string", what)
        .why("the keys of JSON objects are strings")
        .fix("put the key in quotes")
        .at(at)
}

fn duplicate_key(key: &str, first: usize, at: &Position) -> Problem {
    Problem::error("duplicate-key", format!("`{key}` is repeated"))
        .why(format!("only one of the two is used, and the other one is on line {first}"))
        .fix("keep one of the two")
        .at(at)
}

fn second_document(at: &Position) -> Problem {
    Problem::error("second-document", "a second YAML document begins here")
        .why("only the first would be read")
        .fix("remove the `---`, or put the rest into a file of its own")
        .at(at)
}
