//! Converts the data of an event into text and back, because errors report the original bytes. It keeps one
//! copy of large data only; [`super::event_reader`] reads the text.

use std::borrow::Cow;
use std::str::Utf8Chunk;

use memchr::memmem;

use chatwire_types::json::LARGE;

/// Replaces bytes that are not UTF-8.
const REPLACEMENT: &str = "\u{FFFD}";

/// Converts bytes to text and replaces invalid UTF-8 by U+FFFD. Unlike [`String::from_utf8_lossy`], it
/// allocates the exact size.
pub(super) fn text_lossy(bytes: &[u8]) -> Cow<'_, str> {
    // The check for valid UTF-8 comes first, because it is several times faster and nearly always passes.
    if let Ok(text) = str::from_utf8(bytes) {
        return text.into();
    }
    let replacement =
        |chunk: &Utf8Chunk<'_>| if chunk.invalid().is_empty() { "" } else { REPLACEMENT };
    let lengths = bytes.utf8_chunks().map(|chunk| chunk.valid().len() + replacement(&chunk).len());
    let mut text = String::with_capacity(lengths.sum());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(replacement(&chunk));
    }
    text.into()
}

/// The data of an event as text. Invalid UTF-8 is replaced by U+FFFD.
#[derive(Debug)]
pub(crate) struct LossyText<'a> {
    text: Cow<'a, str>,
    data: Data<'a>,
}

/// How to restore the data from the text.
#[derive(Debug)]
enum Data<'a> {
    /// The data is valid UTF-8, so the text has the same bytes.
    SameAsText,
    /// The data is kept beside the text.
    Kept(Cow<'a, [u8]>),
    /// Only the replaced bytes are kept.
    Replaced(Replaced),
}

/// The bytes of the data for each U+FFFD in the text, in order. Each entry is a length (`1..=3`) and that
/// many bytes.
#[derive(Debug)]
struct Replaced(Vec<u8>);

