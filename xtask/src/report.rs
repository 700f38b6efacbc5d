//! Compares two states of the document and reports what the change means: on the wire, for the Rust
//! API and for the stream crate. [`crate::coverage`] compares ours with a foreign document instead,
//! by wire path and without a verdict.

pub mod cause;
pub mod checked_in;
pub mod excerpt;
mod html;
mod item;
mod json;
mod markdown;
pub mod project;
mod render;
pub mod rules;
mod rust;
pub mod rust_api;
pub mod rust_rules;
mod sentence;
pub mod sets;
pub mod sides;
pub mod source;
pub mod summary;
pub mod uses;
pub mod version;
mod wire;

use std::collections::BTreeSet;
use std::io;

use semver::Version;

use crate::changes::Bumps;
use crate::load::Document;
use crate::problem::{Failure, Problem};

pub use cause::Causes;
pub use checked_in::CheckedIn;
pub use item::{Area, Direction, Item, Level, Origin, Place, RustName, RustPart, Usage};
pub use sets::Reports;
pub use source::Snapshot;
pub use version::CrateBump;

/// Everything that is known about a change, as data. The renderers turn it into text.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The name of the older document, such as `HEAD:spec/chat.openapi.yaml`.
    pub base: String,
    /// The name of the newer document.
    pub head: String,
    /// The text of the older document.
    pub base_text: String,
    /// The text of the newer document.
    pub head_text: String,
    /// What changed on the wire, and what changed in the document without touching the wire.
    pub wire: Vec<Item>,
    /// What changed in how a stream adds up.
    pub stream: Vec<Item>,
    /// What changed in the Rust API of the generated crates.
    pub rust: Vec<Item>,
    /// Where the changes of the generated code come from.
    pub causes: Causes,
    /// How far each crate's version must move. Empty if the Rust API was not compared.
    pub bumps: Vec<CrateBump>,
}

impl Report {
    /// Compares two documents. The lists of the Rust side stay empty.
    ///
    /// # Errors
    ///
    /// Returns the references of either document that lead nowhere.
    pub fn new(base: &Document, head: &Document) -> Result<Self, Vec<Problem>> {
        let items = wire::compare(base, head)?;
        let (stream, wire) = items.into_iter().partition(|item| item.area == Area::Stream);
        let [base_text, head_text] = [base, head].map(|side| side.text.clone());
        let [base, head] = [base, head].map(|side| side.path.clone());
        Ok(Self { base, head, base_text, head_text, wire, stream, ..Self::default() })
    }

    /// Compares two snapshots of a document, and what is generated from them. `checked_in` has the generated files
    /// of base, if they are known, and `current` is the version of base.
    ///
    /// # Errors
    ///
    /// [`Failure::Problems`] with what is wrong with either document, and [`Failure::Io`] if a
    /// checked-in file is not Rust.
    pub fn with_rust(
        base: &Snapshot,
        head: &Snapshot,
        checked_in: Option<&CheckedIn>,
        current: &Version,
    ) -> Result<Self, Failure> {
        let mut report = Self::new(&base.document, &head.document)?;
        rust::add(&mut report, [base, head], checked_in, current)?;
        Ok(report)
    }

    /// All items: wire, stream, Rust.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.wire.iter().chain(&self.stream).chain(&self.rust)
    }

    /// The items of each layer, with the name of the layer. The Rust layer is left out if nobody
    /// has compared it.
    pub fn layers(&self) -> Vec<(&'static str, &[Item])> {
        let mut layers: Vec<(_, &[Item])> = vec![("Wire", &self.wire), ("Stream", &self.stream)];
        if !self.bumps.is_empty() {
            layers.push(("Rust", &self.rust));
        }
        layers
    }

    /// Whether there is anything to tell.
    pub fn has_change(&self) -> bool {
        self.items().next().is_some() || !self.causes.by_cause().is_empty()
    }

    /// Adds the hand-written lines that name what changed.
    pub fn find_users(&mut self, sources: &uses::Sources) {
        for items in [&mut self.wire, &mut self.stream, &mut self.rust] {
            uses::fill(items, sources);
        }
    }

    /// The hand-written files of the stream crate that name something that changed.
    pub fn stream_files(&self) -> BTreeSet<&str> {
        let concerned = self.items().filter(|item| item.concerns_users());
        let used = concerned.flat_map(|item| &item.used_by).map(|usage| usage.file.as_str());
        used.filter(|file| file.starts_with("crates/chatwire-stream/")).collect()
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

    /// Writes the report as Markdown, for a comment on a pull request.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        markdown::render(self, out)
    }

    /// Writes the report as one HTML page.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render_html(&self, out: &mut dyn io::Write) -> io::Result<()> {
        html::render(&[self], out)
    }

    /// The report for programs: every field of every item in one object.
    pub fn to_json(&self) -> serde_json::Value {
        json::to_json(self)
    }

    /// The bump that each boundary needs.
    pub fn demanded(&self) -> Bumps {
        summary::bumps(self)
    }

    /// The highest level of all items; `None` without items.
    pub fn level(&self) -> Option<Level> {
        self.items().map(|item| item.level).max()
    }
}
