//! Compares another OpenAPI document with ours: what both have, what ours leaves out for a reason,
//! what it lacks, and what only ours has. The comparison goes by wire path, so the names of schemas
//! do not matter. [`crate::lint`] checks whether our document is sound.

mod compare;
mod counts;
mod extensions;
mod facts;
mod findings;
mod json;
mod reasons;
mod render;
mod rows;
mod subject;

use std::io;

pub use crate::surface::Root;
pub use counts::{Counts, Tally};
pub use findings::Finding;
pub use json::finding as finding_json;
pub use reasons::{Reason, Reasons};
pub use render::line as render_line;
pub use rows::{Kind, Of, Status};

use crate::load::Document;
use crate::problem::Problem;
use crate::surface::State;

/// The result of a comparison.
#[derive(Debug)]
pub struct Report {
    /// The name of our document.
    pub ours: String,
    /// The name of their document.
    pub theirs: String,
    /// The counts of each body; `None` for a body that they do not have.
    pub roots: Vec<(Root, Option<Tally>)>,
    /// The sum of the counts of all bodies.
    pub total: Tally,
    /// What only one of the two documents has.
    pub findings: Vec<Finding>,
    /// Reasons that excuse nothing, as problems in their file.
    pub stale: Vec<Problem>,
    /// The reasons that findings refer to.
    pub reasons: Reasons,
}

impl Report {
    /// Compares two documents.
    ///
    /// # Errors
    ///
    /// Returns the problems that make a document impossible to compare: it has none of the
    /// operations, a reference leads nowhere, or a path does not end.
    pub fn new(ours: &Document, theirs: &Document, reasons: Reasons) -> Result<Self, Vec<Problem>> {
        Self::since(ours, theirs, reasons, None)
    }

    /// Compares two documents, and finds what theirs has lost since its state was `recorded`.
    ///
    /// # Errors
    ///
    /// As [`Report::new`].
    pub fn since(
        ours: &Document,
        theirs: &Document,
        reasons: Reasons,
        recorded: Option<&State>,
    ) -> Result<Self, Vec<Problem>> {
        let found = compare::compare(ours, theirs, &reasons, recorded)?;
        let tally = |root| counts::tally(&found.theirs, &found.ours, root);
        let of_root = |root| found.roots.contains(&root).then(|| tally(Some(root)));
        let mut findings = findings::findings(&found.theirs);
        findings.extend(findings::findings(&found.ours));
        Ok(Self {
            ours: ours.path.clone(),
            theirs: theirs.path.clone(),
            roots: Root::ALL.into_iter().map(|root| (root, of_root(root))).collect(),
            total: tally(None),
            findings,
            stale: found.stale,
            reasons,
        })
    }

    /// Whether nothing is missing or differs, nothing is gone from theirs, and every reason is used.
    pub fn is_complete(&self) -> bool {
        let open = |found: &Finding| matches!(found.status, Status::Missing | Status::Removed);
        !self.findings.iter().any(open) && self.stale.is_empty()
    }

    /// What they have and we lack, and the facts on which ours differs, without a reason.
    pub fn missing(&self) -> (Vec<&Finding>, Vec<&Finding>) {
        let missing = self.findings.iter().filter(|found| found.status == Status::Missing);
        missing.partition(|found| found.kind != Kind::Fact)
    }

    /// What we have and they had when their state was recorded.
    pub fn removed(&self) -> Vec<&Finding> {
        self.findings.iter().filter(|found| found.status == Status::Removed).collect()
    }

    /// What they have and we leave out for a reason.
    pub fn left_out(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|found| matches!(found.status, Status::LeftOut(_)))
    }

    /// What we have and they lack: first what has an `x-services`, then the rest.
    pub fn extensions(&self) -> (Vec<&Finding>, Vec<&Finding>) {
        let extensions = self.findings.iter().filter(|found| found.status == Status::Extension);
        extensions.partition(|found| !found.services.is_empty())
    }

    /// Writes the report for people, with terminal colours. Wrap `out` in `anstream` to remove the
    /// colours in a pipe.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render(&self, out: &mut dyn io::Write) -> io::Result<()> {
        render::render(self, out)
    }

    /// The report for programs: findings, stale reasons and counts in one object.
    pub fn to_json(&self) -> serde_json::Value {
        json::to_json(self)
    }
}
