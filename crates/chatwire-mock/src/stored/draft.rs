//! Takes from a request what a stored completion repeats. [`store`](super::store) keeps it together
//! with the answer.

use chatwire_types::{
    CreateChatCompletionRequest, FindingKind, Path, Step, StoredMessage, Unknown as _,
};
use serde_core::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::prompt::message_text;

/// What a request with `store: true` leaves for its stored completion.
pub(crate) struct Draft {
    /// The keys of the request that the completion repeats, with the defaults of the official service.
    parameters: Map<String, Value>,
    pub(super) metadata: Map<String, Value>,
    /// As JSON, because values need more memory than their text. They have no `id` yet.
    messages: Vec<String>,
}

impl Draft {
    /// Returns `None` if the request does not ask for its completion to be stored.
    pub(crate) fn of(request: &Value) -> Option<Self> {
        if request.get("store") != Some(&Value::Bool(true)) {
            return None;
        }
        let typed = typed(request);
        let repeated = REPEATED.iter().map(|(name, key, default)| {
            let value = typed
                .get(*key)
                .or_else(|| request.get(*key))
                .filter(|value| !value.is_null())
                .cloned();
            ((*name).to_owned(), value.unwrap_or_else(|| default.map_or(Value::Null, Value::from)))
        });
        let metadata = request.get("metadata").and_then(Value::as_object).cloned();
        let messages = request.get("messages").and_then(Value::as_array);
        Some(Self {
            parameters: repeated.collect(),
            metadata: metadata.unwrap_or_default(),
            messages: messages.into_iter().flatten().map(without_id).collect(),
        })
    }

    /// The completion as it is stored, without its metadata.
    pub(super) fn completion(&self, completion: &Value) -> String {
        let mut stored = completion.as_object().cloned().unwrap_or_default();
        stored.extend(self.parameters.clone());
        Value::Object(stored).to_string()
    }

    /// The messages with their ids, which are made of the completion's id.
    pub(super) fn into_messages(self, id: &str) -> Vec<(String, String)> {
        let messages = self.messages.into_iter().enumerate();
        messages
            .map(|(index, message)| {
                let id = format!("{id}-{index}");
                let rest = message.strip_prefix('{').unwrap_or_default();
                let message = format!("{{\"id\":{},{rest}", Value::from(id.as_str()));
                (id, message)
            })
            .collect()
    }
}

/// The parameters of several keys as the types write them: without nulls, which only a request may have.
fn typed(request: &Value) -> Map<String, Value> {
    let kept = ["tools", "tool_choice", "response_format"];
    let kept = kept.into_iter().filter_map(|key| Some((key.to_owned(), request.get(key)?.clone())));
    let request = CreateChatCompletionRequest::deserialize(Value::Object(kept.collect()));
    let json = request.and_then(|request| serde_json::to_value(&request));
    json.ok().and_then(|json| json.as_object().cloned()).unwrap_or_default()
}

/// The name in the completion, the name in the request, and the official default.
const REPEATED: &[(&str, &str, Option<f64>)] = &[
    ("temperature", "temperature", Some(1.0)),
    ("top_p", "top_p", Some(1.0)),
    ("presence_penalty", "presence_penalty", Some(0.0)),
    ("frequency_penalty", "frequency_penalty", Some(0.0)),
    ("seed", "seed", None),
    ("tools", "tools", None),
    ("tool_choice", "tool_choice", None),
    ("response_format", "response_format", None),
    ("input_user", "user", None),
];

/// A message in the form of the list: its text, and its parts if it was sent in parts.
fn without_id(message: &Value) -> String {
    let content = message.get("content").unwrap_or(&Value::Null);
    let text = if content.is_null() { Value::Null } else { json!(message_text(message)) };
    let mut stored = Map::from_iter([
        ("role".to_owned(), message.get("role").cloned().unwrap_or_default()),
        ("content".to_owned(), text),
        ("name".to_owned(), message.get("name").cloned().unwrap_or_default()),
        ("content_parts".to_owned(), content.as_array().map_or(Value::Null, |parts| json!(parts))),
    ]);
    for (key, value) in message.as_object().into_iter().flatten() {
        if !stored.contains_key(key) {
            stored.insert(key.clone(), value.clone());
        }
    }
    without_deviations(stored).to_string()
}

/// A message without keys that a request may have in any shape, because only answers have them.
fn without_deviations(stored: Map<String, Value>) -> Value {
    let mut json = Value::Object(stored);
    let mut deviations = Vec::new();
    if let Ok(message) = StoredMessage::deserialize(&json) {
        message.visit_unknown(&mut Path::new(), &mut |path, finding| {
            if let (FindingKind::Deviation, [Step::Key(key)]) = (finding.kind, path.steps()) {
                deviations.push(key.clone());
            }
        });
    }
    if let Some(stored) = json.as_object_mut() {
        stored.retain(|key, value| value.is_null() || !deviations.contains(key));
    }
    json
}
