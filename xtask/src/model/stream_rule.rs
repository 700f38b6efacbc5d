//! The rules of `x-stream`: how the values of a key add up over a stream. [`super::schema`] reads which key has
//! which rule.

/// How the values of one key add up over the pieces of a stream: the value of `x-stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamRule {
    /// Texts are joined.
    Join,
    /// The first value that says something stays.
    First,
    /// The last value that says something stays.
    Last,
    /// As `Last`. In a list of parts, the value also ends the part, and more text opens the next
    /// part.
    Closing,
    /// Lists are put one after the other.
    Append,
    /// Lists of parts: a part joins the last one of its `index`.
    ByIndex,
    /// Objects are merged key by key.
    Merge,
    /// The key is left out of the whole.
    Omit,
    /// The stream crate has hand-written code for this key.
    HandWritten,
}

impl StreamRule {
    /// Each rule with its name in the document.
    pub const ALL: [(&str, Self); 9] = [
        ("join", Self::Join),
        ("first", Self::First),
        ("last", Self::Last),
        ("closing", Self::Closing),
        ("append", Self::Append),
        ("by-index", Self::ByIndex),
        ("merge", Self::Merge),
        ("omit", Self::Omit),
        ("hand-written", Self::HandWritten),
    ];

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule)
    }
}
