//! Replaces several files at once: all or none. [`super`] decides which.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::problem::Failure;

/// Files whose new text is on the disk under temporary names, beside the old ones.
#[derive(Default)]
pub(super) struct Stage {
    files: Vec<Staged>,
    /// The folders that did not exist before, outermost first.
    new_folders: Vec<PathBuf>,
}

struct Staged {
    path: PathBuf,
    new: NamedTempFile,
    /// The text before; `None` if there was no file.
    old: Option<Vec<u8>>,
}

impl Stage {
    /// Writes the new text of a file under a temporary name.
    pub(super) fn add(
        &mut self,
        path: PathBuf,
        contents: &str,
        old: Option<Vec<u8>>,
    ) -> Result<(), Failure> {
        let folder = path.parent().unwrap_or(Path::new(".")).to_path_buf();
        self.make(&folder).map_err(|error| Failure::io("create", &folder, &error))?;
        let new = temporary(&folder, contents.as_bytes());
        let new = new.map_err(|error| Failure::io("write", &path, &error))?;
        self.files.push(Staged { path, new, old });
        Ok(())
    }

    /// Renames all files to their names. If one cannot be renamed, those before it get their old
    /// text back.
    pub(super) fn commit(mut self) -> Result<(), Failure> {
        let mut done: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
        for Staged { path, new, old } in std::mem::take(&mut self.files) {
            if let Err(error) = new.persist(&path) {
                done.into_iter().rev().for_each(|(path, old)| restore(&path, old));
                return Err(Failure::io("write", &path, &error.error));
            }
            done.push((path, old));
        }
        self.new_folders.clear();
        Ok(())
    }

    /// Makes a folder and those around it, and notes which of them are new.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<_> = folder
            .ancestors()
            .take_while(|each| !each.as_os_str().is_empty() && !each.exists())
            .collect();
        for each in missing.into_iter().rev() {
            std::fs::create_dir(each)?;
            self.new_folders.push(each.to_path_buf());
        }
        Ok(())
    }
}

impl Drop for Stage {
    /// Removes the temporary files, and then the folders that were made for them.
    fn drop(&mut self) {
        self.files.clear();
        for folder in self.new_folders.iter().rev() {
            // A folder that got other files in the meantime stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Writes a temporary file. It is removed when it is dropped.
fn temporary(folder: &Path, contents: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // A temporary file is readable by its owner only. Ask for the mode that an editor would use;
    // the umask still applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".generated-").tempfile_in(folder)?;
    file.write_all(contents)?;
    Ok(file)
}

/// Puts the old text back. The failure that led here is reported, so another one is not.
fn restore(path: &Path, old: Option<Vec<u8>>) {
    let folder = path.parent().unwrap_or(Path::new("."));
    let _ = match old {
        Some(old) => temporary(folder, &old).map(|file| file.persist(path).is_ok()),
        None => std::fs::remove_file(path).map(|()| true),
    };
}
