//! Reads strings that may differ, by the letter of JSON, and tells whether two texts are alike but for
//! values. Escapes are [`super::escapes`]'s to read, and numbers [`super::numbers`]'.

use super::escapes::read_escaped;
use super::shape::MAX_HOLES;

/// The length of the inside of a string up to its closing quote, and whether it has escapes.
///
/// `None` where no string of JSON is: it does not end, or has a control character.
#[inline]
pub(crate) fn inside(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut length = plain(bytes);
    let mut escaped = false;
    loop {
        match *bytes.get(length)? {
            b'"' => return Some((length, escaped)),
            b'\\' => {
                escaped = true;
                length += 2;
            }
            _ => return None,
        }
        length += plain(bytes.get(length..)?);
    }
}

/// Whether two texts are the same but for values, so that a template of one may be like the other.
/// A guess that costs little: what it takes for alike is read by the letter afterwards. Each byte is
/// looked at a bounded number of times.
pub(super) fn are_alike(one: &[u8], other: &[u8]) -> bool {
    let (mut rest, mut other) = (one, other);
    for _ in 0..MAX_DIFFERENCES {
        // What stands here is outside of strings.
        let start = rest;
        let same = common_prefix(rest, other);
        (rest, other) = (rest.split_at(same).1, other.split_at(same).1);
        if rest.is_empty() || other.is_empty() {
            return rest.is_empty() && other.is_empty();
        }
        let after = if seems_inside_string(start.split_at(same).0) {
            after_string(rest).zip(after_string(other))
        } else {
            let is_number = |text: &[u8]| text.first().is_some_and(u8::is_ascii_digit);
            let numbers = is_number(rest) || is_number(other);
            numbers.then(|| (after_numbers(rest), after_numbers(other)))
        };
        // Another key is another shape.
        match after.filter(|(rest, _)| !rest.starts_with(b":")) {
            Some(after) => (rest, other) = after,
            None => return false,
        }
    }
    false
}

/// A template of texts with more would have more holes than one may have.
const MAX_DIFFERENCES: usize = MAX_HOLES + 1;

/// What follows a string of which the rest is here.
fn after_string(text: &[u8]) -> Option<&[u8]> {
    let (length, _) = inside(text)?;
    text.get(length + 1..)
}

fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    let ((blocks, _), (others, _)) = (one.as_chunks::<16>(), other.as_chunks::<16>());
    let mut same = 0;
    for (block, other) in blocks.iter().zip(others) {
        if block != other {
            break;
        }
        same += 16;
    }
    let rest = one.iter().zip(other).skip(same);
    same + rest.take_while(|(byte, other)| byte == other).count()
}

/// Whether a text that begins outside of strings ends inside of one: its last quote opens a string.
/// As a rule, other bytes stand before one that closes a string.
fn seems_inside_string(text: &[u8]) -> bool {
    let mut text = text;
    while let Some(at) = memchr::memrchr(b'"', text) {
        text = text.split_at(at).0;
        match text.last() {
            Some(b'\\') => {}
            before => return matches!(before, None | Some(b':' | b',' | b'{' | b'[' | b' ')),
        }
    }
    false
}

fn after_numbers(text: &[u8]) -> &[u8] {
    let goes_on =
        |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b',' | b' ' | b'e' | b'E');
    let end = text.iter().position(|byte| !goes_on(byte)).unwrap_or(text.len());
    text.split_at(end).1
}

/// How many bytes of a string stand before its end, an escape or a control character.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (position, word) in words.iter().enumerate() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return position * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let start = bytes.len() - rest.len();
    start + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The high bits of the bytes of a word that end a plain run; exact up to the lowest of them.
pub(super) const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGHS: u64 = ONES << 7;
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGHS
    }
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    control | zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))
}

/// Reads the inside of a string and puts what it means after a text; returns its length up to the
/// closing quote. `None` where JSON has no such string. Bytes that are no UTF-8 are passed on, to be
/// found where all of the text is checked.
#[inline]
pub(crate) fn read_string(bytes: &[u8], into: &mut Vec<u8>) -> Option<usize> {
    let length = plain(bytes);
    into.extend_from_slice(bytes.get(..length)?);
    if bytes.get(length) == Some(&b'"') { Some(length) } else { read_escaped(bytes, length, into) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_alike_but_for_values() {
        for (one, other, expected) in [
            (r#"{"a":"x"}"#, r#"{"a":"yz"}"#, true),
            (r#"{"a":"","n":17}"#, r#"{"a":"y\"z","n":2}"#, true),
            (r#"{"a":[1,22],"b":"c"}"#, r#"{"a":[12,3,4],"b":"d"}"#, true),
            (r#"{"a":"x","b":1}"#, r#"{"a":"y","c":1}"#, false),
            (r#"{"a":"x"}"#, r#"{"a":null}"#, false),
            (r#"{"a":"x"}"#, r#"{"a":"x"}}"#, false),
            (r#"{"a":"x"}"#, "", false),
            (r#"["x","y"]"#, r#"["xa","ya"]"#, true),
            (r#"["x", "y"]"#, r#"["", ""]"#, true),
        ] {
            assert_eq!(are_alike(one.as_bytes(), other.as_bytes()), expected, "{one} {other}");
            assert_eq!(are_alike(other.as_bytes(), one.as_bytes()), expected, "{other} {one}");
        }
    }

    #[test]
    fn texts_with_too_many_differences_are_not_alike() {
        let text = |number: &str, count| number.repeat(count);
        let check =
            |count| are_alike(text("[1],", count).as_bytes(), text("[2],", count).as_bytes());
        assert!(check(MAX_DIFFERENCES - 1));
        assert!(!check(MAX_DIFFERENCES));
    }

    #[test]
    fn strings_end_where_json_says() {
        let long = "x".repeat(100);
        for (text, expected) in [
            ("\"", Some((0, false))),
            ("ab\",", Some((2, false))),
            ("a\\\"b\"", Some((4, true))),
            ("a\\\\\"b\"", Some((3, true))),
            ("a\n\"", None),
            ("abc", None),
            ("abc\\", None),
            (&format!("{long}\"{long}"), Some((100, false))),
            (&format!("{long}\u{1}\""), None),
        ] {
            assert_eq!(inside(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn strings_mean_what_serde_json_says() {
        let long = "0123456789".repeat(5);
        for raw in [
            "",
            "plain",
            "a\\n\\t\\r\\b\\f\\/\\\\\\\"z",
            "a\\nb\\u00e9\\n",
            "x\\ud83d\\ude00y\\n",
            "x\\uD83D\\uDE00",
            "\\u0000\\uffff",
            "x\\ud83dy",
            "x\\ud83d",
            "x\\ud83d\\n",
            "x\\ud83d\\ud83d",
            "x\\ude00y",
            "x\\q",
            "é\\n\\u12",
            "\\u+123",
            "\\u12g4",
            "a\nb",
            "\\n\n",
            &format!("{long}\\n{long}\\n{long}é"),
            &format!("\\n{long}\u{1}"),
        ] {
            let mut text = b"before ".to_vec();
            let length = read_string(format!("{raw}\"after").as_bytes(), &mut text);
            let ours = length.map(|length| (length, String::from_utf8(text).unwrap()));
            let theirs = serde_json::from_str::<String>(&format!("\"{raw}\"")).ok();
            assert_eq!(ours, theirs.map(|text| (raw.len(), format!("before {text}"))), "{raw:?}");
            assert_eq!(read_string(raw.as_bytes(), &mut Vec::new()), None, "{raw:?}");
        }
    }
}
