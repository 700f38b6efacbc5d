//! Change files: what a change means for users and how large it is, one file for each change.
//! [`crate::release`] collects them into the changelog.
//!
//! A change has a file of its own, because two branches that edit one changelog always conflict.

mod bump;
mod file;
mod slug;

use std::io;
use std::path::Path;

pub use bump::{Boundary, Bump, Bumps};
pub use file::Change;
pub use slug::slug;

use crate::problem::{self, Failure};
use crate::repository;
use crate::write::{self, Mode, Outcome};

/// The folder of the change files, relative to the root of the project.
pub const FOLDER: &str = "changes";

/// Reads every change file, in the order of their names.
///
/// # Errors
///
/// [`Failure::Problems`] with everything that is wrong in any of the files, and [`Failure::Io`] if
/// one cannot be read.
pub fn read(root: &Path) -> Result<Vec<Change>, Failure> {
    let (mut changes, mut problems) = (Vec::new(), Vec::new());
    for path in repository::files_below(&root.join(FOLDER))? {
        let label = repository::path_below(root, &path);
        match Change::parse(&label, &read_text(&path)?) {
            Ok(change) => changes.push(change),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        return Ok(changes);
    }
    problem::sort(&mut problems);
    Err(Failure::Problems(problems))
}

/// Writes a change file, or with [`Mode::Check`] reports how it would change.
///
/// If the file exists, its sentence stays, because a person may have written it. Of two bumps the
/// larger one counts.
///
/// # Errors
///
/// [`Failure::Problems`] if the file exists and cannot be read as a change, and [`Failure::Io`] if
/// it cannot be read or written.
pub fn write(root: &Path, change: &Change, mode: Mode) -> Result<Outcome, Failure> {
    let path = root.join(change.path());
    let merged = if path.exists() {
        let mut old = Change::parse(&change.path(), &read_text(&path)?)?;
        old.bumps = old.bumps.max(change.bumps);
        old
    } else {
        change.clone()
    };
    write::write_one(root, &merged.to_file(), mode)
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    String::from_utf8(bytes).map_err(|_| {
        let error = io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text");
        Failure::io("read", path, &error)
    })
}

#[cfg(test)]
mod tests;
