//! Writes objects: known keys in the document's order, then those in `extra`. [`crate::decode`]
//! reads them.

use serde_core::ser::{Serialize, SerializeMap, Serializer};

use crate::Extra;

/// Writes one object. The generated `Serialize` impls use it.
pub struct Object<'a, S: Serializer> {
    map: S::SerializeMap,
    extra: &'a Extra,
    /// The known keys written so far, recorded only if `extra` could repeat one of them.
    written: Vec<&'static str>,
}

impl<'a, S: Serializer> Object<'a, S> {
    pub fn new(serializer: S, extra: &'a Extra) -> Result<Self, S::Error> {
        Ok(Self { map: serializer.serialize_map(None)?, extra, written: Vec::new() })
    }

    pub fn required<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        if !self.extra.is_empty() {
            self.written.push(key);
        }
        self.map.serialize_entry(key, value)
    }

    pub fn optional<T: Serialize>(
        &mut self,
        key: &'static str,
        value: &Option<T>,
    ) -> Result<(), S::Error> {
        match value {
            Some(value) => self.required(key, value),
            None => Ok(()),
        }
    }

    /// Writes an optional key, or null if it has no value and `is_null` is set.
    pub fn optional_or_null<T: Serialize>(
        &mut self,
        key: &'static str,
        value: &Option<T>,
        is_null: bool,
    ) -> Result<(), S::Error> {
        match value {
            None if is_null => self.required(key, &()),
            value => self.optional(key, value),
        }
    }

    /// Writes `extra`. If the program has set a known key after decoding, that value replaces the
    /// value of another shape under the same name.
    pub fn end(mut self) -> Result<S::Ok, S::Error> {
        for (key, value) in self.extra.iter() {
            if !self.written.contains(&key) {
                self.map.serialize_entry(key, value)?;
            }
        }
        self.map.end()
    }
}
