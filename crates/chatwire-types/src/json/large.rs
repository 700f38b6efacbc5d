//! Reads large JSON texts with escapes in little memory: it allocates each string once, while serde_json first
//! builds a string with escapes in a second buffer. serde_json reads all other texts.

use memchr::memchr;
use serde_core::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde_core::de::{
    Deserialize, DeserializeSeed, Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_core::forward_to_deserialize_any;
use serde_json::Error;

use super::strings::{read_string, string_length};

/// A longer text is large: a second copy of it costs more than the time that avoids the copy.
pub const LARGE: usize = 64 * 1024;

/// Reads a text as JSON. The result is that of [`serde_json::from_str`].
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    if !is_large_with_escapes(text) {
        return serde_json::from_str(text);
    }
    read_large(text).or_else(|_| {
        // serde_json describes the error. `IgnoredAny` comes first, because it allocates nothing.
        serde_json::from_str::<IgnoredAny>(text)?;
        serde_json::from_str(text)
    })
}

/// Like [`read`], for callers that do not report the error.
pub fn read_if<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    let is_large = is_large_with_escapes(text);
    if is_large { read_large(text).ok() } else { serde_json::from_str(text).ok() }
}

fn is_large_with_escapes(text: &str) -> bool {
    text.len() > LARGE && memchr(b'\\', text.as_bytes()).is_some()
}

/// Accepts the same texts as serde_json and returns the same values.
fn read_large<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    let mut reader = JsonReader { text, at: 0, depth_left: MAX_DEPTH };
    let value = T::deserialize(&mut reader)?;
    if reader.peek().is_none() { Ok(value) } else { Err(invalid_json()) }
}

/// The maximum depth of lists and objects, as in serde_json.
const MAX_DEPTH: u8 = 127;

struct JsonReader<'de> {
    text: &'de str,
    /// The offset of the next byte. `at <= text.len()`.
    at: usize,
    /// How many more lists and objects may be nested. `depth_left <= MAX_DEPTH`.
    depth_left: u8,
}

/// A string, copied only if it has escapes.
enum JsonString<'de> {
    Plain(&'de str),
    Escaped(String),
}

/// Reads the items of a list or the entries of an object.
struct JsonItems<'r, 'de> {
    reader: &'r mut JsonReader<'de>,
    closing: u8,
    /// Whether no item was read yet, so that no comma stands before the next one.
    is_first: bool,
    is_over: bool,
}

impl<'de> JsonReader<'de> {
    /// Reads a list or an object. The reader stands at its opening bracket.
    fn nested<T>(
        &mut self,
        closing: u8,
        visit: impl FnOnce(&mut JsonItems<'_, 'de>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.at += 1;
        self.depth_left = self.depth_left.checked_sub(1).ok_or_else(invalid_json)?;
        let mut items = JsonItems { reader: self, closing, is_first: true, is_over: false };
        let value = visit(&mut items)?;
        if items.has_more()? {
            return Err(invalid_json());
        }
        self.depth_left += 1;
        Ok(value)
    }

    fn string(&mut self) -> Result<JsonString<'de>, Error> {
        self.at += 1;
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let found = string_length(rest).and_then(|(length, has_escapes)| {
            let text = if has_escapes {
                let mut joined = Vec::with_capacity(length);
                read_string(rest, &mut joined)?;
                joined.shrink_to_fit();
                JsonString::Escaped(String::from_utf8(joined).ok()?)
            } else {
                JsonString::Plain(self.text.get(self.at..self.at + length)?)
            };
            Some((length, text))
        });
        let (length, text) = found.ok_or_else(invalid_json)?;
        self.at += length + 1;
        Ok(text)
    }

    /// Reads a number, `true`, `false` or `null` with serde_json.
    fn scalar<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let ends = |byte| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\t' | b'\r');
        let scalar = rest.get(..rest.bytes().position(ends).unwrap_or(rest.len()));
        let mut deserializer = serde_json::Deserializer::from_str(scalar.unwrap_or_default());
        let value = deserializer.deserialize_any(visitor)?;
        deserializer.end()?;
        self.at += scalar.map_or(0, str::len);
        Ok(value)
    }

    /// Skips white space. Returns the next byte without taking it.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        let spaces = rest.iter().take_while(|byte| is_space(byte)).count();
        self.at += spaces;
        rest.get(spaces).copied()
    }
}

/// The error without a description. It is not shown, because [`read`] returns the error of serde_json.
#[cold]
fn invalid_json() -> Error {
    Error::custom("invalid JSON")
}

