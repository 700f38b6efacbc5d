//! Finds generated files that the generator no longer makes. [`super::write`] reports or removes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{OutputFile, header};
use crate::problem::Failure;
use crate::repository;

/// The files under `root/crates` with the generator's mark that are not in the list, sorted.
pub(super) fn find(root: &Path, files: &[OutputFile]) -> Result<Vec<String>, Failure> {
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| root.join(&file.path)).collect();
    let mut found = Vec::new();
    for path in repository::files_below(&root.join("crates"))? {
        if !wanted.contains(&path) && is_generated(&path)? {
            found.push(repository::path_below(root, &path));
        }
    }
    Ok(found)
}

fn is_generated(path: &Path) -> Result<bool, Failure> {
    if path.extension().is_none_or(|extension| extension != "rs") {
        return Ok(false);
    }
    let bytes = super::read_if_there(path)?;
    Ok(bytes.is_some_and(|bytes| bytes.starts_with(header::MARK.as_bytes())))
}
