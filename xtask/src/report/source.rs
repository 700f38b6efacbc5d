//! Reads one side of a comparison: a file, or the document as a git revision has it.
//! [`crate::load`] parses it.

use std::path::Path;
use std::process::{Command, Output};

use crate::load::Document;
use crate::problem::{Failure, Problem};
use crate::repository;

/// Reads the document that `name` stands for: the file with this name, or else the document of the
/// project at `root` as this revision has it.
///
/// # Errors
///
/// [`Failure::Io`] if there is neither such a file nor such a revision, and [`Failure::Problems`] if
/// the document is not YAML.
pub fn read(root: &Path, name: &str) -> Result<Document, Failure> {
    let path = Path::new(name);
    if path.is_file() { Document::load(path) } else { at_revision(root, name) }
}

/// Reads the document in the working tree of the project at `root`.
///
/// # Errors
///
/// The same as [`Document::load`].
pub fn working_tree(root: &Path) -> Result<Document, Failure> {
    Document::load_as(&root.join(repository::SPEC), repository::SPEC)
}

/// Reads the checked-in document at a revision.
fn at_revision(root: &Path, revision: &str) -> Result<Document, Failure> {
    let text = show(root, revision, repository::SPEC)?;
    Ok(Document::parse(&format!("{revision}:{}", repository::SPEC), &text)?)
}

/// Reads a file of the repository at a revision.
///
/// # Errors
///
/// [`Failure::Io`] if git does not run or does not find the revision, [`Failure::Problems`] if the
/// file is not UTF-8.
pub fn show(root: &Path, revision: &str, file: &str) -> Result<String, Failure> {
    let object = format!("{revision}:{file}");
    // The end of the options keeps git from reading a revision as one.
    let words = ["show", "--end-of-options", &object];
    let output = git(root, &words)?;
    if !output.status.success() {
        return Err(Failure::Io(not_found(revision, &String::from_utf8_lossy(&output.stderr))));
    }
    String::from_utf8(output.stdout).map_err(|_| {
        let problem = Problem::error("not-utf8", format!("{object} is not UTF-8"))
            .why("the document is read as UTF-8 text")
            .fix("compare with a revision in which it is");
        Failure::Problems(vec![problem])
    })
}

/// Runs git in the project at `root`. Its exit code is for the caller.
pub(super) fn git(root: &Path, words: &[&str]) -> Result<Output, Failure> {
    let output = Command::new("git").arg("-C").arg(root).args(words).output();
    output
        .map_err(|error| Failure::Io(format!("cannot run git: {error}; install it, or name files")))
}

fn not_found(revision: &str, stderr: &str) -> String {
    let reason = stderr.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ");
    let reason = reason.trim_end_matches('.');
    format!(
        "`{revision}` is neither a file nor a revision with {} ({reason}); \
         name an OpenAPI file, or a commit, branch or tag of this repository",
        repository::SPEC
    )
}