impl JsonItems<'_, '_> {
    /// Moves to the next item. Returns whether there is one.
    fn has_more(&mut self) -> Result<bool, Error> {
        if self.is_over {
            return Ok(false);
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        match self.reader.peek() {
            Some(byte) if byte == self.closing => {
                self.reader.at += 1;
                self.is_over = true;
                Ok(false)
            }
            Some(_) if is_first => Ok(true),
            Some(b',') => {
                self.reader.at += 1;
                Ok(true)
            }
            _ => Err(invalid_json()),
        }
    }
}

impl<'de> serde_core::Deserializer<'de> for &mut JsonReader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'{') => self.nested(b'}', |entries| visitor.visit_map(entries)),
            Some(b'[') => self.nested(b']', |items| visitor.visit_seq(items)),
            Some(b'"') => match self.string()? {
                JsonString::Plain(text) => visitor.visit_borrowed_str(text),
                JsonString::Escaped(text) => visitor.visit_string(text),
            },
            _ => self.scalar(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'n') => self.scalar(visitor),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// Skips a value with serde_json, because serde_json checks a skipped value less strictly.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next().ok_or_else(invalid_json)??;
        self.at += values.byte_offset();
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

impl<'de> SeqAccess<'de> for JsonItems<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if !self.has_more()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for JsonItems<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if !self.has_more()? {
            return Ok(None);
        }
        if self.reader.peek() != Some(b'"') {
            return Err(invalid_json());
        }
        let key = match self.reader.string()? {
            JsonString::Plain(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            JsonString::Escaped(key) => seed.deserialize(StringDeserializer::new(key)),
        };
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if self.reader.peek() != Some(b':') {
            return Err(invalid_json());
        }
        self.reader.at += 1;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChatCompletionChunk;
    use proptest::prelude::*;
    use serde_json::Value;

    #[track_caller]
    fn check(text: &str) {
        let (ours, theirs) = (read_large::<Value>(text), serde_json::from_str::<Value>(text));
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}: {ours:?} {theirs:?}");
        assert_eq!(ours.ok(), theirs.ok(), "{text:?}");
        let ours = read_large::<ChatCompletionChunk>(text).ok();
        assert_eq!(ours, serde_json::from_str(text).ok(), "{text:?}");
        let ours = read_large::<Vec<IgnoredAny>>(text).ok();
        assert_eq!(ours, serde_json::from_str(text).ok(), "{text:?}");
    }

    /// Every beginning of each text is tested, too.
    #[test]
    fn texts_are_read_as_serde_json_reads_them() {
        for text in [
            r#"{"choices":[{"index":0,"delta":{"content":"a\n\"b\" \u00e9\ud83d\ude00é"}}],"x":null}"#,
            r#" { "a" : [ 1 , -2.5e3 , 18446744073709551616 , true , false , null , "" ] , "a" : {} } "#,
            r#"{"\u0061":"\ud83d","b":["\q"]}"#,
            r#"[ "\ud83d" , {"\ud83d":["\ud83d\n"]} , 1.5 , "a"]"#,
            "[[],[[]],{},[{}],1]",
            r#"["a",]"#,
            r#"{"a":1,}"#,
            r#"[,]"#,
            r#"{"a" 1}"#,
            r#"{"a":1:2}"#,
            r#"{"a":1"b":2}"#,
            r#"[1"a"]"#,
            r#"[1 2]"#,
            r#"{1:2}"#,
            r#"{"a":01}"#,
            r#"{"a":tru,"b":nulla}"#,
            r#"{"a":[1}]"#,
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\u{a0}1}",
            "1 1",
            "-",
            "\u{feff}{}",
            r#"{"$serde_json::private::Number":"1"}"#,
        ] {
            for end in 0..=text.len() {
                text.get(..end).into_iter().for_each(check);
            }
        }
    }

    #[test]
    fn the_maximum_depth_is_that_of_serde_json() {
        for depth in 120..135 {
            check(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
            check(&format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth)));
            check(&format!(
                "[{}]",
                format!("{}{},", "[".repeat(9), "]".repeat(9)).repeat(depth) + "1"
            ));
        }
    }

    #[test]
    fn errors_are_those_of_serde_json() {
        let long = "\\n".repeat(LARGE);
        for text in [
            format!("{{\"a\":\"{long}\",\n\"b\":tru }}"),
            format!("{{\"a\":\"{long}\"}} x"),
            format!("{{\"a\":\"{long}"),
            format!("{{\"a\":\"{long}\\ud800\"}}"),
            format!("\"{long}\""),
        ] {
            let ours = read::<ChatCompletionChunk>(&text).unwrap_err();
            let theirs = serde_json::from_str::<ChatCompletionChunk>(&text).unwrap_err();
            assert_eq!(ours.to_string(), theirs.to_string());
            assert_eq!((ours.line(), ours.column()), (theirs.line(), theirs.column()));
            assert_eq!(ours.classify(), theirs.classify());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 3000, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn any_text_is_read_as_serde_json_reads_it(
            parts in prop::collection::vec(
                prop::sample::select(&[
                    "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"choices\":", "\"\\n\"", "\\",
                    "1", "-2.5", "e9", "true", "null", " ", "\n", "\u{1}", "é", "\"index\":", "\\ud83d", "[1,",
                ][..]),
                0..12,
            ),
        ) {
            check(&parts.concat());
        }
    }
}
