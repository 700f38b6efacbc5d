//! The setting for the pauses of a replay. [`play`](super::play) waits.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long a replay waits between the pieces of an answer. Parsed from text, it is `recorded`, `none`, or
/// a time such as `20ms`.
///
/// ```
/// use chatwire_mock::Pauses;
/// use std::time::Duration;
///
/// assert_eq!("none".parse(), Ok(Pauses::None));
/// assert_eq!("20ms".parse(), Ok(Pauses::Each(Duration::from_millis(20))));
/// assert!("soon".parse::<Pauses>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pauses {
    /// It sends the answer at once.
    #[default]
    None,
    /// It sends the pieces that were recorded, at the times of the recording. An answer whose times are not
    /// known is sent at once.
    Recorded,
    /// It waits for this time before each event of a stream, and before any other answer.
    Each(Duration),
}

/// A text is not a setting of [`Pauses`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsePausesError(String);

impl FromStr for Pauses {
    type Err = ParsePausesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "recorded" => Ok(Self::Recorded),
            _ => {
                let time = humantime::parse_duration(text);
                time.map(Self::Each).map_err(|_| ParsePausesError(text.to_owned()))
            }
        }
    }
}

impl fmt::Display for ParsePausesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        write!(f, "'{text}' is not a pause: write `recorded`, `none`, or a time such as `20ms`")
    }
}

impl Error for ParsePausesError {}
