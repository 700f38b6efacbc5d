//! The error of a type that strict mode cannot express. The other modules of this folder find the reasons.

use std::fmt;

use chatwire_client::{Error, ErrorKind};

/// A type has no schema for strict mode.
///
/// `Display` says the first place, the reason and the fix. [`refused`](Self::refused) lists all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    type_name: String,
    refused: Vec<Refused>,
}

/// One part of a type that strict mode cannot express.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The place: the type, then its fields, such as `Order.lines[].price`.
    pub place: String,
    /// What is there, and why strict mode cannot have it.
    pub reason: String,
    /// What to write in its place.
    pub fix: &'static str,
}

impl SchemaError {
    pub(super) fn new(type_name: String, refused: Vec<Refused>) -> Self {
        Self { type_name, refused }
    }

    /// The name of the type.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Every part that strict mode cannot express.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}; {}", self.place, self.reason, self.fix)
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the type `{}` has no schema for strict mode: ", self.type_name)?;
        if let Some(first) = self.refused.first() {
            write!(f, "{first}")?;
        }
        match self.refused.len() {
            0 | 1 => Ok(()),
            count => write!(f, " (and {} more)", count - 1),
        }
    }
}

impl std::error::Error for SchemaError {}

/// Nothing was sent, so it has the kind [`Request`](ErrorKind::Request).
impl From<SchemaError> for Error {
    fn from(error: SchemaError) -> Self {
        Self::new(ErrorKind::Request, error)
    }
}
