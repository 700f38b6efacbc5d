//! How large a change is for the users of each boundary. [`super::file`] reads and writes it.

use std::fmt;

/// How large a change is for the users of one boundary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// Users notice nothing.
    #[default]
    None,
    /// Something is right that was wrong.
    Patch,
    /// Something is new, and everything old still works.
    Minor,
    /// Something old no longer works.
    Major,
}

impl Bump {
    /// Every kind, from small to large.
    pub const ALL: [Self; 4] = [Self::None, Self::Patch, Self::Minor, Self::Major];

    /// The word in change files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The kind with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bump| bump.as_str() == word)
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What users depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The protocol: what servers and clients send each other.
    Wire,
    /// The Rust interface of the types.
    Types,
    /// The Rust interface of the client.
    Client,
}

impl Boundary {
    /// Every boundary, in the order of reports and change files.
    pub const ALL: [Self; 3] = [Self::Wire, Self::Types, Self::Client];

    /// The key in change files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Types => "types",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A bump for each boundary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bumps {
    /// For the protocol.
    pub wire: Bump,
    /// For the types.
    pub types: Bump,
    /// For the client.
    pub client: Bump,
}

impl Bumps {
    /// The bump for one boundary.
    pub fn of(self, boundary: Boundary) -> Bump {
        match boundary {
            Boundary::Wire => self.wire,
            Boundary::Types => self.types,
            Boundary::Client => self.client,
        }
    }

    /// Sets the bump for one boundary.
    pub fn set(&mut self, boundary: Boundary, bump: Bump) {
        match boundary {
            Boundary::Wire => self.wire = bump,
            Boundary::Types => self.types = bump,
            Boundary::Client => self.client = bump,
        }
    }

    /// The larger bump for each boundary.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            wire: self.wire.max(other.wire),
            types: self.types.max(other.types),
            client: self.client.max(other.client),
        }
    }

    /// The largest bump, which a version that all boundaries share needs.
    pub fn largest(self) -> Bump {
        self.wire.max(self.types).max(self.client)
    }
}
