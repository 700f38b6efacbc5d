//! Makes the report of a project: reads both sides from files, from git and from the working tree.
//! [`super::source`] and [`super::checked_in`] read one side.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use semver::Version;

use super::source::Snapshot;
use super::{Item, Report, Reports, checked_in, source, uses};
use crate::bindings::{Bindings, Set};
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
    /// The set of bindings; by default all of them, and the first one if a side is a file.
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

    /// Compares both sides of each set, and finds the hand-written lines that name what changed.
    ///
    /// # Errors
    ///
    /// [`Failure::Problems`] with what is wrong with a document, and [`Failure::Io`] if one cannot be
    /// read.
    pub fn run(&self) -> Result<Reports, Failure> {
        let mut sets = self.snapshots()?.into_iter();
        let Some(first) = sets.next() else {
            return Err(Failure::Io(
                "bindings.toml names no set of bindings to compare; add one".to_owned(),
            ));
        };
        let mut reports =
            Reports { first: self.report(&first)?, others: self.reports_of(sets.as_slice())? };
        reports.others.retain(Report::has_change);
        if reports.iter().flat_map(Report::items).any(Item::has_users) {
            let sources = uses::Sources::below(&self.root)?;
            reports.first.find_users(&sources);
            reports.others.iter_mut().for_each(|report| report.find_users(&sources));
        }
        Ok(reports)
    }

    /// Each set in a thread of its own, because most of them did not change.
    fn reports_of(&self, sets: &[[Snapshot; 2]]) -> Result<Vec<Report>, Failure> {
        thread::scope(|scope| {
            let threads: Vec<_> =
                sets.iter().map(|sides| scope.spawn(move || self.report(sides))).collect();
            let reports =
                threads.into_iter().map(|each| each.join().unwrap_or_else(|e| resume_unwind(e)));
            reports.collect()
        })
    }

    fn report(&self, [base, head]: &[Snapshot; 2]) -> Result<Report, Failure> {
        match self.wire_only {
            true => Ok(Report::new(&base.document, &head.document)?),
            false => self.with_rust([base, head]),
        }
    }

    /// Both sides of each set. If one is a file, it is another edition of the document of the named or the first
    /// set, so it gets the overlays of the other side. Two files are taken as they are.
    fn snapshots(&self) -> Result<Vec<[Snapshot; 2]>, Failure> {
        let (base, head) = (Some(self.base.as_str()), self.head.as_deref());
        let one = |revision| self.snapshot(revision, &self.one_set(revision)?);
        Ok(match [base, head].map(file) {
            [Some(base), Some(head)] => {
                vec![[source::file(base, None)?, source::file(head, None)?]]
            }
            [Some(base), None] => {
                let head = one(head)?;
                vec![[source::file(base, Some(&head))?, head]]
            }
            [None, Some(head)] => {
                let base = one(base)?;
                let head = source::file(head, Some(&base))?;
                vec![[base, head]]
            }
            [None, None] if self.set.is_some() => vec![[one(base)?, one(head)?]],
            [None, None] => self.all_sets(base, head)?,
        })
    }

    /// Every set of head, and then those that only base has. A side without the set describes nothing.
    fn all_sets(
        &self,
        base: Option<&str>,
        head: Option<&str>,
    ) -> Result<Vec<[Snapshot; 2]>, Failure> {
        let (old, new) = (source::sets(&self.root, base)?, source::sets(&self.root, head)?);
        let named = |sets: &[Set], name: &str| sets.iter().find(|set| set.name == name).cloned();
        let gone = old.iter().filter(|set| named(&new, &set.name).is_none());
        let names = new.iter().chain(gone).map(|set| set.name.as_str());
        let sides = names.map(|name| match (named(&old, name), named(&new, name)) {
            (Some(old), Some(new)) => Ok([self.snapshot(base, &old)?, self.snapshot(head, &new)?]),
            (None, Some(new)) => {
                let new = self.snapshot(head, &new)?;
                Ok([Snapshot::absent(&new, &self.base), new])
            }
            (Some(old), None) => {
                let old = self.snapshot(base, &old)?;
                let absent = Snapshot::absent(&old, head.unwrap_or("the working tree"));
                Ok([old, absent])
            }
            (None, None) => Err(Failure::Io(format!("no side has the set `{name}`"))),
        });
        sides.collect()
    }

    fn snapshot(&self, revision: Option<&str>, set: &Set) -> Result<Snapshot, Failure> {
        match revision {
            Some(revision) => source::revision(&self.root, revision, set.clone()),
            None => source::working_tree(&self.root, set.clone()),
        }
    }

    /// The set with the name that was asked for, or the first one.
    fn one_set(&self, revision: Option<&str>) -> Result<Set, Failure> {
        let all = Bindings { sets: source::sets(&self.root, revision)? };
        match (&self.set, all.sets.first()) {
            (Some(name), _) => all.set(name).cloned(),
            (None, first) => Ok(first.cloned().unwrap_or_default()),
        }
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
