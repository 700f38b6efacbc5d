//! Reads the seconds out of a timestamp, however a service writes it. What a completion or a chunk
//! says of itself beside that is read by [`crate::completion`].

use crate::Timestamp;

impl Timestamp {
    /// The whole seconds since 1970, however they were sent; a fraction is cut off. Nothing for a
    /// moment before 1970, and for text that is no number.
    ///
    /// ```
    /// use chatwire_types::Timestamp;
    ///
    /// assert_eq!(Timestamp::from(1_725_709_829).seconds(), Some(1_725_709_829));
    /// assert_eq!(Timestamp::from(1_725_709_829.75).seconds(), Some(1_725_709_829));
    /// assert_eq!(Timestamp::from("1725709829").seconds(), Some(1_725_709_829));
    /// assert_eq!(Timestamp::from("yesterday").seconds(), None);
    /// ```
    pub fn seconds(&self) -> Option<u64> {
        match self {
            Self::Seconds(seconds) => Some(*seconds),
            Self::Fractional(seconds) => whole(*seconds),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| whole(text.parse().ok()?))
            }
            // Unknown today, or an arm that the document gains later.
            _ => None,
        }
    }
}

fn whole(seconds: f64) -> Option<u64> {
    // The upper end rounds to 2^64, the first number that is too large.
    (0.0..u64::MAX as f64).contains(&seconds).then_some(seconds as u64)
}
