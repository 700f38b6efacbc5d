//! Finds secrets in a text, however their characters are written, and removes them. `chatwire-client` hides keys in its
//! errors with it, and `chatwire-probe` in its reports; each decides what a secret is.

use std::fmt;

/// What stands in place of a secret.
const HIDDEN: &[u8] = b"***";

/// At the end of a text that was cut, a beginning of a secret of at least this length is removed, too.
const SHORTEST_START: usize = 6;

/// In the middle of a text, a beginning of a secret of at least this length is removed, because some servers show
/// the first characters of a key.
const LONGEST_START: usize = 12;

/// The maximum number of backslashes before one character: JSON in JSON in JSON. A server may send any number.
const MOST_SLASHES: usize = 8;

/// A text that must never be shown. `Debug` does not show it either.
#[derive(Clone)]
pub struct Secret {
    text: Box<str>,
    /// What is always the same of its form in base64, for each of the three places in which it can begin.
    base64: [Box<str>; 3],
}

impl Secret {
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), base64: [0, 1, 2].map(|place| base64(text.as_bytes(), place)) }
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The length of the secret at the front of the bytes.
    fn match_start(&self, bytes: &[u8]) -> Option<usize> {
        let plain = match_start(bytes, &self.text, match_byte);
        let base64 =
            || self.base64.iter().filter_map(|form| match_start(bytes, form, match_sextet));
        plain.or_else(|| base64().max())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The value of a header and its parts: of `Bearer KEY` and `session=KEY; theme=dark`, servers repeat `KEY` alone.
pub fn parts(value: &str) -> impl Iterator<Item = &str> {
    let parts = value.split([' ', ';', ',', '=', '"']).filter(|part| part.len() < value.len());
    parts.chain([value])
}

/// The bytes without secrets; `None` if they have none.
#[must_use]
pub fn redacted(secrets: &[Secret], bytes: &[u8]) -> Option<Vec<u8>> {
    if secrets.is_empty() {
        return None;
    }
    let starts = starts(secrets);
    let is_start = |byte: &u8| starts.get(usize::from(*byte)) == Some(&true);
    let mut redacted: Option<Vec<u8>> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(skipped) = bytes.get(at..).and_then(|rest| rest.iter().position(is_start)) {
        at += skipped;
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(length) = secrets.iter().filter_map(|secret| secret.match_start(rest)).max()
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

/// The bytes that a secret can begin with in any notation. Most bytes of a text cannot.
fn starts(secrets: &[Secret]) -> [bool; 256] {
    let firsts = secrets.iter().flat_map(|secret| {
        let plain = secret.text.bytes().take(1);
        let plain = plain.flat_map(|byte| [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]);
        plain.chain(secret.base64.iter().filter_map(|form| form.bytes().next()))
    });
    let mut starts = [false; 256];
    // Escapes, and what stands for `+` and `/` in the other alphabet of base64.
    for byte in firsts.chain(*br"\%&-_") {
        if let Some(start) = starts.get_mut(usize::from(byte)) {
            *start = true;
        }
    }
    starts
}

/// The length of the secret at the front of the bytes, however its characters are escaped. At the end of the
/// bytes, a beginning of the secret is enough.
fn match_start(
    bytes: &[u8],
    secret: &str,
    match_byte: fn(&[u8], u8) -> Option<usize>,
) -> Option<usize> {
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

/// The length of a character of base64, in either of its alphabets. Only those that are not letters or digits are
/// escaped.
fn match_sextet(bytes: &[u8], sextet: u8) -> Option<usize> {
    match sextet {
        b'+' => match_byte(bytes, b'+').or_else(|| match_byte(bytes, b'-')),
        b'/' => match_byte(bytes, b'/').or_else(|| match_byte(bytes, b'_')),
        _ => (bytes.first() == Some(&sextet)).then_some(1),
    }
}

/// The characters of base64 that depend on the bytes alone, if `before` other bytes come before them.
fn base64(bytes: &[u8], before: usize) -> Box<str> {
    let bits = |index: usize| {
        let byte = index.checked_sub(before).and_then(|index| bytes.get(index));
        u16::from(byte.copied().unwrap_or(0))
    };
    let first = (before * 8).div_ceil(6);
    let end = (before + bytes.len()) * 8 / 6;
    let sextets = (first..end).map(|index| {
        let (byte, bit) = (index * 6 / 8, index * 6 % 8);
        let pair = bits(byte) << 8 | bits(byte + 1);
        usize::from(pair >> (10 - bit) & 0b11_1111)
    });
    sextets.filter_map(|sextet| ALPHABET.get(sextet..=sextet)).collect::<String>().into()
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "sk-test/0123+abc";

    fn hidden(bytes: &[u8]) -> Vec<u8> {
        redacted(&[Secret::new(KEY)], bytes).unwrap_or_else(|| bytes.to_vec())
    }

    #[track_caller]
    fn check(text: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
        let hidden = hidden(text.as_ref());
        assert_eq!(hidden, expected.as_ref(), "{}", String::from_utf8_lossy(&hidden));
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

    /// As `base64` of the shell writes them: alone, after one byte, after two, and with other letters for `+` and `/`.
    #[test]
    fn a_secret_is_found_in_base64() {
        check("a c2stdGVzdC8wMTIzK2FiYw== b", "a ***w== b");
        check("Basic OnNrLXRlc3QvMDEyMythYmM=", "Basic On***M=");
        check("Basic dTpzay10ZXN0LzAxMjMrYWJj", "Basic dTp***");
        check("c2stdGVzdC8wMTIzK2FiYw", "***w");
        check(r"Basic dTpzay10ZXN0LzAxMjMrYWJj\n", r"Basic dTp***\n");
        check("an ordinary text c2stdGVzd", "an ordinary text ***");
        check("C2STDGVZDC8WMTIZK2FIYW", "C2STDGVZDC8WMTIZK2FIYW");
        let pair = Secret::new("~~~~????>>>>");
        for text in ["fn5+fj8/Pz8+Pj4+", "fn5-fj8_Pz8-Pj4-", r"fn5%2Bfj8\/Pz8%2bPj4+"] {
            assert_eq!(
                redacted(std::slice::from_ref(&pair), text.as_bytes()).unwrap(),
                b"***",
                "{text}"
            );
        }
    }

    #[test]
    fn a_secret_is_found_at_a_cut() {
        check("a sk-tes", "a ***");
        check(r"a sk-test\u00", "a ***");
        check("a sk-te", "a sk-te");
        check("a sk-test b", "a sk-test b");
        check("a sk-test/0123... b", "a ***... b");
    }

    /// Each byte is looked at a few times, however many backslashes there are.
    #[test]
    fn backslashes_take_linear_time() {
        let body = vec![b'\\'; 1 << 19];
        assert_eq!(hidden(&body), body);
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
            let once = hidden(&body);
            prop_assert_eq!(hidden(&once), once);
        }
    }
}
