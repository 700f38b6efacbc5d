//! Finds secrets in texts that a stream sends piece by piece, such as a key whose halves are in two events.
//! [`masked`](super::masked) finds those that the bytes of the stream have in one place.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::ops::Range;

use serde_json::Value;

use super::masked::Masked;
use super::secrets::Secrets;

/// Reads the events of a stream, and joins the texts that have the same place in each of them.
#[derive(Debug)]
pub(crate) struct SplitTexts {
    secrets: Secrets,
    /// The data of an event that has not ended. Everything else of its lines is blank, which JSON allows, so that
    /// places in it are places in the stream.
    event: Vec<u8>,
    /// Where the last line of `event` starts.
    line: usize,
    /// The bytes of the stream that came.
    read: u64,
    /// Whether the event is too large to be kept.
    is_too_large: bool,
    texts: BTreeMap<String, Masked<Places>>,
}

impl SplitTexts {
    pub(crate) fn new(secrets: Secrets) -> Self {
        let (event, texts) = (Vec::new(), BTreeMap::new());
        Self { secrets, event, line: 0, read: 0, is_too_large: false, texts }
    }

    /// Reads the next bytes of the stream, and returns the places of secrets that are whole now.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<Vec<u64>> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.read += piece.len() as u64;
            self.event.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line()?;
            } else if self.event.len() > LARGEST_EVENT {
                self.drop_event();
            }
        }
        Ok(self.found())
    }

    /// Returns the places of secrets at the end of a text.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<u64>> {
        // A stream that was cut has no empty line after its last event.
        self.end_line()?;
        self.end_event()?;
        self.texts.values_mut().try_for_each(Masked::finish)?;
        Ok(self.found())
    }

    fn found(&mut self) -> Vec<u64> {
        self.texts.values_mut().flat_map(|text| std::mem::take(&mut text.out().found)).collect()
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = self.event.get_mut(self.line..).unwrap_or_default();
        if line.trim_ascii().is_empty() && !self.is_too_large {
            return self.end_event();
        }
        let is_blank = line.trim_ascii().is_empty();
        match line.strip_prefix(b"data:") {
            Some(_) => line.iter_mut().take(5).for_each(|byte| *byte = b' '),
            None => line.fill(b' '),
        }
        self.line = self.event.len();
        if self.is_too_large || self.event.len() > LARGEST_EVENT {
            self.drop_event();
            self.is_too_large = !is_blank;
        }
        Ok(())
    }

    fn drop_event(&mut self) {
        self.event.clear();
        self.line = 0;
        self.is_too_large = true;
    }

    fn end_event(&mut self) -> io::Result<()> {
        let event = std::mem::take(&mut self.event);
        self.line = 0;
        let Ok(json) = serde_json::from_slice::<Value>(&event) else { return Ok(()) };
        let start = self.read - event.len() as u64;
        let mut paths = Vec::new();
        list_texts(&json, &mut String::new(), &mut paths);
        let texts = find_texts(&event);
        // They differ if a key is repeated.
        if paths.len() != texts.len() {
            return Ok(());
        }
        for (path, text) in paths.into_iter().zip(texts) {
            // Texts at the top, such as the id, are repeated in each event and not continued.
            if path.matches('/').count() > 1 || path == "/delta" {
                self.add(path, &event, start, text)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: String, event: &[u8], start: u64, at: Range<usize>) -> io::Result<()> {
        if self.texts.len() >= MOST_TEXTS && !self.texts.contains_key(&path) {
            return Ok(());
        }
        let new = || Masked::new(Places::default(), self.secrets.clone());
        let text = self.texts.entry(path).or_insert_with(new);
        let bytes = event.get(at.clone()).unwrap_or_default();
        let places = (start + at.start as u64)..;
        text.out().waiting.extend(bytes.iter().copied().zip(places));
        text.push(bytes)
    }
}

/// A writer of a masked text, which remembers where the mask has changed it.
#[derive(Debug, Default)]
struct Places {
    /// The bytes that were not yet written, and where each is in the stream.
    waiting: VecDeque<(u8, u64)>,
    found: Vec<u64>,
}

impl Write for Places {
    fn write(&mut self, masked: &[u8]) -> io::Result<usize> {
        for (byte, (before, place)) in masked.iter().zip(self.waiting.drain(..masked.len())) {
            if *byte != before {
                self.found.push(place);
            }
        }
        Ok(masked.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lists the path of each text, in their order. A part of a list is known by its `index`, or else by its place.
fn list_texts(json: &Value, path: &mut String, paths: &mut Vec<String>) {
    let length = path.len();
    match json {
        Value::String(_) => paths.push(path.clone()),
        Value::Object(object) => {
            for (key, value) in object {
                *path += "/";
                *path += key;
                list_texts(value, path, paths);
                path.truncate(length);
            }
        }
        Value::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                let index = value.get("index").and_then(Value::as_u64);
                *path += &format!("/{}", index.unwrap_or(place as u64));
                list_texts(value, path, paths);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// Finds what is between the quotes of each text that is not a key, in valid JSON.
fn find_texts(json: &[u8]) -> Vec<Range<usize>> {
    let (mut texts, mut at) = (Vec::new(), 0);
    while let Some(quote) = find(json, at, |byte| byte == b'"') {
        let start = quote + 1;
        let mut end = start;
        while let Some(byte) = json.get(end).filter(|byte| **byte != b'"') {
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        at = end + 1;
        let next = find(json, at, |byte| !byte.is_ascii_whitespace());
        if next.and_then(|next| json.get(next)) != Some(&b':') {
            texts.push(start..end);
        }
    }
    texts
}

/// The place of the first such byte, from here on.
fn find(json: &[u8], from: usize, is: impl Fn(u8) -> bool) -> Option<usize> {
    json.get(from..)?.iter().position(|byte| is(*byte)).map(|place| from + place)
}

/// The bytes of an event. A larger one does not have a text that is sent piece by piece.
const LARGEST_EVENT: usize = 1 << 20;

/// The texts of a stream. A choice has about five.
const MOST_TEXTS: usize = 1 << 12;

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use serde_json::json;

    use super::*;

    /// Masks a stream that comes in pieces of each size.
    #[track_caller]
    fn check(stream: &str, expected: &str) {
        for size in [1, 3, 40, 9000] {
            let secrets = Secrets::of(&HeaderMap::new(), "api_key=abc123-secret");
            let mut texts = SplitTexts::new(secrets);
            let mut masked = stream.as_bytes().to_vec();
            let mut mask = |places: Vec<u64>| {
                places.into_iter().for_each(|place| masked[usize::try_from(place).unwrap()] = b'*');
            };
            stream.as_bytes().chunks(size).for_each(|piece| mask(texts.push(piece).unwrap()));
            mask(texts.finish().unwrap());
            assert_eq!(String::from_utf8(masked).unwrap(), expected, "pieces of {size}");
        }
    }

    fn event(choice: u64, text: &str) -> String {
        let choice = json!({"delta": {"content": text, "role": "x"}, "index": choice});
        format!("data: {}\n\n", json!({"id": "abc123", "choices": [choice]}))
    }

    #[test]
    fn a_key_in_several_events_is_masked() {
        let stream = |texts: [&str; 3]| {
            let [one, two, three] = texts.map(|text| event(0, text) + &event(1, "-"));
            format!(": hi\n\n{one}{two}event: x\n{three}data: [DONE]\n\n")
        };
        check(&stream(["is \"abc1", "23-sec", "ret."]), &stream(["is \"****", "******", "***."]));
        check(&stream(["abc1", "23", "-secre"]), &stream(["abc1", "23", "-secre"]));
        let key = ["use sk-0123", "456789abcdef", "ghijkl"];
        check(&stream(key), &stream(["use *******", "************", "******"]));
        let windows = |texts| stream(texts).replace('\n', "\r\n");
        check(&windows(["abc1", "23-", "secret"]), &windows(["****", "***", "******"]));
    }

    #[test]
    fn other_streams() {
        let delta = |text: &str| format!("data:{{\"delta\":\ndata: \"{text}\"}}\n\n");
        check(&(delta("abc1") + &delta("23-secret")), &(delta("****") + &delta("*********")));
        let twice = "data: {\"delta\": {\"a\": \"abc1\", \"a\": \"23-secret\"}}\n\n";
        check(twice, twice);
        let unfinished = event(0, "abc1") + event(0, "23-secret").trim_end();
        let masked = event(0, "****") + event(0, "*********").trim_end();
        check(&unfinished, &masked);
        check("data: {\n\ndata", "data: {\n\ndata");
    }

    #[test]
    fn a_large_event_is_passed_over() {
        let long = event(0, &"é".repeat(LARGEST_EVENT / 2));
        let (before, after) = (event(0, "abc1"), event(0, "23-secret"));
        let mut texts = SplitTexts::new(Secrets::of(&HeaderMap::new(), "api_key=abc123-secret"));
        for piece in [&before, &long, &after] {
            assert!(texts.push(piece.as_bytes()).unwrap().is_empty());
        }
        assert!(texts.event.is_empty() && !texts.is_too_large);
        assert_eq!(texts.finish().unwrap().len(), 13);
    }
}
