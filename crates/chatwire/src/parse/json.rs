//! Reads the JSON that a model wrote: an answer, or the arguments of a call. [`super::partial`] reads JSON that is not
//! complete yet.

use std::fmt;
use std::sync::Arc;

use chatwire_client::{Error, ErrorKind};
use chatwire_types::ToolCall;
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use super::ParseError;

/// Why a text is not a value of the type.
struct Mismatch {
    path: String,
    error: serde_json::Error,
    is_json: bool,
}

/// Reads a text that is not empty.
pub(super) fn answer<T: DeserializeOwned>(text: &str) -> Result<T, ParseError> {
    read(without_fence(text)).map_err(|Mismatch { path, error, is_json }| {
        let (text, source) = (text.to_owned(), Arc::new(error));
        if is_json {
            ParseError::WrongShape { text, path, source, completion: None }
        } else {
            ParseError::NotJson { text, source, completion: None }
        }
    })
}

/// Takes off a code fence, such as "```json". Services without structured output often send one.
pub(super) fn without_fence(text: &str) -> &str {
    let text = text.trim();
    let Some((_, inner)) = text.strip_prefix("```").and_then(|rest| rest.split_once('\n')) else {
        return text;
    };
    inner.trim_end().strip_suffix("```").unwrap_or(inner).trim()
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Mismatch> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader);
    let (path, error) = match read {
        Ok(value) => match reader.end() {
            Ok(()) => return Ok(value),
            Err(error) => (".".to_owned(), error),
        },
        Err(error) => (error.path().to_string(), error.into_inner()),
    };
    // serde_json reports some values that do not fit as if they were not JSON.
    let mut json = match serde_json::from_str::<Value>(text) {
        Ok(json) => json,
        Err(error) => return Err(Mismatch { path, error, is_json: false }),
    };
    // A field that may be missing is nullable in strict mode, so null stands for a missing one.
    let without_nulls = remove_nulls(&mut json).then(|| T::deserialize(json).ok()).flatten();
    without_nulls.ok_or(Mismatch { path, error, is_json: true })
}

/// Removes the keys whose value is null. Returns whether there was one.
fn remove_nulls(json: &mut Value) -> bool {
    match json {
        Value::Object(object) => {
            let length = object.len();
            object.retain(|_, value| !value.is_null());
            let changed = object.len() < length;
            remove_nulls_in(object.values_mut()) || changed
        }
        Value::Array(items) => remove_nulls_in(items.iter_mut()),
        _ => false,
    }
}

fn remove_nulls_in<'a>(values: impl Iterator<Item = &'a mut Value>) -> bool {
    values.filter_map(|value| remove_nulls(value).then_some(())).count() > 0
}

/// The arguments of a call are not of the function's type. `Display` is written for the model, so that it can correct
/// itself. It quotes nothing but the part that is wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ArgumentsError {
    /// The name of the function.
    pub name: String,
    /// The place in the arguments, such as `city`; `.` for all of them.
    pub path: String,
    /// Whether the arguments are JSON.
    pub is_json: bool,
    /// The reason; `None` if the call is not a function call.
    pub source: Option<Arc<serde_json::Error>>,
}

impl fmt::Display for ArgumentsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.source {
            None => {
                write!(f, "The call of `{name}` is not a function call. Call a function with JSON.")
            }
            Some(source) if self.is_json => write!(
                f,
                "The arguments of `{name}` are wrong at `{}`: {source}. Call `{name}` again with all \
                 arguments, as its schema describes them.",
                self.path
            ),
            Some(source) => write!(
                f,
                "The arguments of `{name}` are not JSON: {source}. Call `{name}` again with one JSON \
                 object."
            ),
        }
    }
}

impl std::error::Error for ArgumentsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

/// It has the kind [`UnusableAnswer`](ErrorKind::UnusableAnswer).
impl From<ArgumentsError> for Error {
    fn from(error: ArgumentsError) -> Self {
        Self::new(ErrorKind::UnusableAnswer, error)
    }
}

pub(super) fn arguments<T: DeserializeOwned>(call: &ToolCall) -> Result<T, ArgumentsError> {
    let name = call.name().unwrap_or_default().to_owned();
    let Some(function) = call.as_function().and_then(|call| call.function.as_ref()) else {
        return Err(ArgumentsError { name, path: ".".to_owned(), is_json: false, source: None });
    };
    // Some services send the arguments as JSON in place of JSON in a string.
    let read = match function.extra.get("arguments") {
        Some(arguments) => read(&arguments.to_string()),
        None => {
            let text = function.arguments.as_deref().unwrap_or_default();
            read(if text.trim().is_empty() { "{}" } else { text })
        }
    };
    read.map_err(|Mismatch { path, error, is_json }| ArgumentsError {
        name,
        path,
        is_json,
        source: Some(Arc::new(error)),
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn fences_are_taken_off() {
        for text in
            ["{}", " {} ", "```json\n{}\n```", "```\n{}\n```\n", "```json\r\n{}", "```\n{}```"]
        {
            assert_eq!(without_fence(text), "{}", "{text:?}");
        }
        assert_eq!(without_fence("```"), "```");
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item {
        name: Option<String>,
        #[serde(default)]
        count: u8,
    }

    #[test]
    fn null_stands_for_a_missing_key() {
        let item: Item = answer(r#"{"name":null,"count":null}"#).unwrap();
        assert_eq!(item, Item { name: None, count: 0 });
        let error = answer::<Vec<Item>>(r#"[{"name":null,"count":"x"}]"#).unwrap_err();
        assert!(matches!(error, ParseError::WrongShape { path, .. } if path == "[0].count"));
    }
}
