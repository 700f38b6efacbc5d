//! The cases of this crate, which are embedded into the program. [`file`](super::file) reads them.

use std::sync::{Arc, LazyLock};

use include_dir::{Dir, include_dir};

use super::Case;
use super::file::{self, CaseError};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cases");

/// The cases of this crate, in the order of their files and in them.
///
/// # Errors
/// Returns an error if a file has a mistake. A test of this crate makes sure that none has.
pub fn cases() -> Result<Vec<Case>, CaseError> {
    Ok(shared_cases()?.iter().map(|case| Case::clone(case)).collect())
}

/// The same cases without a copy of each. They are read once.
pub(crate) fn shared_cases() -> Result<Vec<Arc<Case>>, CaseError> {
    static CASES: LazyLock<Result<Vec<Arc<Case>>, CaseError>> =
        LazyLock::new(|| Ok(read_all()?.into_iter().map(Arc::new).collect()));
    CASES.clone()
}

fn read_all() -> Result<Vec<Case>, CaseError> {
    let mut files: Vec<_> = FILES.files().collect();
    files.sort_by_key(|file| file.path());
    let mut all = Vec::new();
    for file in files {
        let name = file.path().display().to_string();
        all.extend(parse(&name, file.contents_utf8().unwrap_or_default())?);
    }
    Ok(all)
}

/// Reads cases from a text of YAML. `name` is the file in error messages.
///
/// ```
/// let error = chatwire_probe::parse("my.yaml", "group: mine\ncases:\n- id: a\n  titel: b").unwrap_err();
/// assert!(error.to_string().starts_with("my.yaml:4:3: unknown field `titel`"), "{error}");
/// ```
///
/// # Errors
/// Returns an error with the line and the column of the first mistake.
pub fn parse(name: &str, text: &str) -> Result<Vec<Case>, CaseError> {
    file::read(name, text)
}
