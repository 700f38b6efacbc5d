//! Finds the repository and names its files, from any working directory. [`crate::load`] reads
//! files, and [`crate::write`] writes them.

use std::io;
use std::path::{Path, PathBuf};

use crate::problem::Failure;

/// The default input document, relative to the root.
pub const SPEC: &str = "spec/chat.openapi.yaml";

/// What the document leaves out on purpose, relative to the root.
pub const REASONS: &str = "spec/coverage.toml";
/// The recorded state of the upstream document, relative to the root.
pub const LOCK: &str = "spec/upstream.lock";

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The name of a file in messages: relative to the root and with `/` if it lies in the repository,
/// else as the user wrote it.
pub fn display_path(path: &Path) -> String {
    match relative(path) {
        Some(relative) => relative,
        None => path.display().to_string(),
    }
}

/// The name of a file in a generated header: its path from `root` if it lies below, else from the root
/// of the repository, else its bare name, so that no directory of a machine gets into the output.
pub fn stable_name(root: &Path, path: &Path) -> String {
    let below = |folder: &Path| {
        let whole = path.canonicalize().ok()?;
        Some(with_slashes(whole.strip_prefix(folder.canonicalize().ok()?).ok()?))
    };
    below(root).or_else(|| relative(path)).unwrap_or_else(|| bare_name(path))
}

/// The name of a file without its folder.
pub fn bare_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The files of a folder and of the folders in it, sorted, without hidden files, links and build
/// output. Empty if the folder does not exist.
///
/// # Errors
///
/// [`Failure::Io`] if a folder cannot be listed.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in list(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The path relative to `folder`, with `/`.
pub fn path_below(folder: &Path, path: &Path) -> String {
    with_slashes(path.strip_prefix(folder).unwrap_or(path))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::io("list", folder, &error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Vec<_> =
        paths.collect::<io::Result<_>>().map_err(|error| Failure::io("list", folder, &error))?;
    Ok(paths.into_iter().filter(|path| is_ours_to_look_at(path)).collect())
}

fn is_ours_to_look_at(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && name != "target" && !path.is_symlink()
}

fn relative(path: &Path) -> Option<String> {
    let whole = path.canonicalize().ok()?;
    Some(with_slashes(whole.strip_prefix(root().canonicalize().ok()?).ok()?))
}

fn with_slashes(path: &Path) -> String {
    path.iter().map(|step| step.to_string_lossy()).collect::<Vec<_>>().join("/")
}
