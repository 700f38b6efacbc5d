//! Connects the types with the deserializers of serde. Only this module is generic over the deserializer: the
//! types read through `dyn` traits, so that each of them is compiled once and not once for each format.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Number, Value};

use super::{FromJson, Outcome, Scalar, count_object, counted_before};

/// Finds the position of a known key in the generated code.
pub type Known = fn(&str) -> Option<usize>;

/// A key of an object.
pub enum Key {
    Known(usize),
    Unknown(String),
}

/// The entries of an object that is being read.
pub trait Entries {
    /// Returns the next key; `None` at the end.
    fn next_key(&mut self, known: Known) -> Result<Option<Key>, Failed>;

    /// Reads the value of the key that was read last.
    fn next_value(&mut self, slot: &mut dyn Slot) -> Result<Outcome, Failed>;

    /// Skips the value of the key that was read last.
    fn skip_value(&mut self) -> Result<(), Failed>;
}

/// The items of a list that is being read.
pub trait Items {
    /// Reads the next item; `None` at the end.
    fn next_item(&mut self, slot: &mut dyn Slot) -> Result<Option<Outcome>, Failed>;
}

/// The place for a value that is being read: an `Option` of its type.
pub trait Slot {
    /// What the type takes, for messages.
    fn expected(&self) -> &'static str;

    fn clear(&mut self);

    fn read_scalar(&mut self, value: Scalar<'_>) -> Outcome;

    fn read_list(&mut self, list: &mut dyn Items) -> Result<Outcome, Failed>;

    fn read_object(&mut self, object: &mut dyn Entries) -> Result<Outcome, Failed>;
}

impl<T: FromJson> Slot for Option<T> {
    fn expected(&self) -> &'static str {
        T::EXPECTED
    }

    fn clear(&mut self) {
        *self = None;
    }

    fn read_scalar(&mut self, value: Scalar<'_>) -> Outcome {
        T::from_scalar(value, self)
    }

    fn read_list(&mut self, list: &mut dyn Items) -> Result<Outcome, Failed> {
        T::from_list(list, self)
    }

    fn read_object(&mut self, object: &mut dyn Entries) -> Result<Outcome, Failed> {
        T::from_object(object, self)
    }
}

/// Reading has failed. If it has no error of its own, the deserializer's error is kept where it occurred, because
/// its type is known only there.
pub struct Failed(Option<serde_json::Error>);

impl Failed {
    pub fn custom(message: impl fmt::Display) -> Self {
        Self(Some(serde_json::Error::custom(message)))
    }

    /// The error for the deserializer, which may have `kept` its own.
    pub(super) fn into_error<E: serde_core::de::Error>(self, kept: Option<E>) -> E {
        match (kept, self.0) {
            (Some(error), _) => error,
            (None, Some(error)) => E::custom(error),
            (None, None) => E::custom("the value cannot be read"),
        }
    }
}

/// Reads one value into a slot, and returns how it fits.
pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
    slot: &mut dyn Slot,
) -> Result<Outcome, D::Error> {
    deserializer.deserialize_any(IntoSlot(slot))
}

/// Reads a value whose objects were counted when they were put into memory.
pub(super) fn read_json(json: Value, slot: &mut dyn Slot) -> Result<Outcome, Failed> {
    counted_before(|| read(json, slot)).map_err(|error| Failed(Some(error)))
}

struct IntoSlot<'a>(&'a mut dyn Slot);

impl<'de> DeserializeSeed<'de> for IntoSlot<'_> {
    type Value = Outcome;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Outcome, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl IntoSlot<'_> {
    fn number(self, number: impl Into<Number>) -> Outcome {
        self.0.read_scalar(Scalar::Number(number.into()))
    }

    /// An integer beyond 64 bits, as exact as this build of serde_json keeps it.
    fn large(self, exact: Option<Number>, nearest: f64) -> Outcome {
        let number = exact.or_else(|| Number::from_f64(nearest));
        number.map_or(Outcome::Null, |number| self.number(number))
    }
}

impl<'de> Visitor<'de> for IntoSlot<'_> {
    type Value = Outcome;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.expected())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Outcome, E> {
        Ok(self.0.read_scalar(Scalar::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Outcome, E> {
        Ok(self.number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Outcome, E> {
        Ok(self.number(value))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Outcome, E> {
        Ok(self.large(Number::from_i128(value), value as f64))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Outcome, E> {
        Ok(self.large(Number::from_u128(value), value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Outcome, E> {
        // JSON does not have infinities. A format that has them gets null, as in serde_json.
        Ok(Number::from_f64(value).map_or(Outcome::Null, |number| self.number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Outcome, E> {
        Ok(self.0.read_scalar(Scalar::Text(text)))
    }

    fn visit_string<E>(self, text: String) -> Result<Outcome, E> {
        Ok(self.0.read_scalar(Scalar::Owned(text)))
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
        let mut list = Reading::new(list);
        let outcome = self.0.read_list(&mut list);
        outcome.map_err(|failed| failed.into_error(list.error))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Outcome, A::Error> {
        count_object().map_err(|failed| failed.into_error(None))?;
        let mut object = Reading::new(object);
        let outcome = self.0.read_object(&mut object);
        outcome.map_err(|failed| failed.into_error(object.error))
    }
}

/// What serde gives out of a list or an object, and its error.
struct Reading<'de, A, E> {
    access: A,
    error: Option<E>,
    lifetime: PhantomData<&'de ()>,
}

impl<A, E> Reading<'_, A, E> {
    fn new(access: A) -> Self {
        Self { access, error: None, lifetime: PhantomData }
    }
}

/// Keeps the error of a deserializer.
fn keep<T, E>(result: Result<T, E>, error: &mut Option<E>) -> Result<T, Failed> {
    result.map_err(|failed| {
        *error = Some(failed);
        Failed(None)
    })
}

impl<'de, A: SeqAccess<'de>> Items for Reading<'de, A, A::Error> {
    fn next_item(&mut self, slot: &mut dyn Slot) -> Result<Option<Outcome>, Failed> {
        keep(self.access.next_element_seed(IntoSlot(slot)), &mut self.error)
    }
}

impl<'de, A: MapAccess<'de>> Entries for Reading<'de, A, A::Error> {
    fn next_key(&mut self, known: Known) -> Result<Option<Key>, Failed> {
        keep(self.access.next_key_seed(IntoKey(known)), &mut self.error)
    }

    fn next_value(&mut self, slot: &mut dyn Slot) -> Result<Outcome, Failed> {
        keep(self.access.next_value_seed(IntoSlot(slot)), &mut self.error)
    }

    fn skip_value(&mut self) -> Result<(), Failed> {
        keep(self.access.next_value::<IgnoredAny>(), &mut self.error).map(drop)
    }
}

struct IntoKey(Known);

impl<'de> DeserializeSeed<'de> for IntoKey {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IntoKey {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok((self.0)(key).map_or_else(|| Key::Unknown(key.to_owned()), Key::Known))
    }

    fn visit_string<E>(self, key: String) -> Result<Key, E> {
        Ok((self.0)(&key).map_or_else(|| Key::Unknown(key), Key::Known))
    }
}
