//! Where text is cut. What is made of the pieces is [`super::choice`]'s work.

/// How the text of an answer is cut for its chunks. No cut is inside a character.
///
/// ```
/// use chatwire_sse::encode::{Pieces, Streamer};
///
/// let completion = serde_json::from_str(
///     r#"{"choices":[{"index":0,"message":{"content":"one two"},"finish_reason":"stop"}]}"#,
/// )?;
/// // Besides the text, a chunk with the role and one with the finish reason.
/// for (pieces, chunks) in [(Pieces::Words, 4), (Pieces::Characters(1), 9), (Pieces::Whole, 3)] {
///     assert_eq!(Streamer::new().pieces(pieces).chunks(&completion).len(), chunks);
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pieces {
    /// Before each space, so that every piece is about a word.
    #[default]
    Words,
    /// After so many characters; 0 is taken for 1.
    Characters(usize),
    /// Nowhere.
    Whole,
}

impl Pieces {
    /// The pieces of a text; none of an empty one.
    pub(super) fn cut(self, text: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at_checked(self.next(rest)).unwrap_or((rest, ""));
            pieces.push(piece);
            rest = after;
        }
        pieces
    }

    /// The length of the first piece, in bytes; at least one character.
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
        assert_eq!(Pieces::Words.cut("Say  é 😀!"), ["Say", " ", " é", " 😀!"]);
        assert_eq!(Pieces::Characters(2).cut("é😀c"), ["é😀", "c"]);
        assert_eq!(Pieces::Characters(0).cut("é😀"), ["é", "😀"]);
        assert_eq!(Pieces::Whole.cut("é 😀"), ["é 😀"]);
        assert!(Pieces::Whole.cut("").is_empty());
    }
}
