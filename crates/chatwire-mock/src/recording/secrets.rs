//! Keeps secrets out of recordings: the keys that a request carries, wherever they are repeated.
//! `record` masks what it saves, and [`replay`](crate::replay) masks a request in the same way before it
//! compares the two.

use axum::http::{HeaderMap, HeaderName};
use serde_json::Value;

/// What stands for a secret in JSON and in addresses.
const MASK: &str = "[secret]";

/// A shorter value is not taken for a secret, because it would be found in ordinary text.
const SHORTEST: usize = 6;

/// The secrets of one request.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// In each form in which a text can repeat them, the longest first.
    values: Vec<Vec<u8>>,
}

impl Secrets {
    /// Collects the secrets in the headers and in the query.
    pub(crate) fn of(headers: &HeaderMap, query: &str) -> Self {
        let mut secrets = Self::default();
        for (_, value) in headers.iter().filter(|(name, _)| is_secret_header(name)) {
            let value = String::from_utf8_lossy(value.as_bytes());
            secrets.add(&value);
            // A key after its scheme, and the pairs of a cookie.
            value.split([' ', ';', '=']).for_each(|part| secrets.add(part));
        }
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if is_secret_parameter(&name) {
                secrets.add(&value);
            }
        }
        secrets.values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        secrets.values.dedup();
        secrets
    }

    fn add(&mut self, value: &str) {
        let value = value.trim();
        if value.len() < SHORTEST || SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(value))
        {
            return;
        }
        let json = Value::from(value).to_string();
        let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        self.values.extend([value, json, &encoded].map(|form| form.as_bytes().to_vec()));
    }

    /// The most bytes that one of them takes.
    #[cfg(feature = "record")]
    pub(crate) fn longest(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }

    /// Overwrites every secret with asterisks, so that the length stays.
    pub(crate) fn mask(&self, text: &mut [u8]) {
        for secret in &self.values {
            let mut from = 0;
            while let Some(found) =
                text.get(from..).and_then(|rest| memchr::memmem::find(rest, secret))
            {
                let (start, end) = (from + found, from + found + secret.len());
                if let Some(place) = text.get_mut(start..end) {
                    place.fill(b'*');
                }
                from = end;
            }
        }
    }

    /// The body of a request without secrets. It is unchanged, byte for byte, if it has none.
    pub(crate) fn mask_body(&self, body: &[u8]) -> Vec<u8> {
        let mut masked = body.to_vec();
        self.mask(&mut masked);
        let Ok(mut json) = serde_json::from_slice::<Value>(&masked) else { return masked };
        if mask_json(&mut json) { json.to_string().into_bytes() } else { masked }
    }

    /// The path and the query of an address without secrets.
    pub(crate) fn mask_target(&self, target: &str) -> String {
        let mut masked = target.as_bytes().to_vec();
        self.mask(&mut masked);
        let masked = String::from_utf8_lossy(&masked).into_owned();
        without_parameters(&masked).unwrap_or(masked)
    }
}

/// Words before a key that are not secret.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "negotiate", "token", "apikey", "api-key"];

/// Whether the values of a header are secrets.
pub(crate) fn is_secret_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    // Limits on tokens, such as `x-ratelimit-limit-tokens`.
    let counts = name.contains("ratelimit") || name.contains("tokens");
    let parts = ["auth", "cookie", "credential", "key", "password", "secret", "token"];
    !counts && parts.iter().any(|part| name.contains(part))
}

/// Whether the value of such a key in JSON is a secret.
fn is_secret_key(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let name = name.to_ascii_lowercase();
    let endings = [
        "accesskey",
        "apikey",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "passwd",
        "password",
        "privatekey",
        "secret",
        "secretkey",
        "subscriptionkey",
        "token",
    ];
    endings.iter().any(|ending| name.ends_with(ending))
}

/// Whether the value of such a parameter in an address is a secret.
fn is_secret_parameter(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_secret_key(name)
        || ["key", "sig", "code", "auth"].contains(&lower.as_str())
        || lower.ends_with("signature")
}

/// Masks secrets that their key or their form gives away. Returns whether there was one.
fn mask_json(json: &mut Value) -> bool {
    match json {
        Value::Object(object) => {
            let mut found = false;
            for (key, value) in object.iter_mut() {
                match value {
                    Value::String(text)
                        if is_secret_key(key) && text != MASK && !text.is_empty() =>
                    {
                        MASK.clone_into(text);
                        found = true;
                    }
                    value => found |= mask_json(value),
                }
            }
            found
        }
        Value::Array(list) => list.iter_mut().fold(false, |found, item| mask_json(item) | found),
        Value::String(text) => match mask_text(text) {
            Some(masked) => {
                *text = masked;
                true
            }
            None => false,
        },
        _ => false,
    }
}

/// A text without the secrets of an address and without keys, or `None` if it has none.
fn mask_text(text: &str) -> Option<String> {
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    let masked = if is_address { without_parameters(text) } else { None };
    let with_keys = masked.as_deref().unwrap_or(text);
    without_keys(with_keys).or(masked)
}

