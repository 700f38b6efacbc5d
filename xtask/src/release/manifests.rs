//! The manifests and lock files that name the version of the project. [`mod@super::version`] decides
//! what the next one is.
//!
//! All crates share the version of the workspace. Workspaces of their own inside the repository, such
//! as the benchmarks, have lock files that name our crates too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use semver::Version;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::problem::{Failure, Position, Problem};
use crate::repository;
use crate::write::OutputFile;

const MANIFEST: &str = "Cargo.toml";
const LOCK: &str = "Cargo.lock";

/// The manifests and lock files of the repository.
#[derive(Debug)]
pub(super) struct Manifests {
    /// The version that all crates share.
    version: Version,
    /// The names of the crates with this version.
    names: BTreeSet<String>,
    /// Each file by its path relative to the root.
    documents: BTreeMap<String, DocumentMut>,
}

impl Manifests {
    /// Reads every manifest and lock file under `root`.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let mut documents = BTreeMap::new();
        for path in repository::files_below(root)? {
            if path.file_name().is_some_and(|name| name == MANIFEST || name == LOCK) {
                let label = repository::path_below(root, &path);
                let text = std::fs::read_to_string(&path);
                let text = text.map_err(|error| Failure::io("read", &path, &error))?;
                documents.insert(label.clone(), parse(&label, &text).map_err(|it| vec![it])?);
            }
        }
        let version = version(&documents).map_err(|problem| vec![problem])?;
        let names = names(&documents);
        Ok(Self { version, names, documents })
    }

    /// The version of the workspace.
    pub(super) fn version(&self) -> &Version {
        &self.version
    }

    /// The names of the crates with this version.
    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Sets the version everywhere.
    pub(super) fn set_version(&mut self, version: &Version) {
        let text = version.to_string();
        for (path, document) in &mut self.documents {
            if path.ends_with(LOCK) {
                set_in_lock(document, &self.names, &text);
            } else {
                set_in_requirements(document.as_table_mut(), &self.names, &text);
            }
        }
        let workspace = self.documents.get_mut(MANIFEST).and_then(|it| it.get_mut("workspace"));
        let package = workspace.and_then(|workspace| workspace.get_mut("package"));
        package.and_then(|package| package.get_mut("version")).into_iter().for_each(|item| {
            set(item, &text);
        });
        self.version = version.clone();
    }

    /// The files as they are now, in the order of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = OutputFile> {
        self.documents.iter().map(|(path, document)| OutputFile {
            path: path.clone(),
            contents: document.to_string(),
        })
    }
}

fn parse(label: &str, text: &str) -> Result<DocumentMut, Problem> {
    text.parse::<DocumentMut>().map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        Problem::error("toml-syntax", error.message())
            .why("the file cannot be read as TOML from here on")
            .fix("check quotes, brackets and line ends at this place")
            .at(&Position::at_offset(label, text, offset))
    })
}

fn version(documents: &BTreeMap<String, DocumentMut>) -> Result<Version, Problem> {
    let root = documents.get(MANIFEST);
    let workspace = root.and_then(|document| document.get("workspace"));
    let text = workspace.and_then(|it| it.get("package")?.get("version")?.as_str());
    text.and_then(|text| Version::parse(text).ok()).ok_or_else(|| {
        Problem::error("workspace-version", "no version in `[workspace.package]`")
            .why("all crates share it")
            .fix("write `version = \"0.1.0\"` there, and `version.workspace = true` in each crate")
            .at(&Position::start_of(MANIFEST))
    })
}

/// The crates whose version is the one of the root workspace.
fn names(documents: &BTreeMap<String, DocumentMut>) -> BTreeSet<String> {
    let ours = documents.iter().filter(|(path, _)| workspace_of(path, documents) == MANIFEST);
    let named = ours.filter_map(|(_, document)| {
        let package = document.get("package")?;
        let shares = package.get("version")?.get("workspace")?.as_bool()?;
        shares.then(|| package.get("name")?.as_str().map(str::to_owned))?
    });
    named.collect()
}

/// The path of the nearest manifest with a workspace, from the manifest at `path` upwards.
fn workspace_of<'d>(path: &str, documents: &'d BTreeMap<String, DocumentMut>) -> &'d str {
    let folders = Path::new(path).parent().into_iter().flat_map(Path::ancestors);
    let mut manifests = folders.filter_map(|folder| {
        let path = folder.join(MANIFEST).to_string_lossy().replace('\\', "/");
        documents.get_key_value(&path)
    });
    let found = manifests.find(|(_, document)| document.contains_key("workspace"));
    found.map_or("", |(path, _)| path.as_str())
}

/// Sets the version of our packages in a lock file. A package from a registry has a `source`.
fn set_in_lock(lock: &mut DocumentMut, names: &BTreeSet<String>, version: &str) {
    let packages = lock.get_mut("package").and_then(Item::as_array_of_tables_mut);
    for package in packages.into_iter().flat_map(|tables| tables.iter_mut()) {
        let is_ours = |name: &str| names.contains(name) && !package.contains_key("source");
        if package.get("name").and_then(Item::as_str).is_some_and(is_ours) {
            package.get_mut("version").into_iter().for_each(|item| set(item, version));
        }
    }
}

/// Sets the version in every requirement of one of our crates by its path.
fn set_in_requirements(table: &mut dyn TableLike, names: &BTreeSet<String>, version: &str) {
    for (key, item) in table.iter_mut() {
        let Some(table) = item.as_table_like_mut() else { continue };
        let name = table.get("package").and_then(Item::as_str).unwrap_or(key.get());
        let is_ours = table.contains_key("path") && names.contains(name);
        match table.get_mut("version").filter(|_| is_ours) {
            Some(requirement) => set_requirement(requirement, version),
            None => set_in_requirements(table, names, version),
        }
    }
}

/// Keeps the operator of a requirement, such as `=`.
fn set_requirement(item: &mut Item, version: &str) {
    let old = item.as_str().unwrap_or_default();
    let operator = old.find(|c: char| c.is_ascii_digit()).and_then(|end| old.get(..end));
    let new = format!("{}{version}", operator.unwrap_or_default());
    set(item, &new);
}

/// Replaces a text, and keeps the spaces and comments around it.
pub(super) fn set(item: &mut Item, text: &str) {
    if let Some(value) = item.as_value_mut() {
        let mut new = Value::from(text);
        *new.decor_mut() = value.decor().clone();
        *value = new;
    }
}
