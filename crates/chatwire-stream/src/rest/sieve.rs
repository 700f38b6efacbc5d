//! An object of the wire taken apart by its keys. Which of them are wanted is said in [`super`].

use serde::ser::{Error as _, Impossible, Serialize, SerializeMap, Serializer};
use serde_json::{Error, Map, Value};

use super::HasRule;

/// Says whether a key is left out, which has no rule.
pub(super) type IsLeftOut<'a> = Option<&'a dyn Fn(&str) -> bool>;

/// Puts the entries of an object into `rest`, but for the keys with a rule and others that are left out:
/// their values are not looked at.
pub(super) fn sieve<T: Serialize>(
    part: &T,
    has_rule: HasRule,
    is_left_out: IsLeftOut<'_>,
    rest: &mut Map<String, Value>,
) {
    // The types of the wire have no value without JSON, and each of these is an object.
    let _ = part.serialize(Sieve { has_rule, is_left_out, rest });
}

/// Of an object, takes its entries; of a key, says whether it is left out.
struct Sieve<'a> {
    has_rule: HasRule,
    is_left_out: IsLeftOut<'a>,
    rest: &'a mut Map<String, Value>,
}

impl SerializeMap for Sieve<'_> {
    type Ok = bool;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Error> {
        Err(no_object())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Error> {
        Err(no_object())
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), Error>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        let Self { has_rule, is_left_out, .. } = *self;
        if key.serialize(Sieve { has_rule, is_left_out, rest: self.rest })? {
            return Ok(());
        }
        if let Value::String(key) = serde_json::to_value(key)? {
            self.rest.insert(key, serde_json::to_value(value)?);
        }
        Ok(())
    }

    fn end(self) -> Result<bool, Error> {
        Ok(false)
    }
}

/// Everything that is neither an object nor a key is of no interest.
macro_rules! refuse {
    ($($name:ident: $type:ty),*) => { $(
        fn $name(self, _: $type) -> Result<bool, Error> {
            Err(no_object())
        }
    )* };
}

impl Serializer for Sieve<'_> {
    type Ok = bool;
    type Error = Error;
    type SerializeSeq = Impossible<bool, Error>;
    type SerializeTuple = Impossible<bool, Error>;
    type SerializeTupleStruct = Impossible<bool, Error>;
    type SerializeTupleVariant = Impossible<bool, Error>;
    type SerializeMap = Self;
    type SerializeStruct = Impossible<bool, Error>;
    type SerializeStructVariant = Impossible<bool, Error>;

    fn serialize_str(self, key: &str) -> Result<bool, Error> {
        Ok((self.has_rule)(key) || self.is_left_out.is_some_and(|is_left_out| is_left_out(key)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Error> {
        Ok(self)
    }

    refuse!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_f32: f32, serialize_f64: f64, serialize_char: char,
        serialize_bytes: &[u8], serialize_unit_struct: &'static str
    );

    fn serialize_none(self) -> Result<bool, Error> {
        Err(no_object())
    }

    fn serialize_unit(self) -> Result<bool, Error> {
        Err(no_object())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<bool, Error> {
        Err(no_object())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, Error> {
        Err(no_object())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        Err(no_object())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        Err(no_object())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        Err(no_object())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(no_object())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        Err(no_object())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(no_object())
    }
}

fn no_object() -> Error {
    Error::custom("no object")
}
