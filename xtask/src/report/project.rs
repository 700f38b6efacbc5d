//! Makes the report of a project: reads both sides from files, from git and from the working tree.
//! [`super::source`] and [`super::checked_in`] read one side.

use std::path::{Path, PathBuf};

use semver::Version;

use super::{Report, checked_in, source, uses};
use crate::load::Document;
use crate::problem::Failure;

/// What to compare.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The root of the project.
    pub root: PathBuf,
    /// The older side: a file or a revision.
    pub base: String,
    /// The newer side: a file or a revision; by default the working tree.
    pub head: Option<String>,
    /// Whether to compare only the documents and generate nothing.
    pub wire_only: bool,
}

impl Comparison {
    /// Compares a revision with the working tree of the project at `root`.
    pub fn since(root: &Path, revision: &str) -> Self {
        Self { root: root.to_owned(), base: revision.to_owned(), head: None, wire_only: false }
    }

    /// Compares both sides, and finds the hand-written lines that name what changed.
    ///
    /// # Errors
    ///
    /// [`Failure::Problems`] with what is wrong with either document, and [`Failure::Io`] if one
    /// cannot be read.
    pub fn run(&self) -> Result<Report, Failure> {
        let base = source::read(&self.root, &self.base)?;
        let head = match &self.head {
            Some(name) => source::read(&self.root, name)?,
            None => source::working_tree(&self.root)?,
        };
        let mut report = match self.wire_only {
            true => Report::new(&base, &head)?,
            false => self.with_rust([&base, &head])?,
        };
        if report.items().any(|item| item.has_users()) {
            report.find_users(&uses::Sources::below(&self.root)?);
        }
        Ok(report)
    }

    fn with_rust(&self, [base, head]: [&Document; 2]) -> Result<Report, Failure> {
        let checked_in = match Path::new(&self.base).is_file() {
            true => None,
            false => Some(checked_in::read(&self.root, &self.base)?),
        };
        let version = checked_in.as_ref().and_then(|found| found.version.clone());
        let version = version.map_or_else(|| checked_in::version(&self.root), Ok)?;
        Report::with_rust(base, head, checked_in.as_ref(), &version)
    }
}

/// The tag `vX.Y.Z` of the newest release before the working tree. `None` if there is no such tag, or
/// if `root` is not the root of a git repository.
pub fn last_release(root: &Path) -> Option<String> {
    let prefix = source::git(root, &["rev-parse", "--show-prefix"]).ok()?;
    if !prefix.status.success() || !prefix.stdout.trim_ascii().is_empty() {
        return None;
    }
    let tags = source::git(root, &["tag", "--merged", "HEAD", "--list", "v*"]).ok()?;
    let tags = String::from_utf8_lossy(&tags.stdout).into_owned();
    let version = |tag: &&str| tag.strip_prefix('v').and_then(|rest| rest.parse::<Version>().ok());
    tags.lines().filter(|tag| version(tag).is_some()).max_by_key(version).map(str::to_owned)
}
