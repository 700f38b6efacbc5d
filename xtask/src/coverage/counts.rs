//! How much of each kind there is, for each body and for all. The single things are the rows of
//! [`super::compare`]; here they are only counted.

use std::collections::BTreeMap;

use super::compare::{Kind, Row, Status};
use super::roots::Root;

/// How many things of one kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Theirs that we have.
    pub have: usize,
    /// Theirs that we leave out for a reason.
    pub left_out: usize,
    /// Theirs that we lack.
    pub missing: usize,
    /// Ours that they lack.
    pub extensions: usize,
}

impl Counts {
    /// How many they have.
    pub fn theirs(&self) -> usize {
        self.have + self.left_out + self.missing
    }
}

/// The counts of every kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Keys as they are written in the schemas, each once however many paths lead to it.
    pub properties: Counts,
    /// Wire paths, those of list items and map values included.
    pub paths: Counts,
    /// Enum values as they are written in the schemas, each once.
    pub values: Counts,
    /// Path and query parameters of the operations.
    pub parameters: Counts,
}

impl Tally {
    /// The kinds by their names in reports.
    pub fn kinds(&self) -> [(&'static str, Counts); 4] {
        [
            ("properties", self.properties),
            ("wire paths", self.paths),
            ("enum values", self.values),
            ("parameters", self.parameters),
        ]
    }
}

/// Counts the rows of one root, or of all.
pub(super) fn tally(theirs: &[Row], ours: &[Row], root: Option<Root>) -> Tally {
    let of_root = |row: &&Row| root.is_none_or(|root| row.root == root);
    let theirs: Vec<_> = theirs.iter().filter(of_root).collect();
    let ours: Vec<_> = ours.iter().filter(of_root).collect();
    let count = |keys: KeysOf| count(&theirs, &ours, keys);
    Tally {
        properties: count(property_keys),
        paths: count(path_keys),
        values: count(value_keys),
        parameters: count(parameter_keys),
    }
}

/// What rows that count as one have in common.
type Key<'a> = (Option<Root>, &'a str, usize, usize, &'a str);
type KeysOf = for<'a> fn(&'a Row) -> Vec<Key<'a>>;

fn count(theirs: &[&Row], ours: &[&Row], keys: KeysOf) -> Counts {
    let mut counts = Counts::default();
    // Missing in one place is missing; known in one place is no extension.
    for status in fates(theirs, keys, Ord::max).into_values() {
        match status {
            Status::Have => counts.have += 1,
            Status::LeftOut(_) => counts.left_out += 1,
            Status::Missing | Status::Extension => counts.missing += 1,
        }
    }
    let ours = fates(ours, keys, Ord::min).into_values();
    counts.extensions = ours.filter(|status| *status == Status::Extension).count();
    counts
}

fn fates<'a>(
    rows: &[&'a Row],
    keys: KeysOf,
    choose: fn(Status, Status) -> Status,
) -> BTreeMap<Key<'a>, Status> {
    let mut fates = BTreeMap::new();
    for row in rows {
        for key in keys(row) {
            let fate = fates.entry(key).or_insert(row.status);
            *fate = choose(*fate, row.status);
        }
    }
    fates
}

fn property_keys(row: &Row) -> Vec<Key<'_>> {
    if row.kind != Kind::Property {
        return Vec::new();
    }
    row.written.iter().map(|at| (None, &*at.file, at.line, at.col, "")).collect()
}

fn path_keys(row: &Row) -> Vec<Key<'_>> {
    match row.kind {
        Kind::Property | Kind::Element => vec![(Some(row.root), &row.path, 0, 0, "")],
        Kind::Value | Kind::Parameter => Vec::new(),
    }
}

fn value_keys(row: &Row) -> Vec<Key<'_>> {
    if row.kind != Kind::Value {
        return Vec::new();
    }
    let text = row.values.first().map(String::as_str).unwrap_or_default();
    row.written.iter().map(|at| (None, &*at.file, at.line, at.col, text)).collect()
}

fn parameter_keys(row: &Row) -> Vec<Key<'_>> {
    match row.kind {
        Kind::Parameter => vec![(Some(row.root), &row.path, row.at.line, row.at.col, "")],
        _ => Vec::new(),
    }
}
