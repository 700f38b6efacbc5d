//! Removes secrets from everything that the client shows of an answer, because some servers repeat the key in
//! their errors. [`auth`](crate::auth) puts the key into the request, and `chatwire_types::secrets` finds a secret in
//! every notation.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chatwire_types::secrets::{Secret, parts, redacted};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// A shorter secret is a placeholder, and replacing it would damage ordinary words.
const SHORTEST: usize = 8;

/// A value with one of these words in its name is a secret.
const SECRET_NAMES: [&str; 10] =
    ["auth", "cookie", "credential", "key", "passw", "secret", "session", "sig", "token", "bearer"];

/// A value with one of these names is a secret.
const EXACT_SECRET_NAMES: [&str; 2] = ["code", "pwd"];

/// Names of headers whose values are no secrets, however they look.
const PUBLIC_NAMES: [&str; 6] = [
    "accept",
    "content-type",
    "openai-organization",
    "openai-project",
    "user-agent",
    "api-version",
];

/// A value of at least this length that mixes letters and digits is a secret under any name.
const SHORTEST_RANDOM: usize = 20;

/// The texts that must never be shown. `Debug` does not show them either.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<Vec<Secret>>);

impl Secrets {
    /// Adds a text.
    pub(crate) fn add(&mut self, text: &str) {
        if text.len() >= SHORTEST && !self.0.iter().any(|known| known.text() == text) {
            Arc::make_mut(&mut self.0).push(Secret::new(text));
        }
    }

    /// Adds the texts that another set has.
    pub(crate) fn add_all(&mut self, others: &Self) {
        others.0.iter().for_each(|known| self.add(known.text()));
    }

    /// Forgets all texts but the last ones.
    pub(crate) fn keep_last(&mut self, number: usize) {
        let forgotten = self.0.len().saturating_sub(number);
        if forgotten > 0 {
            Arc::make_mut(&mut self.0).drain(..forgotten);
        }
    }

    /// Adds the value of a header or of a query parameter, if its name or its look says that it is a secret.
    pub(crate) fn add_value(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if PUBLIC_NAMES.contains(&name.as_str()) {
            return;
        }
        let is_named = SECRET_NAMES.iter().any(|word| name.contains(word))
            || EXACT_SECRET_NAMES.contains(&name.as_str());
        for part in parts(value) {
            if is_named || looks_random(part) {
                self.add(part);
            }
        }
        if let Some(sent) = value.strip_prefix("Basic ") {
            let decoded = STANDARD.decode(sent.trim()).ok().map(String::from_utf8);
            if let Some(Ok(pair)) = decoded
                && let Some((_, password)) = pair.split_once(':')
            {
                self.add(password);
            }
        }
    }

    /// Adds the parts of a path that look like keys.
    pub(crate) fn add_path(&mut self, path: &str) {
        path.split('/').filter(|part| looks_random(part)).for_each(|part| self.add(part));
    }

    /// Adds a user and a password, alone and as they are sent. Returns the value of `authorization`.
    pub(crate) fn add_password(&mut self, user: &str, password: &str) -> String {
        let sent = STANDARD.encode(format!("{user}:{password}"));
        self.add(password);
        self.add(&sent);
        if password.is_empty() {
            self.add(user);
        }
        format!("Basic {sent}")
    }

    /// Replaces every secret in a body or a part of it.
    pub(crate) fn redact(&self, bytes: Bytes) -> Bytes {
        match self.redacted(&bytes) {
            Some(redacted) => redacted.into(),
            None => bytes,
        }
    }

    /// The bytes without secrets; `None` if they have none.
    pub(crate) fn redacted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        redacted(&self.0, bytes)
    }

    /// Replaces every secret in the values and names of headers.
    pub(crate) fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(redacted) = self.redacted(value.as_bytes()) {
                *value = HeaderValue::from_bytes(&redacted)
                    .unwrap_or_else(|_| HeaderValue::from_static("***"));
            }
        }
        let is_secret = |name: &&HeaderName| self.redacted(name.as_str().as_bytes()).is_some();
        let names: Vec<HeaderName> = headers.keys().filter(is_secret).cloned().collect();
        for name in names {
            headers.remove(name);
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn looks_random(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    value.len() >= SHORTEST_RANDOM && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact_text(secrets: &Secrets, text: &str) -> String {
        let redacted = secrets.redact(Bytes::copy_from_slice(text.as_bytes()));
        String::from_utf8(redacted.into()).unwrap()
    }

    #[test]
    fn values_are_secrets_by_name_or_look() {
        let check = |name: &str, value: &str, expected: &str| {
            let mut secrets = Secrets::default();
            secrets.add_value(name, value);
            let text = redact_text(&secrets, &format!("<{value}>"));
            assert_eq!(text, expected, "{name}");
        };
        check("authorization", "Bearer abcdefgh", "<***>");
        check("cookie", "session=abcdefgh; theme=dark", "<***>");
        check("code", "abcdefgh", "<***>");
        check("x-goog-api-key", "abcdefgh", "<***>");
        check("x-anything", "0123456789abcdefghij", "<***>");
        check("x-team", "the blue team", "<the blue team>");
        check("openai-organization", "org-0123456789abcdefghij", "<org-0123456789abcdefghij>");
        check("api-key", "short", "<short>");
    }

    #[test]
    fn the_parts_of_a_value_are_found_alone() {
        let mut secrets = Secrets::default();
        secrets.add_value("cookie", "session=abcdefgh; theme=dark");
        secrets.add_value("authorization", "Basic dXNlcjpwYXNzd29yZA==");
        secrets.add_path("/v1/0123456789abcdefghij/chat");
        let text = "abcdefgh password dark 0123456789abcdefghij";
        assert_eq!(redact_text(&secrets, text), "*** *** dark ***");
    }

    #[test]
    fn a_password_is_found_as_it_is_sent() {
        let mut secrets = Secrets::default();
        let sent = secrets.add_password("user", "password");
        assert_eq!(sent, "Basic dXNlcjpwYXNzd29yZA==");
        let text = redact_text(&secrets, &format!("{sent} password"));
        assert_eq!(text, "Basic *** ***");
        assert_eq!(format!("{secrets:?}"), "***");
    }
}
