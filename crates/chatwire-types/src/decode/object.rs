//! Reads objects key by key: known keys into their slots, all others into `extra`. [`super::union`]
//! reads unions of objects.

use serde_json::{Map, Value};

use super::{
    ENTRY, Entries, Failed, FromJson, Key, Known, Misfit, NUMBER, Outcome, ReasonStep, Slot,
    count_memory, json_object, next_value, number, to_json,
};
use crate::encode::ToJson;
use crate::{Extra, Nulls, UnknownVariant};

/// The state while the keys of one object are read.
pub struct ObjectReader<'a> {
    object: &'a mut dyn Entries,
    /// How many keys came.
    count: usize,
    /// Unknown keys, and known keys whose value has another shape.
    extra: Extra,
    /// Whether `extra` holds a known key.
    keeps_known: bool,
    /// Known keys in `extra` that came again with a value that fits. They are removed together at
    /// the end, because removing each one as it comes would take quadratic time.
    replaced: Vec<&'static str>,
    /// The first mandatory key that did not fit.
    misfit: Option<Box<Misfit>>,
}

/// The known keys of an object, each with its position in the generated code.
pub trait Keys: FromJson {
    fn position(key: &str) -> Option<usize>;

    /// Where the other keys go.
    fn extra_mut(&mut self) -> &mut Extra;
}

impl<'a> ObjectReader<'a> {
    pub fn new(object: &'a mut dyn Entries) -> Self {
        Self {
            object,
            count: 0,
            extra: Extra::new(),
            keeps_known: false,
            replaced: Vec::new(),
            misfit: None,
        }
    }

    /// Returns the position of the next known key, and puts unknown keys before it into `extra`.
    pub fn next_known(&mut self, known: Known) -> Result<Option<usize>, Failed> {
        while let Some(key) = self.object.next_key(known)? {
            self.count += 1;
            match key {
                Key::Known(position) => return Ok(Some(position)),
                Key::Unknown(name) => {
                    count_memory(ENTRY)?;
                    let value = next_value(self.object)?;
                    self.extra.insert(name, value);
                }
            }
        }
        Ok(None)
    }

    /// Reads the value of an optional key.
    pub fn optional(&mut self, key: &'static str, slot: &mut dyn Slot) -> Result<(), Failed> {
        self.forget(key);
        slot.clear();
        if let Outcome::Other(misfit) = self.object.next_value(slot)? {
            self.keep(key, misfit.value);
        }
        Ok(())
    }

    /// Reads the value of an optional key. `extra` keeps a null, as it keeps any value that does not fit.
    pub fn optional_or_extra(
        &mut self,
        key: &'static str,
        slot: &mut dyn Slot,
    ) -> Result<(), Failed> {
        self.forget(key);
        slot.clear();
        match self.object.next_value(slot)? {
            Outcome::Typed => {}
            Outcome::Null => {
                count_memory(ENTRY)?;
                self.keep(key, Value::Null);
            }
            Outcome::Other(misfit) => self.keep(key, misfit.value),
        }
        Ok(())
    }

    /// Reads the value of an optional key that keeps its null, under a number in `nulls`.
    pub fn optional_or_null(
        &mut self,
        key: &'static str,
        slot: &mut dyn Slot,
        nulls: &mut Nulls,
        number: u32,
    ) -> Result<(), Failed> {
        self.forget(key);
        slot.clear();
        let outcome = self.object.next_value(slot)?;
        nulls.set(number, matches!(outcome, Outcome::Null));
        if let Outcome::Other(misfit) = outcome {
            self.keep(key, misfit.value);
        }
        Ok(())
    }

    /// Reads the value of a mandatory key. A null goes into the unknown arm of its union.
    pub fn required_or_null<T: FromJson>(
        &mut self,
        key: &'static str,
        slot: &mut Option<T>,
        unknown: fn(UnknownVariant) -> T,
    ) -> Result<(), Failed> {
        self.forget(key);
        *slot = None;
        match self.object.next_value(slot)? {
            Outcome::Typed => {}
            Outcome::Null => *slot = Some(unknown(UnknownVariant::new(Value::Null))),
            Outcome::Other(misfit) => self.refuse(key, misfit),
        }
        Ok(())
    }

