//! The only code that writes files: it compares, shows or replaces them, and never leaves a file
//! half written.
//!
//! [`crate::generator`] decides what the files contain, [`header`] which inputs and tools they name,
//! and [`lock`] has the hashes of the inputs and the names of the files.

pub mod header;
pub mod lock;
mod ownership;
mod stage;

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use similar::TextDiff;

pub use header::Header;
use stage::Stage;

use crate::problem::Failure;

/// A file that the generator wants to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// The path relative to the output directory, with `/`.
    pub path: String,
    /// The whole text.
    pub contents: String,
}

/// Whether to replace files or only compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Replace files that differ.
    Write,
    /// Change nothing, and report what would change.
    Check,
}

/// What happened to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was up to date.
    Fresh,
    /// It was written.
    Written,
    /// It was removed, because the generator no longer makes it.
    Removed,
    /// It is out of date. Holds the unified diff.
    Stale(String),
    /// It should not exist.
    Orphan,
}

/// A file and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The path relative to the output directory.
    pub path: String,
    /// What happened to it.
    pub status: Status,
}

/// Makes the files under `root` equal to `files`, or reports how they differ.
///
/// One of `files` is the [lock](lock::file). The lock that is there before says which files this set
/// of bindings wrote the last time. No other file is replaced or removed. Either all files are
/// replaced or none, and only then are those removed that this set no longer makes.
///
/// # Errors
///
/// [`Failure::Io`] if a file is there that this set did not write, or if a file cannot be read,
/// written or removed.
pub fn write(root: &Path, files: &[OutputFile], mode: Mode) -> Result<Vec<Outcome>, Failure> {
    let owned = ownership::read(root, files)?;
    let mut stage = Stage::default();
    let mut outcomes = Vec::new();
    for file in files {
        let path = root.join(&file.path);
        let current = read_if_there(&path)?;
        owned.ensure_ours(file, current.as_deref())?;
        let status = compare(file, current.as_deref(), mode);
        if status == Status::Written {
            stage.add(path, &file.contents, current)?;
        }
        outcomes.push(Outcome { path: file.path.clone(), status });
    }
    stage.commit()?;
    for path in owned.orphans(root, files)? {
        outcomes.push(remove(root, path, mode)?);
    }
    Ok(outcomes)
}

/// Makes one file under `root` equal to `file`, or reports how it differs. Leaves all others alone.
///
/// # Errors
///
/// [`Failure::Io`] if the file cannot be read or written.
pub fn write_one(root: &Path, file: &OutputFile, mode: Mode) -> Result<Outcome, Failure> {
    let path = root.join(&file.path);
    let current = read_if_there(&path)?;
    let status = compare(file, current.as_deref(), mode);
    if status == Status::Written {
        let mut stage = Stage::default();
        stage.add(path, &file.contents, current)?;
        stage.commit()?;
    }
    Ok(Outcome { path: file.path.clone(), status })
}

/// Writes files under `root` that do not exist yet, and replaces `list`: all of them or none.
///
/// # Errors
///
/// [`Failure::Io`] if one of `files` exists, or if a file cannot be written.
pub fn create(
    root: &Path,
    files: &[OutputFile],
    list: &OutputFile,
) -> Result<Vec<Outcome>, Failure> {
    let mut stage = Stage::default();
    for file in files {
        let path = root.join(&file.path);
        if path.exists() {
            return Err(Failure::Io(format!(
                "{} is in the way; move it away or remove it",
                file.path
            )));
        }
        stage.add(path, &file.contents, None)?;
    }
    let path = root.join(&list.path);
    let current = read_if_there(&path)?;
    stage.add(path, &list.contents, current)?;
    stage.commit()?;
    let written = files.iter().chain([list]);
    Ok(written.map(|file| Outcome { path: file.path.clone(), status: Status::Written }).collect())
}

/// Removes the file at `path` under `root`, or reports that it should not exist.
///
/// # Errors
///
/// [`Failure::Io`] if the file cannot be removed.
pub fn remove(root: &Path, path: String, mode: Mode) -> Result<Outcome, Failure> {
    let status = remove_orphan(&root.join(&path), mode)?;
    Ok(Outcome { path, status })
}

/// Whether any file is out of date.
pub fn has_drift(outcomes: &[Outcome]) -> bool {
    outcomes.iter().any(|outcome| matches!(outcome.status, Status::Stale(_) | Status::Orphan))
}

impl Outcome {
    /// Writes one line with a right-aligned verb, and below it the diff of a stale file.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        let style = match self.status {
            Status::Stale(_) | Status::Orphan => AnsiColor::Red.on_default().bold(),
            Status::Fresh | Status::Written | Status::Removed => {
                AnsiColor::Green.on_default().bold()
            }
        };
        writeln!(out, "{style}{:>12}{style:#}  {}", self.status.verb(), self.path)?;
        match &self.status {
            Status::Stale(diff) => render_diff(diff, out),
            _ => Ok(()),
        }
    }

    /// The outcome for programs: `path`, `status` and, for a stale file, `diff`.
    pub fn to_json(&self) -> serde_json::Value {
        let status = self.status.verb().to_lowercase();
        let mut object = serde_json::json!({ "path": self.path, "status": status });
        if let (Status::Stale(diff), Some(object)) = (&self.status, object.as_object_mut()) {
            object.insert("diff".to_owned(), diff.as_str().into());
        }
        object
    }
}

impl Status {
    fn verb(&self) -> &'static str {
        match self {
            Self::Fresh => "Fresh",
            Self::Written => "Written",
            Self::Removed => "Removed",
            Self::Stale(_) => "Stale",
            Self::Orphan => "Orphan",
        }
    }
}

/// What is to happen to a file with this text.
fn compare(file: &OutputFile, current: Option<&[u8]>, mode: Mode) -> Status {
    match mode {
        _ if current == Some(file.contents.as_bytes()) => Status::Fresh,
        Mode::Write => Status::Written,
        Mode::Check => Status::Stale(diff(&file.path, current, &file.contents)),
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}

fn diff(name: &str, current: Option<&[u8]>, wanted: &str) -> String {
    let old_name = if current.is_some() { format!("a/{name}") } else { "/dev/null".to_owned() };
    let current = String::from_utf8_lossy(current.unwrap_or_default());
    let diff = TextDiff::from_lines(current.as_ref(), wanted);
    diff.unified_diff().header(&old_name, &format!("b/{name}")).to_string()
}

fn remove_orphan(path: &Path, mode: Mode) -> Result<Status, Failure> {
    if mode == Mode::Check {
        return Ok(Status::Orphan);
    }
    std::fs::remove_file(path).map_err(|error| Failure::io("remove", path, &error))?;
    Ok(Status::Removed)
}

/// Writes a unified diff in colours.
pub(crate) fn render_diff(diff: &str, out: &mut dyn Write) -> io::Result<()> {
    diff.lines().try_for_each(|line| {
        let style = match line.as_bytes().first() {
            Some(b'+') => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Some(b'-') => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Some(b'@') => Style::new().fg_color(Some(AnsiColor::Cyan.into())),
            _ => Style::new(),
        };
        writeln!(out, "{style}{line}{style:#}")
    })
}

#[cfg(test)]
mod tests;
