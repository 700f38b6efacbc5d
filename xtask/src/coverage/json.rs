//! Writes the report for programs: each finding with all of its paths. [`super::render`] writes the
//! same findings for people.

use serde_json::{Value, json};

use super::Report;
use super::counts::{Counts, Tally};
use super::findings::Finding;
use super::rows::{Kind, Of, Status};
use crate::problem::Problem;
use crate::surface::{Difference, Root};

/// Returns the report as one object.
pub(super) fn to_json(report: &Report) -> Value {
    let (named, unnamed) = report.extensions();
    let extensions: Vec<_> = named.into_iter().chain(unnamed).collect();
    let (missing, differing) = report.missing();
    let left_out: Value = report.left_out().map(|found| excused(report, found)).collect();
    json!({
        "ours": report.ours,
        "theirs": report.theirs,
        "complete": report.is_complete(),
        "missing": list(&missing),
        "differing": list(&differing),
        "removed": list(&report.removed()),
        "left_out": left_out,
        "extensions": list(&extensions),
        "stale_reasons": report.stale.iter().map(Problem::to_json).collect::<Value>(),
        "roots": roots(&report.roots),
        "total": tally(&report.total),
    })
}

fn list(findings: &[&Finding]) -> Value {
    findings.iter().map(|found| finding(found)).collect()
}

/// Returns one finding as an object.
pub fn finding(finding: &Finding) -> Value {
    let place = |(root, path): &(Root, String)| json!({ "root": root.as_str(), "path": path });
    // An operation has several bodies, or none.
    let root = (finding.of != Of::Operation).then(|| finding.root.as_str());
    let mut value = json!({
        "root": root,
        "kind": kind(finding.kind),
        "path": finding.path,
        "values": if finding.kind == Kind::Fact { &[] } else { finding.values.as_slice() },
        "paths_below": finding.below,
        "also": finding.also.iter().map(place).collect::<Value>(),
        "services": finding.services,
        "file": &*finding.at.file,
        "line": finding.at.line,
        "col": finding.at.col,
    });
    if let (Some(difference), Some(entries)) = (&finding.difference, value.as_object_mut()) {
        let Difference { arm, fact, from, to } = difference;
        let pairs = [("fact", fact.as_str()), ("form", arm), ("ours", from), ("theirs", to)];
        entries.extend(pairs.map(|(key, text)| (key.to_owned(), text.into())));
    }
    value
}

fn excused(report: &Report, found: &Finding) -> Value {
    let mut value = finding(found);
    let reason = match found.status {
        Status::LeftOut(number) => report.reasons.entries.get(number),
        _ => None,
    };
    if let (Some(reason), Some(entries)) = (reason, value.as_object_mut()) {
        entries.insert("reason".to_owned(), reason.text.clone().into());
        entries.insert("reason_at".to_owned(), reason.at.to_string().into());
    }
    value
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Property => "property",
        Kind::Element => "element",
        Kind::Value => "value",
        Kind::Parameter => "parameter",
        Kind::Operation => "operation",
        Kind::Fact => "fact",
    }
}

/// The counts by body; null for a body that they do not have.
fn roots(roots: &[(Root, Option<Tally>)]) -> Value {
    let entry = |(root, counts): &(Root, Option<Tally>)| {
        (root.as_str().to_owned(), counts.as_ref().map_or(Value::Null, tally))
    };
    Value::Object(roots.iter().map(entry).collect())
}

fn tally(tally: &Tally) -> Value {
    let kinds = tally.kinds();
    Value::Object(kinds.iter().map(|(name, of)| (name.replace(' ', "_"), counts(of))).collect())
}

fn counts(counts: &Counts) -> Value {
    json!({
        "theirs": counts.theirs(),
        "have": counts.have,
        "left_out": counts.left_out,
        "missing": counts.missing,
        "extensions": counts.extensions,
    })
}
