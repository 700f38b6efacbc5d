//! The stored completions of a server, bounded by their number and by their bytes.
//! [`draft`](super::draft) prepares them, and [`page`](super::page) lists them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::list_query::ListQuery;
use super::page::{Item, not_found, page};
use crate::limits::{ALL_STORED, MOST_STORED};
use crate::problem::Problem;
use crate::validate::validate_update;

/// The stored completions. The oldest ones make room for new ones.
#[derive(Default)]
pub(crate) struct Store(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// In the order of creation.
    list: VecDeque<Entry>,
    /// The size of all of them.
    bytes: usize,
}

/// A stored completion.
struct Entry {
    id: String,
    model: String,
    metadata: Map<String, Value>,
    /// As JSON, without the metadata.
    completion: String,
    messages: Vec<Message>,
    /// The bytes that it holds, without the metadata, which the validation bounds.
    size: usize,
}

struct Message {
    id: String,
    json: String,
}

impl Store {
    /// Stores a completion.
    pub(crate) fn push(&self, draft: Draft, completion: &Value) {
        let text = |key| completion.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = text("id");
        let entry = Entry {
            model: text("model"),
            metadata: draft.metadata.clone(),
            completion: draft.completion(completion),
            messages: Message::all(draft, &id),
            id,
            size: 0,
        };
        self.lock().push(entry);
    }

    /// A page of completions as JSON.
    pub(crate) fn list(&self, query: &ListQuery) -> Result<String, Problem> {
        page(self.lock().list.iter(), query)
    }

    /// A completion as JSON.
    pub(crate) fn get(&self, id: &str) -> Result<String, Problem> {
        self.lock().find(id).map(|entry| entry.json())
    }

    /// Replaces the metadata of a completion, and returns the completion as JSON. A request without
    /// metadata changes nothing, and `null` removes it.
    pub(crate) fn update(&self, id: &str, request: &Value) -> Result<String, Problem> {
        let mut entries = self.lock();
        let entry = entries.find(id)?;
        validate_update(request)?;
        match request.get("metadata") {
            None => {}
            Some(Value::Null) => entry.metadata = Map::new(),
            Some(metadata) => entry.metadata = metadata.as_object().cloned().unwrap_or_default(),
        }
        Ok(entry.json())
    }

    /// Removes a completion, and returns the confirmation as JSON.
    pub(crate) fn delete(&self, id: &str) -> Result<String, Problem> {
        self.lock().remove(id)?;
        Ok(json!({"object": "chat.completion.deleted", "id": id, "deleted": true}).to_string())
    }

    /// A page of the messages of a completion as JSON.
    pub(crate) fn messages(&self, id: &str, query: &ListQuery) -> Result<String, Problem> {
        page(self.lock().find(id)?.messages.iter(), query)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn push(&mut self, mut entry: Entry) {
        entry.size = entry.measure();
        self.bytes += entry.size;
        self.list.push_back(entry);
        while self.list.len() > MOST_STORED || self.bytes > ALL_STORED {
            let Some(oldest) = self.list.pop_front() else { return };
            self.bytes -= oldest.size;
        }
    }

    fn find(&mut self, id: &str) -> Result<&mut Entry, Problem> {
        let found = self.list.iter_mut().find(|entry| entry.id == id);
        found.ok_or_else(|| not_found("completion_id", id))
    }

    fn remove(&mut self, id: &str) -> Result<(), Problem> {
        let place = self.list.iter().position(|entry| entry.id == id);
        let removed = place.and_then(|place| self.list.remove(place));
        self.bytes -= removed.ok_or_else(|| not_found("completion_id", id))?.size;
        Ok(())
    }
}

impl Entry {
    fn measure(&self) -> usize {
        let messages = self.messages.iter().map(Message::size).sum::<usize>();
        size_of::<Self>() + self.id.len() + self.model.len() + self.completion.len() + messages
    }
}

impl Message {
    fn all(draft: Draft, id: &str) -> Vec<Self> {
        draft.into_messages(id).into_iter().map(|(id, json)| Self { id, json }).collect()
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.json.len()
    }
}

impl Item for Entry {
    fn id(&self) -> &str {
        &self.id
    }

