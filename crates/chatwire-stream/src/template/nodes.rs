//! A chunk as a tree, to reach a value by the positions of the keys that lead to it, and to read another value
//! into its place. The steps into each type are [generated](crate::generated); [the scan](mod@super::scan)
//! finds the values in the text.

use std::mem;

use chatwire_types::{ChatCompletionChunk, Extra};
use serde_json::{Number, Value};

use super::numbers::{float, integers, number_length, signed, unsigned};
use chatwire_types::json::{read_string, string_length};

/// One node of the tree: a value that may differ, or something with nodes inside.
pub(crate) enum Node<'a> {
    Text(&'a mut String),
    Unsigned(&'a mut u64),
    Signed(&'a mut i64),
    Float(&'a mut f64),
    Number(&'a mut Number),
    Integers(&'a mut Vec<i64>),
    Object(&'a mut dyn NodeObject),
    List(&'a mut dyn NodeList),
    Json(&'a mut Value),
}

/// An object of the wire.
pub(crate) trait NodeObject {
    /// The position of a documented key.
    fn position(&self, key: &[u8]) -> Option<usize>;

    /// The value of the documented key at this position, if it is set and is a node.
    fn child(&mut self, position: usize) -> Option<Node<'_>>;

    fn extra_mut(&mut self) -> &mut Extra;
}

/// A list.
pub(crate) trait NodeList {
    fn item(&mut self, position: usize) -> Option<Node<'_>>;
}

/// A value that may be a node.
pub(crate) trait IntoNode {
    fn node(&mut self) -> Option<Node<'_>>;
}

/// The syntax of a value that may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    Text,
    Unsigned,
    Signed,
    Float,
    Number,
    Integers,
}

/// The positions that lead to a value, from the outside in. Small, because an idle stream has many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    /// The steps, and [`END`] in each place after the last. A step of [`FIRST_UNKNOWN`] or more leads to an
    /// unknown key of an object.
    steps: [u8; MAX_STEPS],
}

/// A value that is deeper does not become a hole. The log-probability of an alternative is 8 deep.
const MAX_STEPS: usize = 8;

/// The step to the first unknown key of an object.
const FIRST_UNKNOWN: usize = 128;

/// What stands in place of a step after the end.
const END: u8 = u8::MAX;

impl Path {
    /// The path to the chunk.
    pub(super) const fn new() -> Self {
        Self { steps: [END; MAX_STEPS] }
    }

    /// Adds a step. Returns `None` if the path would be too long, or the step too large.
    pub(super) fn then(mut self, step: usize) -> Option<Self> {
        let step = u8::try_from(step).ok().filter(|step| *step != END)?;
        *self.steps.iter_mut().find(|step| **step == END)? = step;
        Some(self)
    }

    pub(super) fn is_empty(self) -> bool {
        self.steps.first() == Some(&END)
    }

    /// The node at the end of the path.
    #[inline]
    pub(super) fn node(self, chunk: &mut ChatCompletionChunk) -> Option<Node<'_>> {
        let mut node = Node::Object(chunk);
        for step in self.steps.into_iter().take_while(|step| *step != END) {
            node = node.step(usize::from(step))?;
        }
        Some(node)
    }
}

impl<'a> Node<'a> {
    #[inline]
    fn step(self, step: usize) -> Option<Self> {
        match self {
            Self::Object(object) => match step.checked_sub(FIRST_UNKNOWN) {
                None => object.child(step),
                Some(position) => object.extra_mut().iter_mut().nth(position)?.1.node(),
            },
            Self::List(list) => list.item(step),
            Self::Json(Value::Object(object)) => object.values_mut().nth(step)?.node(),
            Self::Json(Value::Array(list)) => list.get_mut(step)?.node(),
            _ => None,
        }
    }

    /// The step to the value of a key, if it may lead to a node. A documented key whose value does not fit its
    /// field is among the unknown keys, but the next value may fit, so it is not a node.
    pub(super) fn step_to(&mut self, key: &[u8]) -> Option<usize> {
        match self {
            Self::Object(object) => object.position(key).or_else(|| {
                let mut keys = object.extra_mut().keys();
                Some(FIRST_UNKNOWN + keys.position(|known| known.as_bytes() == key)?)
            }),
            Self::Json(Value::Object(object)) => {
                object.keys().position(|known| known.as_bytes() == key)
            }
            _ => None,
        }
    }

    /// The kind of a value that may differ.
    pub(super) const fn kind(&self) -> Option<ValueKind> {
        Some(match self {
            Self::Text(_) => ValueKind::Text,
            Self::Unsigned(_) => ValueKind::Unsigned,
            Self::Signed(_) => ValueKind::Signed,
            Self::Float(_) => ValueKind::Float,
            Self::Number(_) => ValueKind::Number,
            Self::Integers(_) => ValueKind::Integers,
            Self::Object(_) | Self::List(_) | Self::Json(_) => return None,
        })
    }

    /// Sets the value to the one at the front of a text. Returns the length of the value, or `None` if the text
    /// does not begin with a value of this kind.
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
            Self::Object(_) | Self::List(_) | Self::Json(_) => return None,
        })
    }

    /// Whether the value is the one that stands at the front of a text.
    pub(super) fn holds(self, text: &[u8]) -> bool {
        fn is<T: PartialEq>(
            field: &T,
            mut value: T,
            node: impl Fn(&mut T, &[u8]) -> Option<usize>,
            text: &[u8],
        ) -> bool {
            node(&mut value, text).is_some() && value == *field
        }
        match self {
            Self::Text(field) => {
                is(field, String::new(), |value, text| Node::Text(value).read(text), text)
            }
            Self::Unsigned(field) => {
                is(field, 0, |value, text| Node::Unsigned(value).read(text), text)
            }
            Self::Signed(field) => is(field, 0, |value, text| Node::Signed(value).read(text), text),
            Self::Float(field) => is(field, 0.0, |value, text| Node::Float(value).read(text), text),
            Self::Integers(field) => {
                is(field, Vec::new(), |value, text| Node::Integers(value).read(text), text)
            }
            Self::Number(field) => {
                is(field, Number::from(0), |value, text| Node::Number(value).read(text), text)
            }
            Self::Object(_) | Self::List(_) | Self::Json(_) => false,
        }
    }

    /// Frees the buffer of the value, or only its spare room.
    pub(super) fn shrink(self, is_lent: bool) {
        match self {
            Self::Text(text) if is_lent => text.shrink_to_fit(),
            Self::Text(text) => *text = String::new(),
            Self::Integers(list) if is_lent => list.shrink_to_fit(),
            Self::Integers(list) => *list = Vec::new(),
            _ => {}
        }
    }
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
            Self::Float => number_length(bytes, 15),
            Self::Number => number_length(bytes, 18),
            Self::Integers => integers(bytes, |_| {}),
        }
    }

    /// What stands before a value of this kind, outside of its range.
    pub(super) const fn opening(self) -> Option<u8> {
        match self {
            Self::Text => Some(b'"'),
            Self::Integers => Some(b'['),
            _ => None,
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

macro_rules! nodes {
    ($($name:ty => $variant:ident),*) => { $(
        impl IntoNode for $name {
            #[inline]
            fn node(&mut self) -> Option<Node<'_>> {
                Some(Node::$variant(self))
            }
        }
    )* };
}

nodes!(String => Text, u64 => Unsigned, i64 => Signed, f64 => Float);

impl IntoNode for Value {
    #[inline]
    fn node(&mut self) -> Option<Node<'_>> {
        match self {
            Self::Null | Self::Bool(_) => None,
            Self::String(text) => Some(Node::Text(text)),
            Self::Number(number) => Some(Node::Number(number)),
            Self::Array(_) | Self::Object(_) => Some(Node::Json(self)),
        }
    }
}

impl<T: IntoNode> IntoNode for Option<T> {
    #[inline]
    fn node(&mut self) -> Option<Node<'_>> {
        self.as_mut()?.node()
    }
}

impl<T: IntoNode> IntoNode for Box<T> {
    #[inline]
    fn node(&mut self) -> Option<Node<'_>> {
        (**self).node()
    }
}

impl<T: IntoNode> IntoNode for Vec<T> {
    #[inline]
    fn node(&mut self) -> Option<Node<'_>> {
        Some(Node::List(self))
    }
}

impl<T: IntoNode> NodeList for Vec<T> {
    #[inline]
    fn item(&mut self, position: usize) -> Option<Node<'_>> {
        self.get_mut(position)?.node()
    }
}
