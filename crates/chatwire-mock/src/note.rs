//! What is learnt about a request while it is answered, for a log. [`log`](crate::log) reads it at the end.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// A note about one request. All copies are the same one. Without a log, nothing is noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note(Option<Arc<Mutex<Noted>>>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    pub(crate) model: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) recording: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) prompt_tokens: Option<u64>,
    pub(crate) completion_tokens: Option<u64>,
}

impl Note {
    pub(crate) fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Writes, if there is a log.
    pub(crate) fn write(&self, write: impl FnOnce(&mut Noted)) {
        if let Some(noted) = &self.0 {
            write(&mut noted.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    pub(crate) fn read(&self) -> Noted {
        let noted = self.0.as_ref();
        noted
            .map(|noted| noted.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .unwrap_or_default()
    }

    /// Notes the model of a request.
    pub(crate) fn request(&self, request: &Value) {
        self.write(|noted| {
            noted.model = request.get("model").and_then(Value::as_str).map(str::to_owned);
        });
    }

    /// Notes the model of a request that is not parsed for another reason.
    pub(crate) fn body(&self, body: &[u8]) {
        if self.0.is_some()
            && let Ok(request) = serde_json::from_slice(body)
        {
            self.request(&request);
        }
    }

    /// Notes the usage of a completion.
    pub(crate) fn completion(&self, completion: &Value) {
        let count = |key| completion.get("usage").and_then(|usage| usage.get(key)?.as_u64());
        self.write(|noted| {
            noted.prompt_tokens = count("prompt_tokens");
            noted.completion_tokens = count("completion_tokens");
        });
    }
}
