//! Parses the numbers at the holes of a template (RFC 8259, section 6), with exactly the result of serde_json.
//! Numbers whose result could differ are refused, and then [`crate::chunks`] parses the whole text.

/// Parses an unsigned integer of at most 19 digits at the front of the bytes. Returns its length and value, or
/// `None` for any other number.
#[inline]
pub(super) fn unsigned(bytes: &[u8]) -> Option<(usize, u64)> {
    let (length, value) = digits(bytes, 0);
    let leads_with_zero = bytes.first() == Some(&b'0') && length > 1;
    let goes_on = matches!(bytes.get(length), None | Some(b'.' | b'e' | b'E'));
    ((1..20).contains(&length) && !leads_with_zero && !goes_on).then_some((length, value))
}

/// Like [`unsigned`], for a field of type `i64`. Negative numbers are refused.
#[inline]
pub(super) fn signed(bytes: &[u8]) -> Option<(usize, i64)> {
    let (length, value) = unsigned(bytes)?;
    Some((length, value.try_into().ok()?))
}

/// Parses a number at the front of the bytes. Returns its length and value.
#[inline]
pub(super) fn float(bytes: &[u8]) -> Option<(usize, f64)> {
    short_float(bytes).or_else(|| long_float(bytes))
}

/// Parses a number with a fraction, without an exponent, and with few digits. The result is exact: the digits
/// as an integer and the power of ten are both floats, so their quotient is rounded only once.
#[inline]
fn short_float(bytes: &[u8]) -> Option<(usize, f64)> {
    let magnitude = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, value) = digits(magnitude, 0);
    let leads_with_zero = magnitude.first() == Some(&b'0') && whole > 1;
    let (point, behind) = magnitude.get(whole..)?.split_first()?;
    let (fraction, value) = digits(behind, value);
    let is_usual = *point == b'.' && (1..=15).contains(&whole) && !leads_with_zero;
    let is_short = fraction > 0 && whole + fraction < 20 && value <= MAX_EXACT;
    let goes_on = matches!(behind.get(fraction), None | Some(b'.' | b'e' | b'E'));
    if !is_usual || !is_short || goes_on {
        return None;
    }
    let power = POWERS.get(fraction)?;
    let length = bytes.len() - behind.len() + fraction;
    let float = value as f64 / power;
    Some((length, if magnitude.len() < bytes.len() { -float } else { float }))
}

/// Every integer up to this one is exact as a float.
const MAX_EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// The powers of ten up to 10^18. All of them are exact as floats.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

#[cold]
fn long_float(bytes: &[u8]) -> Option<(usize, f64)> {
    let length = number_length(bytes, 15)?;
    Some((length, core::str::from_utf8(bytes.get(..length)?).ok()?.parse().ok()?))
}

/// The length of a number with at most `max_digits` digits before its point, fewer than 26 after it, and fewer
/// than three in its exponent. A larger number could be out of range.
pub(super) fn number_length(bytes: &[u8], max_digits: usize) -> Option<usize> {
    let magnitude = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, _) = digits(magnitude, 0);
    let leads_with_zero = magnitude.first() == Some(&b'0') && whole > 1;
    if leads_with_zero || !(1..=max_digits).contains(&whole) {
        return None;
    }
    let mut rest = magnitude.get(whole..)?;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let (length, _) = digits(fraction, 0);
        rest = fraction.get(length..).filter(|_| (1..26).contains(&length))?;
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent =
            exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
        let (length, _) = digits(exponent, 0);
        rest = exponent.get(length..).filter(|_| (1..3).contains(&length))?;
    }
    let goes_on = matches!(rest.first(), None | Some(b'.' | b'e' | b'E'));
    (!goes_on).then_some(bytes.len() - rest.len())
}

