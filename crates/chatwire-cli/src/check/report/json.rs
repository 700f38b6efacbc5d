//! Writes the report as JSON, for programs. [`text`](super::text) writes it for people.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::services::{Finding, Service, services};
use super::{FileReport, Kind, Note, Problem, ProblemKind, Report};

impl Report {
    pub(in crate::check) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let counts: Map<String, Value> = ProblemKind::ALL
            .iter()
            .map(|kind| (kind.name().to_owned(), self.count(*kind).into()))
            .collect();
        let report = json!({
            "files": self.files.iter().map(file).collect::<Vec<_>>(),
            "services": services(&self.files).iter().map(service).collect::<Vec<_>>(),
            "skipped": self.skipped,
            "problems": counts,
            "passed": self.passed(),
            "failed": self.failed(),
            "failed_as_expected": self.failed_as_expected(),
        });
        writeln!(out, "{report:#}")
    }
}

fn file(file: &FileReport) -> Value {
    let end = file.end.as_ref();
    json!({
        "path": file.name,
        "service": file.service,
        "kind": file.kind.map(Kind::name),
        "passed": file.passed(),
        "expected_to_fail": file.malformed,
        "problems": file.problems.iter().map(problem).collect::<Vec<_>>(),
        "notes": file.notes.iter().map(note).collect::<Vec<_>>(),
        "outcome": end.map(|end| json!({"end": end.name, "read": end.read, "detail": end.detail})),
    })
}

fn problem(problem: &Problem) -> Value {
    json!({ "kind": problem.kind.name(), "place": problem.place, "detail": problem.detail })
}

fn note((note, count): &(Note, usize)) -> Value {
    json!({
        "kind": note.kind.name(),
        "place": note.place,
        "shape": note.shape,
        "detail": note.example,
        "count": count,
    })
}

fn service(service: &Service<'_>) -> Value {
    let list = |found: Vec<&Finding<'_>>| found.into_iter().map(finding).collect::<Vec<_>>();
    json!({
        "service": service.name,
        "files": service.files,
        "failed": service.failed,
        "streams": service.ends,
        "unknown": list(service.unknown()),
        "deviations": list(service.deviations()),
    })
}

fn finding(finding: &Finding<'_>) -> Value {
    json!({
        "kind": finding.note.kind.name(),
        "place": finding.note.pattern,
        "shape": finding.note.shape,
        "example": finding.note.example,
        "path": finding.path,
        "count": finding.times,
        "files": finding.files,
    })
}
