//! The data of an event as text, and the way back to its bytes: data may be large, so there is one copy
//! of it at any time. [`crate::event`] lends other users the text beside the bytes.

use std::borrow::Cow;

use memchr::memmem;

use crate::event::text_lossy;
use crate::large_json::LARGE;

/// What stands in a text for bytes that are no UTF-8.
const REPLACEMENT: &str = "\u{FFFD}";

/// The data of an event as text.
#[derive(Debug)]
pub(crate) struct DataText<'a> {
    text: Cow<'a, str>,
    replaced: Option<Replaced>,
}

/// What data had in place of each U+FFFD in the text of it, one after the other: how many bytes, which
/// are 1 to 3, and the bytes.
#[derive(Debug)]
struct Replaced(Vec<u8>);

impl<'a> DataText<'a> {
    pub(crate) fn new(data: Cow<'a, [u8]>) -> Self {
        let text = match data {
            Cow::Borrowed(data) => str::from_utf8(data).map(Cow::Borrowed).map_err(|_| data.into()),
            Cow::Owned(data) => String::from_utf8(data)
                .map(Cow::Owned)
                .map_err(|error| Cow::Owned(error.into_bytes())),
        };
        match text {
            Ok(text) => Self { text, replaced: None },
            Err(data) => Self::lossy(&data),
        }
    }

    fn lossy(data: &[u8]) -> Self {
        let text = Cow::Owned(text_lossy(data).into_owned());
        Self { text, replaced: Some(Replaced::of(data)) }
    }

    /// All of the text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The data, if it is UTF-8.
    pub(crate) fn exact(&self) -> Option<&[u8]> {
        self.replaced.is_none().then_some(self.text.as_bytes())
    }

    pub(crate) fn into_data(self) -> Vec<u8> {
        let text = self.text.into_owned().into_bytes();
        match self.replaced {
            None => text,
            Some(replaced) => replaced.put_back(text),
        }
    }

    /// Puts the text, without white space around it, into a place for it.
    pub(crate) fn trim_into(self, place: &mut String) {
        let trimmed = self.text.trim();
        match self.text {
            Cow::Owned(mut text) if text.len() > LARGE => {
                text.truncate(text.trim_end().len());
                drop(text.drain(..text.len() - text.trim_start().len()));
                *place = text;
            }
            _ => trimmed.clone_into(place),
        }
    }
}

impl Replaced {
    fn of(data: &[u8]) -> Self {
        let entries = || {
            data.utf8_chunks().flat_map(|chunk| {
                let as_it_came = chunk.valid().matches(REPLACEMENT).map(str::as_bytes);
                as_it_came.chain(Some(chunk.invalid()).filter(|invalid| !invalid.is_empty()))
            })
        };
        let mut joined = Vec::with_capacity(entries().map(|entry| 1 + entry.len()).sum());
        for entry in entries() {
            joined.extend(u8::try_from(entry.len()));
            joined.extend_from_slice(entry);
        }
        Self(joined)
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

    #[track_caller]
    fn check(data: &[u8]) {
        for data in [Cow::Borrowed(data), Cow::Owned(data.to_vec())] {
            let bytes = data.to_vec();
            let text = DataText::new(data);
            assert_eq!(text.as_str(), String::from_utf8_lossy(&bytes));
            assert_eq!(text.exact(), str::from_utf8(&bytes).ok().map(str::as_bytes));
            assert_eq!(text.into_data(), bytes);
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
    fn a_large_text_is_trimmed_in_its_place() {
        for length in [1, LARGE + 1] {
            let text = "x".repeat(length);
            let mut place = String::new();
            let data = format!("\u{a0} {text}\n").into_bytes();
            DataText::new(Cow::Owned(data)).trim_into(&mut place);
            assert_eq!(place, text);
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
            cases: 3000, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn any_data_comes_back_as_it_was(
            parts in prop::collection::vec(prop::sample::select(PARTS), 0..12),
        ) {
            check(&parts.concat());
        }
    }
}
