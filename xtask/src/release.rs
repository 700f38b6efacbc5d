//! A release: collects the change files into the changelog, sets the version and removes the files.
//! [`crate::changes`] reads them, and the report of the document says how large a bump they must ask
//! for at least.
//!
//! Everything is planned before the first file is written, so that a refusal changes nothing.

mod changelog;
mod manifests;
mod readmes;
mod version;

use std::io;
use std::path::Path;

use jiff::civil::Date;
use semver::Version;

use crate::changes::{self, Boundary, Bump, Bumps, Change};
use crate::problem::{Failure, Position, Problem};
use crate::write::{self, Mode, Outcome, OutputFile, Status};
use changelog::Changelog;
use manifests::Manifests;

/// What to release.
#[derive(Clone, Debug)]
pub struct Order {
    /// The bumps that the report of the document demands. Smaller ones are refused.
    pub demanded: Bumps,
    /// The version; by default the smallest that the change files allow.
    pub version: Option<Version>,
    /// The date in the changelog.
    pub date: Date,
}

/// A release that was found to be right, and is not yet written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The newest version in the changelog; none before the first release.
    pub released: Option<Version>,
    /// The version of this release.
    pub version: Version,
    /// The changes, in the order of their files.
    pub changes: Vec<Change>,
    files: Vec<OutputFile>,
}

/// Plans a release of the project at `root`.
///
/// # Errors
///
/// [`Failure::Problems`] if a change file, the changelog or a manifest is wrong, if the change files
/// or the version ask for less than they must, or if there is nothing to release.
/// [`Failure::Io`] if a file cannot be read.
pub fn plan(root: &Path, order: &Order) -> Result<Plan, Failure> {
    let changes = changes::read(root)?;
    let changelog = Changelog::read(root)?;
    let mut manifests = Manifests::read(root)?;
    let small = small_bumps(&changes, order.demanded);
    if !small.is_empty() {
        return Err(Failure::Problems(small));
    }
    let version = version(order, &changes, &changelog, &manifests).map_err(|found| vec![found])?;
    manifests.set_version(&version);
    let mut files = vec![changelog.with_release(&version, order.date, &changes)];
    files.extend(manifests.files());
    files.extend(readmes::with_version(root, manifests.names(), &version)?);
    Ok(Plan { released: changelog.newest().cloned(), version, changes, files })
}

impl Plan {
    /// Writes the files and removes the change files, or with [`Mode::Check`] reports what would
    /// happen.
    ///
    /// # Errors
    ///
    /// [`Failure::Io`] if a file cannot be written or removed. The change files are removed last, so
    /// none is lost.
    pub fn carry_out(&self, root: &Path, mode: Mode) -> Result<Vec<Outcome>, Failure> {
        let written = self.files.iter().map(|file| write::write_one(root, file, mode));
        let removed = self.changes.iter().map(|change| write::remove(root, change.path(), mode));
        written.chain(removed).collect()
    }

    /// Writes the version, the changes that it is for, and what happens to each file. Shows the
    /// lines of the changelog if they are not yet written.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render(&self, outcomes: &[Outcome], out: &mut dyn io::Write) -> io::Result<()> {
        let before = self.released.as_ref().map(|version| format!("{version} -> "));
        line("Release", &format!("{}{}", before.unwrap_or_default(), self.version), out)?;
        for change in &self.changes {
            line(change.bumps.largest().as_str(), &change.path(), out)?;
        }
        outcomes.iter().try_for_each(|outcome| render_outcome(outcome, out))
    }
}

fn render_outcome(outcome: &Outcome, out: &mut dyn io::Write) -> io::Result<()> {
    match &outcome.status {
        Status::Stale(diff) => {
            line("Would write", &outcome.path, out)?;
            match outcome.path == changelog::PATH {
                true => write::render_diff(diff, out),
                false => Ok(()),
            }
        }
        Status::Orphan => line("Would remove", &outcome.path, out),
        Status::Written | Status::Removed => outcome.render(out),
        // Most manifests do not name the version.
        Status::Fresh => Ok(()),
    }
}

fn line(verb: &str, what: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let style = anstyle::AnsiColor::Green.on_default().bold();
    writeln!(out, "{style}{verb:>12}{style:#}  {what}")
}

/// The boundaries for which the change files ask for less than the report demands.
fn small_bumps(changes: &[Change], demanded: Bumps) -> Vec<Problem> {
    let asked = asked(changes);
    let small = Boundary::ALL.into_iter().filter(|each| asked.of(*each) < demanded.of(*each));
    small
        .map(|boundary| {
            let (asked, demanded) = (asked.of(boundary), demanded.of(boundary));
            let what = format!("`{boundary}: {asked}`, and the report says `{demanded}`");
            Problem::error("small-bump", what)
                .why("users would get the change in a version that does not announce it")
                .fix(match changes.is_empty() {
                    true => "run `cargo xtask diff --write`, and describe the change".to_owned(),
                    false => format!("write `{boundary}: {demanded}` in the file of the change"),
                })
                .at(&largest(changes, |bumps| bumps.of(boundary), Some(boundary)))
        })
        .collect()
}

fn version(
    order: &Order,
    changes: &[Change],
    changelog: &Changelog,
    manifests: &Manifests,
) -> Result<Version, Problem> {
    if changes.is_empty() && !changelog.has_unreleased_text() {
        return Err(nothing("there is no change file, and nothing under `## Unreleased`"));
    }
    let released = changelog.newest();
    let bump = asked(changes).largest();
    let smallest = version::smallest(released, manifests.version(), bump);
    let version = order.version.clone().unwrap_or_else(|| smallest.clone());
    if version < smallest {
        let bump = released.map_or(Bump::None, |_| bump);
        return Err(too_small(&version, &smallest, bump, changes));
    }
    match released {
        Some(released) if version <= *released => {
            Err(nothing(&format!("no change asks for a version after {released}")))
        }
        _ => Ok(version),
    }
}

/// The largest bump for each boundary.
fn asked(changes: &[Change]) -> Bumps {
    changes.iter().fold(Bumps::default(), |bumps, change| bumps.max(change.bumps))
}

fn too_small(version: &Version, smallest: &Version, bump: Bump, changes: &[Change]) -> Problem {
    Problem::error("small-version", format!("`--version {version}` is smaller than {smallest}"))
        .why(match bump {
            Bump::None => "a version never goes back".to_owned(),
            _ => format!("this change is a {bump} one"),
        })
        .fix(format!("leave out `--version`, or write {smallest} or a larger version"))
        .at(&largest(changes, Bumps::largest, None))
}

fn nothing(what: &str) -> Problem {
    Problem::error("nothing-to-release", what)
        .why("a release without a change is one that users need not install")
        .fix("run `cargo xtask diff --write`, or write a file in `changes`")
        .at(&Position::start_of(changelog::PATH))
}

/// The place of the change with the largest bump: the line of `boundary`, or of the largest one.
fn largest(changes: &[Change], of: impl Fn(Bumps) -> Bump, line: Option<Boundary>) -> Position {
    let Some(change) = changes.iter().max_by_key(|change| of(change.bumps)) else {
        return Position::start_of(changelog::PATH);
    };
    let boundary = line.or_else(|| {
        Boundary::ALL.into_iter().find(|each| change.bumps.of(*each) == of(change.bumps))
    });
    boundary.map_or_else(|| Position::start_of(&change.path()), |each| change.position(each))
}
