//! Finds a key that an object has twice. `serde_json` keeps the last one without a word.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The first key that comes twice in an object. A text that is not JSON has none.
pub(super) fn first_repeated_key(text: &str) -> Option<String> {
    let error = serde_json::from_str::<Unique>(text).err()?;
    let message = error.to_string();
    let key = message.strip_prefix(MARK)?;
    Some(format!("the key {} twice", key.split(" at line ").next().unwrap_or(key)))
}

/// Any JSON in which no object has a key twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<Self>()?;
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("{MARK}`{key}`")));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

const MARK: &str = "a key comes twice: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let found = first_repeated_key("{\"a\":[{\"b\":1,\"b\":2}]}");
        assert_eq!(found.as_deref(), Some("the key `b` twice"));
        assert_eq!(first_repeated_key("{\"a\":1,\"b\":[true,null,1.5,-1]}"), None);
        assert_eq!(first_repeated_key("{"), None);
    }
}
