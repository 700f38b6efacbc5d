//! The bound on the objects of one event, which cost far more as a chunk than as text. The bound on
//! its bytes is [`crate::decoder`]'s.

use memchr::{memchr_iter, memchr2};
use serde::de::Error as _;

/// The most JSON objects that are read of one event. The longest real ones, with log-probabilities
/// of everything, have some thousands.
pub(crate) const MAX_OBJECTS: usize = 256 * 1024;

/// The shortest object is `{}`.
const SHORTEST: usize = 2;

/// Refuses a text with more than [`MAX_OBJECTS`]. Nothing is looked at that is too short for them,
/// and strings are told apart only where it matters.
pub(crate) fn check_objects(text: &str) -> Result<(), serde_json::Error> {
    let text = text.as_bytes();
    let is_fine = text.len() <= SHORTEST * MAX_OBJECTS
        || memchr_iter(b'{', text).count() <= MAX_OBJECTS
        || count_objects(text) <= MAX_OBJECTS;
    if is_fine { Ok(()) } else { Err(too_many_objects()) }
}

fn too_many_objects() -> serde_json::Error {
    serde_json::Error::custom(format_args!(
        "it has more than {MAX_OBJECTS} JSON objects, which could take hundreds of times their \
         size in memory, so it was not parsed; check that the server is the one you mean, or read \
         the error's `raw` bytes yourself"
    ))
}

/// How many objects begin outside of strings.
fn count_objects(text: &[u8]) -> usize {
    let (mut count, mut rest) = (0, text);
    while let Some(place) = memchr2(b'{', b'"', rest) {
        let is_object = rest.get(place) == Some(&b'{');
        let after = rest.get(place + 1..).unwrap_or_default();
        count += usize::from(is_object);
        rest = if is_object { after } else { after_string(after) };
    }
    count
}

/// What follows the string that this text begins in.
fn after_string(mut text: &[u8]) -> &[u8] {
    while let Some(place) = memchr2(b'"', b'\\', text) {
        let is_end = text.get(place) == Some(&b'"');
        let read = place + if is_end { 1 } else { 2 };
        text = text.get(read..).unwrap_or_default();
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
    fn objects_are_counted_outside_of_strings() {
        for (text, expected) in [
            ("", 0),
            ("{}", 1),
            (r#"{"a":[{},{"b":{}}]}"#, 4),
            (r#"{"{":"{{"}"#, 1),
            (r#"{"a\"{":"\\","b":{}}"#, 2),
            (r#"{"a":"{\"#, 1),
            (r#"{"a":"{"#, 1),
        ] {
            assert_eq!(count_objects(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn the_bound_is_exact() {
        let text = |count: usize| "{}".repeat(count) + " ";
        assert!(check_objects(&text(MAX_OBJECTS)).is_ok());
        assert!(check_objects(&text(MAX_OBJECTS + 1)).is_err());
        let long = format!("\"{}\"", text(MAX_OBJECTS + 1));
        assert!(check_objects(&long).is_ok());
    }
}