/// Parses the inside of a list of unsigned integers, each of fewer than 19 digits, and calls `each` for each.
/// Returns the length up to the closing bracket.
#[inline]
pub(super) fn integers(bytes: &[u8], mut each: impl FnMut(i64)) -> Option<usize> {
    if bytes.first() == Some(&b']') {
        return Some(0);
    }
    let mut rest = bytes;
    loop {
        let (length, value) = digits(rest, 0);
        let leads_with_zero = rest.first() == Some(&b'0') && length > 1;
        if !(1..19).contains(&length) || leads_with_zero {
            return None;
        }
        each(value.cast_signed());
        let (next, behind) = rest.get(length..)?.split_first()?;
        match next {
            b']' => return Some(bytes.len() - behind.len() - 1),
            b',' => rest = behind.strip_prefix(b" ").unwrap_or(behind),
            _ => return None,
        }
    }
}

/// Reads the digits at the front and appends them to the number `before`. Returns their count and the new
/// number, which has wrapped around after more than 19 digits.
#[inline]
fn digits(bytes: &[u8], before: u64) -> (usize, u64) {
    let mut value = before;
    for (length, byte) in bytes.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (length, value);
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (bytes.len(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_integers_have_at_most_19_digits() {
        for (text, expected) in [
            ("0,", Some(1)),
            ("1234567890123456789}", Some(19)),
            ("12345678901234567890}", None),
            ("01,", None),
            ("-1,", None),
            ("1.0,", None),
            ("1e3,", None),
            ("", None),
        ] {
            let found = unsigned(text.as_bytes());
            assert_eq!(found.map(|(length, _)| length), expected, "{text:?}");
            if let Some((length, value)) = found {
                assert_eq!(text[..length].parse(), Ok(value));
            }
        }
    }

    #[test]
    fn numbers_are_accepted_only_if_their_value_is_certain() {
        for (text, expected) in [
            ("0,", Some(1)),
            ("-0.25}", Some(5)),
            ("-18.375e-10]", Some(11)),
            ("1E+5 ", Some(4)),
            ("01,", None),
            ("1.,", None),
            ("1e,", None),
            ("-,", None),
            ("1e999,", None),
            ("1234567890123456,", None),
            ("1.2.3,", None),
            ("1", None),
            ("1.5", None),
            ("-0.0,", Some(4)),
            ("-00.5,", None),
            (".5,", None),
            ("0.00000000000000001,", Some(19)),
            ("0.000000000000000001,", Some(20)),
            ("0.0000000000000000001,", Some(21)),
            ("9.007199254740992,", Some(17)),
            ("9.007199254740993,", Some(17)),
            ("123456789012345.6789,", Some(20)),
            ("123456789012345.67,", Some(18)),
            ("-1.7976931348623157,", Some(19)),
        ] {
            assert_eq!(number_length(text.as_bytes(), 15), expected, "{text:?}");
            let found = float(text.as_bytes());
            assert_eq!(found.map(|(length, _)| length), expected, "{text:?}");
            if let Some((length, float)) = found {
                let json: f64 = serde_json::from_str(&text[..length]).unwrap();
                assert_eq!(float.to_bits(), json.to_bits(), "{text:?}");
            }
        }
    }

    #[test]
    fn lists_hold_unsigned_integers() {
        for (text, expected) in [
            ("]", Some(0)),
            ("1]", Some(1)),
            ("10,200, 3]", Some(9)),
            ("0,999999999999999999]", Some(20)),
            ("1000000000000000000]", None),
            ("01]", None),
            ("1,,2]", None),
            ("1,  2]", None),
            ("1,]", None),
            ("1 ]", None),
            ("-1]", None),
            ("1.0]", None),
            ("1,2", None),
        ] {
            let mut found = Vec::new();
            let length = integers(text.as_bytes(), |integer| found.push(integer));
            assert_eq!(length, expected, "{text:?}");
            if let Some(length) = length {
                let json: Vec<i64> =
                    serde_json::from_str(&format!("[{}]", &text[..length])).unwrap();
                assert_eq!(found, json);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn numbers_have_the_value_of_serde_json(
            text in "-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,2})?"
        ) {
            let json: f64 = serde_json::from_str(&text).unwrap();
            if let Some((length, float)) = float(format!("{text},").as_bytes()) {
                assert_eq!((length, float.to_bits()), (text.len(), json.to_bits()));
            }
        }
    }
}
