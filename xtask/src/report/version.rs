//! The version that the changes of a crate need, by the rules of Cargo.
//!
//! [`super::rust_api`] finds the changes. Below 1.0, a break needs a minor version and an addition a
//! patch version; below 0.1, every change can break.

use semver::{Prerelease, Version};
use serde_json::json;

use super::rust_api::Change;
use super::rust_rules::{Area, Level};

/// The crates whose interface can break, each with the crates whose types it shows. The CLI is a
/// program, and `chatwire-sse` knows nothing of the document.
pub const CRATES: [(&str, &[&str]); 5] = [
    ("chatwire-types", &[]),
    ("chatwire-stream", &["chatwire-types"]),
    ("chatwire-client", &["chatwire-stream", "chatwire-types"]),
    ("chatwire", &["chatwire-client", "chatwire-stream", "chatwire-types"]),
    ("chatwire-mock", &["chatwire-stream", "chatwire-types"]),
];

/// The kind of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing changed.
    None,
    /// Only documentation changed.
    Documentation,
    /// Only code behind the same signatures changed.
    Code,
    /// Something is new, and everything else is as before.
    Additive,
    /// Code of users may not compile.
    Breaking,
}

impl Kind {
    /// The word in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Documentation => "documentation",
            Self::Code => "code",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        }
    }

    /// The kind of release that one change asks for.
    pub fn of(change: &Change) -> Self {
        match (change.level(), change.rule.area) {
            (Level::Major, _) => Self::Breaking,
            (Level::Minor, _) => Self::Additive,
            (Level::Patch, Area::Documentation) => Self::Documentation,
            (Level::Patch, _) => Self::Code,
        }
    }

    /// The first version after `current` that may hold a release of this kind.
    ///
    /// ```
    /// use xtask::report::version::Kind;
    ///
    /// let next = |kind: Kind, current: &str| kind.next(&current.parse().unwrap()).to_string();
    /// assert_eq!(next(Kind::Breaking, "0.1.3"), "0.2.0");
    /// assert_eq!(next(Kind::Additive, "0.1.3"), "0.1.4");
    /// assert_eq!(next(Kind::Additive, "1.2.3"), "1.3.0");
    /// assert_eq!(next(Kind::None, "1.2.3"), "1.2.3");
    /// ```
    pub fn next(self, current: &Version) -> Version {
        let &Version { major, minor, patch, .. } = current;
        if self != Self::None && !current.pre.is_empty() {
            // A pre-release promises nothing, so its release may hold any change.
            return Version { pre: Prerelease::EMPTY, ..current.clone() };
        }
        match (self, major, minor) {
            (Self::None, ..) => current.clone(),
            (Self::Breaking, 1.., _) => Version::new(major + 1, 0, 0),
            (Self::Breaking, 0, 1..) => Version::new(0, minor + 1, 0),
            (Self::Additive, 1.., _) => Version::new(major, minor + 1, 0),
            (_, _, _) => Version::new(major, minor, patch + 1),
        }
    }
}

/// The version that a crate needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bump {
    /// The crate.
    pub crate_name: &'static str,
    /// The kind of release.
    pub kind: Kind,
    /// The version of base.
    pub current: Version,
    /// The lowest version that the release may have.
    pub next: Version,
    /// The crate whose break is the reason, if its own API did not break.
    pub because_of: Option<&'static str>,
}

impl Bump {
    /// Whether a release with this version may hold the changes.
    pub fn is_met_by(&self, version: &Version) -> bool {
        *version >= self.next
    }

    /// The bump for programs.
    pub fn to_json(&self) -> serde_json::Value {
        json!({
            "crate": self.crate_name,
            "kind": self.kind.as_str(),
            "current": self.current.to_string(),
            "next": self.next.to_string(),
            "because_of": self.because_of,
        })
    }
}

/// The bump of each of [`CRATES`], all of which have the version `current` in base.
///
/// A break in a crate breaks the crates that show its types, too.
pub fn bumps(changes: &[Change], current: &Version) -> Vec<Bump> {
    let mut bumps: Vec<Bump> = Vec::new();
    for (crate_name, shown) in CRATES {
        let own = changes.iter().filter(|change| change.crate_name == crate_name);
        let own = own.map(Kind::of).max().unwrap_or(Kind::None);
        let is_broken = |bump: &&Bump| bump.kind == Kind::Breaking && bump.because_of.is_none();
        let mut broken = bumps.iter().filter(is_broken).map(|bump| bump.crate_name);
        let because_of = broken.find(|name| own != Kind::Breaking && shown.contains(name));
        let kind = if because_of.is_some() { Kind::Breaking } else { own };
        let (current, next) = (current.clone(), kind.next(current));
        bumps.push(Bump { crate_name, kind, current, next, because_of });
    }
    bumps
}

/// The version in the manifest of a crate, or in the manifest of the workspace that it names.
pub fn of_manifest(manifest: &str, workspace: &str) -> Option<Version> {
    let table = |text: &str| text.parse::<toml::Table>().ok();
    let package = table(manifest)?;
    let version = package.get("package")?.get("version")?;
    if let Some(version) = version.as_str() {
        return version.parse().ok();
    }
    let shared = table(workspace)?;
    shared.get("workspace")?.get("package")?.get("version")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(kind: Kind, current: &str) -> String {
        kind.next(&current.parse().unwrap()).to_string()
    }

    #[test]
    fn versions_follow_cargo() {
        let kinds = [Kind::None, Kind::Documentation, Kind::Code, Kind::Additive, Kind::Breaking];
        let all = |current| kinds.map(|kind| next(kind, current));
        assert_eq!(all("1.2.3"), ["1.2.3", "1.2.4", "1.2.4", "1.3.0", "2.0.0"]);
        assert_eq!(all("0.2.3"), ["0.2.3", "0.2.4", "0.2.4", "0.2.4", "0.3.0"]);
        assert_eq!(all("0.0.3"), ["0.0.3", "0.0.4", "0.0.4", "0.0.4", "0.0.4"]);
        assert_eq!(all("1.0.0-rc.1"), ["1.0.0-rc.1", "1.0.0", "1.0.0", "1.0.0", "1.0.0"]);
    }

    /// The names of the project's crates that a crate depends on.
    fn dependencies(name: &str) -> Vec<String> {
        let path = crate::repository::root().join("crates").join(name).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let names = manifest["dependencies"].as_table().unwrap().keys();
        names
            .filter(|name| name.starts_with("chatwire") && *name != "chatwire-sse")
            .cloned()
            .collect()
    }

    #[test]
    fn crates_and_arrows_are_those_of_the_workspace() {
        for (name, shown) in CRATES {
            let mut dependencies = dependencies(name);
            dependencies.sort();
            assert_eq!(dependencies, shown, "{name}");
        }
        let folders = std::fs::read_dir(crate::repository::root().join("crates")).unwrap();
        assert_eq!(folders.count(), CRATES.len() + 2);
    }

    #[test]
    fn manifests_may_share_a_version() {
        let workspace = "[workspace.package]\nversion = \"0.1.0\"\n";
        let version =
            |manifest| of_manifest(manifest, workspace).map(|version| version.to_string());
        assert_eq!(version("[package]\nversion.workspace = true\n").as_deref(), Some("0.1.0"));
        assert_eq!(version("[package]\nversion = \"0.3.0\"\n").as_deref(), Some("0.3.0"));
        assert_eq!(version("[package]\n"), None);
    }
}
