//! Reads what a span says about a request from its body, so that it says what is sent. `answer.rs` does so for the
//! answer.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The keys that a span tells about.
const KEYS: &[&str] = &[
    "model",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "max_completion_tokens",
    "max_tokens",
    "n",
    "seed",
    "stop",
    "reasoning_effort",
    "reasoning",
    "service_tier",
    "response_format",
    "modalities",
];

/// The keys with words of the caller.
const CONTENT_KEYS: &[&str] = &["messages", "tools"];

/// The keys of a request that a span tells about.
#[derive(Default)]
pub(super) struct RequestFacts(Map<String, Value>);

impl RequestFacts {
    pub(super) fn read(request: &reqwest::Request, has_content: bool) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let mut reader = serde_json::Deserializer::from_slice(body);
        Self(reader.deserialize_map(Facts { has_content }).unwrap_or_default())
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
    }

    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.0.get(key)?.as_i64()
    }

    /// The two keys mean the same. Each service knows one of them.
    pub(super) fn max_tokens(&self) -> Option<i64> {
        self.integer("max_completion_tokens").or_else(|| self.integer("max_tokens"))
    }

    /// `None` for 1, which is what every service does by default.
    pub(super) fn choice_count(&self) -> Option<i64> {
        self.integer("n").filter(|count| *count != 1)
    }

    /// `None` for a request that is not streamed.
    pub(super) fn stream(&self) -> Option<bool> {
        self.0.get("stream")?.as_bool().filter(|is_streamed| *is_streamed)
    }

    pub(super) fn reasoning_level(&self) -> Option<&str> {
        let nested = || self.0.get("reasoning")?.get("effort")?.as_str();
        self.text("reasoning_effort").or_else(nested)
    }

    /// What kind of answer the request asks for, if it says so.
    pub(super) fn output_type(&self) -> Option<&'static str> {
        let modalities = self.0.get("modalities").and_then(Value::as_array);
        if modalities.is_some_and(|kinds| kinds.iter().any(|kind| kind == "audio")) {
            return Some("speech");
        }
        match self.0.get("response_format")?.get("type")?.as_str()? {
            "text" => Some("text"),
            "json_object" | "json_schema" => Some("json"),
            _ => None,
        }
    }

    /// A list in JSON, because `tracing` has no lists.
    pub(super) fn stop_sequences(&self) -> Option<String> {
        match self.0.get("stop")? {
            Value::Null => None,
            list @ Value::Array(_) => Some(list.to_string()),
            one => Some(Value::Array(vec![one.clone()]).to_string()),
        }
    }

    pub(super) fn list(&self, key: &str) -> Option<&[Value]> {
        self.0.get(key)?.as_array().map(Vec::as_slice)
    }
}

/// Keeps these keys, and skips the others without a copy.
struct Facts {
    has_content: bool,
}

impl<'de> Visitor<'de> for Facts {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut facts = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let is_content = self.has_content && CONTENT_KEYS.contains(&&*key);
            if is_content || KEYS.contains(&&*key) {
                facts.insert(key, entries.next_value()?);
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(facts)
    }
}
