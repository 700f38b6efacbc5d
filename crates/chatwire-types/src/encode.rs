//! Writes values as JSON: known keys in the document's order, then those in `extra`. [`crate::decode`] reads them.
//!
//! A type only says what it consists of, as [`Json`]. The code that writes is generic over the serializer, so each
//! format compiles it once and not once for each type.

use serde_core::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use crate::{Extra, OrderedMap};

/// A value as JSON, whose parts are borrowed.
pub enum Json<'a> {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(&'a str),
    Any(&'a Value),
    List(&'a dyn List),
    Object(&'a dyn Object),
}

/// A type that can be written as JSON.
pub trait ToJson {
    fn json(&self) -> Json<'_>;
}

/// The items of a list.
pub trait List {
    fn length(&self) -> usize;

    fn item(&self, position: usize) -> Option<Json<'_>>;
}

/// The entries of an object.
pub trait Object {
    /// The entry at a position. Known keys have the positions of the document.
    fn entry(&self, position: usize) -> Entry<'_>;

    /// The entries that follow. A map has none.
    fn extra(&self) -> Option<&Extra> {
        None
    }
}

/// One entry of an object.
pub enum Entry<'a> {
    /// The key and its value.
    Present(&'a str, Json<'a>),
    /// The key at this position has no value.
    Absent,
    /// No position from here on has a key.
    End,
}

/// Writes a value. The generated `Serialize` impls use it.
pub fn serialize<S: Serializer>(value: &dyn ToJson, serializer: S) -> Result<S::Ok, S::Error> {
    value.json().serialize(serializer)
}

/// The entry of a mandatory key.
pub fn required<'a, T: ToJson + ?Sized>(key: &'static str, value: &'a T) -> Entry<'a> {
    Entry::Present(key, value.json())
}

/// The entry of an optional key.
pub fn optional<'a, T: ToJson>(key: &'static str, value: &'a Option<T>) -> Entry<'a> {
    optional_or_null(key, value, false)
}

/// The entry of an optional key, or null if it has no value and `is_null` is set.
pub fn optional_or_null<'a, T: ToJson>(
    key: &'static str,
    value: &'a Option<T>,
    is_null: bool,
) -> Entry<'a> {
    match value {
        Some(value) => Entry::Present(key, value.json()),
        None if is_null => Entry::Present(key, Json::Null),
        None => Entry::Absent,
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Any(value) => value.serialize(serializer),
            Self::List(list) => serialize_list(*list, serializer),
            Self::Object(object) => serialize_object(*object, serializer),
        }
    }
}

fn serialize_list<S: Serializer>(list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
    let mut items = serializer.serialize_seq(Some(list.length()))?;
    for item in (0..).map_while(|position| list.item(position)) {
        items.serialize_element(&item)?;
    }
    items.end()
}

/// Writes the known keys, then `extra`. If the program has set a known key after decoding, that value replaces the
/// value of another shape under the same name.
fn serialize_object<S: Serializer>(object: &dyn Object, serializer: S) -> Result<S::Ok, S::Error> {
    let mut entries = serializer.serialize_map(None)?;
    let extra = object.extra().filter(|extra| !extra.is_empty());
    let mut written = Vec::new();
    for position in 0.. {
        match object.entry(position) {
            Entry::Present(key, value) => {
                entries.serialize_entry(key, &value)?;
                written.extend(extra.is_some().then_some(key));
            }
            Entry::Absent => {}
            Entry::End => break,
        }
    }
    for (key, value) in extra.into_iter().flat_map(OrderedMap::iter) {
        if !written.contains(&key) {
            entries.serialize_entry(key, value)?;
        }
    }
    entries.end()
}

macro_rules! scalars {
    ($($type:ty, $value:ident => $json:expr;)*) => { $(
        impl ToJson for $type {
            fn json(&self) -> Json<'_> {
                let $value = self;
                $json
            }
        }
    )* };
}

scalars! {
    bool, value => Json::Bool(*value);
    i64, value => Json::Signed(*value);
    u64, value => Json::Unsigned(*value);
    f64, value => Json::Float(*value);
    str, text => Json::Text(text);
    String, text => Json::Text(text);
    Value, value => Json::Any(value);
}

impl<T: ToJson + ?Sized> ToJson for Box<T> {
    fn json(&self) -> Json<'_> {
        (**self).json()
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn json(&self) -> Json<'_> {
        Json::List(self)
    }
}

impl<T: ToJson> List for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }

    fn item(&self, position: usize) -> Option<Json<'_>> {
        self.get(position).map(T::json)
    }
}

impl<V: ToJson> ToJson for OrderedMap<V> {
    fn json(&self) -> Json<'_> {
        Json::Object(self)
    }
}

impl<V: ToJson> Object for OrderedMap<V> {
    fn entry(&self, position: usize) -> Entry<'_> {
        match self.at(position) {
            Some((key, value)) => Entry::Present(key, value.json()),
            None => Entry::End,
        }
    }
}
