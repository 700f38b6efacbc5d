//! Groups the rows that a report shows: values of one enum, one schema on several paths, and
//! everything below a path with the same fate. [`super::render`] and [`super::json`] print them.

use std::collections::BTreeMap;

use super::rows::{Kind, Of, Row, Status};
use crate::problem::Position;
use crate::surface::{Difference, Root};

/// One line of a report.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The body where it was found first.
    pub root: Root,
    /// The kind of thing.
    pub kind: Kind,
    /// The wire path, or the name of a parameter.
    pub path: String,
    /// What `path` is.
    pub of: Of,
    /// The enum values; empty for the path itself.
    pub values: Vec<String>,
    /// What the documents say about a fact, from ours to theirs.
    pub difference: Option<Difference>,
    /// What the comparison found out about it.
    pub status: Status,
    /// How many wire paths below have the same fate.
    pub below: usize,
    /// The other paths with the same schema.
    pub also: Vec<(Root, String)>,
    /// The services that have it.
    pub services: Vec<String>,
    /// Where it is written.
    pub at: Position,
}

/// Groups the rows that only one document has.
pub(super) fn findings(rows: &[Row]) -> Vec<Finding> {
    let mut below: BTreeMap<usize, usize> = BTreeMap::new();
    let paths = rows.iter().filter(|row| matches!(row.kind, Kind::Property | Kind::Element));
    for top in paths.filter_map(|row| row.below) {
        *below.entry(top).or_default() += 1;
    }
    let mut findings = Findings::default();
    for (number, row) in rows.iter().enumerate() {
        if row.below.is_none() && row.status != Status::Have {
            findings.add(row, below.get(&number).copied().unwrap_or_default());
        }
    }
    findings.merged()
}

#[derive(Default)]
struct Findings {
    /// Each finding with the places where it is written, by which the same finding on other paths
    /// is recognised.
    found: Vec<(Vec<Position>, Finding)>,
}

impl Findings {
    fn add(&mut self, row: &Row, below: usize) {
        if let Some((written, last)) = self.found.last_mut() {
            let same_enum = row.kind == Kind::Value && last.kind == Kind::Value;
            if same_enum && last.is_at(row) && last.status == row.status {
                written.extend(row.written.iter().cloned());
                last.values.extend(row.values.iter().cloned());
                return;
            }
        }
        self.found.push((row.written.clone(), Finding::new(row, below)));
    }

    /// Makes one finding of each schema.
    fn merged(self) -> Vec<Finding> {
        let mut numbers = BTreeMap::new();
        let mut merged: Vec<Finding> = Vec::new();
        for (written, finding) in self.found {
            // Items and map values have no key, so their schema stands for them.
            let written = if written.is_empty() { vec![finding.at.clone()] } else { written };
            let number = *numbers.entry((written, finding.values.clone())).or_insert(merged.len());
            match merged.get_mut(number) {
                Some(first) => first.also.push((finding.root, finding.path)),
                None => merged.push(finding),
            }
        }
        merged
    }
}

impl Finding {
    fn new(row: &Row, below: usize) -> Self {
        Self {
            root: row.root,
            kind: row.kind,
            path: row.path.clone(),
            of: row.of,
            values: row.values.clone(),
            difference: row.difference.clone(),
            status: row.status,
            below,
            also: Vec::new(),
            services: row.services.clone(),
            at: row.at.clone(),
        }
    }

    fn is_at(&self, row: &Row) -> bool {
        self.root == row.root && self.path == row.path
    }

    /// Whether the reason with this number excuses the row.
    pub fn excused_by(&self, reason: usize) -> bool {
        self.status == Status::LeftOut(reason)
    }

    /// The bodies of the other paths, each once, without the finding's own.
    pub fn other_roots(&self) -> Vec<Root> {
        let mut roots: Vec<_> = self.also.iter().map(|(root, _)| *root).collect();
        roots.sort();
        roots.dedup();
        roots.retain(|root| *root != self.root);
        roots
    }
}
