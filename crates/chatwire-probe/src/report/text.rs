//! Prints a report for a terminal: a table of the groups, then what deviates. [`html`](super::html) shows the same in a
//! browser.

use std::io::{self, Write};

use chatwire_types::terminal;

use crate::{CaseResult, Report, Verdict};

/// How a report looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Whether verdicts are coloured.
    pub coloured: bool,
    /// Whether cases that are unsupported or skipped are listed, and requests and answers shown.
    pub verbose: bool,
}

/// Prints the causes, the table and the deviations.
///
/// # Errors
/// Returns an error if `out` fails.
pub fn write_text(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    write_causes(report, out)?;
    write_table(report, out)?;
    for result in report.deviations() {
        write_deviation(report, result, look, out)?;
    }
    for verdict in [Verdict::Unsupported, Verdict::Skipped] {
        write_others(report, verdict, look, out)?;
    }
    writeln!(out, "\n{}", last_line(report))
}

/// What to repair first, because many other cases need it.
fn write_causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let causes = report.causes();
    for result in &causes {
        let (id, count) = (&result.id, report.skipped_because_of(&result.id));
        writeln!(out, "{count} cases are skipped because {id} deviates: {}", reason(result))?;
    }
    if causes.is_empty() { Ok(()) } else { writeln!(out) }
}

fn reason(result: &CaseResult) -> String {
    match result.findings.first() {
        Some(finding) => {
            format!(
                "{} is {}, not {}",
                line(&finding.at),
                line(&finding.found),
                line(&finding.expected)
            )
        }
        None => line(&result.title),
    }
}

fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &CaseResult> {
    report.results.iter().filter(move |result| result.verdict == verdict)
}

fn write_table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let groups = report.groups();
    let width = groups.iter().map(|group| group.len()).max().unwrap_or(0).max("group".len());
    writeln!(
        out,
        "{:width$}  {:>4}  {:>8}  {:>11}  {:>7}",
        "group", "pass", "deviates", "unsupported", "skipped"
    )?;
    for group in groups {
        let count = |verdict| of(report, verdict).filter(|result| result.group == group).count();
        writeln!(
            out,
            "{group:width$}  {:>4}  {:>8}  {:>11}  {:>7}",
            count(Verdict::Pass),
            count(Verdict::Deviates),
            count(Verdict::Unsupported),
            count(Verdict::Skipped)
        )?;
    }
    Ok(())
}

fn write_deviation(
    report: &Report,
    result: &CaseResult,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let label = match look.coloured {
        true => "\u{1b}[31mdeviates\u{1b}[0m",
        false => "deviates",
    };
    writeln!(out, "\n{label} ({}) {}/{}", result.level, result.group, result.id)?;
    writeln!(out, "  expected: {}", line(&result.title))?;
    for finding in &result.findings {
        writeln!(
            out,
            "  at {}: {}, not {}",
            line(&finding.at),
            line(&finding.found),
            line(&finding.expected)
        )?;
    }
    writeln!(out, "  why: {}", line(&result.why))?;
    if !result.breaks.is_empty() {
        writeln!(out, "  breaks: {}", result.breaks.join(", "))?;
    }
    if let count @ 1.. = report.skipped_because_of(&result.id) {
        writeln!(out, "  skips: {count} {} because of it", cases(count))?;
    }
    writeln!(out, "  source: {}", line(&result.source))?;
    let shown = if look.verbose { result.exchanges.as_slice() } else { &[] };
    for exchange in shown {
        write_block("sent", &exchange.request, out)?;
        write_block("came", &exchange.response, out)?;
    }
    Ok(())
}

fn write_block(name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {name}:")?;
    for line in text.lines() {
        writeln!(out, "    {}", self::line(line))?;
    }
    Ok(())
}

fn write_others(
    report: &Report,
    verdict: Verdict,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all: Vec<&CaseResult> = of(report, verdict).collect();
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{verdict}:")?;
    if look.verbose || verdict == Verdict::Unsupported {
        for result in all {
            writeln!(out, "  {}/{}: {}", result.group, result.id, line(&result.reason))?;
        }
        return Ok(());
    }
    // Many cases are skipped for the same reason.
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for result in all {
        match reasons.iter_mut().find(|(reason, _)| *reason == result.reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((&result.reason, 1)),
        }
    }
    for (reason, count) in reasons {
        writeln!(out, "  {count} {}: {}", cases(count), line(reason))?;
    }
    Ok(())
}

fn cases(count: usize) -> &'static str {
    if count == 1 { "case" } else { "cases" }
}

fn last_line(report: &Report) -> String {
    let count = |verdict| report.count(verdict);
    format!(
        "{} of {} cases pass, {} deviate, {} unsupported, {} skipped; {} requests in {:.1} s",
        count(Verdict::Pass),
        report.results.len(),
        count(Verdict::Deviates),
        count(Verdict::Unsupported),
        count(Verdict::Skipped),
        report.requests,
        report.seconds
    )
}

/// A server must not change how a terminal shows its words.
fn line(text: &str) -> String {
    terminal::one_line(text).into_owned()
}
