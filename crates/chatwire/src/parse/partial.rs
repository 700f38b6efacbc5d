//! Reads JSON that is cut off anywhere, as far as it goes. [`super::json`] reads whole JSON.

use serde_json::{Map, Value};

/// How deep values may be inside each other.
const DEEPEST: usize = 128;

/// The escapes that are tried before the end of a text that is cut off inside of one.
const MOST_ESCAPES_CUT: usize = 2;

/// Returns the value so far. Texts, lists and objects may lack their end. A number, `true` or `null` counts only if
/// something follows it, because more of it may come.
pub(super) fn partial(text: &str) -> Option<Value> {
    Reader { rest: text }.value(0)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            self.rest = "";
            return None;
        }
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '{' => Some(self.object(depth)),
            '[' => Some(self.array(depth)),
            '"' => self.text().map(|(text, _)| Value::String(text)),
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut object = Map::new();
        self.skip(1);
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if self.take('}') || !self.rest.starts_with('"') {
                return Value::Object(object);
            }
            let Some((key, true)) = self.text() else { return Value::Object(object) };
            if !self.take(':') {
                return Value::Object(object);
            }
            let Some(value) = self.value(depth + 1) else { return Value::Object(object) };
            object.insert(key, value);
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        self.skip(1);
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if self.rest.is_empty() || self.take(']') {
                return Value::Array(items);
            }
            let Some(value) = self.value(depth + 1) else { return Value::Array(items) };
            items.push(value);
        }
    }

    /// Reads a text, and whether it has its end.
    fn text(&mut self) -> Option<(String, bool)> {
        let mut escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| {
            let is_end = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            is_end
        });
        if let Some(end) = end {
            let text = serde_json::from_str(self.skip(end + 2)).ok()?;
            return Some((text, true));
        }
        let start = self.skip(self.rest.len());
        open_text(start).map(|text| (text, false))
    }

    fn scalar(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| ",]}".contains(c) || c.is_whitespace())?;
        serde_json::from_str(self.skip(end)).ok()
    }

    fn take(&mut self, wanted: char) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Steps over this many bytes, and returns them.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (before, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        before
    }
}

/// Reads a text without its end. An escape that is cut off is left out.
fn open_text(mut start: &str) -> Option<String> {
    for _ in 0..=MOST_ESCAPES_CUT {
        if let Ok(text) = serde_json::from_str(&format!("{start}\"")) {
            return Some(text);
        }
        start = start.rsplit_once('\\')?.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_cut_gives_a_part() {
        let cases = [
            ("", None),
            ("{", Some(json!({}))),
            (r#"{"na"#, Some(json!({}))),
            (r#"{"name""#, Some(json!({}))),
            (r#"{"name": "#, Some(json!({}))),
            (r#"{"name": "Sci"#, Some(json!({"name": "Sci"}))),
            (r#"{"name": "a\"#, Some(json!({"name": "a"}))),
            (r#"{"name": "a\ud83d\ude"#, Some(json!({"name": "a"}))),
            (r#"{"a": 12"#, Some(json!({}))),
            (r#"{"a": 12, "b": [true, nul"#, Some(json!({"a": 12, "b": [true]}))),
            (r#"{"a": [[1], {"b": "x"}], "c": {"#, Some(json!({"a": [[1], {"b": "x"}], "c": {}}))),
            ("no JSON ", None),
        ];
        for (text, expected) in cases {
            assert_eq!(partial(text), expected, "{text}");
        }
    }

    #[test]
    fn any_cut_and_any_depth_is_read() {
        let json = json!({"é": ["a\"\\\u{1f600}\n", -1.5e3, {"x": null}], "b": {"c": [[]]}});
        let text = json.to_string();
        for (end, _) in text.char_indices() {
            assert!(partial(&text[..end]).is_none_or(|part| part.is_object()));
        }
        assert_eq!(partial(&text), Some(json));
        assert!(partial(&"[".repeat(100_000)).is_some());
    }
}
