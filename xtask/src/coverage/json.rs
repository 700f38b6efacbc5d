//! Writes the report for programs: each finding with all of its paths. [`super::render`] writes the
//! same findings for people.

use serde_json::{Value, json};

use super::Report;
use super::compare::{Kind, Status};
use super::counts::{Counts, Tally};
use super::findings::Finding;
use crate::problem::Problem;
use crate::surface::Root;

/// Returns the report as one object.
pub(super) fn to_json(report: &Report) -> Value {
    let (named, unnamed) = report.extensions();
    let extensions: Vec<_> = named.into_iter().chain(unnamed).collect();
    let left_out: Value = report.left_out().map(|found| excused(report, found)).collect();
    json!({
        "ours": report.ours,
        "theirs": report.theirs,
        "complete": report.is_complete(),
        "missing": list(&report.missing()),
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

fn finding(finding: &Finding) -> Value {
    let place = |(root, path): &(Root, String)| json!({ "root": root.as_str(), "path": path });
    json!({
        "root": finding.root.as_str(),
        "kind": kind(finding.kind),
        "path": finding.path,
        "values": finding.values,
        "paths_below": finding.below,
        "also": finding.also.iter().map(place).collect::<Value>(),
        "services": finding.services,
        "file": &*finding.at.file,
        "line": finding.at.line,
        "col": finding.at.col,
    })
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
