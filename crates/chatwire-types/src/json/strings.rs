//! Reads JSON strings (RFC 8259, section 7) up to their closing quote.
//! [`super::escapes`] reads strings that have escapes.

use super::escapes::read_escaped;

/// Finds the closing quote of a string whose inside begins here. Returns the length of the inside, and whether
/// it has a backslash. Returns `None` if the string does not end or has a control character.
#[inline]
pub fn string_length(bytes: &[u8]) -> Option<(usize, bool)> {
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

/// The number of bytes before a quote, a backslash or a control character. It tests eight bytes at a time.
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

/// Sets the high bit of each byte that is a quote, a backslash or a control character. The lowest set bit is
/// exact; a higher one may be wrong, because the subtraction borrows from the byte below.
pub(super) const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGHS: u64 = ONES << 7;
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGHS
    }
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    control | zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))
}

/// Reads the inside of a string and appends its meaning to `into`. Returns its length up to the closing quote,
/// or `None` if it is not valid. It does not check for valid UTF-8; the caller does, for the whole text.
#[inline]
pub fn read_string(bytes: &[u8], into: &mut Vec<u8>) -> Option<usize> {
    let length = plain(bytes);
    into.extend_from_slice(bytes.get(..length)?);
    if bytes.get(length) == Some(&b'"') { Some(length) } else { read_escaped(bytes, length, into) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_at_its_first_plain_quote() {
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
            assert_eq!(string_length(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn strings_mean_the_same_as_in_serde_json() {
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
