//! Finds generated files that the generator no longer makes. [`super::write`] reports or removes them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::{OutputFile, header};
use crate::problem::Failure;

/// The files under `root/crates` with the generator's mark that are not in the list, sorted.
pub(super) fn find(root: &Path, files: &[OutputFile]) -> Result<BTreeSet<String>, Failure> {
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| root.join(&file.path)).collect();
    let mut found = BTreeSet::new();
    let mut directories = vec![root.join("crates")];
    while let Some(directory) = directories.pop() {
        for path in list(&directory)? {
            if path.is_dir() {
                directories.push(path);
            } else if !wanted.contains(&path) && is_generated(&path)? {
                found.insert(relative(root, &path));
            }
        }
    }
    Ok(found)
}

/// The entries of a directory, without hidden files and build output; empty if the directory does
/// not exist.
fn list(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::io("list", directory, &error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Vec<_> =
        paths.collect::<io::Result<_>>().map_err(|error| Failure::io("list", directory, &error))?;
    Ok(paths.into_iter().filter(|path| is_ours_to_look_at(path)).collect())
}

fn is_ours_to_look_at(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && name != "target" && !path.is_symlink()
}

fn is_generated(path: &Path) -> Result<bool, Failure> {
    if path.extension().is_none_or(|extension| extension != "rs") {
        return Ok(false);
    }
    Ok(super::read_if_there(path)?.is_some_and(|bytes| bytes.starts_with(header::MARK.as_bytes())))
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let steps: Vec<_> = inside.iter().map(|step| step.to_string_lossy()).collect();
    steps.join("/")
}
