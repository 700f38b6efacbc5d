//! Reads objects key by key: known ones into their slots, everything else into `extra`. Unions of
//! objects are next door in [`super::union`].

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_core::ser::Serialize;
use serde_json::{Map, Value};

use super::{FromJson, Into, Misfit, NUMBER, Outcome, ReasonStep, json_object, number, to_json};
use crate::Extra;

/// The keys of one object while it is read.
pub(crate) struct ObjectReader<A> {
    map: A,
    /// How many keys came.
    count: usize,
    /// Unknown keys, and known ones whose value has another shape.
    extra: Extra,
    /// Whether `extra` holds a known key.
    keeps_known: bool,
    /// The known keys in `extra` that came again with a value that fits. They are removed at the end,
    /// all at once: removing each as it comes would take quadratic time.
    replaced: Vec<&'static str>,
    /// The first misfit of a mandatory key.
    misfit: Option<Box<Misfit>>,
}

/// The known keys of an object, each with the position that the generated code gives it.
pub(crate) trait Keys: FromJson {
    fn position(key: &str) -> Option<usize>;

    /// Where the other keys go.
    fn extra_mut(&mut self) -> &mut Extra;
}

enum Key {
    Known(usize),
    Unknown(String),
}

impl<'de, A: MapAccess<'de>> ObjectReader<A> {
    pub(crate) fn new(map: A) -> Self {
        Self {
            map,
            count: 0,
            extra: Extra::new(),
            keeps_known: false,
            replaced: Vec::new(),
            misfit: None,
        }
    }

    /// The position of the next known key; unknown keys on the way go into `extra`.
    pub(crate) fn next_known<T: Keys>(&mut self) -> Result<Option<usize>, A::Error> {
        while let Some(key) = self.map.next_key_seed(KeySeed::<T>(PhantomData))? {
            self.count += 1;
            match key {
                Key::Known(position) => return Ok(Some(position)),
                Key::Unknown(name) => {
                    let value = self.map.next_value()?;
                    self.extra.insert(name, value);
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
        self.forget(key);
        *slot = None;
        if let Outcome::Other(misfit) = self.map.next_value_seed(Into(slot))? {
            self.keep(key, misfit.value);
        }
        Ok(())
    }

    /// Reads the value of a mandatory key.
    pub(crate) fn required<T: FromJson>(
        &mut self,
        key: &'static str,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        self.forget(key);
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
        self.forget(key);
        let value: Value = self.map.next_value()?;
        *seen = (value.as_str() == Some(constant)).then_some(());
        if seen.is_none() {
            self.refuse(key, Misfit::new(value, constant));
        }
        Ok(())
    }

    /// Passes over the value of a key that nobody asked for.
    pub(crate) fn skip(&mut self) -> Result<(), A::Error> {
        self.map.next_value::<serde_core::de::IgnoredAny>().map(drop)
    }

    /// Keeps a value of another shape under the name of the known key.
    fn keep(&mut self, key: &'static str, value: Value) {
        self.extra.insert(key, value);
        self.keeps_known = true;
        self.replaced.retain(|replaced| *replaced != key);
    }

    /// A key that comes twice has its last value, whatever that is.
    fn forget(&mut self, key: &'static str) {
        if self.keeps_known && self.extra.contains_key(key) && !self.replaced.contains(&key) {
            self.replaced.push(key);
        }
    }

    fn refuse(&mut self, key: &'static str, mut misfit: Box<Misfit>) {
        self.keep(key, std::mem::take(&mut misfit.value));
        self.misfit.get_or_insert(misfit.within(Value::Null, ReasonStep::Key(key)));
    }

    /// Every mandatory key is there: the value keeps what is not known.
    pub(crate) fn finish<T: Keys>(mut self, slot: &mut Option<T>) -> Outcome {
        if self.count == 1
            && let Some(number) = self.extra.get(NUMBER).and_then(number)
        {
            *slot = None;
            return Outcome::Other(Misfit::new(number, T::EXPECTED));
        }
        if let Some(value) = slot {
            *value.extra_mut() = self.take_extra();
        }
        Outcome::Typed
    }

    /// A mandatory key is missing or does not fit, so the object as a whole does not: puts it
    /// together again as JSON from what was read.
    pub(crate) fn misfit(mut self, missing: &'static str, read: Parts) -> Outcome {
        let mut object = read.object;
        object.extend(self.take_extra());
        let value = json_object(object);
        let is_replaced = |misfit: &Misfit| match misfit.steps.last() {
            Some(ReasonStep::Key(key)) => self.replaced.contains(key),
            _ => false,
        };
        Outcome::Other(match self.misfit.filter(|misfit| !is_replaced(misfit)) {
            Some(mut misfit) => {
                misfit.value = value;
                misfit
            }
            None if value.is_number() => Misfit::new(value, "an object"),
            None => Box::new(Misfit {
                value,
                expected: "a value",
                found: None,
                steps: vec![ReasonStep::Key(missing)],
            }),
        })
    }

    /// What is not known, without the keys that have got a known value.
    fn take_extra(&mut self) -> Extra {
        if !self.replaced.is_empty() {
            self.extra.retain(|key, _| !self.replaced.contains(&key));
        }
        std::mem::take(&mut self.extra)
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

/// The first key that is not there; empty when all are.
pub(crate) fn first_missing(keys: &[(&'static str, bool)]) -> &'static str {
    keys.iter().find(|(_, there)| !there).map_or("", |(key, _)| key)
}
