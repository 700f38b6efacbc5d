//! Removes secrets from everything that the client shows of an answer, because some servers repeat the key in
//! their errors. [`auth`](crate::auth) puts the key into the request.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// What stands in place of a secret.
const HIDDEN: &[u8] = b"***";

/// A shorter secret is a placeholder, and replacing it would damage ordinary words.
const SHORTEST: usize = 8;

/// At the end of a text that was cut, a beginning of a secret of at least this length is removed, too.
const SHORTEST_START: usize = 6;

/// In the middle of a text, a beginning of a secret of at least this length is removed, because some servers show
/// the first characters of a key.
const LONGEST_START: usize = 12;

/// The maximum number of backslashes before one character: JSON in JSON in JSON. A server may send any number.
const MOST_SLASHES: usize = 8;

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
pub(crate) struct Secrets(Arc<Vec<Box<str>>>);

impl Secrets {
    /// Adds a text, and its form in base64, in which a password is sent.
    pub(crate) fn add(&mut self, text: &str) {
        if text.len() >= SHORTEST && !self.0.iter().any(|known| **known == *text) {
            Arc::make_mut(&mut self.0).push(text.into());
        }
    }

    /// Adds the texts that another set has.
    pub(crate) fn add_all(&mut self, others: &Self) {
        others.0.iter().for_each(|text| self.add(text));
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
        // `Bearer KEY`, `Basic KEY`, `session=KEY; theme=dark`: servers repeat the parts alone.
        let parts = value.split([' ', ';', ',', '=', '"']).filter(|part| part.len() < value.len());
        for part in parts.chain([value]) {
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
        if self.0.is_empty() {
            return None;
        }
        let mut redacted: Option<Vec<u8>> = None;
        let (mut at, mut copied) = (0, 0);
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = self.0.iter().filter_map(|secret| match_start(rest, secret)).max()
            else {
                at += 1;
                continue;
            };
            let kept = redacted.get_or_insert_default();
            kept.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
            kept.extend_from_slice(HIDDEN);
            at += length;
            copied = at;
        }
        let mut redacted = redacted?;
        redacted.extend_from_slice(bytes.get(copied..).unwrap_or_default());
        Some(redacted)
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

/// The length of the secret at the front of the bytes, however its characters are escaped. At the end of the
/// bytes, a beginning of the secret is enough.
fn match_start(bytes: &[u8], secret: &str) -> Option<usize> {
    let mut at = 0;
    for (matched, byte) in secret.bytes().enumerate() {
        let rest = bytes.get(at..).unwrap_or_default();
        match match_byte(rest, byte) {
            Some(length) => at += length,
            None if is_cut_escape(rest) && matched >= SHORTEST_START => return Some(bytes.len()),
            None => return (matched >= LONGEST_START).then_some(at),
        }
    }
    Some(at)
}

/// Whether the bytes end here, or in the middle of an escape.
fn is_cut_escape(rest: &[u8]) -> bool {
    rest.is_empty() || (rest.len() < 8 && matches!(rest.first(), Some(b'\\' | b'%' | b'&')))
}

/// The length of a byte as it may be written: plain, after backslashes, and as an escape of JSON (`\u002d`), of
/// an address (`%2d`) or of HTML (`&#45;`, `&#x2d;`).
fn match_byte(bytes: &[u8], byte: u8) -> Option<usize> {
    let first = *bytes.first()?;
    if first.eq_ignore_ascii_case(&byte) {
        return Some(1);
    }
    match first {
        b'\\' => {
            let slashes =
                bytes.iter().take(MOST_SLASHES).take_while(|byte| **byte == b'\\').count();
            let rest = bytes.get(slashes..)?;
            let number = rest.strip_prefix(b"u").and_then(|rest| number(rest.get(..4)?, 16));
            if number == Some(u32::from(byte)) {
                return Some(slashes + 5);
            }
            (rest.first() == Some(&byte)).then_some(slashes + 1)
        }
        b'%' => (number(bytes.get(1..3)?, 16)? == u32::from(byte)).then_some(3),
        b'&' => {
            if let Some(length) = named_entity(bytes, byte) {
                return Some(length);
            }
            let digits = bytes.strip_prefix(b"&#")?;
            let length = digits.iter().take(8).position(|byte| *byte == b';')?;
            let digits = digits.get(..length)?;
            let value = match digits.split_first()? {
                (b'x' | b'X', digits) => number(digits, 16),
                _ => number(digits, 10),
            };
            (value? == u32::from(byte)).then_some(length + 3)
        }
        _ => None,
    }
}

/// The length of `&amp;` and the like.
fn named_entity(bytes: &[u8], byte: u8) -> Option<usize> {
    let name: &[u8] = match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'"' => b"&quot;",
        b'\'' => b"&apos;",
        _ => return None,
    };
    bytes.starts_with(name).then_some(name.len())
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "sk-test/0123+abc";

    fn redact_text(secrets: &Secrets, text: &str) -> String {
        let redacted = secrets.redact(Bytes::copy_from_slice(text.as_bytes()));
        String::from_utf8(redacted.into()).unwrap()
    }

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add(KEY);
        secrets
    }

    #[track_caller]
    fn check(text: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
        let redacted = secrets().redact(Bytes::copy_from_slice(text.as_ref()));
        assert_eq!(redacted, expected.as_ref(), "{}", String::from_utf8_lossy(&redacted));
    }

    #[test]
    fn a_secret_is_found_in_every_notation() {
        check("a sk-test/0123+abc b", "a *** b");
        check(r"a sk\u002dtest\/0123\u002Babc b", "a *** b");
        check(r"a \\u0073k-test\\\/0123+abc b", "a *** b");
        check("a sk%2Dtest%2f0123%2Babc b", "a *** b");
        check("a sk&#45;test&#x2F;0123+abc b", "a *** b");
        check("a SK-TEST/0123+ABC b", "a *** b");
        check(b"\xffsk-test/0123+abc\xfe", b"\xff***\xfe");
        check("sk-test/0123+abcsk-test/0123+abc", "******");
    }

    #[test]
    fn a_secret_is_found_at_a_cut() {
        check("a sk-tes", "a ***");
        check(r"a sk-test\u00", "a ***");
        check("a sk-te", "a sk-te");
        check("a sk-test b", "a sk-test b");
        check("a sk-test/0123... b", "a ***... b");
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

    /// Each byte is looked at a few times, however many backslashes there are.
    #[test]
    fn backslashes_take_linear_time() {
        let body = Bytes::from(vec![b'\\'; 4 << 20]);
        assert_eq!(secrets().redact(body.clone()), body);
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

    proptest! {
        #[test]
        fn a_secret_is_never_left(
            parts in prop::collection::vec((any::<Vec<u8>>(), 0..4_usize), 1..4),
        ) {
            let mut body = Vec::new();
            for (before, notation) in &parts {
                body.extend_from_slice(before);
                for byte in KEY.bytes() {
                    let text = match notation {
                        0 => char::from(byte).to_string(),
                        1 => format!("\\u{byte:04x}"),
                        2 => format!("%{byte:02X}"),
                        _ => format!("&#{byte};"),
                    };
                    body.extend_from_slice(text.as_bytes());
                }
            }
            let redacted = secrets().redact(body.into());
            prop_assert!(secrets().redacted(&redacted).is_none());
        }
    }
}
