//! Writes bytes without secrets, also if a secret is cut by the pieces in which they come.
//! [`secrets`](super::secrets) knows the secrets, and [`split_texts`](super::split_texts) finds those that are cut by
//! the events of a stream.

use std::io::{self, Write};

use super::secrets::{Secrets, find_key};

/// Masks what goes to a writer. Each secret is overwritten, so that the length stays.
#[derive(Debug)]
pub(crate) struct Masked<W> {
    out: W,
    secrets: Secrets,
    /// The end of what came, in which a secret may have begun. It starts with the last byte that was written,
    /// which tells whether a word begins behind it.
    pending: Vec<u8>,
    /// The bytes at the start of `pending` that are written.
    written: usize,
}

impl<W: Write> Masked<W> {
    pub(crate) fn new(out: W, secrets: Secrets) -> Self {
        Self { out, secrets, pending: Vec::new(), written: 0 }
    }

    pub(crate) fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        self.pending.extend_from_slice(piece);
        let held = self.secrets.longest().max(LONGEST_KEY);
        self.write(self.pending.len().saturating_sub(held))
    }

    /// Writes the rest.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.write(self.pending.len())?;
        self.out.flush()
    }

    pub(crate) fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes up to this place. A secret that begins before it is whole in `pending`.
    fn write(&mut self, end: usize) -> io::Result<()> {
        if end <= self.written {
            return Ok(());
        }
        self.secrets.mask_before(&mut self.pending, end);
        mask_keys(&mut self.pending, end);
        if let Some(ready) = self.pending.get(self.written..end) {
            self.out.write_all(ready)?;
        }
        self.pending.drain(..end - 1);
        self.written = 1;
        Ok(())
    }
}

/// Overwrites words that look like a key and begin before the end.
fn mask_keys(text: &mut [u8], end: usize) {
    let mut from = 0;
    while let Some((start, length)) =
        text.get(from..).and_then(find_key).map(|(start, end)| (from + start, end - start))
        && start < end
    {
        from = start + length;
        if let Some(place) = text.get_mut(start..from) {
            place.fill(b'*');
        }
    }
}

/// The most bytes of a word that looks like a key. The longest keys of services have about 200.
const LONGEST_KEY: usize = 512;

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    /// Masks a text in pieces of each size.
    fn check(text: &str, expected: &str) {
        for size in [1, 2, 3, 7, 100, 1000, 5000] {
            let secrets = Secrets::of(&HeaderMap::new(), "api_key=abc123-secret&token=abc123");
            let mut out = Vec::new();
            let mut masked = Masked::new(&mut out, secrets);
            text.as_bytes().chunks(size).for_each(|piece| masked.push(piece).unwrap());
            masked.finish().unwrap();
            drop(masked);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "pieces of {size}");
        }
    }

    #[test]
    fn secrets_are_masked_across_pieces() {
        check("", "");
        check("x", "x");
        check("abc123", "******");
        check("abc12", "abc12");
        check("a abc123-secret b", "a ************* b");
        check("abc123abc123-secretabc123", &"*".repeat(25));
        let long = "x".repeat(2000);
        check(&format!("{long}abc123{long}"), &format!("{long}******{long}"));
    }

    #[test]
    fn words_like_keys_are_masked_across_pieces() {
        let key = format!("sk-proj-{}", "a1B2".repeat(40));
        let stars = "*".repeat(key.len());
        let long = " ".repeat(2000);
        check(&format!("{long}{key}{long}"), &format!("{long}{stars}{long}"));
        check(&format!("{key}\n{key}"), &format!("{stars}\n{stars}"));
        check(&format!("task-{key}"), &format!("task-{key}"));
        check("sk-short", "sk-short");
    }
}
