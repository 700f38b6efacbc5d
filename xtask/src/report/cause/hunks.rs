//! Finds the changed lines between two texts of a generated file. [`super`] finds their cause.

use std::time::Duration;

use serde_json::json;
use similar::{Algorithm, DiffOp, TextDiff};

use super::Cause;

/// The longest search for the shortest diff. After it, the diff is right but longer.
const DEADLINE: Duration = Duration::from_millis(200);

/// Neighbouring lines that changed for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Why they changed.
    pub cause: Cause,
    /// The line of the older file at which the removed lines begin, from 1.
    pub base_line: usize,
    /// The line of the newer file at which the added lines begin, from 1.
    pub head_line: usize,
    /// The lines that only the older file has.
    pub removed: Vec<String>,
    /// The lines that only the newer file has.
    pub added: Vec<String>,
}

impl Hunk {
    /// How many lines it adds and removes.
    pub fn lines(&self) -> usize {
        self.removed.len() + self.added.len()
    }

    /// Whether the tokens are the same, and only spaces, line breaks and final commas differ.
    pub fn is_layout(&self) -> bool {
        let tokens = |lines: &[String]| -> String {
            let characters = lines.iter().flat_map(|line| line.chars());
            characters.filter(|each| !each.is_whitespace() && *each != ',').collect()
        };
        tokens(&self.removed) == tokens(&self.added)
    }

    /// The hunk for programs.
    pub fn to_json(&self) -> serde_json::Value {
        json!({
            "cause": self.cause.as_str(),
            "names": self.cause.names(),
            "base_line": self.base_line,
            "head_line": self.head_line,
            "removed": self.removed,
            "added": self.added,
        })
    }
}

/// The changed lines, without the header. The cause is still to be found.
pub(super) fn between(old: &str, new: &str) -> Vec<Hunk> {
    if old == new {
        return Vec::new();
    }
    let ((old_skipped, old), (new_skipped, new)) = (without_header(old), without_header(new));
    let mut config = TextDiff::configure();
    let config = config.algorithm(Algorithm::Patience).timeout(DEADLINE);
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let diff = config.diff_slices(&old, &new);
    let changes = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changes
        .map(|op| Hunk {
            cause: Cause::Document,
            base_line: old_skipped + op.old_range().start + 1,
            head_line: new_skipped + op.new_range().start + 1,
            removed: lines(&old, op.old_range()),
            added: lines(&new, op.new_range()),
        })
        .collect()
}

fn lines(all: &[&str], range: std::ops::Range<usize>) -> Vec<String> {
    all.get(range).unwrap_or_default().iter().map(|line| (*line).to_owned()).collect()
}

/// The text after the comments at the top, and how many lines these are. They name the inputs and
/// the tools, and so change whenever anything does.
fn without_header(text: &str) -> (usize, &str) {
    let is_header = |line: &&str| line.starts_with("// ");
    let header: Vec<&str> = text.split_inclusive('\n').take_while(is_header).collect();
    let length = header.iter().map(|line| line.len()).sum();
    (header.len(), text.get(length..).unwrap_or_default())
}
