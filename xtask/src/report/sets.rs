//! The reports of several sets of bindings as one: the first set, and the others that changed.
//! [`super::project`] makes them.

use std::io::{self, Write};

use serde_json::Value;

use super::{Level, Report, html, sentence};
use crate::changes::{Bumps, Change};

/// At least one report.
#[derive(Clone, Debug)]
pub struct Reports {
    /// The report of the first set that was asked for, whether it changed or not.
    pub first: Report,
    /// The reports of the other sets that changed.
    pub others: Vec<Report>,
}

impl Reports {
    /// All reports, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = &Report> {
        [&self.first].into_iter().chain(&self.others)
    }

    /// Writes one report after the other, for people.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        self.first.render(out)?;
        self.others.iter().try_for_each(|report| {
            writeln!(out)?;
            report.render(out)
        })
    }

    /// Writes one report after the other as Markdown.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        self.first.render_markdown(out)?;
        self.others.iter().try_for_each(|report| {
            writeln!(out)?;
            report.render_markdown(out)
        })
    }

    /// Writes one HTML page.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn render_html(&self, out: &mut dyn Write) -> io::Result<()> {
        html::render(&self.iter().collect::<Vec<_>>(), out)
    }

    /// The first report as one object, in which `others` has the other ones.
    pub fn to_json(&self) -> Value {
        let mut object = self.first.to_json();
        if let Some(keys) = object.as_object_mut() {
            let others = self.others.iter().map(Report::to_json).collect();
            keys.insert("others".to_owned(), others);
        }
        object
    }

    /// The largest bump that any of them needs, for each boundary.
    pub fn demanded(&self) -> Bumps {
        self.iter().map(Report::demanded).fold(Bumps::default(), Bumps::max)
    }

    /// The highest level of all items; `None` without items.
    pub fn level(&self) -> Option<Level> {
        self.iter().filter_map(Report::level).max()
    }

    /// The change file for all of them, with `text` or else a sentence about the heaviest item. `None` if nothing
    /// changed.
    pub fn change(&self, text: Option<&str>) -> Option<Change> {
        let level = self.level()?;
        let heaviest = self.iter().find(|report| report.level() == Some(level))?;
        let mut change = sentence::change(heaviest, text)?;
        change.bumps = self.demanded();
        Some(change)
    }
}
