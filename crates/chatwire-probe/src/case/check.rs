//! The vocabulary of checks: where to look, and what has to be there. [`keys`](super::keys) reads them, and
//! [`judge`](crate::judge) applies them.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

/// A place in the view of an answer, and what has to hold there.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// A JSON Pointer, in which `*` stands for every item or every key.
    pub(crate) at: String,
    /// Nothing is wrong if there is nothing at the place, or a null.
    pub(crate) optional: bool,
    /// One of the values is enough.
    pub(crate) some: bool,
    pub(crate) predicates: Vec<Predicate>,
}

#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    Is(Vec<Kind>),
    Equals(Value),
    OneOf(Vec<Value>),
    /// Shared, because each copy of a pattern has a cache of its own.
    Matches(Arc<Regex>),
    Contains(String),
    Lacks(String),
    Min(f64),
    Max(f64),
    MinLength(usize),
    MaxLength(usize),
    Count(usize),
    MinCount(usize),
    SameAs(String),
    AllSame,
    Unique,
    Absent,
    Keys(Vec<String>),
    LacksKeys(Vec<String>),
    Parses(Vec<Check>),
}

/// A kind of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    /// A text that is not blank.
    Words,
    List,
    Object,
}

impl Kind {
    /// The names in case files.
    pub(crate) const NAMES: [(&'static str, Self); 8] = [
        ("null", Self::Null),
        ("boolean", Self::Boolean),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("string", Self::Text),
        ("words", Self::Words),
        ("array", Self::List),
        ("object", Self::Object),
    ];

    /// The kind in the words of a report.
    pub(crate) fn expects(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Words => "a text that is not blank",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }

    pub(crate) fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number, Value::Number(_))
            | (Self::Text, Value::String(_))
            | (Self::List, Value::Array(_))
            | (Self::Object, Value::Object(_)) => true,
            (Self::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Self::Words, Value::String(text)) => !text.trim().is_empty(),
            _ => false,
        }
    }
}
