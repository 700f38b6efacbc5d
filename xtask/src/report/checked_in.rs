//! Reads what a git revision has beside the document: the generated files and the version.
//! [`super::source`] reads the document, and [`super::cause`] compares the files with what this build
//! generates.

use std::path::Path;

use semver::Version;

use super::{source, version};
use crate::layout::Layout;
use crate::problem::Failure;
use crate::write::{OutputFile, lock};

/// The generated files of one revision, and its version.
#[derive(Clone, Debug)]
pub struct CheckedIn {
    /// The Rust files, and the lock file if there was one.
    pub files: Vec<OutputFile>,
    /// The version of all crates; `None` if the manifest names none.
    pub version: Option<Version>,
}

impl CheckedIn {
    /// The hashes of the inputs; `None` before there was a lock file.
    pub fn lock(&self) -> Option<&OutputFile> {
        self.files.iter().find(|file| lock::is_lock(&file.contents))
    }
}

/// Reads the files of a set of bindings from the project at `root`. Their paths are those of the
/// default layout.
///
/// # Errors
///
/// [`Failure::Io`] if git does not run or does not know the revision.
pub fn read(root: &Path, revision: &str, layout: &Layout) -> Result<CheckedIn, Failure> {
    let mut list = vec!["ls-tree", "-r", "-z", "--name-only", "--end-of-options", revision];
    list.extend(layout.homes().map(|home| home.folder.as_str()));
    list.push(&layout.lock);
    let output = source::git(root, &list)?;
    let paths = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = paths.split('\0').filter(|path| is_generated(path, layout));
    let files = paths.map(|path| {
        let contents = source::show(root, revision, path)?;
        Ok(OutputFile { path: layout.default_path(path), contents })
    });
    let files = files.collect::<Result<Vec<_>, Failure>>()?;
    let version = match source::show(root, revision, "Cargo.toml") {
        Ok(manifest) => version::of_workspace(&manifest),
        Err(_) => None,
    };
    Ok(CheckedIn { files, version })
}

/// The version of the project at `root`, in the working tree.
///
/// # Errors
///
/// [`Failure::Io`] if the manifest cannot be read or names no version.
pub fn version(root: &Path) -> Result<Version, Failure> {
    let path = root.join("Cargo.toml");
    let manifest = std::fs::read_to_string(&path);
    let manifest = manifest.map_err(|error| Failure::io("read", &path, &error))?;
    version::of_workspace(&manifest).ok_or_else(|| {
        Failure::Io(format!(
            "{} has no `workspace.package.version`, so nobody can say which version comes next; \
             add it, or compare with `--wire-only`",
            path.display()
        ))
    })
}

/// Whether the generator writes the file: `generated.rs`, a file of a folder `generated`, or the lock.
fn is_generated(path: &str, layout: &Layout) -> bool {
    let is_rust = path.ends_with(".rs") && path.contains("/src/generated");
    is_rust || path == layout.lock
}
