//! Guesses quickly whether two texts differ only in values, so that a template of one may fit the other.
//! [`super`] makes the template and checks it exactly.

use super::MAX_HOLES;
use chatwire_types::json::string_length;

/// Whether two texts seem to differ only in values. The result is a guess, because the exact check follows.
/// Each byte is read a bounded number of times.
pub(super) fn are_alike(one: &[u8], other: &[u8]) -> bool {
    let (mut rest, mut other) = (one, other);
    for _ in 0..MAX_DIFFERENCES {
        // Here, both texts are outside strings.
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
        // A string before a colon is a key, and other keys need another template.
        match after.filter(|(rest, _)| !rest.starts_with(b":")) {
            Some(after) => (rest, other) = after,
            None => return false,
        }
    }
    false
}

/// With more differences, a template would need more than [`MAX_HOLES`].
const MAX_DIFFERENCES: usize = MAX_HOLES + 1;

/// Skips the rest of a string and its closing quote.
fn after_string(text: &[u8]) -> Option<&[u8]> {
    let (length, _) = string_length(text)?;
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

/// Whether a text that begins outside strings seems to end inside one. Its last quote opens a string if one
/// of a few bytes stands before it. This is a guess, because a string may end with such a byte.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_values_are_alike() {
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
}
