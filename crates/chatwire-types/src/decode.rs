//! Reads JSON into the generated types without losing or refusing anything: a value that does not
//! fit is handed back whole, and the nearest place that can hold it keeps it. Which keys and arms
//! there are is said in the generated `serde.rs`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::ser::Serialize;
use serde_json::{Map, Number, Value};

use crate::{Extra, OrderedMap, Path, UnknownVariant};

/// What became of one JSON value. A value that fits is in the slot that was given to read it into, so
/// that large types are not moved about on the way.
pub(crate) enum Outcome {
    /// It fits.
    Typed,
    /// It is `null`, which an optional key may be.
    Null,
    /// It has another shape, and here it is.
    Other(Box<Misfit>),
}

/// A value that did not fit, with the reason: shown only if nobody can keep the value.
pub(crate) struct Misfit {
    value: Value,
    expected: &'static str,
    /// What came instead; nothing when a mandatory key is missing.
    found: Option<&'static str>,
    /// From the inside out, because that is the order in which the steps become known.
    steps: Vec<ReasonStep>,
}

enum ReasonStep {
    Key(&'static str),
    Index(usize),
}

impl Misfit {
    fn new(value: Value, expected: &'static str) -> Box<Self> {
        let found = Some(kind(&value));
        Box::new(Self { value, expected, found, steps: Vec::new() })
    }

    /// The same reason one level further out, where the whole is `value`.
    fn within(mut self: Box<Self>, value: Value, step: ReasonStep) -> Box<Self> {
        self.value = value;
        self.steps.push(step);
        self
    }

    fn reason(&self) -> String {
        let mut path = Path::new();
        let place = show(&mut path, &self.steps);
        match (place.as_str(), self.found) {
            (_, None) => format!("{place} is missing"),
            ("", Some(found)) => format!("expected {}, found {found}", self.expected),
            (_, Some(found)) => format!("{place}: expected {}, found {found}", self.expected),
        }
    }
}

fn show(path: &mut Path, steps: &[ReasonStep]) -> String {
    match steps.split_last() {
        None => path.to_string(),
        Some((ReasonStep::Key(key), inner)) => path.with_key(key, |path| show(path, inner)),
        Some((ReasonStep::Index(index), inner)) => {
            path.with_index(*index, |path| show(path, inner))
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A type that takes some kinds of JSON value and hands back the others.
pub(crate) trait FromJson: Sized {
    /// What the type takes, for messages: `a string`, `an object`.
    const EXPECTED: &'static str;

    fn from_scalar(value: Scalar<'_>, _slot: &mut Option<Self>) -> Outcome {
        misfit(value.into_json(), Self::EXPECTED)
    }

    fn from_list<'de, A: SeqAccess<'de>>(
        list: A,
        _slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        Ok(misfit(whole_list(Vec::new(), list)?, Self::EXPECTED))
    }

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        // A number of arbitrary precision travels as an object with a private key.
        Ok(match whole_object(object)? {
            Value::Number(number) => Self::from_scalar(Scalar::Number(number), slot),
            value => misfit(value, Self::EXPECTED),
        })
    }
}

fn misfit(value: Value, expected: &'static str) -> Outcome {
    Outcome::Other(Misfit::new(value, expected))
}

/// A JSON value without parts, not yet copied.
pub(crate) enum Scalar<'a> {
    Bool(bool),
    Number(Number),
    Text(&'a str),
    Owned(String),
}

impl Scalar<'_> {
    pub(crate) fn into_json(self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Number(value) => Value::Number(value),
            Self::Text(text) => Value::String(text.to_owned()),
            Self::Owned(text) => Value::String(text),
        }
    }
}

/// Decodes a value, or says why it cannot be one.
pub(crate) fn deserialize<'de, T: FromJson, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let mut slot = None;
    let outcome = deserializer.deserialize_any(Into(&mut slot))?;
    match (slot, outcome) {
        (Some(value), Outcome::Typed) => Ok(value),
        (_, Outcome::Other(misfit)) => Err(D::Error::custom(misfit.reason())),
        _ => Err(D::Error::custom(format_args!("expected {}, found null", T::EXPECTED))),
    }
}

