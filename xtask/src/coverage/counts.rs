//! Counts the things of each kind, for each body and for all. [`super::compare`] finds the things.

use std::collections::BTreeMap;

use super::rows::{Kind, Row, Status};
use crate::surface::Root;

/// How many things of one kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Theirs, and ours too.
    pub have: usize,
    /// Theirs, and left out of ours for a reason.
    pub left_out: usize,
    /// Theirs, and missing in ours.
    pub missing: usize,
    /// Ours, and missing in theirs.
    pub extensions: usize,
}

impl Counts {
    /// How many things they have.
    pub fn theirs(&self) -> usize {
        self.have + self.left_out + self.missing
    }
}

/// The counts of all kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Keys as the schemas have them. A key on several paths counts once.
    pub properties: Counts,
    /// Wire paths, including those of list items and map values.
    pub paths: Counts,
    /// Enum values as the schemas have them, each once.
    pub values: Counts,
    /// Path and query parameters of the operations.
    pub parameters: Counts,
}

impl Tally {
    /// The kinds, with their names in reports.
    pub fn kinds(&self) -> [(&'static str, Counts); 4] {
        [
            ("properties", self.properties),
            ("wire paths", self.paths),
            ("enum values", self.values),
            ("parameters", self.parameters),
        ]
    }
}

/// Counts the rows of one body, or of all.
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

/// The key by which rows count as one.
type Key<'a> = (Option<Root>, &'a str, usize, usize, &'a str);
type KeysOf = for<'a> fn(&'a Row) -> Vec<Key<'a>>;

fn count(theirs: &[&Row], ours: &[&Row], keys: KeysOf) -> Counts {
    let mut counts = Counts::default();
    // A key that is missing on one path counts as missing, and a key that they have on one path
    // does not count as an extension.
    for status in fates(theirs, keys, Ord::max).into_values() {
        match status {
            Status::Have => counts.have += 1,
            Status::LeftOut(_) => counts.left_out += 1,
            Status::Missing | Status::Extension | Status::Removed => counts.missing += 1,
        }
    }
    let ours = fates(ours, keys, Ord::min).into_values();
    counts.extensions = ours.filter(|status| status.is_ours()).count();
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
        Kind::Value | Kind::Parameter | Kind::Operation | Kind::Fact => Vec::new(),
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
