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
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    /// In each form in which a text can repeat them, the longest first.
    values: Vec<Vec<u8>>,
}

impl Secrets {
    /// Collects the secrets in the headers and in the query.
    pub(crate) fn of(headers: &HeaderMap, query: &str) -> Self {
        let mut secrets = Self::default();
        secrets.add_headers(headers);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if is_secret_parameter(&name) {
                secrets.add(&value);
            }
        }
        secrets.sort();
        secrets
    }

    /// Adds the secrets in the headers of the answer, such as new cookies.
    #[cfg(feature = "record")]
    pub(crate) fn extend_with_answer(&mut self, headers: &HeaderMap) {
        self.add_headers(headers);
        self.sort();
    }

    /// Adds secrets that the request does not show in its headers, and those of its body.
    #[cfg(feature = "record")]
    pub(crate) fn extend<'a>(&mut self, values: impl Iterator<Item = &'a str>, body: &[u8]) {
        values.for_each(|value| self.add(value));
        if let Ok(json) = serde_json::from_slice(body) {
            self.add_values(&json);
        }
        self.sort();
    }

    /// Adds the values of secret keys.
    #[cfg(feature = "record")]
    fn add_values(&mut self, json: &Value) {
        match json {
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(text) if is_secret_key(key) => self.add(text),
                        value => self.add_values(value),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|item| self.add_values(item)),
            _ => {}
        }
    }

    /// The longest first, because one can be a part of another.
    fn sort(&mut self) {
        self.values.sort_by(|one, other| (other.len(), one).cmp(&(one.len(), other)));
        self.values.dedup();
    }

    fn add_headers(&mut self, headers: &HeaderMap) {
        for (_, value) in headers.iter().filter(|(name, _)| is_secret_header(name)) {
            let value = String::from_utf8_lossy(value.as_bytes());
            self.add(&value);
            // A key after its scheme, and the pairs of a cookie.
            value.split([' ', ';', '=']).for_each(|part| self.add(part));
        }
    }

    fn add(&mut self, value: &str) {
        let value = value.trim();
        let is = |word: &&str| word.eq_ignore_ascii_case(value);
        if value.len() < SHORTEST || SCHEMES.iter().any(is) || PLACEHOLDERS.iter().any(is) {
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
        self.mask_before(text, text.len());
    }

    /// Overwrites the secrets that begin before the end.
    pub(crate) fn mask_before(&self, text: &mut [u8], end: usize) {
        for secret in &self.values {
            let mut from = 0;
            while let Some(found) =
                text.get(from..).and_then(|rest| memchr::memmem::find(rest, secret))
            {
                let start = from + found;
                if start >= end {
                    break;
                }
                from = start + secret.len();
                if let Some(place) = text.get_mut(start..from) {
                    place.fill(b'*');
                }
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

    /// The value of an answer's header without secrets.
    #[cfg(feature = "record")]
    pub(crate) fn mask_header(&self, value: &str) -> String {
        let mut masked = value.as_bytes().to_vec();
        self.mask(&mut masked);
        let masked = String::from_utf8_lossy(&masked).into_owned();
        mask_text(&masked).unwrap_or(masked)
    }
}

/// Keys that the manuals of local servers tell users to write, because a client demands one. They are found in
/// ordinary text: a server answers with `fp_ollama`.
const PLACEHOLDERS: &[&str] = &[
    "anything",
    "lm-studio",
    "localai",
    "no-key",
    "not-needed",
    "ollama",
    "placeholder",
    "unused",
];

/// Words before a key that are not secret.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "negotiate", "token", "apikey", "api-key"];

/// Whether the values of a header are secrets.
pub(crate) fn is_secret_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    // Limits on tokens, such as `x-ratelimit-limit-tokens`, and `www-authenticate`.
    let is_open = ["ratelimit", "tokens", "authenticate"].iter().any(|part| name.contains(part));
    let parts = ["auth", "cookie", "credential", "key", "password", "secret", "token"];
    !is_open && parts.iter().any(|part| name.contains(part))
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

/// A text without words that look like a key.
fn without_keys(text: &str) -> Option<String> {
    let (mut masked, mut rest) = (String::new(), text);
    while let Some((start, end)) = find_key(rest.as_bytes()) {
        masked += rest.get(..start)?;
        masked += MASK;
        rest = rest.get(end..)?;
    }
    masked += rest;
    (masked != text).then_some(masked)
}

/// The place of the first word that looks like a key: `sk-` and at least 20 more characters.
pub(super) fn find_key(text: &[u8]) -> Option<(usize, usize)> {
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    memchr::memmem::find_iter(text, PREFIX).find_map(|start| {
        let (before, word) = text.split_at_checked(start)?;
        if before.last().is_some_and(is_key) {
            return None;
        }
        let length = word.iter().take_while(|byte| is_key(byte)).count();
        (length >= PREFIX.len() + 20).then_some((start, start + length))
    })
}

const PREFIX: &[u8] = b"sk-";

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
        check(&secrets("authorization", "Bearer ollama"), "fp_ollama", "fp_ollama");
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
