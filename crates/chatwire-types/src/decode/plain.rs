//! Reads what is not generated: text, numbers, any JSON, lists, maps and boxes. [`super::object`]
//! and [`super::union`] read objects and unions.

use serde_json::{Map, Number, Value};

use super::{
    ENTRY, Entries, Failed, FromJson, Items, Misfit, NUMBER, Objects, Outcome, ReasonStep, Scalar,
    count_memory, json_object, misfit, next_name, next_value, number, read_json, refuse_scalar,
    to_json, whole_list, whole_object,
};
use crate::OrderedMap;
use crate::encode::ToJson;

impl FromJson for String {
    const EXPECTED: &'static str = "a string";

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        match value {
            Scalar::Text(text) => *slot = Some(text.to_owned()),
            Scalar::Owned(text) => *slot = Some(text),
            other => return refuse_scalar(other, Self::EXPECTED),
        }
        Outcome::Typed
    }
}

impl FromJson for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        match value {
            Scalar::Bool(value) => *slot = Some(value),
            other => return refuse_scalar(other, Self::EXPECTED),
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
                    None => refuse_scalar(value, Self::EXPECTED),
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

/// A float that is a whole number, such as `12.0`.
fn whole(number: &Number) -> Option<f64> {
    let float = number.as_f64()?;
    (number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT).then_some(float)
}

/// The number as f64, if that does not change it: 2^53 + 1 would become 2^53.
fn float(number: &Number) -> Option<f64> {
    let float = number.as_f64()?;
    (number.is_f64() || float.abs() < EXACT).then_some(float)
}

impl FromJson for Value {
    const EXPECTED: &'static str = "any JSON";

    fn of_null() -> Option<Self> {
        Some(Self::Null)
    }

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        *slot = Some(value.into_json());
        Outcome::Typed
    }

    fn from_list(list: &mut dyn Items, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        *slot = Some(whole_list(Vec::new(), list)?);
        Ok(Outcome::Typed)
    }

    fn from_object(object: &mut dyn Entries, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        *slot = Some(whole_object(Map::new(), object)?);
        Ok(Outcome::Typed)
    }
}

impl<T: FromJson> FromJson for Box<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn of_null() -> Option<Self> {
        T::of_null().map(Self::new)
    }

    fn from_scalar(value: Scalar<'_>, slot: &mut Option<Self>) -> Outcome {
        let mut inner = None;
        let outcome = T::from_scalar(value, &mut inner);
        *slot = inner.map(Box::new);
        outcome
    }

    fn from_list(list: &mut dyn Items, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        let mut inner = None;
        let outcome = T::from_list(list, &mut inner)?;
        *slot = inner.map(Box::new);
        Ok(outcome)
    }

    fn from_object(object: &mut dyn Entries, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        let mut inner = None;
        let outcome = T::from_object(object, &mut inner)?;
        *slot = inner.map(Box::new);
        Ok(outcome)
    }
}

impl<T: FromJson + ToJson> FromJson for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn from_list(list: &mut dyn Items, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        let mut items = Vec::new();
        loop {
            let mut item = None;
            let before = Objects::now();
            match list.next_item(&mut item)? {
                Some(Outcome::Typed) => {
                    before.count_other::<T>()?;
                    push(&mut items, item);
                }
                Some(Outcome::Null) => match T::of_null() {
                    Some(null) => push(&mut items, Some(null)),
                    None => return no_list(&items, Misfit::new(Value::Null, T::EXPECTED), list),
                },
                Some(Outcome::Other(misfit)) => return no_list(&items, misfit, list),
                None => break,
            }
        }
        *slot = Some(items);
        Ok(Outcome::Typed)
    }
}

/// Most lists of large values have one element, and a `Vec` would reserve space for four.
fn push<T>(items: &mut Vec<T>, item: Option<T>) {
    if items.capacity() == 0 && size_of::<T>() > 64 {
        items.reserve_exact(1);
    }
    items.extend(item);
}

/// One element does not fit, so the whole list does not fit: rebuilds its JSON.
fn no_list<T: ToJson>(
    items: &[T],
    mut misfit: Box<Misfit>,
    rest: &mut dyn Items,
) -> Result<Outcome, Failed> {
    let mut values: Vec<Value> = items.iter().map(|item| to_json(item)).collect();
    let step = ReasonStep::Index(values.len());
    values.push(std::mem::take(&mut misfit.value));
    Ok(Outcome::Other(misfit.within(whole_list(values, rest)?, step)))
}

impl<V: FromJson + ToJson> FromJson for OrderedMap<V> {
    const EXPECTED: &'static str = "an object";

    fn from_object(object: &mut dyn Entries, slot: &mut Option<Self>) -> Result<Outcome, Failed> {
        let mut entries = OrderedMap::new();
        while let Some(key) = next_name(object)? {
            count_memory(ENTRY)?;
            let mut read = None;
            let other = match object.next_value(&mut read)? {
                Outcome::Typed => None,
                Outcome::Null => {
                    read = V::of_null();
                    read.is_none().then(|| Misfit::new(Value::Null, V::EXPECTED))
                }
                Outcome::Other(misfit) => Some(misfit),
            };
            match (read, other) {
                (_, Some(misfit)) => return no_map(&entries, key, misfit, object, slot),
                (Some(value), None) => {
                    entries.insert(key, value);
                }
                (None, None) => {}
            }
        }
        if entries.len() == 1
            && let Some(number) = entries.get(NUMBER).and_then(|value| number(&to_json(value)))
        {
            return Ok(misfit(number, Self::EXPECTED));
        }
        *slot = Some(entries);
        Ok(Outcome::Typed)
    }
}

/// One value does not fit, so the whole map does not fit: rebuilds its JSON. If the same key comes
/// again, its last value may fit, so the map is then read once more without the first value.
fn no_map<V: FromJson + ToJson>(
    entries: &OrderedMap<V>,
    misfit_key: String,
    mut misfit: Box<Misfit>,
    rest: &mut dyn Entries,
    slot: &mut Option<OrderedMap<V>>,
) -> Result<Outcome, Failed> {
    let mut object: Map<String, Value> =
        entries.iter().map(|(key, value)| (key.to_owned(), to_json(value))).collect();
    object.insert(misfit_key.clone(), std::mem::take(&mut misfit.value));
    let mut came_again = false;
    while let Some(key) = next_name(rest)? {
        count_memory(ENTRY)?;
        came_again |= key == misfit_key;
        object.insert(key, next_value(rest)?);
    }
    let whole = json_object(object);
    if came_again {
        return read_json(whole, slot);
    }
    if whole.is_number() {
        return Ok(self::misfit(whole, OrderedMap::<V>::EXPECTED));
    }
    Ok(Outcome::Other(misfit.within(whole, ReasonStep::Key(misfit_key.into()))))
}
