//! Finds the values in the text of a chunk that may become holes. The text was parsed before, so this module
//! does not validate it; [`super`] checks that each value is the one in its field.

use std::ops::Range;

use chatwire_types::ChatCompletionChunk;

use super::nodes::{Node, Path, ValueKind};
use chatwire_types::json::string_length;

/// The range of a value in the text, and the place in the chunk that the value fills. The range of a string or
/// list excludes its quotes or brackets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    /// `start <= end`
    start: u16,
    end: u16,
    pub(super) kind: ValueKind,
    pub(super) path: Path,
    /// Whether the value has differed between chunks. Otherwise it is compared like the text around it.
    pub(super) is_used: bool,
}

impl Hole {
    #[inline]
    pub(super) fn range(&self) -> Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }
}

/// Finds the values that may become holes, in the order of the text. Returns `None` if a key comes twice in one
/// object, or has escapes, because the field would then hold another value than the one that stands here.
pub(super) fn scan(data: &[u8], chunk: &mut ChatCompletionChunk) -> Option<Vec<Hole>> {
    let mut scanner = Scanner { data, at: 0, found: Vec::new(), chunk };
    scanner.scan(Path::new())?;
    Some(scanner.found)
}

/// Keys of a chunk whose values are not holes, because with another value the chunk may report an error.
/// MiniMax reports success in every chunk: `"base_resp":{"status_code":0,"status_msg":""}`.
const REPORTS: [&[u8]; 3] = [b"base_resp", b"error", b"x_groq"];

/// A chunk with more keys in one object does not become a template. The limit keeps the search for duplicate
/// keys cheap.
const MAX_KEYS: usize = 64;

struct Scanner<'a> {
    data: &'a [u8],
    /// The offset of the next byte. `at <= data.len()`.
    at: usize,
    found: Vec<Hole>,
    chunk: &'a mut ChatCompletionChunk,
}

impl<'a> Scanner<'a> {
    /// Scans the value at a place of the chunk. Skips it if the chunk has no node there.
    fn scan(&mut self, path: Path) -> Option<()> {
        let first = self.peek()?;
        let node = path.node(self.chunk);
        let (has_node, kind) = (node.is_some(), node.as_ref().and_then(Node::kind));
        match (kind, first) {
            (Some(kind), _) => self.hole(path, kind),
            (None, b'{') if has_node => self.object(|this, key| this.entry(path, key)),
            (None, b'[') if has_node => {
                self.list(|this, position| this.scan_inside(path, position))
            }
            _ => self.value(),
        }
    }

    fn entry(&mut self, path: Path, key: &[u8]) -> Option<()> {
        let is_report = path.is_empty() && REPORTS.contains(&key);
        let step = path.node(self.chunk).and_then(|mut node| node.step_to(key));
        match step.filter(|_| !is_report) {
            Some(step) => self.scan_inside(path, step),
            None => self.value(),
        }
    }

    fn scan_inside(&mut self, path: Path, step: usize) -> Option<()> {
        match path.then(step) {
            Some(inside) => self.scan(inside),
            None => self.value(),
        }
    }

    /// Scans an object and calls `value` at the value of each key. The next byte is `{`. Returns `None` if a key
    /// comes twice or has escapes.
    fn object(&mut self, mut value: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        let mut keys = Vec::new();
        loop {
            let (start, end, escaped) = self.string()?;
            let key = self.data.get(start..end)?;
            if escaped || keys.contains(&key) || keys.len() == MAX_KEYS || self.next()? != b':' {
                return None;
            }
            keys.push(key);
            value(self, key)?;
            if self.next()? == b'}' {
                return Some(());
            }
        }
    }

    /// Scans a list and calls `item` at each item. The next byte is `[`.
    fn list(&mut self, mut item: impl FnMut(&mut Self, usize) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        for position in 0.. {
            item(self, position)?;
            if self.next()? == b']' {
                return Some(());
            }
        }
        None
    }

    /// Adds the next value as a hole, if it has this kind, and skips it.
    fn hole(&mut self, path: Path, kind: ValueKind) -> Option<()> {
        let first = self.peek()?;
        let opening = kind.opening();
        let start = if opening == Some(first) { self.at + 1 } else { self.at };
        let is_of_kind = opening.is_none_or(|opening| opening == first);
        if is_of_kind && let Some(length) = kind.length(self.data.get(start..)?) {
            let (start, end) = (start.try_into().ok()?, (start + length).try_into().ok()?);
            self.found.push(Hole { start, end, kind, path, is_used: false });
        }
        self.value()
    }

    /// Skips a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' | b',' | b':' => self.at += 1,
                _ => self.scalar(),
            }
            if matches!(self.data.get(self.at - 1), Some(b'}' | b']')) {
                depth = depth.checked_sub(1)?;
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Skips a number, `true`, `false` or `null`.
    fn scalar(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
    }

    /// Skips a string. Returns the start and the end of its inside, and whether it has escapes.
    fn string(&mut self) -> Option<(usize, usize, bool)> {
        if self.next()? != b'"' {
            return None;
        }
        let start = self.at;
        let (length, escaped) = string_length(self.data.get(start..)?)?;
        self.at += length + 1;
        Some((start, start + length, escaped))
    }

    /// Skips white space. Returns the next byte without taking it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.data.get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}
