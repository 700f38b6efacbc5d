//! Reads the seconds of a timestamp in every form that services send. [`crate::completion`] reads
//! the rest of a completion or chunk.

use crate::Timestamp;

impl Timestamp {
    /// The whole Unix seconds, from any form; a fraction is cut off. `None` for a time before 1970,
    /// and for text that is not a number.
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
            // An unknown form, or an arm that the document gains later.
            _ => None,
        }
    }
}

fn whole(seconds: f64) -> Option<u64> {
    // The upper bound rounds to 2^64, the first number that is too large.
    (0.0..u64::MAX as f64).contains(&seconds).then_some(seconds as u64)
}
