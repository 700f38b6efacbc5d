//! The data of an event as text, and the way back to its bytes, with one copy of it at any time because
//! data may be large. [`super::event_reader`] reads the text.

use std::borrow::Cow;
use std::str::Utf8Chunk;

use memchr::memmem;

use crate::json::LARGE;

/// What stands in a text for bytes that are no UTF-8.
const REPLACEMENT: &str = "\u{FFFD}";

/// Bytes as text, invalid UTF-8 replaced by U+FFFD, with room for what it holds and no more.
pub(crate) fn text_lossy(bytes: &[u8]) -> Cow<'_, str> {
    // The strict reading is several times faster, and nearly always right.
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

/// The data of an event as text.
#[derive(Debug)]
pub(crate) struct LossyText<'a> {
    text: Cow<'a, str>,
    data: Data<'a>,
}

/// How to get from a text back to the data.
#[derive(Debug)]
enum Data<'a> {
    Same,
    Beside(Cow<'a, [u8]>),
    Replaced(Replaced),
}

/// What data had in place of each U+FFFD in the text of it, one after the other: how many bytes, which
/// are 1 to 3, and the bytes.
#[derive(Debug)]
struct Replaced(Vec<u8>);

impl<'a> LossyText<'a> {
    pub(crate) fn new(data: Cow<'a, [u8]>) -> Self {
        let data = match data {
            Cow::Borrowed(data) => match str::from_utf8(data) {
                Ok(text) => return Self { text: text.into(), data: Data::Same },
                Err(_) => Cow::Borrowed(data),
            },
            Cow::Owned(data) => match String::from_utf8(data) {
                Ok(text) => return Self { text: text.into(), data: Data::Same },
                Err(error) => Cow::Owned(error.into_bytes()),
            },
        };
        let replaced = match &data {
            Cow::Borrowed(_) => None,
            Cow::Owned(data) => Replaced::of(data),
        };
        let text = text_lossy(&data).into_owned().into();
        Self { text, data: replaced.map_or(Data::Beside(data), Data::Replaced) }
    }

    /// All of the text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The data, if it is UTF-8.
    pub(crate) fn exact(&self) -> Option<&[u8]> {
        matches!(self.data, Data::Same).then_some(self.text.as_bytes())
    }

    pub(crate) fn into_data(self) -> Vec<u8> {
        match self.data {
            Data::Same => self.text.into_owned().into_bytes(),
            Data::Beside(data) => data.into_owned(),
            Data::Replaced(replaced) => replaced.put_back(self.text.into_owned().into_bytes()),
        }
    }

    /// Puts the text, without white space around it, into a place for it.
    pub(crate) fn trim_into(self, place: &mut String) {
        let trimmed = self.text.trim();
        match self.text {
            Cow::Owned(mut text) if text.len() > LARGE => {
                text.truncate(text.trim_end().len());
                drop(text.drain(..text.len() - text.trim_start().len()));
                text.shrink_to_fit();
                *place = text;
            }
            _ => trimmed.clone_into(place),
        }
    }
}

impl Replaced {
    /// `None` where the data had better be kept beside the text: it is small, or has so much to replace that
    /// this would not be much smaller.
    fn of(data: &[u8]) -> Option<Self> {
        let entries = || {
            data.utf8_chunks().flat_map(|chunk| {
                let as_it_came = chunk.valid().matches(REPLACEMENT).map(str::as_bytes);
                as_it_came.chain(Some(chunk.invalid()).filter(|invalid| !invalid.is_empty()))
            })
        };
        let few = data.len() / 64;
        let count = if data.len() > LARGE { entries().take(few + 1).count() } else { usize::MAX };
        if count > few {
            return None;
        }
        let mut joined = Vec::with_capacity(count * 4);
        for entry in entries() {
            joined.extend(u8::try_from(entry.len()));
            joined.extend_from_slice(entry);
        }
        Some(Self(joined))
    }

    /// Makes the data of the text again, in its place: no entry is longer than what stands for it.
    fn put_back(&self, mut text: Vec<u8>) -> Vec<u8> {
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
            if let Some(place) = text.get_mut(written..written + entry.len()) {
                place.copy_from_slice(entry);
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

    /// In data that is small, and with much around it that is not to be replaced.
    #[track_caller]
    fn check(data: &[u8]) {
        let large = [&vec![b'x'; LARGE], data].concat();
        for data in [data, &large] {
            for data in [Cow::Borrowed(data), Cow::Owned(data.to_vec())] {
                let bytes = data.to_vec();
                let text = LossyText::new(data);
                assert_eq!(text.as_str(), String::from_utf8_lossy(&bytes));
                assert_eq!(text.exact(), str::from_utf8(&bytes).ok().map(str::as_bytes));
                assert_eq!(text.into_data(), bytes);
            }
        }
    }

    #[test]
    fn data_comes_back_as_it_was() {
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
    fn data_is_not_kept_beside_a_text_that_is_nearly_the_same() {
        let data = |wrong: usize| [vec![b'x'; 2 * LARGE], vec![b'\xff'; wrong]].concat();
        for (wrong, is_kept) in [(1, false), (2 * LARGE / 64, false), (2 * LARGE / 60, true)] {
            let text = LossyText::new(Cow::Owned(data(wrong)));
            assert_eq!(matches!(text.data, Data::Beside(_)), is_kept, "{wrong}");
            assert_eq!(text.into_data(), data(wrong));
        }
    }

    #[test]
    fn a_large_text_is_trimmed_in_its_place() {
        for length in [1, LARGE + 1] {
            let text = "x".repeat(length);
            let mut place = String::new();
            let data = format!("\u{a0} {text}\n").into_bytes();
            LossyText::new(Cow::Owned(data)).trim_into(&mut place);
            assert_eq!(place, text);
            assert!(place.capacity() < length + 16);
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
        fn any_data_comes_back_as_it_was(
            parts in prop::collection::vec(prop::sample::select(PARTS), 0..12),
        ) {
            check(&parts.concat());
        }
    }
}
