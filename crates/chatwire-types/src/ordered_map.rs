//! A map that keeps the order of its keys, for unknown keys and for the maps of the document.
//! [`crate::decode`] decodes into it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use indexmap::IndexMap;
use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

mod iter;

use iter::{IntoIter, Iter, IterMut};

/// The largest number of entries for which a linear search is faster than hashing the key.
const FEW: usize = 32;

/// The unknown keys of an object, in the order in which they came.
///
/// A known key is also here if its value has another JSON shape than documented.
pub type Extra = OrderedMap<Value>;

/// A map from strings to values that keeps the order of its keys.
///
/// Each key occurs once. If a key is repeated, as in `{"a":1,"b":2,"a":3}`, the last value counts
/// and the key keeps its first position: `{"a":3,"b":2}`.
///
/// It takes 8 bytes and does not allocate while it is empty, because every wire object has one.
/// Lookup and insertion take constant time, as in a hash map with a random seed, because a stranger
/// may send any number of keys.
///
/// ```
/// use chatwire_types::OrderedMap;
///
/// let mut bias = OrderedMap::new();
/// bias.insert("50256", -100);
/// bias.insert("11", 5);
/// assert_eq!(bias.insert("50256", 100), Some(-100));
/// assert_eq!(bias.get("50256"), Some(&100));
/// assert_eq!(bias.keys().collect::<Vec<_>>(), ["50256", "11"]);
/// ```
#[derive(Clone)]
pub struct OrderedMap<V> {
    /// `None` if the map was always empty.
    entries: Option<Box<Entries<V>>>,
}

#[derive(Clone)]
enum Entries<V> {
    /// At most [`FEW`] entries, no two with the same key.
    Few(Vec<(String, V)>),
    /// Any number of entries. A map does not become a list again when entries are removed.
    Many(Box<IndexMap<String, V>>),
}

impl<V> OrderedMap<V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { entries: None }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match self.entries.as_deref() {
            None => 0,
            Some(Entries::Few(entries)) => entries.len(),
            Some(Entries::Many(entries)) => entries.len(),
        }
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        match self.entries.as_deref()? {
            Entries::Few(entries) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            Entries::Many(entries) => entries.get(key),
        }
    }

    /// The entry at a position.
    pub(crate) fn at(&self, position: usize) -> Option<(&str, &V)> {
        match self.entries.as_deref()? {
            Entries::Few(entries) => {
                entries.get(position).map(|(key, value)| (key.as_str(), value))
            }
            Entries::Many(entries) => {
                entries.get_index(position).map(|(key, value)| (key.as_str(), value))
            }
        }
    }

    /// The value of a key, mutable. The accumulator of a stream joins the pieces of unknown keys
    /// with it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        match self.entries.as_deref_mut()? {
            Entries::Few(entries) => {
                entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            Entries::Many(entries) => entries.get_mut(key),
        }
    }

    /// Whether the map has the key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets the value of a key. A new key goes to the end. Returns the previous value.
    pub fn insert(&mut self, key: impl Into<String>, value: V) -> Option<V> {
        let key = key.into();
        if let Some(slot) = self.get_mut(&key) {
            return Some(std::mem::replace(slot, value));
        }
        self.add(key, value);
        None
    }

    /// Adds an entry whose key is not in the map.
    fn add(&mut self, key: String, value: V) {
        match &mut **self.entries.get_or_insert_with(|| Box::new(Entries::Few(Vec::new()))) {
            Entries::Few(entries) if entries.len() < FEW => entries.push((key, value)),
            Entries::Few(entries) => {
                let entries = std::mem::take(entries).into_iter().chain([(key, value)]);
                self.entries = Some(Box::new(Entries::Many(Box::new(entries.collect()))));
            }
            Entries::Many(entries) => {
                entries.insert(key, value);
            }
        }
    }

    /// Sets the value of a key like [`insert`](Self::insert), and drops the previous value.
    pub fn push(&mut self, key: impl Into<String>, value: V) {
        self.insert(key, value);
    }

    /// Removes a key, and returns its value.
    ///
    /// Takes linear time, because the entries after it move up. Use [`retain`](Self::retain) to
    /// remove several keys.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        match self.entries.as_deref_mut()? {
            Entries::Few(entries) => {
                let position = entries.iter().position(|(name, _)| name == key)?;
                Some(entries.remove(position).1)
            }
            Entries::Many(entries) => entries.shift_remove(key),
        }
    }

    /// Removes every entry.
    pub fn clear(&mut self) {
        self.entries = None;
    }

    /// Keeps the entries for which `keep` returns true. Takes linear time for any number of removed
    /// entries.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut V) -> bool) {
        match self.entries.as_deref_mut() {
            None => {}
            Some(Entries::Few(entries)) => entries.retain_mut(|(key, value)| keep(key, value)),
            Some(Entries::Many(entries)) => entries.retain(|key, value| keep(key, value)),
        }
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &V)> + ExactSizeIterator {
        self.into_iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The entries in order, with mutable values.
    pub fn iter_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = (&str, &mut V)> + ExactSizeIterator {
        self.into_iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.iter().map(|(key, _)| key)
    }

    /// The values in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.iter().map(|(_, value)| value)
    }
}

