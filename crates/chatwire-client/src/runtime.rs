//! The names that the generated operations use, which nothing else uses. The public types are in
//! [`response`](crate::response), [`error`](crate::error) and [`config`](crate::config).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};
use serde_json::Value;

pub(crate) use crate::error::Error;
pub(crate) use crate::response::{ByteStream, Response};

/// The operation that a request is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OperationInfo {
    pub(crate) operation_id: &'static str,
}

/// Refuses a request for an event stream in a method that reads JSON, before it is sent.
pub(crate) fn refuse_stream(stream: Option<bool>, other: &str) -> Result<(), Error> {
    if stream == Some(true) {
        return Err(Error::request(format!(
            "the request asks for an event stream with `stream`, and this method reads JSON; call \
             `stream` or `{other}`, or remove `stream` from the request"
        )));
    }
    Ok(())
}

/// Escapes a segment of a path, so that it stays one segment.
pub(crate) fn encode_path(segment: &str) -> String {
    match segment {
        // A URL parser removes dot segments, escaped or not, and would call another operation.
        "." => "%252E".to_owned(),
        ".." => "%252E%252E".to_owned(),
        _ => utf8_percent_encode(segment, SEGMENT).to_string(),
    }
}

/// One query parameter. `None` is left out, a list repeats the name, and a map becomes `name[key]=value`.
pub(crate) struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T: Serialize> QueryParam<'a, T> {
    pub(crate) fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }
}

impl<T: Serialize> Serialize for QueryParam<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(self.value).map_err(serde::ser::Error::custom)?;
        let mut pairs = Vec::new();
        push_pairs(&mut pairs, self.name, &value);
        serializer.collect_seq(pairs)
    }
}

fn push_pairs(pairs: &mut Vec<(String, String)>, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => pairs.push((name.to_owned(), value.to_string())),
        Value::Array(list) => list.iter().for_each(|item| push_pairs(pairs, name, item)),
        Value::Object(map) => {
            for (key, item) in map {
                push_pairs(pairs, &format!("{name}[{key}]"), item);
            }
        }
    }
}

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Serialize>(value: T, expected: &[(&str, &str)]) {
        let json = serde_json::to_value(QueryParam::new("q", &value)).unwrap();
        assert_eq!(json, serde_json::to_value(expected).unwrap());
    }

    #[test]
    fn query_parameters_of_every_shape() {
        check(Option::<String>::None, &[]);
        check(Some("a b"), &[("q", "a b")]);
        check(20, &[("q", "20")]);
        check(vec!["a", "b"], &[("q", "a"), ("q", "b")]);
        check(serde_json::json!({"k": "v", "n": null}), &[("q[k]", "v")]);
    }

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(encode_path("chatcmpl-1_a.b~c"), "chatcmpl-1_a.b~c");
        assert_eq!(encode_path("a/b?c#d é"), "a%2Fb%3Fc%23d%20%C3%A9");
        for dots in [".", ".."] {
            let url = format!("http://h/v1/chat/completions/{}", encode_path(dots));
            let url = reqwest::Url::parse(&url).unwrap();
            assert!(url.path().starts_with("/v1/chat/completions/%252E"), "{url}");
        }
    }
}
