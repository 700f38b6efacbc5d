//! Knows which files a set of bindings may touch: those that its lock names, and that still begin
//! with the generator's mark. [`super::lock`] has the form of the lock.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::{OutputFile, header, lock, read_if_there};
use crate::problem::Failure;

/// The files that a set wrote the last time.
pub(super) struct Owned {
    paths: BTreeSet<String>,
    /// The path of the lock.
    lock: Option<String>,
}

/// Reads the lock that is under `root` before `files` are written.
pub(super) fn read(root: &Path, files: &[OutputFile]) -> Result<Owned, Failure> {
    let lock = files.iter().find(|file| lock::is_lock(&file.contents));
    let old = lock.map(|lock| read_if_there(&root.join(&lock.path))).transpose()?.flatten();
    let old = old.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let paths = lock::outputs(&old).into_iter().filter(|path| is_below_root(path));
    Ok(Owned { paths: paths.collect(), lock: lock.map(|lock| lock.path.clone()) })
}

impl Owned {
    /// Refuses to replace a file that this set did not write. A file that already has the right
    /// text is not replaced.
    pub(super) fn ensure_ours(
        &self,
        file: &OutputFile,
        current: Option<&[u8]>,
    ) -> Result<(), Failure> {
        let Some(current) = current else { return Ok(()) };
        let is_ours = match self.lock.as_ref() == Some(&file.path) {
            true => lock::is_lock(&String::from_utf8_lossy(current)),
            false => self.paths.contains(&file.path) && is_generated(current),
        };
        match is_ours || current == file.contents.as_bytes() {
            true => Ok(()),
            false => Err(Failure::Io(format!(
                "{} is in the way, because these bindings did not write it; move it away or \
                 remove it, or write the bindings to another folder",
                file.path
            ))),
        }
    }

    /// The files that this set wrote and no longer makes, sorted. A file that lost the mark belongs
    /// to someone else by now.
    pub(super) fn orphans(
        &self,
        root: &Path,
        files: &[OutputFile],
    ) -> Result<Vec<String>, Failure> {
        let mut orphans = Vec::new();
        for path in self.paths.iter().filter(|path| files.iter().all(|file| file.path != **path)) {
            if read_if_there(&root.join(path))?.is_some_and(|bytes| is_generated(&bytes)) {
                orphans.push(path.clone());
            }
        }
        Ok(orphans)
    }
}

fn is_generated(bytes: &[u8]) -> bool {
    bytes.starts_with(header::MARK.as_bytes())
}

/// Whether a path stays below the root. A lock could have been edited by hand.
fn is_below_root(path: &str) -> bool {
    Path::new(path).components().all(|step| matches!(step, Component::Normal(_)))
}
