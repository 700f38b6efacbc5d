//! Knows the keys that no report shows. [`shown`](super::shown) passes every text of a request and of an answer through
//! it, and `chatwire_types::secrets` finds a key in every notation.

use chatwire_types::secrets::{Secret, parts, redacted};

/// The texts that no report shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    /// The secrets in these values of headers.
    pub(crate) fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let all = values.flat_map(|value| parts(value.trim()));
        Self(all.filter(|text| text.len() >= SHORTEST).map(Secret::new).collect())
    }

    pub(crate) fn hide(&self, text: &str) -> String {
        match redacted(&self.0, text.as_bytes()) {
            Some(hidden) => String::from_utf8_lossy(&hidden).into_owned(),
            None => text.to_owned(),
        }
    }
}

/// Shorter texts are shown, because they are not secret and occur in many other words.
const SHORTEST: usize = 6;
