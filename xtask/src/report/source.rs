//! Reads one side of a comparison: a file, or the document as a git revision has it.
//! [`crate::load`] parses it.

use std::path::Path;
use std::process::Command;

use crate::load::Document;
use crate::problem::{Failure, Problem};
use crate::repository;

/// Reads the document that `name` stands for: the file with this name, or else the checked-in
/// document at this revision.
///
/// # Errors
///
/// [`Failure::Io`] if there is neither such a file nor such a revision, and [`Failure::Problems`] if
/// the document is not YAML.
pub fn read(name: &str) -> Result<Document, Failure> {
    let path = Path::new(name);
    if path.is_file() { Document::load(path) } else { at_revision(name) }
}

/// Reads the checked-in document at a revision.
fn at_revision(revision: &str) -> Result<Document, Failure> {
    let text = show(revision, repository::SPEC)?;
    Ok(Document::parse(&format!("{revision}:{}", repository::SPEC), &text)?)
}

/// Reads a file of the repository at a revision.
///
/// # Errors
///
/// [`Failure::Io`] if git does not run or does not find the revision, [`Failure::Problems`] if the
/// file is not UTF-8.
pub fn show(revision: &str, file: &str) -> Result<String, Failure> {
    let object = format!("{revision}:{file}");
    // The end of the options keeps git from reading a revision as one.
    let words = ["show", "--end-of-options", &object];
    let output = Command::new("git").arg("-C").arg(repository::root()).args(words).output();
    let output = output.map_err(|error| Failure::Io(format!("cannot run git: {error}")))?;
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

fn not_found(revision: &str, stderr: &str) -> String {
    let reason = stderr.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ");
    let reason = reason.trim_end_matches('.');
    format!(
        "`{revision}` is neither a file nor a revision with {} ({reason}); \
         name an OpenAPI file, or a commit, branch or tag of this repository",
        repository::SPEC
    )
}