    /// Reads the value of a mandatory key.
    pub fn required(&mut self, key: &'static str, slot: &mut dyn Slot) -> Result<(), Failed> {
        self.forget(key);
        slot.clear();
        match self.object.next_value(slot)? {
            Outcome::Typed => {}
            Outcome::Null => self.refuse(key, Misfit::new(Value::Null, slot.expected())),
            Outcome::Other(misfit) => self.refuse(key, misfit),
        }
        Ok(())
    }

    /// Reads the value of a constant key.
    pub fn constant(
        &mut self,
        key: &'static str,
        constant: &'static str,
        seen: &mut Option<()>,
    ) -> Result<(), Failed> {
        self.forget(key);
        let value = next_value(self.object)?;
        *seen = (value.as_str() == Some(constant)).then_some(());
        if seen.is_none() {
            self.refuse(key, Misfit::new(value, constant));
        }
        Ok(())
    }

    /// Skips the value of a key.
    pub fn skip(&mut self) -> Result<(), Failed> {
        self.object.skip_value()
    }

    /// Keeps a value of another shape under the name of the known key.
    fn keep(&mut self, key: &'static str, value: Value) {
        self.extra.insert(key, value);
        self.keeps_known = true;
        self.replaced.retain(|replaced| *replaced != key);
    }

    /// The last value of a repeated key counts, whether it fits or not.
    fn forget(&mut self, key: &'static str) {
        if self.keeps_known && self.extra.contains_key(key) && !self.replaced.contains(&key) {
            self.replaced.push(key);
        }
    }

    fn refuse(&mut self, key: &'static str, mut misfit: Box<Misfit>) {
        self.keep(key, std::mem::take(&mut misfit.value));
        self.misfit.get_or_insert(misfit.within(Value::Null, ReasonStep::Key(key.into())));
    }

    /// Every mandatory key came: the value keeps what is unknown.
    pub fn finish<T: Keys>(self, slot: &mut Option<T>) -> Outcome {
        match (self.into_extra(T::EXPECTED), slot.as_mut()) {
            (Ok(extra), Some(value)) => {
                *value.extra_mut() = extra;
                Outcome::Typed
            }
            (Ok(_), None) => Outcome::Typed,
            (Err(misfit), _) => {
                *slot = None;
                Outcome::Other(misfit)
            }
        }
    }

    /// The unknown keys, or the number that the object stands for.
    fn into_extra(mut self, expected: &'static str) -> Result<Extra, Box<Misfit>> {
        match self.extra.get(NUMBER).filter(|_| self.count == 1).and_then(number) {
            Some(number) => Err(Misfit::new(number, expected)),
            None => Ok(self.take_extra()),
        }
    }

    /// A mandatory key is missing or does not fit, so the whole object does not fit: rebuilds its
    /// JSON from what was read.
    pub fn misfit(mut self, missing: &'static str, read: Parts) -> Outcome {
        let mut object = read.object;
        object.extend(self.take_extra());
        let value = json_object(object);
        let is_replaced = |misfit: &Misfit| match misfit.steps.last() {
            Some(ReasonStep::Key(key)) => self.replaced.contains(&&**key),
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
                steps: vec![ReasonStep::Key(missing.into())],
            }),
        })
    }

    /// The unknown keys, without those that got a known value later.
    fn take_extra(&mut self) -> Extra {
        if !self.replaced.is_empty() {
            self.extra.retain(|key, _| !self.replaced.contains(&key));
        }
        std::mem::take(&mut self.extra)
    }
}

/// The known keys of an object that did not fit.
#[derive(Default)]
pub struct Parts {
    object: Map<String, Value>,
}

impl Parts {
    pub fn with<T: ToJson>(self, key: &'static str, value: &Option<T>) -> Self {
        self.with_null(key, value, false)
    }

    pub fn with_null<T: ToJson>(self, key: &'static str, value: &Option<T>, is_null: bool) -> Self {
        let value = value.as_ref().map(|value| value as &dyn ToJson);
        self.with_json(key, value.map(to_json).or(is_null.then_some(Value::Null)))
    }

    pub fn with_constant(self, key: &'static str, value: &'static str, seen: Option<()>) -> Self {
        self.with_json(key, seen.map(|()| value.into()))
    }

    fn with_json(mut self, key: &'static str, value: Option<Value>) -> Self {
        self.object.extend(value.map(|value| (key.to_owned(), value)));
        self
    }
}

/// The first key that is missing; empty if none is.
pub fn first_missing(keys: &[(&'static str, bool)]) -> &'static str {
    keys.iter().find(|(_, there)| !there).map_or("", |(key, _)| key)
}
