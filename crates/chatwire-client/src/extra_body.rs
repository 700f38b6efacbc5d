//! Adds keys that every request of a client has to the JSON body. A key of the request itself stays; see `extra` of
//! the request.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use chatwire_types::Extra;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::Error;
use crate::secrets::Secrets;

/// Adds the keys that the body does not have. A body that is not a JSON object stays as it is.
pub(crate) fn add(request: &mut reqwest::Request, extra: &Extra) -> Result<(), Error> {
    if extra.is_empty() {
        return Ok(());
    }
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let Some(known) = keys(body) else { return Ok(()) };
    let mut added = body.trim_ascii_end().to_vec();
    added.pop();
    let mut is_first = known.is_empty();
    for (key, value) in extra.iter().filter(|(key, _)| !known.contains(&**key)) {
        if !std::mem::take(&mut is_first) {
            added.push(b',');
        }
        let refused = |error| Error::request(format!("`{key}` cannot be sent: {error}"));
        serde_json::to_writer(&mut added, key).map_err(refused)?;
        added.push(b':');
        serde_json::to_writer(&mut added, value).map_err(refused)?;
    }
    added.push(b'}');
    *request.body_mut() = Some(Bytes::from(added).into());
    Ok(())
}

/// Adds the texts of a value that are secrets, by the keys that they are under.
pub(crate) fn add_secrets(secrets: &mut Secrets, key: &str, value: &Value) {
    match value {
        Value::String(text) => secrets.add_value(key, text),
        Value::Array(items) => items.iter().for_each(|item| add_secrets(secrets, key, item)),
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| add_secrets(secrets, key, value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The keys of a JSON object; `None` for anything else.
fn keys(json: &[u8]) -> Option<HashSet<Cow<'_, str>>> {
    struct Keys;

    impl<'de> Visitor<'de> for Keys {
        type Value = HashSet<Cow<'de, str>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut keys = HashSet::new();
            while let Some((key, _)) = map.next_entry::<Cow<'_, str>, IgnoredAny>()? {
                keys.insert(key);
            }
            Ok(keys)
        }
    }

    serde_json::Deserializer::from_slice(json).deserialize_map(Keys).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::runtime::RequestBuilder;

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let extra = Extra::from_iter(
            [("a", json!(1)), ("b\n", json!({"c": [null]}))]
                .map(|(key, value)| (key.to_owned(), value)),
        );
        let mut request = RequestBuilder::new(reqwest::Method::POST, "http://h/")
            .body(body.to_owned())
            .build()
            .unwrap();
        add(&mut request, &extra).unwrap();
        let body = request.body().unwrap().as_bytes().unwrap();
        assert_eq!(String::from_utf8_lossy(body), expected);
    }

    #[test]
    fn keys_are_added_to_objects() {
        check("{}", r#"{"a":1,"b\n":{"c":[null]}}"#);
        check(r#"{"x":{"a":2}}"#, r#"{"x":{"a":2},"a":1,"b\n":{"c":[null]}}"#);
        check(r#"{"a":null}"#, r#"{"a":null,"b\n":{"c":[null]}}"#);
        check(r#"{"b\n":3,"\u0061":2}"#, r#"{"b\n":3,"\u0061":2}"#);
        for other in ["", "[]", "1", "{"] {
            check(other, other);
        }
    }

    #[test]
    fn values_under_secret_names_are_secrets() {
        let mut secrets = Secrets::default();
        add_secrets(
            &mut secrets,
            "auth",
            &json!({"api_key": ["12345678"], "team": "the blue team"}),
        );
        let shown = secrets.redact(Bytes::from_static(b"12345678 the blue team"));
        assert_eq!(shown, "*** the blue team");
    }
}