    fn matches(&self, query: &ListQuery) -> bool {
        let has = |key: &str, value: &str| self.metadata.get(key).is_some_and(|have| have == value);
        query.model.as_ref().is_none_or(|model| *model == self.model)
            && query.metadata.iter().all(|(key, value)| has(key, value))
    }

    fn json(&self) -> String {
        let object = self.completion.strip_suffix('}').unwrap_or_default();
        let metadata = serde_json::to_string(&self.metadata).unwrap_or_default();
        format!("{object},\"metadata\":{metadata}}}")
    }
}

impl Item for Message {
    fn id(&self) -> &str {
        &self.id
    }

    fn matches(&self, _: &ListQuery) -> bool {
        true
    }

    fn json(&self) -> String {
        self.json.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(names: &[&str]) -> Store {
        let store = Store::default();
        for name in names {
            let request = json!({"store": true, "metadata": {"name": name}, "messages": []});
            let completion = json!({"id": name, "model": "m", "choices": []});
            store.push(Draft::of(&request).unwrap(), &completion);
        }
        store
    }

    /// The ids of a page, and whether there is another page.
    fn ids(store: &Store, query: &str) -> (Vec<String>, bool) {
        let page = store.list(&ListQuery::read(query).unwrap()).unwrap();
        let page: Value = serde_json::from_str(&page).unwrap();
        let ids: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(
            (&page["first_id"], &page["last_id"]),
            (*ids.first().unwrap_or(&&Value::Null), *ids.last().unwrap_or(&&Value::Null))
        );
        let ids = ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        (ids, page["has_more"].as_bool().unwrap())
    }

    #[test]
    fn pages() {
        let store = stored(&["a", "b", "c"]);
        let check = |query: &str, expected: &[&str], has_more: bool| {
            let expected = expected.iter().map(|&id| id.to_owned()).collect();
            assert_eq!(ids(&store, query), (expected, has_more), "{query}");
        };
        check("", &["a", "b", "c"], false);
        check("order=desc", &["c", "b", "a"], false);
        check("limit=2", &["a", "b"], true);
        check("limit=3", &["a", "b", "c"], false);
        check("limit=0", &[], true);
        check("limit=2&after=b", &["c"], false);
        check("limit=1&after=c&order=desc", &["b"], true);
        check("after=c", &[], false);
        check("model=m&metadata[name]=b", &["b"], false);
        check("after=b&metadata[name]=b", &[], false);
        check("model=other", &[], false);
        check("metadata[other]=", &[], false);
        assert!(store.list(&ListQuery::read("after=x").unwrap()).is_err());
    }

    #[test]
    fn twenty_are_on_a_page() {
        let names: Vec<_> = (0..21).map(|number| number.to_string()).collect();
        let store = stored(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let (page, has_more) = ids(&store, "");
        assert_eq!((page.len(), has_more), (20, true));
    }

    #[test]
    fn the_oldest_make_room_and_bytes_are_counted() {
        let names: Vec<_> = (0..=MOST_STORED).map(|number| number.to_string()).collect();
        let store = stored(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(store.get("0").is_err() && store.get("1").is_ok());
        for name in &names[1..] {
            store.delete(name).unwrap();
        }
        assert_eq!(store.lock().bytes, 0);
        let text = "x".repeat(ALL_STORED / 2);
        for id in ["a", "b", "c"] {
            let message = json!({"role": "user", "content": text});
            let request = json!({"store": true, "messages": [message]});
            store.push(Draft::of(&request).unwrap(), &json!({"id": id}));
        }
        assert!(store.get("a").is_err() && store.get("c").is_ok());
    }

    #[test]
    fn metadata_is_replaced() {
        let store = stored(&["a"]);
        let check = |request: Value, expected: Value| {
            let after: Value = store
                .update("a", &request)
                .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
            assert_eq!(after["metadata"], expected, "{request}");
        };
        check(json!({}), json!({"name": "a"}));
        check(json!({"metadata": {"b": "c"}}), json!({"b": "c"}));
        check(json!({"metadata": {"b": 1}}), Value::Null);
        check(json!({}), json!({"b": "c"}));
        check(json!({"metadata": null}), json!({}));
        assert!(store.update("b", &json!({})).is_err());
    }
}
