//! The smallest version of a release. [`super::manifests`] writes it to files.

use semver::Version;

use crate::changes::Bump;

/// The smallest version that a release with this bump may have.
///
/// `current` is the version in the manifests. Before the first release nobody depends on it, so the
/// first release takes it as it is.
pub(super) fn smallest(released: Option<&Version>, current: &Version, bump: Bump) -> Version {
    match released {
        Some(released) => bump.next(released).max(current.clone()),
        None => current.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_nobody_has_is_taken_as_it_is() {
        let [one, two] = [Version::new(0, 1, 0), Version::new(0, 5, 0)];
        assert_eq!(smallest(None, &one, Bump::Major), one);
        assert_eq!(smallest(Some(&one), &two, Bump::Patch), two);
        assert_eq!(smallest(Some(&one), &one, Bump::Major), Version::new(0, 2, 0));
    }
}
