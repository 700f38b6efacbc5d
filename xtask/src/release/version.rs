//! The version that a bump leads to, by Cargo's rules. [`super::manifests`] writes it to files.

use semver::{Prerelease, Version};

use crate::changes::Bump;

/// The smallest version that a release with this bump may have.
///
/// `current` is the version in the manifests. Before the first release nobody depends on it, so the
/// first release takes it as it is.
pub(super) fn smallest(released: Option<&Version>, current: &Version, bump: Bump) -> Version {
    match released {
        Some(released) => after(released, bump).max(current.clone()),
        None => current.clone(),
    }
}

/// The next version after `released`.
///
/// Cargo takes 0.1.1 for an update of 0.1.0 and not 0.2.0, so before 1.0 a break raises the second
/// number, and everything else the third. In 0.0 every version is a break.
fn after(released: &Version, bump: Bump) -> Version {
    let Version { major, minor, patch, .. } = *released;
    let next = |number: u64| number.saturating_add(1);
    // A pre-release promises nothing about the version that it leads to.
    if !released.pre.is_empty() && bump != Bump::None {
        return Version { pre: Prerelease::EMPTY, ..released.clone() };
    }
    match (bump, major, minor) {
        (Bump::None, ..) => released.clone(),
        (Bump::Major, 1.., _) => Version::new(next(major), 0, 0),
        (Bump::Minor, 1.., _) | (Bump::Major, 0, 1..) => Version::new(major, next(minor), 0),
        (Bump::Patch, ..) | (Bump::Minor | Bump::Major, 0, _) => {
            Version::new(major, minor, next(patch))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(released: &str, bump: Bump) -> String {
        super::after(&Version::parse(released).unwrap(), bump).to_string()
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

    #[test]
    fn a_version_that_nobody_has_is_taken_as_it_is() {
        let [one, two] = [Version::new(0, 1, 0), Version::new(0, 5, 0)];
        assert_eq!(smallest(None, &one, Bump::Major), one);
        assert_eq!(smallest(Some(&one), &two, Bump::Patch), two);
        assert_eq!(smallest(Some(&one), &one, Bump::Major), Version::new(0, 2, 0));
    }
}
