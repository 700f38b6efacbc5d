//! Keeps the latest requests for the assertions of the user. It keeps their text, because typed
//! values can need a hundred times as much; [`routes`](crate::routes) checks them before.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chatwire_types::CreateChatCompletionRequest;

use crate::limits::ALL_KEPT;

/// The latest requests, bounded by their number and by their bytes.
pub(crate) struct Kept {
    most: usize,
    bodies: Mutex<Bodies>,
}

#[derive(Default)]
struct Bodies {
    list: VecDeque<Bytes>,
    /// The length of all of them.
    bytes: usize,
}

impl Kept {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, bodies: Mutex::default() }
    }

    /// Keeps the body of a valid request. The oldest ones make room for it.
    pub(crate) fn push(&self, body: Bytes) {
        let mut bodies = self.lock();
        bodies.bytes += body.len();
        bodies.list.push_back(body);
        while bodies.list.len() > self.most || bodies.bytes > ALL_KEPT {
            let Some(oldest) = bodies.list.pop_front() else { return };
            bodies.bytes -= oldest.len();
        }
    }

    /// The requests as typed values, the oldest first.
    pub(crate) fn requests(&self) -> Vec<CreateChatCompletionRequest> {
        let bodies = self.lock().list.clone();
        // Decoding does not fail, because the validation requires all that the type does.
        bodies.iter().filter_map(|body| serde_json::from_slice(body).ok()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Bodies> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let kept = Kept::new(2);
        for model in ["a", "b", "c"] {
            kept.push(format!(r#"{{"model":"{model}","messages":[]}}"#).into());
        }
        let models: Vec<_> = kept.requests().into_iter().map(|request| request.model).collect();
        assert_eq!(models.len(), 2);
        assert!(kept.lock().list.iter().all(|body| !body.starts_with(br#"{"model":"a""#)));
        kept.push(vec![b' '; ALL_KEPT].into());
        assert_eq!(kept.lock().list.len(), 1);
    }

    #[test]
    fn none_are_kept() {
        let kept = Kept::new(0);
        kept.push("{}".into());
        assert_eq!(kept.lock().list.len(), 0);
    }
}
