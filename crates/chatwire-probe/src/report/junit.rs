//! Writes a report as JUnit XML, which CI servers show. [`text`](super::text) is for people.

use std::io::{self, Write};

use super::escape::escaped;
use crate::{CaseResult, Level, Report, Verdict};

/// Writes a test suite for each group, and a test case for each case.
///
/// A deviation from a must or a should is a failure. One from a may passes, and says so in its output. Cases that are
/// unsupported or skipped are skipped.
///
/// # Errors
/// Returns an error if `out` fails.
pub fn write_junit(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"{}\">", escaped(&report.server.base_url))?;
    for group in report.groups() {
        let results: Vec<_> = report.results.iter().filter(|r| r.group == group).collect();
        let failures = results.iter().filter(|result| is_failure(result)).count();
        let skipped = results.iter().filter(|result| is_skipped(result)).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
            escaped(group),
            results.len()
        )?;
        for result in results {
            write_case(result, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn is_failure(result: &CaseResult) -> bool {
    result.verdict == Verdict::Deviates && result.level != Level::May
}

fn is_skipped(result: &CaseResult) -> bool {
    matches!(result.verdict, Verdict::Unsupported | Verdict::Skipped)
}

fn write_case(result: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    let (group, id) = (escaped(&result.group), escaped(&result.id));
    write!(out, "    <testcase classname=\"{group}\" name=\"{id}\"")?;
    if is_skipped(result) {
        let reason = escaped(&format!("{}: {}", result.verdict, result.reason));
        return writeln!(out, "><skipped message=\"{reason}\"/></testcase>");
    }
    if result.verdict == Verdict::Pass {
        return writeln!(out, "/>");
    }
    let (title, details) = (escaped(&result.title), escaped(&details(result)));
    if is_failure(result) {
        let level = result.level;
        return writeln!(
            out,
            "><failure type=\"{level}\" message=\"{title}\">{details}</failure></testcase>"
        );
    }
    writeln!(out, "><system-out>deviates: {title}\n{details}</system-out></testcase>")
}

fn details(result: &CaseResult) -> String {
    let mut details = String::new();
    for finding in &result.findings {
        details += &format!("at {}: {}, not {}\n", finding.at, finding.found, finding.expected);
    }
    details += &format!("why: {}\nsource: {}\n", result.why, result.source);
    for exchange in &result.exchanges {
        details += &format!("sent:\n{}\ncame:\n{}\n", exchange.request, exchange.response);
    }
    details
}
