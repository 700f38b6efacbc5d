//! Limits the number of JSON values in a body before it is parsed, because a value can need far more
//! memory than its text. [`body`](crate::body) limits the bytes.

use memchr::memchr2;

use crate::limits::MOST_VALUES;
use crate::problem::Problem;

/// Refuses a body with more than [`MOST_VALUES`] values.
pub(crate) fn check_values(body: &[u8]) -> Result<(), Problem> {
    if count_values(body) <= MOST_VALUES {
        return Ok(());
    }
    let text = format!(
        "The body has more than {MOST_VALUES} JSON values, and was not parsed because they could \
         need a hundred times their size in memory: send fewer messages, tools or list items."
    );
    Err(Problem::new(400, text).with_code("too_many_values"))
}

/// The number of values outside strings, counted by what comes before each, or stops above the
/// limit. The body need not be valid.
fn count_values(mut body: &[u8]) -> usize {
    let mut count = 1;
    // A parser gives up at the first byte of anything else, such as a picture.
    if !matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return count;
    }
    while let Some((byte, rest)) = body.split_first() {
        body = if *byte == b'"' { after_string(rest) } else { rest };
        count += usize::from(matches!(byte, b'{' | b'[' | b','));
        if count > MOST_VALUES {
            break;
        }
    }
    count
}

/// Skips the rest of a string.
fn after_string(mut text: &[u8]) -> &[u8] {
    while let Some(place) = memchr2(b'"', b'\\', text) {
        let is_end = text.get(place) == Some(&b'"');
        text = text.get(place + if is_end { 1 } else { 2 }..).unwrap_or_default();
        if is_end {
            return text;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_strings() {
        for (text, most) in [
            ("", 1),
            ("{}", 2),
            ("[1,2,3]", 4),
            (r#"{"a":[{},{"b":",,,"}]}"#, 6),
            (r#"{"a\"[,":"\\","b":1}"#, 3),
            (r#"["\"#, 2),
        ] {
            assert_eq!(count_values(text.as_bytes()), most, "{text}");
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let list = |values: usize| format!("[{}0]", "0,".repeat(values - 2));
        assert!(check_values(list(MOST_VALUES).as_bytes()).is_ok());
        assert!(check_values(list(MOST_VALUES + 1).as_bytes()).is_err());
        let text = format!("\"{}\"", ",".repeat(2 * MOST_VALUES));
        assert!(check_values(text.as_bytes()).is_ok());
    }
}
