//! A small map that keeps the order in which its keys came, used for unknown keys and for the maps
//! of the document. Decoding into it is the job of [`crate::decode`].

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// The unknown keys of an object, in the order in which they came.
///
/// A known key is found here too when its value had another JSON shape than the document gives it.
pub type Extra = OrderedMap<Value>;

/// A map from strings to values that keeps the order of its keys.
///
/// Meant for the handful of keys that a wire object has: look-ups walk the entries, an empty map
/// allocates nothing, and decoding is linear in the number of keys.
///
/// ```
/// use chatwire_types::OrderedMap;
///
/// let mut bias = OrderedMap::new();
/// bias.insert("50256", -100);
/// bias.insert("11", 5);
/// assert_eq!(bias.get("50256"), Some(&-100));
/// assert_eq!(bias.keys().collect::<Vec<_>>(), ["50256", "11"]);
/// ```
#[derive(Clone, PartialEq)]
pub struct OrderedMap<V> {
    entries: Vec<(String, V)>,
}

impl<V> OrderedMap<V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// The number of entries. A key that came twice in one JSON object counts twice.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a key; of the last one, should the key have come more than once.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.iter_mut().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets the value of a key, in its place if it is there, else at the end. Returns what it had.
    pub fn insert(&mut self, key: impl Into<String>, value: V) -> Option<V> {
        let key = key.into();
        match self.get_mut(&key) {
            Some(slot) => Some(std::mem::replace(slot, value)),
            None => {
                self.push(key, value);
                None
            }
        }
    }

    /// Adds an entry at the end without looking whether the key is there already: constant time.
    pub fn push(&mut self, key: impl Into<String>, value: V) {
        self.entries.push((key.into(), value));
    }

    /// Removes a key with all its values. Returns the last of them.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        let mut removed = None;
        for entry in std::mem::take(&mut self.entries) {
            if entry.0 == key { removed = Some(entry.1) } else { self.entries.push(entry) }
        }
        removed
    }

    /// Removes every entry.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Keeps the entries for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &V)> + ExactSizeIterator {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The entries in order, with values to change.
    pub fn iter_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = (&str, &mut V)> + ExactSizeIterator {
        self.entries.iter_mut().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// The values in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.entries.iter().map(|(_, value)| value)
    }
}

impl<V> Default for OrderedMap<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: fmt::Debug> fmt::Debug for OrderedMap<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Into<String>, V> FromIterator<(K, V)> for OrderedMap<V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().map(|(key, value)| (key.into(), value)).collect() }
    }
}

impl<K: Into<String>, V> Extend<(K, V)> for OrderedMap<V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.entries.extend(entries.into_iter().map(|(key, value)| (key.into(), value)));
    }
}

impl<K: Into<String>, V, const N: usize> From<[(K, V); N]> for OrderedMap<V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for OrderedMap<String> {
    fn from(entries: [(&str, &str); N]) -> Self {
        entries.into_iter().map(|(key, value)| (key, value.to_owned())).collect()
    }
}

impl<V> From<BTreeMap<String, V>> for OrderedMap<V> {
    fn from(map: BTreeMap<String, V>) -> Self {
        map.into_iter().collect()
    }
}

impl<V> From<HashMap<String, V>> for OrderedMap<V> {
    fn from(map: HashMap<String, V>) -> Self {
        map.into_iter().collect()
    }
}

impl From<serde_json::Map<String, Value>> for OrderedMap<Value> {
    fn from(object: serde_json::Map<String, Value>) -> Self {
        object.into_iter().collect()
    }
}

impl From<OrderedMap<Value>> for serde_json::Map<String, Value> {
    fn from(map: OrderedMap<Value>) -> Self {
        map.into_iter().collect()
    }
}

impl<'a, V> IntoIterator for &'a OrderedMap<V> {
    type Item = &'a (String, V);
    type IntoIter = std::slice::Iter<'a, (String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<V> IntoIterator for OrderedMap<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<V: Serialize> Serialize for OrderedMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for OrderedMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedMapVisitor(std::marker::PhantomData))
    }
}

struct OrderedMapVisitor<V>(std::marker::PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for OrderedMapVisitor<V> {
    type Value = OrderedMap<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = OrderedMap::new();
        while let Some((key, value)) = map.next_entry::<String, V>()? {
            entries.push(key, value);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_replaces_in_place() {
        let mut map = OrderedMap::from([("z", 1), ("a", 2)]);
        assert_eq!(map.insert("z", 3), Some(1));
        assert_eq!(map.insert("m", 4), None);
        assert_eq!(map.iter().collect::<Vec<_>>(), [("z", &3), ("a", &2), ("m", &4)]);
    }

    #[test]
    fn a_key_that_came_twice_is_kept_twice_and_removed_whole() {
        let mut map: OrderedMap<i32> = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!((map.len(), map.get("a")), (3, Some(&3)));
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"a":1,"b":2,"a":3}"#);
        assert_eq!(map.remove("a"), Some(3));
        assert_eq!(map.keys().collect::<Vec<_>>(), ["b"]);
    }
}
