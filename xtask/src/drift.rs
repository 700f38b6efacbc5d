//! Says how the upstream document has moved: what it has that ours has not, what changed since its
//! state was recorded, and what to paste into ours. [`crate::coverage`] says how much of another
//! document ours covers.

mod dialect;
mod items;
mod json;
mod paste;
mod places;
mod render;
mod words;
mod yaml;

use std::io;

pub use items::{Item, Standing};
pub use paste::Paste;

use crate::coverage::{self, Finding, Reasons};
use crate::load::Document;
use crate::problem::Problem;
use crate::surface::{Lock, changes};

/// How the upstream document differs from its recorded state and from ours.
#[derive(Debug)]
pub struct Report {
    /// The name of our document.
    pub ours: String,
    /// The name of the upstream document.
    pub upstream: String,
    /// Its state now.
    pub lock: Lock,
    /// The recorded state, without the facts; `None` if there is none.
    pub recorded: Option<Lock>,
    /// What changed since then.
    pub changed: Vec<Item>,
    /// What ours lacks, with what to paste for it.
    pub missing: Vec<(Finding, Vec<Paste>)>,
}

impl Report {
    /// Compares `upstream` with our document and with the recorded state.
    ///
    /// # Errors
    ///
    /// Returns the problems that make a document impossible to compare: it has none of the
    /// operations, a reference leads nowhere, or a path does not end.
    pub fn new(
        ours: &Document,
        upstream: &Document,
        reasons: Reasons,
        recorded: Option<Lock>,
    ) -> Result<Self, Vec<Problem>> {
        let lock = Lock::of(upstream)?;
        let state = recorded.as_ref().map(|lock| &lock.state);
        let coverage = coverage::Report::since(ours, upstream, reasons, state)?;
        let changed = state.map(|state| changes(state, &lock.state)).unwrap_or_default();
        let (missing, differing) = coverage.missing();
        let missing: Vec<_> = missing.into_iter().chain(differing).collect();
        Ok(Self {
            ours: ours.path.clone(),
            upstream: upstream.path.clone(),
            changed: items::items(changed, &coverage.findings),
            missing: paste::pastes(ours, upstream, &missing).map_err(|problem| vec![problem])?,
            lock,
            recorded,
        })
    }

    /// Whether nothing changed since the recorded state, and ours lacks nothing.
    pub fn is_clean(&self) -> bool {
        self.recorded.is_some() && self.changed.is_empty() && self.missing.is_empty()
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

    /// The report for programs, as one object.
    pub fn to_json(&self) -> serde_json::Value {
        json::to_json(self)
    }
}
