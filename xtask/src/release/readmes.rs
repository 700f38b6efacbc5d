//! The versions of our crates in the READMEs, which show how to depend on them. [`super::manifests`] sets the version
//! of the crates themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use semver::Version;
use toml_edit::{DocumentMut, Item};

use super::manifests;
use crate::problem::Failure;
use crate::repository;
use crate::write::OutputFile;

/// Where an example of a manifest begins, and where it ends.
const FENCE: (&str, &str) = ("```toml\n", "```");

/// Every README below `root`, with this version wherever an example of a manifest names one of our crates.
pub(super) fn with_version(
    root: &Path,
    names: &BTreeSet<String>,
    version: &Version,
) -> Result<Vec<OutputFile>, Failure> {
    let paths = repository::files_below(root)?;
    let readmes = paths.iter().filter(|path| path.file_name().is_some_and(|it| it == "README.md"));
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| Failure::io("read", path, &error))?;
        let contents = set_in_readme(&text, names, version);
        Ok(OutputFile { path: repository::path_below(root, path), contents })
    };
    readmes.map(read).collect()
}

fn set_in_readme(text: &str, names: &BTreeSet<String>, version: &Version) -> String {
    let (open, close) = FENCE;
    let mut parts = text.split(open);
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (example, rest) = part.split_at(part.find(close).unwrap_or(part.len()));
        new.push_str(open);
        new.push_str(&set_in_example(example, names, version));
        new.push_str(rest);
    }
    new
}

fn set_in_example(example: &str, names: &BTreeSet<String>, version: &Version) -> String {
    // An example may be a part that is not TOML by itself.
    let Ok(mut manifest) = example.parse::<DocumentMut>() else { return example.to_owned() };
    let tables = manifest.iter_mut().filter_map(|(_, item)| item.as_table_like_mut());
    for table in tables {
        for (_, item) in table.iter_mut().filter(|(name, _)| names.contains(name.get())) {
            set_in_dependency(item, version);
        }
    }
    manifest.to_string()
}

fn set_in_dependency(dependency: &mut Item, version: &Version) {
    let requirement = match dependency.is_str() {
        true => Some(dependency),
        false => dependency.as_table_like_mut().and_then(|table| table.get_mut("version")),
    };
    if let Some(requirement) = requirement {
        let new = as_long_as(requirement.as_str().unwrap_or_default(), version);
        manifests::set(requirement, &new);
    }
}

/// The version with as many numbers as the old requirement has, because `0.1` also takes 0.1.7. A pre-release is taken
/// only by a requirement that names it.
fn as_long_as(old: &str, version: &Version) -> String {
    let new = version.to_string();
    let numbers = if version.pre.is_empty() { old.split('.').count() } else { usize::MAX };
    new.split('.').take(numbers).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_crates_in_manifests_change() {
        let names = BTreeSet::from(["ours".to_owned()]);
        let readme = |ours: &str| {
            format!(
                "ours = \"0.1\"\n```toml\n[dependencies]\nours = \"{ours}\" # why\ntokio = \"0.1\"\n\n\
                 [dev-dependencies]\nours = {{ version = \"{ours}\", features = [\"a\"] }}\n```\nours = \"0.1\"\n\
                 ```toml\nours = \n```\n"
            )
        };
        let set = |version: &str, old: &str| {
            set_in_readme(&readme(old), &names, &Version::parse(version).unwrap())
        };
        assert_eq!(set("0.2.0", "0.1"), readme("0.2"));
        assert_eq!(set("0.1.7", "0.1.0"), readme("0.1.7"));
        assert_eq!(set("1.0.0-rc.1", "0.1"), readme("1.0.0-rc.1"));
    }
}
