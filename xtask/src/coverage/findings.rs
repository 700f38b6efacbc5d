//! The rows that are worth a line, those with the same cause put together: values of one enum, one
//! schema met on several paths, and all below something that shares its fate.

use std::collections::BTreeMap;

use super::compare::{Kind, Row, Status};
use super::roots::Root;
use crate::problem::Position;

/// One line of a report.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Where it was found first.
    pub root: Root,
    /// What it is.
    pub kind: Kind,
    /// The wire path, or the name of a parameter.
    pub path: String,
    /// The values that are meant; none for the path itself.
    pub values: Vec<String>,
    /// What became of it.
    pub status: Status,
    /// How many wire paths below share its fate.
    pub below: usize,
    /// The other paths on which the same schema was found.
    pub also: Vec<(Root, String)>,
    /// The services that have it.
    pub services: Vec<String>,
    /// Where it is written.
    pub at: Position,
}

/// Puts together the rows that are not had.
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
    /// Each with the places where it is written, by which the same on other paths is known.
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

    /// One finding for each schema.
    fn merged(self) -> Vec<Finding> {
        let mut numbers = BTreeMap::new();
        let mut merged: Vec<Finding> = Vec::new();
        for (written, finding) in self.found {
            // Items and map values have no key; their schema is what is written.
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
            values: row.values.clone(),
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

    /// Whether the reason with this number excuses it.
    pub fn excused_by(&self, reason: usize) -> bool {
        self.status == Status::LeftOut(reason)
    }

    /// The roots of the other paths, each once and without its own.
    pub fn other_roots(&self) -> Vec<Root> {
        let mut roots: Vec<_> = self.also.iter().map(|(root, _)| *root).collect();
        roots.sort();
        roots.dedup();
        roots.retain(|root| *root != self.root);
        roots
    }
}
