//! Makes the report of a project: reads both sides from files, from git and from the working tree.
//! [`super::source`] and [`super::checked_in`] read one side.

use std::path::{Path, PathBuf};

use semver::Version;

use super::source::Snapshot;
use super::{Report, checked_in, source, uses};
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
    /// The set of bindings; by default the first one.
    pub set: Option<String>,
    /// Whether to compare only the documents and generate nothing.
    pub wire_only: bool,
}

impl Comparison {
    /// Compares a revision with the working tree of the project at `root`.
    pub fn since(root: &Path, revision: &str) -> Self {
        let (root, base) = (root.to_owned(), revision.to_owned());
        Self { root, base, head: None, set: None, wire_only: false }
    }

    /// Compares both sides, and finds the hand-written lines that name what changed.
    ///
    /// # Errors
    ///
    /// [`Failure::Problems`] with what is wrong with either document, and [`Failure::Io`] if one
    /// cannot be read.
    pub fn run(&self) -> Result<Report, Failure> {
        let (base, head) = self.snapshots()?;
        let mut report = match self.wire_only {
            true => Report::new(&base.document, &head.document)?,
            false => self.with_rust([&base, &head])?,
        };
        if report.items().any(|item| item.has_users()) {
            report.find_users(&uses::Sources::below(&self.root)?);
        }
        Ok(report)
    }

    /// Both sides. If one is a file, it is another edition of the document of the set, so it gets the
    /// overlays of the other side. Two files are taken as they are.
    fn snapshots(&self) -> Result<(Snapshot, Snapshot), Failure> {
        let set = self.set.as_deref();
        let state = |name: Option<&str>| match name {
            Some(name) => source::revision(&self.root, name, set),
            None => source::working_tree(&self.root, set),
        };
        let (base, head) = (Some(self.base.as_str()), self.head.as_deref());
        Ok(match [base, head].map(file) {
            [Some(base), Some(head)] => (source::file(base, None)?, source::file(head, None)?),
            [Some(base), None] => {
                let head = state(head)?;
                (source::file(base, Some(&head))?, head)
            }
            [None, Some(head)] => {
                let base = state(base)?;
                let head = source::file(head, Some(&base))?;
                (base, head)
            }
            [None, None] => (state(base)?, state(head)?),
        })
    }

    fn with_rust(&self, [base, head]: [&Snapshot; 2]) -> Result<Report, Failure> {
        let checked_in = match file(Some(&self.base)) {
            Some(_) => None,
            None => Some(checked_in::read(&self.root, &self.base, &base.set.layout)?),
        };
        let version = checked_in.as_ref().and_then(|found| found.version.clone());
        let version = version.map_or_else(|| checked_in::version(&self.root), Ok)?;
        Report::with_rust(base, head, checked_in.as_ref(), &version)
    }
}

/// The file with this name, if there is one.
fn file(name: Option<&str>) -> Option<&Path> {
    name.map(Path::new).filter(|path| path.is_file())
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
