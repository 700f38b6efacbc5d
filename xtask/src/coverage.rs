//! What of another OpenAPI document ours has, leaves out for a reason, or lacks; and what only ours
//! has. It compares what can be on the wire, path by path, whatever the schemas are called;
//! whether our document is sound is the business of [`crate::lint`].

mod compare;
mod counts;
mod findings;
mod json;
mod merged;
mod reasons;
mod render;
mod roots;
mod walk;

use std::io;

pub use compare::{Kind, Status};
pub use counts::{Counts, Tally};
pub use findings::Finding;
pub use reasons::{Reason, Reasons};
pub use roots::Root;

use crate::load::Document;
use crate::problem::Problem;

/// The outcome of a comparison.
#[derive(Debug)]
pub struct Report {
    /// What our document is called.
    pub ours: String,
    /// What theirs is called.
    pub theirs: String,
    /// The counts of each body; none for a body that they do not have.
    pub roots: Vec<(Root, Option<Tally>)>,
    /// The counts of all bodies together.
    pub total: Tally,
    /// What only one of the two has.
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
    /// What makes one of them impossible to compare: none of the operations, references that lead
    /// nowhere, paths without end.
    pub fn new(ours: &Document, theirs: &Document, reasons: Reasons) -> Result<Self, Vec<Problem>> {
        let found = compare::compare(ours, theirs, &reasons)?;
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

    /// Whether nothing is missing and every reason is needed.
    pub fn is_complete(&self) -> bool {
        self.missing().is_empty() && self.stale.is_empty()
    }

    /// What they have and we lack, without a reason.
    pub fn missing(&self) -> Vec<&Finding> {
        self.findings.iter().filter(|found| found.status == Status::Missing).collect()
    }

    /// What they have and we leave out for a reason.
    pub fn left_out(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|found| matches!(found.status, Status::LeftOut(_)))
    }

    /// What we have and they lack: first what services are named for, then the rest.
    pub fn extensions(&self) -> (Vec<&Finding>, Vec<&Finding>) {
        let extensions = self.findings.iter().filter(|found| found.status == Status::Extension);
        extensions.partition(|found| !found.services.is_empty())
    }

    /// Writes it for people, with terminal colours; wrap `out` in `anstream` to have them removed in
    /// a pipe.
    ///
    /// # Errors
    ///
    /// When `out` does not take the bytes.
    pub fn render(&self, out: &mut dyn io::Write) -> io::Result<()> {
        render::render(self, out)
    }

    /// The machine's form: findings, stale reasons and counts as one object.
    pub fn to_json(&self) -> serde_json::Value {
        json::to_json(self)
    }
}
