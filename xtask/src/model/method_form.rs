//! The methods that an operation becomes, and their names. [`super::operation`] reads the operations.

/// Which method of an operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodForm {
    /// The operation itself.
    Plain,
    /// The one that takes the optional parameters.
    With,
    /// The one that reads an event stream.
    Stream,
    /// The one that reads an event stream and takes the optional parameters.
    StreamWith,
    /// The one that goes through all pages of a list.
    All,
}

impl MethodForm {
    /// All forms.
    pub(super) const ALL: [Self; 5] =
        [Self::Plain, Self::With, Self::Stream, Self::StreamWith, Self::All];

    /// The name of the method: that of the operation with an ending.
    pub fn name(self, operation: &str) -> String {
        format!("{operation}{}", self.ending())
    }

    /// The names of the methods of an operation. It has more of them if it streams, if it has optional
    /// parameters, and if one of these is `after`.
    pub fn names_of(operation: &str, streams: bool, optional: &[&str]) -> Vec<String> {
        let has_optional = !optional.is_empty();
        let forms = Self::ALL.into_iter().filter(|form| match form {
            Self::Plain => true,
            Self::With => has_optional,
            Self::Stream => streams,
            Self::StreamWith => streams && has_optional,
            Self::All => optional.contains(&"after"),
        });
        forms.map(|form| form.name(operation)).collect()
    }

    /// The form that reads an event stream in place of this one.
    pub fn streaming(self) -> Option<Self> {
        match self {
            Self::Plain => Some(Self::Stream),
            Self::With => Some(Self::StreamWith),
            Self::Stream | Self::StreamWith | Self::All => None,
        }
    }

    /// What the name of the method ends with, after that of the operation.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::With => "_with",
            Self::Stream => "_stream",
            Self::StreamWith => "_stream_with",
            Self::All => "_all",
        }
    }
}