impl<V: PartialEq> PartialEq for OrderedMap<V> {
    /// Two maps are equal if they have equal entries in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
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
        let entries = entries.into_iter();
        let mut map = Self::new();
        if let room @ 1.. = entries.size_hint().0.min(FEW) {
            map.entries = Some(Box::new(Entries::Few(Vec::with_capacity(room))));
        }
        map.extend(entries);
        map
    }
}

impl<K: Into<String>, V> Extend<(K, V)> for OrderedMap<V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
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
    type Item = (&'a String, &'a V);
    type IntoIter = Iter<'a, V>;

    fn into_iter(self) -> Iter<'a, V> {
        match self.entries.as_deref() {
            None => Iter::few([].iter()),
            Some(Entries::Few(entries)) => Iter::few(entries.iter()),
            Some(Entries::Many(entries)) => Iter::many(entries.iter()),
        }
    }
}

impl<'a, V> IntoIterator for &'a mut OrderedMap<V> {
    type Item = (&'a String, &'a mut V);
    type IntoIter = IterMut<'a, V>;

    fn into_iter(self) -> IterMut<'a, V> {
        match self.entries.as_deref_mut() {
            None => IterMut::few([].iter_mut()),
            Some(Entries::Few(entries)) => IterMut::few(entries.iter_mut()),
            Some(Entries::Many(entries)) => IterMut::many(entries.iter_mut()),
        }
    }
}

impl<V> IntoIterator for OrderedMap<V> {
    type Item = (String, V);
    type IntoIter = IntoIter<V>;

    fn into_iter(self) -> IntoIter<V> {
        match self.entries.map(|entries| *entries) {
            None => IntoIter::few(Vec::new().into_iter()),
            Some(Entries::Few(entries)) => IntoIter::few(entries.into_iter()),
            Some(Entries::Many(entries)) => IntoIter::many(entries.into_iter()),
        }
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
            entries.insert(key, value);
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
    fn of_a_repeated_key_the_last_value_counts_and_the_first_place() {
        let mut map: OrderedMap<i32> = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"a":3,"b":2}"#);
        map.push("b", 4);
        map.extend([("a", 5)]);
        assert_eq!(map, OrderedMap::from([("a", 5), ("b", 4)]));
    }

    #[test]
    fn takes_the_size_of_a_pointer() {
        assert_eq!(size_of::<OrderedMap<Value>>(), size_of::<usize>());
    }

    /// Runs the same steps on a map of each size around the border between its two forms, and on a
    /// list with linear search.
    #[test]
    fn is_the_same_map_at_any_size() {
        for size in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let names = || (0..size).map(|number| format!("k{number}"));
            let mut map: OrderedMap<usize> = names().zip(0..).collect();
            let mut list: Vec<(String, usize)> = names().zip(0..).collect();
            assert_same(&map, &list);

            assert_eq!(map.remove("k1"), (size > 1).then_some(1));
            list.retain(|(key, _)| key != "k1");
            assert_eq!(map.get("k1"), None);
            map.retain(|_, value| *value % 3 != 0);
            list.retain(|(_, value)| *value % 3 != 0);
            assert_same(&map, &list);

            map.iter_mut().for_each(|(_, value)| *value += 7);
            list.iter_mut().for_each(|(_, value)| *value += 7);
            assert_same(&map, &list);
            // A map that was large and is small now equals one that was always small.
            assert_eq!(map, list.iter().cloned().collect());

            map.clear();
            assert_eq!(map, OrderedMap::new());
        }
    }

    fn assert_same(map: &OrderedMap<usize>, list: &[(String, usize)]) {
        let expected = || list.iter().map(|(key, value)| (key.as_str(), value));
        assert_eq!(map.len(), list.len());
        assert_eq!(map.is_empty(), list.is_empty());
        assert!(map.iter().eq(expected()));
        assert!(map.iter().rev().eq(expected().rev()));
        assert_eq!(map.iter().size_hint(), (list.len(), Some(list.len())));
        assert!(map.clone().into_iter().eq(list.iter().cloned()));
        assert!(expected().all(|(key, value)| map.get(key) == Some(value)));
    }
}
