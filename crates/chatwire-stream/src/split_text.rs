//! Cuts the text of an answer into pieces. [`crate::encode`] makes a chunk of each piece.

use std::iter;

/// Where the text of an answer is cut for its chunks. A cut is never inside a character.
///
/// ```
/// use chatwire_stream::encode::{SplitText, ChunkEncoder};
///
/// let completion = serde_json::from_str(
///     r#"{"choices":[{"index":0,"message":{"content":"one two"},"finish_reason":"stop"}]}"#,
/// )?;
/// // One chunk holds the role, and one the finish reason.
/// for (split, chunks) in [(SplitText::Words, 4), (SplitText::Characters(1), 9), (SplitText::Whole, 3)] {
///     assert_eq!(ChunkEncoder::new().split(split).chunks(&completion).len(), chunks);
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplitText {
    /// Before each space, so that each piece is about one word.
    #[default]
    Words,
    /// After this number of characters. 0 means 1.
    Characters(usize),
    /// Nowhere: the whole text is one piece.
    Whole,
}

impl SplitText {
    /// Returns the pieces of a text lazily. An empty text has no pieces.
    pub(crate) fn cut(self, text: &str) -> impl Iterator<Item = &str> {
        let mut rest = text;
        iter::from_fn(move || {
            let (piece, after) = rest.split_at_checked(self.next(rest)).unwrap_or((rest, ""));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    }

    /// The length of the first piece in bytes. It is at least one character if the text is not empty.
    fn next(self, text: &str) -> usize {
        let mut places = text.char_indices().skip(1);
        let place = match self {
            Self::Whole => None,
            Self::Words => places.find(|(_, character)| *character == ' '),
            Self::Characters(count) => places.nth(count.saturating_sub(1)),
        };
        place.map_or(text.len(), |(place, _)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_between_characters() {
        let cut = |pieces: SplitText, text| pieces.cut(text).collect::<Vec<_>>();
        assert_eq!(cut(SplitText::Words, "Say  é 😀!"), ["Say", " ", " é", " 😀!"]);
        assert_eq!(cut(SplitText::Characters(2), "é😀c"), ["é😀", "c"]);
        assert_eq!(cut(SplitText::Characters(0), "é😀"), ["é", "😀"]);
        assert_eq!(cut(SplitText::Whole, "é 😀"), ["é 😀"]);
        assert!(cut(SplitText::Whole, "").is_empty());
    }
}
