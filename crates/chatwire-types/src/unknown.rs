//! What the document does not know: opaque holders of unknown enum values and union arms, and the
//! walk that finds or removes everything unknown. [`crate::decode`] keeps it while decoding.

use std::fmt;

use serde_core::ser::{Serialize, Serializer};
use serde_json::Value;

use crate::OrderedMap;
use crate::encode::{Json, ToJson};

/// A string that an enum of the document does not know, kept unchanged.
///
/// It is opaque: a user cannot build it or match its text, so that naming the value in a later
/// version breaks no `match`. Build the enum from text with `From`, and read it with `as_str`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text, unchanged.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An arm that a union of the document does not know, kept as the JSON that came.
///
/// It is opaque: a user cannot build it, so that naming the arm in a later version breaks no
/// `match`. Build the union from JSON with `From<serde_json::Value>`, and read it with [`as_json`].
///
/// [`as_json`]: UnknownVariant::as_json
#[derive(Clone, PartialEq)]
pub struct UnknownVariant(Box<Value>);

impl UnknownVariant {
    #[doc(hidden)]
    pub fn new(value: Value) -> Self {
        Self(Box::new(value))
    }

    /// The JSON, unchanged.
    pub fn as_json(&self) -> &Value {
        &self.0
    }

    /// The JSON, unchanged and owned.
    pub fn into_json(self) -> Value {
        *self.0
    }
}

impl fmt::Debug for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ToJson for UnknownVariant {
    fn json(&self) -> Json<'_> {
        Json::Any(&self.0)
    }
}

impl Serialize for UnknownVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The kind of an unknown thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A key that the document does not have. `extra` keeps it.
    UnknownKey,
    /// A documented key with a value of another JSON shape. `extra` keeps it.
    Deviation,
    /// A string that an enum of the document does not have.
    UnknownValue,
    /// An object, or another JSON shape, that a union of the document does not have.
    UnknownVariant,
}

/// One thing that the document does not know. [`Unknown::visit_unknown`] reports it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Finding<'a> {
    /// The kind of the thing.
    pub kind: FindingKind,
    /// The text of an [`FindingKind::UnknownValue`].
    pub text: Option<&'a str>,
    /// The JSON of every other kind.
    pub json: Option<&'a Value>,
}

impl<'a> Finding<'a> {
    #[doc(hidden)]
    pub fn json(kind: FindingKind, json: &'a Value) -> Self {
        Self { kind, text: None, json: Some(json) }
    }

    #[doc(hidden)]
    pub fn text(text: &'a str) -> Self {
        Self { kind: FindingKind::UnknownValue, text: Some(text), json: None }
    }
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the value of a key.
    Key(String),
    /// Into an element of a list, counted from 0.
    Index(usize),
}

/// The path from a value to something inside it. It prints as `choices[0].message.role`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// The path of the value itself.
    pub const fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Runs `inside` with the path one key longer.
    pub fn with_key<R>(&mut self, key: &str, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.with(Step::Key(key.to_owned()), inside)
    }

    /// Runs `inside` with the path one list element longer.
    pub fn with_index<R>(&mut self, index: usize, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.with(Step::Index(index), inside)
    }

    fn with<R>(&mut self, step: Step, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.steps.push(step);
        let result = inside(self);
        self.steps.pop();
        result
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    f.write_str(if position == 0 { "" } else { "." })?;
                    // A stranger may have chosen the key, so it must not change how a terminal shows it.
                    f.write_str(&crate::terminal::one_line(key))?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Finds and removes what the document does not know, in a value and everything inside it.
///
/// Every generated type implements it, and so do lists, maps and options of them. Plain values
/// implement it too, and never hold anything unknown.
///
/// ```
/// use chatwire_types::{ChatCompletion, Path, Unknown};
///
/// let mut completion: ChatCompletion =
///     serde_json::from_str(r#"{"id":"c1","choices":[{"index":0,"finish_reason":"out_of_budget","vendor":1}]}"#)?;
/// let mut found = Vec::new();
/// completion.visit_unknown(&mut Path::new(), &mut |path, _| found.push(path.to_string()));
/// assert_eq!(found, ["choices[0].finish_reason", "choices[0].vendor"]);
///
/// completion.strip_unknown();
/// assert_eq!(serde_json::to_string(&completion)?, r#"{"id":"c1","choices":[{"index":0}]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait Unknown {
    /// Calls `visit` with the path and the description of each unknown thing, outermost first.
    fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
        let _ = (path, visit);
    }

    /// Removes unknown keys, optional values and list elements that hold an unknown value or arm.
    ///
    /// Use it for servers that refuse what they do not know. An unknown value of a mandatory key
    /// stays, because nothing can replace it.
    fn strip_unknown(&mut self) {}

    /// Whether the value itself is an unknown enum value or union arm.
    fn is_unknown(&self) -> bool {
        false
    }
}

macro_rules! knows_everything {
    ($($plain:ty),*) => { $(impl Unknown for $plain {})* };
}

knows_everything!(bool, i64, u64, f64, String, Value);

impl<T: Unknown> Unknown for Option<T> {
    fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
        if let Some(value) = self {
            value.visit_unknown(path, visit);
        }
    }

    fn strip_unknown(&mut self) {
        if self.as_ref().is_some_and(Unknown::is_unknown) {
            *self = None;
        }
        if let Some(value) = self {
            value.strip_unknown();
        }
    }
}

impl<T: Unknown> Unknown for Vec<T> {
    fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
        for (index, value) in self.iter().enumerate() {
            path.with_index(index, |path| value.visit_unknown(path, visit));
        }
    }

    fn strip_unknown(&mut self) {
        self.retain(|value| !value.is_unknown());
        self.iter_mut().for_each(Unknown::strip_unknown);
    }
}

impl<T: Unknown> Unknown for OrderedMap<T> {
    fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
        for (key, value) in self.iter() {
            path.with_key(key, |path| value.visit_unknown(path, visit));
        }
    }

    fn strip_unknown(&mut self) {
        self.retain(|_, value| !value.is_unknown());
        self.iter_mut().for_each(|(_, value)| value.strip_unknown());
    }
}

impl<T: Unknown> Unknown for Box<T> {
    fn visit_unknown(&self, path: &mut Path, visit: &mut dyn FnMut(&Path, Finding<'_>)) {
        (**self).visit_unknown(path, visit);
    }

    fn strip_unknown(&mut self) {
        (**self).strip_unknown();
    }

    fn is_unknown(&self) -> bool {
        (**self).is_unknown()
    }
}

/// Visits a field. Not generic, because each field of each type would get a copy.
pub fn visit_field(
    key: &str,
    field: &dyn Unknown,
    path: &mut Path,
    visit: &mut dyn FnMut(&Path, Finding<'_>),
) {
    path.with_key(key, |path| field.visit_unknown(path, visit));
}

/// Reports the entries of `extra`. `is_known` distinguishes a deviation from an unknown key.
pub fn visit_extra(
    extra: &crate::Extra,
    is_known: fn(&str) -> bool,
    path: &mut Path,
    visit: &mut dyn FnMut(&Path, Finding<'_>),
) {
    for (key, value) in extra.iter() {
        let kind = if is_known(key) { FindingKind::Deviation } else { FindingKind::UnknownKey };
        path.with_key(key, |path| visit(path, Finding::json(kind, value)));
    }
}
