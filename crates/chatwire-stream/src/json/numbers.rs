//! Reads numbers that may differ, by the letter of JSON: only those that every reader of numbers reads
//! alike. Strings are [`super::strings`]'s to read.

/// The count at the front of the bytes, and its length: digits and nothing else of a number, no zero in
/// front, below 10^19.
#[inline]
pub(crate) fn count(bytes: &[u8]) -> Option<(usize, u64)> {
    let (length, value) = digits(bytes, 0);
    let leads_with_zero = bytes.first() == Some(&b'0') && length > 1;
    let goes_on = matches!(bytes.get(length), None | Some(b'.' | b'e' | b'E'));
    ((1..20).contains(&length) && !leads_with_zero && !goes_on).then_some((length, value))
}

/// As [`count`], for a field of signed numbers.
#[inline]
pub(crate) fn index(bytes: &[u8]) -> Option<(usize, i64)> {
    let (length, value) = count(bytes)?;
    Some((length, value.try_into().ok()?))
}

/// The number at the front of the bytes, exactly as it would be parsed, and its length.
#[inline]
pub(crate) fn float(bytes: &[u8]) -> Option<(usize, f64)> {
    short_float(bytes).or_else(|| long_float(bytes))
}

/// A number without exponent and with few digits: both what its digits make and the power of ten are
/// floats, so that their quotient, which is rounded once, is the float next to the number.
#[inline]
fn short_float(bytes: &[u8]) -> Option<(usize, f64)> {
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, value) = digits(unsigned, 0);
    let leads_with_zero = unsigned.first() == Some(&b'0') && whole > 1;
    let (point, behind) = unsigned.get(whole..)?.split_first()?;
    let (fraction, value) = digits(behind, value);
    let is_usual = *point == b'.' && (1..=15).contains(&whole) && !leads_with_zero;
    let is_short = fraction > 0 && whole + fraction < 20 && value <= MOST_EXACT;
    let goes_on = matches!(behind.get(fraction), None | Some(b'.' | b'e' | b'E'));
    if !is_usual || !is_short || goes_on {
        return None;
    }
    let power = POWERS.get(fraction)?;
    let length = bytes.len() - behind.len() + fraction;
    let float = value as f64 / power;
    Some((length, if unsigned.len() < bytes.len() { -float } else { float }))
}

/// Every integer up to this one is a float.
const MOST_EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// The powers of ten that such a number may be divided by; all of them are floats.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

#[cold]
fn long_float(bytes: &[u8]) -> Option<(usize, f64)> {
    let length = number(bytes, 15)?;
    Some((length, core::str::from_utf8(bytes.get(..length)?).ok()?.parse().ok()?))
}

/// The length of a number that is no more than a count, a fraction and an exponent of usual size:
/// one that every reader of numbers reads alike, with at most so many digits before its point.
pub(crate) fn number(bytes: &[u8], most: usize) -> Option<usize> {
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, _) = digits(unsigned, 0);
    let leads_with_zero = unsigned.first() == Some(&b'0') && whole > 1;
    if leads_with_zero || !(1..=most).contains(&whole) {
        return None;
    }
    let mut rest = unsigned.get(whole..)?;
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

/// The numbers of a list, each of less than 19 digits, up to its closing bracket, and the length of all
/// of that.
#[inline]
pub(crate) fn integers(bytes: &[u8], mut each: impl FnMut(i64)) -> Option<usize> {
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

/// How many digits stand at the front, and what they make behind those that came before; past 19
/// digits that is of no use.
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
    fn counts_are_plain_digits() {
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
            let found = count(text.as_bytes());
            assert_eq!(found.map(|(length, _)| length), expected, "{text:?}");
            if let Some((length, count)) = found {
                assert_eq!(text[..length].parse(), Ok(count));
            }
        }
    }

    #[test]
    fn numbers_are_those_that_are_read_alike() {
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
            assert_eq!(number(text.as_bytes(), 15), expected, "{text:?}");
            let found = float(text.as_bytes());
            assert_eq!(found.map(|(length, _)| length), expected, "{text:?}");
            if let Some((length, float)) = found {
                let json: f64 = serde_json::from_str(&text[..length]).unwrap();
                assert_eq!(float.to_bits(), json.to_bits(), "{text:?}");
            }
        }
    }

    #[test]
    fn lists_are_plain_counts() {
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
        fn numbers_make_what_they_make_in_json(
            text in "-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,2})?"
        ) {
            let json: f64 = serde_json::from_str(&text).unwrap();
            if let Some((length, float)) = float(format!("{text},").as_bytes()) {
                assert_eq!((length, float.to_bits()), (text.len(), json.to_bits()));
            }
        }
    }
}