/// An address without secret parameters and without a password.
fn without_parameters(address: &str) -> Option<String> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let path = without_password(path);
    let mut found = path.is_some();
    let parameters: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value))
                if is_secret_parameter(name) && !value.is_empty() && value != MASK =>
            {
                found = true;
                format!("{name}={MASK}")
            }
            _ => pair.to_owned(),
        })
        .collect();
    let path = path.unwrap_or_else(|| address.split('?').next().unwrap_or_default().to_owned());
    let mark = if address.contains('?') { "?" } else { "" };
    found.then(|| format!("{path}{mark}{}", parameters.join("&")))
}

/// `scheme://user:password@host` without the part before the `@`.
fn without_password(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let (user, _) = host.rsplit_once('@')?;
    if user == MASK {
        return None;
    }
    Some(format!("{scheme}://{MASK}{}", rest.get(user.len()..)?))
}

/// A text without words that look like a key: `sk-` and at least 20 more characters.
fn without_keys(text: &str) -> Option<String> {
    const PREFIX: &str = "sk-";
    let (mut masked, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(PREFIX) {
        let (before, key) = rest.split_at_checked(at)?;
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let end = key.find(|c| !is_key(c)).unwrap_or(key.len());
        let (key, after) = key.split_at_checked(end)?;
        let is_word = !before.ends_with(is_key);
        masked += before;
        masked += if is_word && key.len() >= PREFIX.len() + 20 { MASK } else { key };
        rest = after;
    }
    masked += rest;
    (masked != text).then_some(masked)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn secrets(name: &'static str, value: &'static str) -> Secrets {
        Secrets::of(
            &HeaderMap::from_iter([(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]),
            "",
        )
    }

    #[test]
    fn the_keys_of_a_request_are_masked_in_every_form() {
        let check = |secrets: &Secrets, text: &str, expected: &str| {
            let mut masked = text.as_bytes().to_vec();
            secrets.mask(&mut masked);
            assert_eq!(String::from_utf8(masked).unwrap(), expected);
        };
        let bearer = secrets("authorization", "Bearer sk-a/b\"c");
        check(&bearer, "key sk-a/b\"c, sk-a/b\"c", "key ********, ********");
        check(&bearer, r#"{"a":"sk-a/b\"c"}"#, r#"{"a":"*********"}"#);
        check(&bearer, "?key=sk-a%2Fb%22c&bearer", "?key=************&bearer");
        check(&secrets("x-api-key", "secret-key"), "a secret-key", "a **********");
        check(&secrets("cookie", "id=abcdefg; x=1"), "abcdefg x 1", "******* x 1");
        check(&secrets("authorization", "Bearer k"), "k Bearer", "k Bearer");
        check(&secrets("x-request-id", "not-secret"), "not-secret", "not-secret");
        let query = Secrets::of(&HeaderMap::new(), "api_key=a%2Fbcdef&limit=123456");
        check(&query, "a/bcdef 123456", "******* 123456");
    }

    #[test]
    fn keys_in_bodies_and_addresses_are_masked() {
        let check = |body: Value, expected: Value| {
            let masked = Secrets::default().mask_body(body.to_string().as_bytes());
            assert_eq!(serde_json::from_slice::<Value>(&masked).unwrap(), expected);
            let again = Secrets::default().mask_body(&masked);
            assert_eq!(again, masked, "masking twice changes nothing");
        };
        check(json!({"api_key": "x", "max_tokens": 3}), json!({"api_key": MASK, "max_tokens": 3}));
        check(
            json!({"headers": {"Authorization": "Bearer x", "X-Client-Secret": "y"}}),
            json!({"headers": {"Authorization": MASK, "X-Client-Secret": MASK}}),
        );
        let schema = json!({"properties": {"token": {"type": "string"}}, "required": ["token"]});
        check(schema.clone(), schema);
        check(
            json!(["https://u:p@host/a?x=1&sig=abc&X-Amz-Signature=d#f", "see https://h/?key=1"]),
            json!([
                "https://[secret]@host/a?x=1&sig=[secret]&X-Amz-Signature=[secret]",
                "see https://h/?key=1"
            ]),
        );
        let key = format!("sk-proj-{}", "a1B2".repeat(6));
        check(
            json!(format!("use {key}, task-{key}, sk-short")),
            json!(format!("use {MASK}, task-{key}, sk-short")),
        );
    }

    #[test]
    fn a_body_without_secrets_stays_as_it_is() {
        for body in ["{ \"b\" : 1.0, \"a\": [] }\n", "not json", ""] {
            assert_eq!(Secrets::default().mask_body(body.as_bytes()), body.as_bytes());
        }
    }

    #[test]
    fn targets() {
        let check = |target: &str, expected: &str| {
            assert_eq!(Secrets::default().mask_target(target), expected);
        };
        check("/v1/models", "/v1/models");
        check("/v1/x?limit=1&api_key=abc&after=", "/v1/x?limit=1&api_key=[secret]&after=");
    }
}
