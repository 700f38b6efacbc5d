//! How large a change is for the users of each boundary. [`super::file`] reads and writes it.

use std::fmt;

use semver::{Prerelease, Version};

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

    /// The first version after `current` that may hold a release of this size.
    ///
    /// Cargo takes 0.1.1 for an update of 0.1.0 and not 0.2.0, so before 1.0 a break raises the second
    /// number, and everything else the third. In 0.0 every version is a break.
    ///
    /// ```
    /// use xtask::changes::Bump;
    ///
    /// let next = |bump: Bump, current: &str| bump.next(&current.parse().unwrap()).to_string();
    /// assert_eq!(next(Bump::Major, "0.1.3"), "0.2.0");
    /// assert_eq!(next(Bump::Minor, "0.1.3"), "0.1.4");
    /// assert_eq!(next(Bump::Minor, "1.2.3"), "1.3.0");
    /// ```
    #[must_use]
    pub fn next(self, current: &Version) -> Version {
        let Version { major, minor, patch, .. } = *current;
        let next = |number: u64| number.saturating_add(1);
        // A pre-release promises nothing about the version that it leads to.
        if !current.pre.is_empty() && self != Self::None {
            return Version { pre: Prerelease::EMPTY, ..current.clone() };
        }
        match (self, major, minor) {
            (Self::None, ..) => current.clone(),
            (Self::Major, 1.., _) => Version::new(next(major), 0, 0),
            (Self::Minor, 1.., _) | (Self::Major, 0, 1..) => Version::new(major, next(minor), 0),
            (Self::Patch, ..) | (Self::Minor | Self::Major, 0, _) => {
                Version::new(major, minor, next(patch))
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn after(released: &str, bump: Bump) -> String {
        bump.next(&Version::parse(released).unwrap()).to_string()
    }

    #[test]
    fn bumps_follow_the_rules_of_cargo() {
        let table = [
            ("1.2.3", ["1.2.3", "1.2.4", "1.3.0", "2.0.0"]),
            ("0.2.3", ["0.2.3", "0.2.4", "0.2.4", "0.3.0"]),
            ("0.0.3", ["0.0.3", "0.0.4", "0.0.4", "0.0.4"]),
            ("1.0.0-rc.1", ["1.0.0-rc.1", "1.0.0", "1.0.0", "1.0.0"]),
        ];
        for (released, expected) in table {
            assert_eq!(Bump::ALL.map(|bump| after(released, bump)), expected, "after {released}");
        }
    }
}
