//! Reads large data with escapes as JSON: each string goes straight into the value that it is of, where
//! serde_json puts it together in a place of its own first. All other data is serde_json's to read.

use std::fmt;

use memchr::memchr;
use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Error;

use super::strings::{inside, read_string};

/// Data of more bytes is large.
pub(crate) const LARGE: usize = 64 * 1024;

/// Reads a text as JSON, whatever its size, and as [`serde_json::from_str`] does.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    if !is_special(text) {
        return serde_json::from_str(text);
    }
    read_large(text).or_else(|_| {
        // It says what is wrong and where, and as a rule without making anything of it.
        serde_json::from_str::<IgnoredAny>(text)?;
        serde_json::from_str(text)
    })
}

/// As [`read`], where it does not matter what is wrong.
pub(crate) fn read_if<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    if is_special(text) { read_large(text).ok() } else { serde_json::from_str(text).ok() }
}

/// Whether a text is JSON, and such that serde_json would need much more memory for it.
pub(crate) fn is_large_json(text: &str) -> bool {
    is_special(text) && read_large::<Anything>(text).is_ok()
}

fn is_special(text: &str) -> bool {
    text.len() > LARGE && memchr(b'\\', text.as_bytes()).is_some()
}

/// Accepts no more than serde_json, and makes the same values of it.
fn read_large<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    let mut reader = Reader { text, at: 0, depth: MAX_DEPTH };
    let value = T::deserialize(&mut reader)?;
    if reader.peek().is_none() { Ok(value) } else { Err(no_json()) }
}

/// As many lists and objects may be inside of one another as with serde_json.
const MAX_DEPTH: u8 = 127;

struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// How many more lists and objects may begin.
    depth: u8,
}

/// A string, copied only if it has escapes.
enum Text<'de> {
    Plain(&'de str),
    Escaped(String),
}

/// The items of a list, or the entries of an object.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    closing: u8,
    is_first: bool,
    is_over: bool,
}

impl<'de> Reader<'de> {
    /// Reads a list or an object; the reader stands at its opening bracket.
    fn nested<T>(
        &mut self,
        closing: u8,
        visit: impl FnOnce(&mut Items<'_, 'de>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.at += 1;
        self.depth = self.depth.checked_sub(1).ok_or_else(no_json)?;
        let mut items = Items { reader: self, closing, is_first: true, is_over: false };
        let value = visit(&mut items)?;
        if items.has_more()? {
            return Err(no_json());
        }
        self.depth += 1;
        Ok(value)
    }

    fn string(&mut self) -> Result<Text<'de>, Error> {
        self.at += 1;
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let found = inside(rest).and_then(|(length, has_escapes)| {
            let text = if has_escapes {
                let mut joined = Vec::with_capacity(length);
                read_string(rest, &mut joined)?;
                joined.shrink_to_fit();
                Text::Escaped(String::from_utf8(joined).ok()?)
            } else {
                Text::Plain(self.text.get(self.at..self.at + length)?)
            };
            Some((length, text))
        });
        let (length, text) = found.ok_or_else(no_json)?;
        self.at += length + 1;
        Ok(text)
    }

    /// A number, `true`, `false` or `null`, which serde_json reads as it does elsewhere.
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

    /// The next byte that is no white space, left where it is.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        let spaces = rest.iter().take_while(|byte| is_space(byte)).count();
        self.at += spaces;
        rest.get(spaces).copied()
    }
}

/// Never shown: [`read`] asks serde_json for the words.
#[cold]
fn no_json() -> Error {
    Error::custom("no JSON")
}

impl Items<'_, '_> {
    /// Whether another one follows; if so, it is the next to be read.
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
            _ => Err(no_json()),
        }
    }
}

impl<'de> serde::Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'{') => self.nested(b'}', |entries| visitor.visit_map(entries)),
            Some(b'[') => self.nested(b']', |items| visitor.visit_seq(items)),
            Some(b'"') => match self.string()? {
                Text::Plain(text) => visitor.visit_borrowed_str(text),
                Text::Escaped(text) => visitor.visit_string(text),
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

    /// Values that nobody wants are left to serde_json, which looks at them less closely and copies nothing.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next().ok_or_else(no_json)??;
        self.at += values.byte_offset();
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
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

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if !self.has_more()? {
            return Ok(None);
        }
        if self.reader.peek() != Some(b'"') {
            return Err(no_json());
        }
        let key = match self.reader.string()? {
            Text::Plain(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Text::Escaped(key) => seed.deserialize(StringDeserializer::new(key)),
        };
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if self.reader.peek() != Some(b':') {
            return Err(no_json());
        }
        self.reader.at += 1;
        seed.deserialize(&mut *self.reader)
    }
}

/// Any value, looked at as closely as one that is wanted, and not kept.
struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Anything {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatwire_types::ChatCompletionChunk;
    use proptest::prelude::*;
    use serde_json::Value;

    #[track_caller]
    fn check(text: &str) {
        let (ours, theirs) = (read_large::<Value>(text), serde_json::from_str::<Value>(text));
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}: {ours:?} {theirs:?}");
        let theirs_is_json = theirs.is_ok();
        assert_eq!(ours.ok(), theirs.ok(), "{text:?}");
        let ours = read_large::<ChatCompletionChunk>(text).ok();
        assert_eq!(ours, serde_json::from_str(text).ok(), "{text:?}");
        assert_eq!(read_large::<Anything>(text).is_ok(), theirs_is_json);
        let ours = read_large::<Vec<IgnoredAny>>(text).ok();
        assert_eq!(ours, serde_json::from_str(text).ok(), "{text:?}");
    }

    /// Each of them is cut off everywhere, too.
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
    fn what_is_deep_is_refused_where_serde_json_refuses_it() {
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
    fn an_error_says_what_serde_json_says() {
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