/// The union that a JSON value is; what it does not take goes into its unknown arm.
pub(crate) fn from_json<T: FromJson>(json: Value, unknown: fn(UnknownVariant) -> T) -> T {
    let mut slot = None;
    // A `Value` is well-formed, so there is no error; null is the one value that no union takes.
    let outcome = json.deserialize_any(Into(&mut slot));
    slot.unwrap_or_else(|| match outcome {
        Ok(Outcome::Other(misfit)) => unknown(UnknownVariant::new(misfit.value)),
        _ => unknown(UnknownVariant::new(Value::Null)),
    })
}

/// An open enum from a string; anything else does not fit.
pub(crate) fn text<T: FromJson>(
    value: Scalar<'_>,
    slot: &mut Option<T>,
    known: impl FnOnce(&str) -> T,
) -> Outcome {
    match &value {
        Scalar::Text(text) => *slot = Some(known(text)),
        Scalar::Owned(text) => *slot = Some(known(text)),
        _ => return misfit(value.into_json(), T::EXPECTED),
    }
    Outcome::Typed
}

/// The first key that is not there; empty when all are.
pub(crate) fn first_missing(keys: &[(&'static str, bool)]) -> &'static str {
    keys.iter().find(|(_, there)| !there).map_or("", |(key, _)| key)
}

/// Reads a value into a slot.
struct Into<'a, T>(&'a mut Option<T>);

impl<'de, T: FromJson> DeserializeSeed<'de> for Into<'_, T> {
    type Value = Outcome;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Outcome, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: FromJson> Visitor<'de> for Into<'_, T> {
    type Value = Outcome;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Outcome, E> {
        Ok(T::from_scalar(Scalar::Bool(value), self.0))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Outcome, E> {
        Ok(T::from_scalar(Scalar::Number(value.into()), self.0))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Outcome, E> {
        Ok(T::from_scalar(Scalar::Number(value.into()), self.0))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Outcome, E> {
        // JSON has no infinities; a format that does is met halfway, as serde_json does.
        let number = Number::from_f64(value);
        Ok(number.map_or(Outcome::Null, |number| T::from_scalar(Scalar::Number(number), self.0)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Outcome, E> {
        Ok(T::from_scalar(Scalar::Text(text), self.0))
    }

    fn visit_string<E>(self, text: String) -> Result<Outcome, E> {
        Ok(T::from_scalar(Scalar::Owned(text), self.0))
    }

    fn visit_unit<E>(self) -> Result<Outcome, E> {
        Ok(Outcome::Null)
    }

    fn visit_none<E>(self) -> Result<Outcome, E> {
        Ok(Outcome::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Outcome, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Outcome, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Outcome, A::Error> {
        T::from_list(list, self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Outcome, A::Error> {
        T::from_object(object, self.0)
    }
}

impl FromJson for String {
    const EXPECTED: &'static str = "a string";

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        match value {
            Scalar::Text(text) => *slot = Some(text.to_owned()),
            Scalar::Owned(text) => *slot = Some(text),
            other => return misfit(other.into_json(), Self::EXPECTED),
        }
        Outcome::Typed
    }
}

impl FromJson for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        match value {
            Scalar::Bool(value) => *slot = Some(value),
            other => return misfit(other.into_json(), Self::EXPECTED),
        }
        Outcome::Typed
    }
}

macro_rules! numbers {
    ($($number:ty, $expected:literal, $read:path;)*) => { $(
        impl FromJson for $number {
            const EXPECTED: &'static str = $expected;

            fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
                if let Scalar::Number(number) = &value {
                    *slot = $read(number);
                }
                match slot {
                    Some(_) => Outcome::Typed,
                    None => misfit(value.into_json(), Self::EXPECTED),
                }
            }
        }
    )* };
}

numbers! {
    i64, "an integer", signed;
    u64, "an integer of 0 or more", unsigned;
    f64, "a number", float;
}

/// The largest integer up to which every integer is also an f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn signed(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| whole(number).map(|whole| whole as i64))
}

fn unsigned(number: &Number) -> Option<u64> {
    let whole = || whole(number).filter(|whole| *whole >= 0.0).map(|whole| whole as u64);
    number.as_u64().or_else(whole)
}

/// A float that says an integer: `12.0`.
fn whole(number: &Number) -> Option<f64> {
    let float = number.as_f64()?;
    (number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT).then_some(float)
}

/// The number as f64, unless that would make another number of it.
fn float(number: &Number) -> Option<f64> {
    let float = number.as_f64()?;
    (number.is_f64() || float.abs() <= EXACT).then_some(float)
}

impl FromJson for Value {
    const EXPECTED: &'static str = "any JSON";

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        *slot = Some(value.into_json());
        Outcome::Typed
    }

    fn from_list<'de, A: SeqAccess<'de>>(
        list: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        *slot = Some(whole_list(Vec::new(), list)?);
        Ok(Outcome::Typed)
    }

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        *slot = Some(whole_object(object)?);
        Ok(Outcome::Typed)
    }
}

impl<T: FromJson> FromJson for Box<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        let mut inner = None;
        let outcome = T::from_scalar(value, &mut inner);
        *slot = inner.map(Box::new);
        outcome
    }

    fn from_list<'de, A: SeqAccess<'de>>(
        list: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        let mut inner = None;
        let outcome = T::from_list(list, &mut inner)?;
        *slot = inner.map(Box::new);
        Ok(outcome)
    }

    fn from_object<'de, A: MapAccess<'de>>(
        object: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        let mut inner = None;
        let outcome = T::from_object(object, &mut inner)?;
        *slot = inner.map(Box::new);
        Ok(outcome)
    }
}

impl<T: FromJson + Serialize> FromJson for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn from_list<'de, A: SeqAccess<'de>>(
        mut list: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        let mut items = Vec::new();
        loop {
            let mut item = None;
            match list.next_element_seed(Into(&mut item))? {
                Some(Outcome::Typed) => items.extend(item),
                Some(Outcome::Null) => {
                    return no_list(&items, Misfit::new(Value::Null, T::EXPECTED), list);
                }
                Some(Outcome::Other(misfit)) => return no_list(&items, misfit, list),
                None => break,
            }
        }
        *slot = Some(items);
        Ok(Outcome::Typed)
    }
}

/// One element does not fit, so the list as a whole does not: puts it together again as JSON.
fn no_list<'de, T: Serialize, A: SeqAccess<'de>>(
    items: &[T],
    mut misfit: Box<Misfit>,
    rest: A,
) -> Result<Outcome, A::Error> {
    let mut values: Vec<Value> = items.iter().map(to_json).collect();
    let step = ReasonStep::Index(values.len());
    values.push(std::mem::take(&mut misfit.value));
    Ok(Outcome::Other(misfit.within(whole_list(values, rest)?, step)))
}

fn whole_list<'de, A: SeqAccess<'de>>(
    mut values: Vec<Value>,
    mut rest: A,
) -> Result<Value, A::Error> {
    while let Some(value) = rest.next_element()? {
        values.push(value);
    }
    Ok(Value::Array(values))
}

fn whole_object<'de, A: MapAccess<'de>>(object: A) -> Result<Value, A::Error> {
    Value::deserialize(MapAccessDeserializer::new(object))
}

impl<V: FromJson + Serialize> FromJson for OrderedMap<V> {
    const EXPECTED: &'static str = "an object";

    fn from_object<'de, A: MapAccess<'de>>(
        mut object: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error> {
        let mut entries = OrderedMap::new();
        while let Some(key) = object.next_key::<String>()? {
            let mut read = None;
            let other = match object.next_value_seed(Into(&mut read))? {
                Outcome::Typed => None,
                Outcome::Null => Some(Value::Null),
                Outcome::Other(misfit) => Some(misfit.value),
            };
            match (read, other) {
                (_, Some(other)) => return no_map(&entries, key, other, object),
                (Some(value), None) => entries.push(key, value),
                (None, None) => {}
            }
        }
        *slot = Some(entries);
        Ok(Outcome::Typed)
    }
}

/// One value does not fit, so the map as a whole does not: puts it together again as JSON.
fn no_map<'de, V: Serialize, A: MapAccess<'de>>(
    entries: &OrderedMap<V>,
    key: String,
    value: Value,
    mut rest: A,
) -> Result<Outcome, A::Error> {
    let mut object: Map<String, Value> =
        entries.iter().map(|(key, value)| (key.to_owned(), to_json(value))).collect();
    object.insert(key, value);
    while let Some((key, value)) = rest.next_entry()? {
        object.insert(key, value);
    }
    Ok(misfit(Value::Object(object), "an object whose values are of one kind"))
}

/// Encoding into JSON in memory cannot fail: every key is a string, and no type refuses.
fn to_json<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// What makes a union of the value of an arm.
type Known<T, U> = fn(T) -> U;
/// What makes a union of anything else.
type Other<U> = fn(UnknownVariant) -> U;

/// Reads an arm of a union from a scalar.
pub(crate) fn scalar_arm<T: FromJson, U>(
    value: Scalar<'_>,
    slot: &mut Option<U>,
    known: Known<T, U>,
    unknown: Other<U>,
) -> Outcome {
    let mut arm = None;
    let outcome = T::from_scalar(value, &mut arm);
    choose(outcome, arm.map(known), slot, unknown)
}

/// Reads an arm of a union from a list.
pub(crate) fn list_arm<'de, T: FromJson, U, A: SeqAccess<'de>>(
    list: A,
    slot: &mut Option<U>,
    known: Known<T, U>,
    unknown: Other<U>,
) -> Result<Outcome, A::Error> {
    let mut arm = None;
    let outcome = T::from_list(list, &mut arm)?;
    Ok(choose(outcome, arm.map(known), slot, unknown))
}

/// Reads an arm of a union from an object.
pub(crate) fn object_arm<'de, T: FromJson, U, A: MapAccess<'de>>(
    object: A,
    slot: &mut Option<U>,
    known: Known<T, U>,
    unknown: Other<U>,
) -> Result<Outcome, A::Error> {
    let mut arm = None;
    let outcome = T::from_object(object, &mut arm)?;
    Ok(choose(outcome, arm.map(known), slot, unknown))
}

/// An arm that does not fit is an arm that is not known.
fn choose<U>(outcome: Outcome, arm: Option<U>, slot: &mut Option<U>, unknown: Other<U>) -> Outcome {
    match outcome {
        Outcome::Typed => *slot = arm,
        Outcome::Null => return Outcome::Null,
        Outcome::Other(misfit) => *slot = Some(unknown(UnknownVariant::new(misfit.value))),
    }
    Outcome::Typed
}

/// Keeps a scalar for which a union has no arm.
pub(crate) fn unknown_scalar<U>(
    value: Scalar<'_>,
    slot: &mut Option<U>,
    unknown: Other<U>,
) -> Outcome {
    *slot = Some(unknown(UnknownVariant::new(value.into_json())));
    Outcome::Typed
}

/// Keeps a list for which a union has no arm.
pub(crate) fn unknown_list<'de, U, A: SeqAccess<'de>>(
    list: A,
    slot: &mut Option<U>,
    unknown: Other<U>,
) -> Result<Outcome, A::Error> {
    *slot = Some(unknown(UnknownVariant::new(whole_list(Vec::new(), list)?)));
    Ok(Outcome::Typed)
}

/// Keeps an object for which a union has no arm.
pub(crate) fn unknown_object<'de, U, A: MapAccess<'de>>(
    object: A,
    slot: &mut Option<U>,
    unknown: Other<U>,
) -> Result<Outcome, A::Error> {
    *slot = Some(unknown(UnknownVariant::new(whole_object(object)?)));
    Ok(Outcome::Typed)
}

/// The keys of one object while it is read.
pub(crate) struct ObjectReader<A> {
    map: A,
    /// Unknown keys, and known ones whose value has another shape.
    pub(crate) extra: Extra,
    /// The first misfit of a mandatory key.
    misfit: Option<Box<Misfit>>,
}

/// The known keys of an object, each with the position that the generated code gives it.
pub(crate) trait Keys {
    fn position(key: &str) -> Option<usize>;
}

enum Key {
    Known(usize),
    Unknown(String),
}

impl<'de, A: MapAccess<'de>> ObjectReader<A> {
    pub(crate) fn new(map: A) -> Self {
        Self { map, extra: Extra::new(), misfit: None }
    }

    /// The position of the next known key; unknown keys on the way go into `extra`.
    pub(crate) fn next_known<T: Keys>(&mut self) -> Result<Option<usize>, A::Error> {
        while let Some(key) = self.map.next_key_seed(KeySeed::<T>(PhantomData))? {
            match key {
                Key::Known(position) => return Ok(Some(position)),
                Key::Unknown(name) => {
                    let value = self.map.next_value()?;
                    self.extra.push(name, value);
                }
            }
        }
        Ok(None)
    }

    /// Reads the value of an optional key.
    pub(crate) fn optional<T: FromJson>(
        &mut self,
        key: &'static str,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        // A key that comes twice has its last value, whatever that is.
        *slot = None;
        if let Outcome::Other(misfit) = self.map.next_value_seed(Into(slot))? {
            self.extra.push(key, misfit.value);
        }
        Ok(())
    }

    /// Reads the value of a mandatory key.
    pub(crate) fn required<T: FromJson>(
        &mut self,
        key: &'static str,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        *slot = None;
        match self.map.next_value_seed(Into(slot))? {
            Outcome::Typed => {}
            Outcome::Null => self.refuse(key, Misfit::new(Value::Null, T::EXPECTED)),
            Outcome::Other(misfit) => self.refuse(key, misfit),
        }
        Ok(())
    }

    /// Reads the value of a key that always has the same one.
    pub(crate) fn constant(
        &mut self,
        key: &'static str,
        constant: &'static str,
        seen: &mut Option<()>,
    ) -> Result<(), A::Error> {
        let value: Value = self.map.next_value()?;
        if value.as_str() == Some(constant) {
            *seen = Some(());
        } else {
            self.refuse(key, Misfit::new(value, constant));
        }
        Ok(())
    }

    /// Passes over the value of a key that nobody asked for.
    pub(crate) fn skip(&mut self) -> Result<(), A::Error> {
        self.map.next_value::<serde::de::IgnoredAny>().map(drop)
    }

    fn refuse(&mut self, key: &'static str, mut misfit: Box<Misfit>) {
        self.extra.push(key, std::mem::take(&mut misfit.value));
        self.misfit.get_or_insert(misfit.within(Value::Null, ReasonStep::Key(key)));
    }

    /// A mandatory key is missing or does not fit, so the object as a whole does not: puts it
    /// together again as JSON from what was read.
    pub(crate) fn misfit(self, missing: &'static str, read: Parts) -> Outcome {
        let mut object = read.object;
        object.extend(self.extra);
        let value = Value::Object(object);
        Outcome::Other(match self.misfit {
            Some(mut misfit) => {
                misfit.value = value;
                misfit
            }
            None => Box::new(Misfit {
                value,
                expected: "a value",
                found: None,
                steps: vec![ReasonStep::Key(missing)],
            }),
        })
    }
}

/// The known keys of an object that turned out not to fit.
#[derive(Default)]
pub(crate) struct Parts {
    object: Map<String, Value>,
}

impl Parts {
    pub(crate) fn with<T: Serialize>(mut self, key: &'static str, value: &Option<T>) -> Self {
        if let Some(value) = value {
            self.object.insert(key.to_owned(), to_json(value));
        }
        self
    }

    pub(crate) fn with_constant(
        self,
        key: &'static str,
        value: &'static str,
        seen: Option<()>,
    ) -> Self {
        self.with(key, &seen.map(|()| value))
    }
}

struct KeySeed<T>(PhantomData<T>);

impl<'de, T: Keys> DeserializeSeed<'de> for KeySeed<T> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Keys> Visitor<'_> for KeySeed<T> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(T::position(key).map_or_else(|| Key::Unknown(key.to_owned()), Key::Known))
    }

    fn visit_string<E>(self, key: String) -> Result<Key, E> {
        Ok(T::position(&key).map_or_else(|| Key::Unknown(key), Key::Known))
    }
}

/// A union whose object arms are told apart by the value of one key.
pub(crate) trait Tagged: Sized {
    /// The key.
    const TAG: &'static str;

    /// Reads the arm that the tag names; the tag is empty when it is missing or null.
    fn from_tagged<'de, A: MapAccess<'de>>(
        tag: &str,
        object: A,
        slot: &mut Option<Self>,
    ) -> Result<Outcome, A::Error>;
}

/// Reads an object of a tagged union. Only what comes before the tag is buffered.
pub(crate) fn tagged<'de, T: Tagged, A: MapAccess<'de>>(
    mut object: A,
    slot: &mut Option<T>,
) -> Result<Outcome, A::Error> {
    let mut seen: Vec<(String, Value)> = Vec::new();
    let mut tag = String::new();
    while let Some(key) = object.next_key::<String>()? {
        let value: Value = object.next_value()?;
        let found = key == T::TAG;
        if found {
            tag = tag_text(&value);
        }
        seen.push((key, value));
        if found {
            break;
        }
    }
    T::from_tagged(&tag, Replay { seen: seen.into_iter(), value: None, rest: object }, slot)
}

/// A tag that is no string names no arm, and is not missing either.
fn tag_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The entries that were read while looking for the tag, then the rest of the object.
struct Replay<A> {
    seen: std::vec::IntoIter<(String, Value)>,
    value: Option<Value>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replay<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.seen.next() {
            Some((key, value)) => {
                self.value = Some(value);
                seed.deserialize(key.into_deserializer()).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
            None => self.rest.next_value_seed(seed),
        }
    }
}
