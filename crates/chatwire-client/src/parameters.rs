//! Writes the parameters of the generated operations: in the path, the query, a header or a cookie.
//! [`request`](crate::request) adds them to a request.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// Escapes a segment of a path, so that it stays one segment.
pub fn encode_path(segment: &str) -> String {
    match segment {
        // A URL parser removes dot segments, escaped or not, and would call another operation.
        "." => "%252E".to_owned(),
        ".." => "%252E%252E".to_owned(),
        _ => utf8_percent_encode(segment, SEGMENT).to_string(),
    }
}

/// One query parameter. `None` is left out, a list repeats the name, and a map becomes `name[key]=value`.
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T: Serialize> QueryParam<'a, T> {
    /// Takes the name and the value.
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }

    /// The pairs of the query.
    pub(crate) fn pairs(&self) -> serde_json::Result<Vec<(String, String)>> {
        let value = serde_json::to_value(self.value)?;
        let mut pairs = Vec::new();
        push_pairs(&mut pairs, self.name, &value);
        Ok(pairs)
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

/// The header of a parameter. `None` is left out, and a list is joined with commas.
///
/// # Errors
///
/// Returns an error if the name or the value cannot be sent in a header.
pub fn header_param<T: Serialize>(name: &str, value: &T) -> Result<HeaderMap, Error> {
    let mut pairs = Vec::new();
    let json =
        serde_json::to_value(value).map_err(|error| not_a_header(name, &error.to_string()))?;
    push_pairs(&mut pairs, name, &json);
    let values: Vec<String> = pairs.into_iter().map(|(_, value)| value).collect();
    let mut headers = HeaderMap::new();
    if !values.is_empty() {
        let name =
            HeaderName::try_from(name).map_err(|error| not_a_header(name, &error.to_string()))?;
        let value = HeaderValue::try_from(values.join(","))
            .map_err(|error| not_a_header(name.as_str(), &error.to_string()))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// One cookie: `name=value`. `None` is left out, and a list is joined with commas. What must not be in a cookie
/// is percent-encoded.
///
/// # Errors
///
/// Returns an error if the value is no JSON.
pub fn cookie_param<T: Serialize>(name: &str, value: &T) -> Result<Option<String>, Error> {
    let mut pairs = Vec::new();
    let json =
        serde_json::to_value(value).map_err(|error| not_a_header(name, &error.to_string()))?;
    push_pairs(&mut pairs, name, &json);
    let values: Vec<String> = pairs
        .into_iter()
        .map(|(_, value)| utf8_percent_encode(&value, SEGMENT).to_string())
        .collect();
    Ok((!values.is_empty()).then(|| format!("{name}={}", values.join(","))))
}

/// The header with these cookies; no header if there is none.
///
/// # Errors
///
/// Returns an error if the name of a cookie cannot be sent.
pub fn cookie_params(cookies: &[Option<String>]) -> Result<HeaderMap, Error> {
    let pairs: Vec<&str> = cookies.iter().flatten().map(String::as_str).collect();
    let mut headers = HeaderMap::new();
    if !pairs.is_empty() {
        let value = HeaderValue::try_from(pairs.join("; "))
            .map_err(|error| not_a_header("cookie", &error.to_string()))?;
        headers.insert(COOKIE, value);
    }
    Ok(headers)
}

/// The value is not shown, because a header may hold a secret.
fn not_a_header(name: &str, why: &str) -> Error {
    Error::request(format!(
        "the parameter `{name}` cannot be sent as a header: {why}; remove line breaks and other control \
         characters from it"
    ))
}

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Serialize>(value: T, expected: &[(&str, &str)]) {
        let pairs = QueryParam::new("q", &value).pairs().unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, expected);
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
    fn header_parameters_of_every_shape() {
        let check = |value: serde_json::Value, expected: Option<&str>| {
            let headers = header_param("X-Name", &value).unwrap();
            let header = headers.get("x-name").map(|value| value.to_str().unwrap());
            assert_eq!(header, expected);
        };
        check(serde_json::Value::Null, None);
        check("a b".into(), Some("a b"));
        check(20.into(), Some("20"));
        check(serde_json::json!(["a", "b"]), Some("a,b"));
        let error = header_param("x-name", &"a\r\nsecret: b").unwrap_err().to_string();
        assert!(error.contains("`x-name`") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn cookies_share_a_header() {
        let pairs = [
            cookie_param("session", &"a; b=c").unwrap(),
            cookie_param("absent", &None::<String>).unwrap(),
            cookie_param("ids", &[1, 2]).unwrap(),
        ];
        let headers = cookie_params(&pairs).unwrap();
        assert_eq!(headers.get("cookie").unwrap(), "session=a%3B%20b%3Dc; ids=1,2");
        assert!(cookie_params(&[None]).unwrap().is_empty());
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
