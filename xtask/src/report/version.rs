//! The version that the changes of a crate need, by the rules of Cargo.
//!
//! [`super::rust_api`] finds the changes, and [`Bump`] knows the rules.

use semver::Version;
use serde_json::json;

use super::rust_api::{self, Change};
use super::rust_rules::Area;
use crate::changes::Bump;
use crate::layout::Layout;

/// The crates whose interface can break, each with the crates whose types it shows. The CLI is a
/// program, `chatwire-probe` shows none of these types, and `chatwire-sse` knows nothing of the document.
pub const CRATES: [(&str, &[&str]); 7] = [
    ("chatwire-types", &[]),
    ("chatwire-stream", &["chatwire-types"]),
    ("chatwire-client", &["chatwire-stream", "chatwire-types"]),
    ("chatwire", &["chatwire-client", "chatwire-stream", "chatwire-types"]),
    ("chatwire-mock", &["chatwire-stream", "chatwire-types"]),
    ("chatwire-models", &["chatwire-client", "chatwire-types"]),
    ("chatwire-embeddings", &["chatwire-client", "chatwire-types"]),
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
        match (change.bump(), change.rule.area) {
            (Bump::Major, _) => Self::Breaking,
            (Bump::Minor, _) => Self::Additive,
            (_, Area::Documentation) => Self::Documentation,
            _ => Self::Code,
        }
    }

    /// How large a release of this kind is.
    pub fn bump(self) -> Bump {
        match self {
            Self::None => Bump::None,
            Self::Documentation | Self::Code => Bump::Patch,
            Self::Additive => Bump::Minor,
            Self::Breaking => Bump::Major,
        }
    }
}

/// The version that a crate needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateBump {
    /// The name that the crate has in the default layout, one of [`CRATES`].
    pub role: &'static str,
    /// The crate.
    pub crate_name: String,
    /// The kind of release.
    pub kind: Kind,
    /// The version of base.
    pub current: Version,
    /// The lowest version that the release may have.
    pub next: Version,
    /// The crate whose break is the reason, if its own API did not break.
    pub because_of: Option<String>,
}

impl CrateBump {
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

/// The bump of each of [`CRATES`] that the layout has, all of which have the version `current` in base.
/// The crates without generated code belong to chatwire's own layout.
///
/// A break in a crate breaks the crates that show its types, too.
pub fn bumps(changes: &[Change], layout: &Layout, current: &Version) -> Vec<CrateBump> {
    let mut bumps: Vec<CrateBump> = Vec::new();
    for (role, shown) in CRATES {
        let has_code = rust_api::CRATES.contains(&role);
        let name = layout.crate_named(role).filter(|_| has_code || layout.is_own());
        let Some(crate_name) = name else { continue };
        let own = changes.iter().filter(|change| change.crate_name == role);
        let own = own.map(Kind::of).max().unwrap_or(Kind::None);
        let is_broken =
            |bump: &&CrateBump| bump.kind == Kind::Breaking && bump.because_of.is_none();
        let mut broken = bumps.iter().filter(is_broken);
        let because_of = broken.find(|bump| own != Kind::Breaking && shown.contains(&bump.role));
        let because_of = because_of.map(|bump| bump.crate_name.clone());
        let kind = if because_of.is_some() { Kind::Breaking } else { own };
        let (current, next) = (current.clone(), kind.bump().next(current));
        bumps.push(CrateBump { role, crate_name, kind, current, next, because_of });
    }
    bumps
}

/// The version that all crates share, in the manifest of the workspace.
pub fn of_workspace(manifest: &str) -> Option<Version> {
    let table = manifest.parse::<toml::Table>().ok()?;
    table.get("workspace")?.get("package")?.get("version")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(folders.count(), CRATES.len() + 3);
    }

    #[test]
    fn all_crates_share_a_version() {
        let version = |text| of_workspace(text).map(|version| version.to_string());
        let manifest = "[workspace.package]\nversion = \"0.1.0\"\n";
        assert_eq!(version(manifest).as_deref(), Some("0.1.0"));
        assert_eq!(version("[package]\nversion = \"0.1.0\"\n"), None);
    }
}
