//! Fills in the places of a request that a case leaves open: `{{model}}`, `{{limit}}`, and `{{/steps/0/json/id}}` for
//! a value of an earlier answer. [`request`](super::request) makes bytes of the result.

use serde_json::{Map, Value};

/// What is known when a request is made.
pub(super) struct Known<'a> {
    pub(super) model: &'a str,
    /// The key that limits the tokens of an answer.
    pub(super) limit: &'a str,
    /// A value with the answers to the earlier steps.
    pub(super) earlier: &'a Value,
}

impl Known<'_> {
    pub(super) fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match self.whole(text) {
                Some(value) => value,
                None => Value::String(self.text(text)),
            },
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Object(keys) => {
                let filled = keys.iter().map(|(key, value)| (self.text(key), self.json(value)));
                Value::Object(filled.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    /// The value itself, if the text is nothing but one place.
    fn whole(&self, text: &str) -> Option<Value> {
        let name = text.strip_prefix("{{")?.strip_suffix("}}")?;
        (!name.contains('{')).then(|| self.value(name))
    }

    pub(super) fn text(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, after)) = after.split_once("}}") else {
                filled.push_str("{{");
                rest = after;
                continue;
            };
            match self.value(name) {
                Value::String(text) => filled.push_str(&text),
                other => filled.push_str(&other.to_string()),
            }
            rest = after;
        }
        filled + rest
    }

    fn value(&self, name: &str) -> Value {
        match name.split_once(' ') {
            // A long text: `{{repeat 1000 word }}`.
            Some(("repeat", rest)) => {
                let (times, text) = rest.split_once(' ').unwrap_or((rest, "x"));
                Value::String(text.repeat(times.parse().unwrap_or(0)))
            }
            _ => match name {
                "model" => self.model.into(),
                "limit" => self.limit.into(),
                place => self.earlier.pointer(place).cloned().unwrap_or_default(),
            },
        }
    }
}