impl<'a> LossyText<'a> {
    pub(crate) fn new(data: Cow<'a, [u8]>) -> Self {
        let data = match data {
            Cow::Borrowed(data) => match str::from_utf8(data) {
                Ok(text) => return Self { text: text.into(), data: Data::SameAsText },
                Err(_) => Cow::Borrowed(data),
            },
            Cow::Owned(data) => match String::from_utf8(data) {
                Ok(text) => return Self { text: text.into(), data: Data::SameAsText },
                Err(error) => Cow::Owned(error.into_bytes()),
            },
        };
        let replaced = match &data {
            Cow::Borrowed(_) => None,
            Cow::Owned(data) => Replaced::collect(data),
        };
        let text = text_lossy(&data).into_owned().into();
        Self { text, data: replaced.map_or(Data::Kept(data), Data::Replaced) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The data, if it is valid UTF-8.
    pub(crate) fn valid_data(&self) -> Option<&[u8]> {
        matches!(self.data, Data::SameAsText).then_some(self.text.as_bytes())
    }

    pub(crate) fn into_data(self) -> Vec<u8> {
        match self.data {
            Data::SameAsText => self.text.into_owned().into_bytes(),
            Data::Kept(data) => data.into_owned(),
            Data::Replaced(replaced) => replaced.restore(self.text.into_owned().into_bytes()),
        }
    }

    /// Stores the text in `target`, without white space around it. A large text is moved instead of copied.
    pub(crate) fn trim_into(self, target: &mut String) {
        let trimmed = self.text.trim();
        match self.text {
            Cow::Owned(mut text) if text.len() > LARGE => {
                text.truncate(text.trim_end().len());
                drop(text.drain(..text.len() - text.trim_start().len()));
                text.shrink_to_fit();
                *target = text;
            }
            _ => trimmed.clone_into(target),
        }
    }
}

impl Replaced {
    /// Collects the replaced bytes. Returns `None` if the whole data should be kept, because it is small, or
    /// because more than one byte in 64 was replaced.
    fn collect(data: &[u8]) -> Option<Self> {
        let entries = || {
            data.utf8_chunks().flat_map(|chunk| {
                // A valid U+FFFD in the data also needs an entry.
                let unchanged = chunk.valid().matches(REPLACEMENT).map(str::as_bytes);
                unchanged.chain(Some(chunk.invalid()).filter(|invalid| !invalid.is_empty()))
            })
        };
        let max_count = data.len() / 64;
        let count = entries().take(max_count + 1).count();
        if data.len() <= LARGE || count > max_count {
            return None;
        }
        let mut joined = Vec::with_capacity(count * 4);
        for entry in entries() {
            joined.extend(u8::try_from(entry.len()));
            joined.extend_from_slice(entry);
        }
        Some(Self(joined))
    }

    /// Restores the data from the text, in place. That is possible because an entry is never longer than
    /// U+FFFD.
    fn restore(&self, mut text: Vec<u8>) -> Vec<u8> {
        let (mut read, mut written) = (0, 0);
        let mut entries = self.0.as_slice();
        let finder = memmem::Finder::new(REPLACEMENT);
        while let Some((length, rest)) = entries.split_first()
            && let Some((entry, rest)) = rest.split_at_checked(usize::from(*length))
            && let Some(before) = text.get(read..).and_then(|rest| finder.find(rest))
        {
            text.copy_within(read..read + before, written);
            read += before + REPLACEMENT.len();
            written += before;
            if let Some(target) = text.get_mut(written..written + entry.len()) {
                target.copy_from_slice(entry);
            }
            written += entry.len();
            entries = rest;
        }
        text.copy_within(read.., written);
        text.truncate(text.len() - (read - written));
        text.shrink_to_fit();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Checks the data alone and with a long valid text before it.
    #[track_caller]
    fn check(data: &[u8]) {
        let large = [&vec![b'x'; LARGE], data].concat();
        for data in [data, &large] {
            for data in [Cow::Borrowed(data), Cow::Owned(data.to_vec())] {
                let bytes = data.to_vec();
                let text = LossyText::new(data);
                assert_eq!(text.as_str(), String::from_utf8_lossy(&bytes));
                assert_eq!(text.valid_data(), str::from_utf8(&bytes).ok().map(str::as_bytes));
                assert_eq!(text.into_data(), bytes);
            }
        }
    }

    #[test]
    fn data_is_restored() {
        for data in [
            &b""[..],
            b"plain",
            b"\xff",
            b"a\xffb\xe6\x97c\xf0\x9f\x98",
            "\u{FFFD}é\u{FFFD}".as_bytes(),
            b"\xef\xbf\xbd\xef\xbf\xef\xbf\xbd\xbf\xbd",
            b"\xed\xa0\x80\xf8\x88\xc0\x80",
        ] {
            check(data);
        }
    }

    #[test]
    fn large_data_is_kept_only_if_much_is_replaced() {
        let data = |wrong: usize| [vec![b'x'; 2 * LARGE], vec![b'\xff'; wrong]].concat();
        for (wrong, is_kept) in [(1, false), (2 * LARGE / 64, false), (2 * LARGE / 60, true)] {
            let text = LossyText::new(Cow::Owned(data(wrong)));
            assert_eq!(matches!(text.data, Data::Kept(_)), is_kept, "{wrong}");
            assert_eq!(text.into_data(), data(wrong));
        }
    }

    #[test]
    fn a_large_text_is_trimmed_in_place() {
        for length in [1, LARGE + 1] {
            let text = "x".repeat(length);
            let mut target = String::new();
            let data = format!("\u{a0} {text}\n").into_bytes();
            LossyText::new(Cow::Owned(data)).trim_into(&mut target);
            assert_eq!(target, text);
            assert!(target.capacity() < length + 16);
        }
    }

    const PARTS: &[&[u8]] = &[
        b"a",
        b"\xff",
        b"\xef",
        b"\xbf",
        b"\xbd",
        b"\x80",
        b"\xc3",
        b"\xe6\x97",
        b"\xef\xbf\xbd",
        b"\xf0\x9f\x98\x80",
    ];

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 500, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn any_data_is_restored(
            parts in prop::collection::vec(prop::sample::select(PARTS), 0..12),
        ) {
            check(&parts.concat());
        }
    }
}
