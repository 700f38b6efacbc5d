//! Writes objects: known keys in the document's order, then what `extra` keeps. Reading them is the
//! job of [`crate::decode`].

use serde_core::ser::{Serialize, SerializeMap, Serializer};

use crate::Extra;

/// One object on its way out; used by the generated `Serialize` impls.
pub(crate) struct Object<'a, S: Serializer> {
    map: S::SerializeMap,
    extra: &'a Extra,
    /// The known keys written so far, remembered only when `extra` could repeat one of them.
    written: Vec<&'static str>,
}

impl<'a, S: Serializer> Object<'a, S> {
    pub(crate) fn new(serializer: S, extra: &'a Extra) -> Result<Self, S::Error> {
        Ok(Self { map: serializer.serialize_map(None)?, extra, written: Vec::new() })
    }

    pub(crate) fn required<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        if !self.extra.is_empty() {
            self.written.push(key);
        }
        self.map.serialize_entry(key, value)
    }

    pub(crate) fn optional<T: Serialize>(
        &mut self,
        key: &'static str,
        value: &Option<T>,
    ) -> Result<(), S::Error> {
        match value {
            Some(value) => self.required(key, value),
            None => Ok(()),
        }
    }

    /// Writes what `extra` keeps. A key that the program has set since it was decoded wins over the
    /// value of another shape that came under the same name.
    pub(crate) fn end(mut self) -> Result<S::Ok, S::Error> {
        for (key, value) in self.extra.iter() {
            if !self.written.contains(&key) {
                self.map.serialize_entry(key, value)?;
            }
        }
        self.map.end()
    }
}
