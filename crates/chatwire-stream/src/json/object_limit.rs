//! Limits the number of JSON objects in one event, because an object needs far more memory as a value than as
//! text. `chatwire-sse` limits the bytes of an event.

use memchr::{memchr_iter, memchr2};
use serde::de::Error as _;

/// The maximum number of JSON objects in one event. The largest real events, with log-probabilities, have some
/// thousands.
const MAX_OBJECTS: usize = 256 * 1024;

/// The length of the shortest object, `{}`.
const SHORTEST: usize = 2;

/// Refuses a text with more than [`MAX_OBJECTS`] objects. The cheap checks come first: the length of the text,
/// and then all braces, including those in strings.
pub(crate) fn check_objects(text: &str) -> Result<(), serde_json::Error> {
    let text = text.as_bytes();
    let is_fine = text.len() <= SHORTEST * MAX_OBJECTS
        || memchr_iter(b'{', text).count() <= MAX_OBJECTS
        || count_objects(text) <= MAX_OBJECTS;
    if is_fine { Ok(()) } else { Err(too_many_objects()) }
}

fn too_many_objects() -> serde_json::Error {
    serde_json::Error::custom(format_args!(
        "it has more than {MAX_OBJECTS} JSON objects, and was not parsed because they could need \
         hundreds of times their size in memory; check the address of the server, or parse the \
         error's `raw` bytes yourself"
    ))
}

/// The number of objects that begin outside strings.
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

/// Skips the rest of a string. Returns the text after it.
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
    fn objects_are_counted_outside_strings() {
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
    fn the_limit_is_exact() {
        let text = |count: usize| "{}".repeat(count) + " ";
        assert!(check_objects(&text(MAX_OBJECTS)).is_ok());
        assert!(check_objects(&text(MAX_OBJECTS + 1)).is_err());
        let long = format!("\"{}\"", text(MAX_OBJECTS + 1));
        assert!(check_objects(&long).is_ok());
    }
}
