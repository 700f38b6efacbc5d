//! Writes the report for people: first what is missing, at the end the table and the verdict.
//! [`super::json`] writes it for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::Report;
use super::counts::{Counts, Tally};
use super::findings::Finding;
use super::rows::{Kind, Of, Status};
use crate::problem;
use crate::surface::{Difference, Root};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default().bold();
/// The width of the longest body name.
const NAME_WIDTH: usize = 14;
/// The most values that are listed. Longer lists show only their number, unless the values are
/// missing.
const MOST_VALUES: usize = 12;

/// Writes the whole report, with terminal colours.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{GREEN}{:>12}{GREEN:#}  {} against {}",
        "Comparing", report.ours, report.theirs
    )?;
    let (missing, differing) = report.missing();
    section("Missing", RED, &missing, out)?;
    section("Ours says something else", RED, &differing, out)?;
    section("Gone from theirs since the recorded state", RED, &report.removed(), out)?;
    left_out(report, out)?;
    let (named, unnamed) = report.extensions();
    section("Service extensions: ours, not theirs", BOLD, &named, out)?;
    let is_fact = |found: &&Finding| found.kind == Kind::Fact;
    let (looser, unnamed): (Vec<_>, Vec<_>) = unnamed.into_iter().partition(is_fact);
    section("Wider than theirs, no service named", BOLD, &unnamed, out)?;
    section("Looser than theirs", BOLD, &looser, out)?;
    stale(report, out)?;
    table(report, out)?;
    last_line(report, out)
}

fn section(
    title: &str,
    style: Style,
    findings: &[&Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{style}{title}{style:#}")?;
    findings.iter().try_for_each(|finding| line(finding, out))
}

/// Writes one finding.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn line(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let place = if finding.of == Of::Operation { "" } else { finding.root.as_str() };
    write!(out, "  {place:<NAME_WIDTH$} {}", subject(finding))?;
    let notes = notes(finding);
    if !notes.is_empty() {
        write!(out, " {DIM}({}){DIM:#}", notes.join("; "))?;
    }
    // The place in their document; ours is easily found by its path.
    match (finding.status, finding.services.is_empty()) {
        (Status::Missing, _) => writeln!(out, " {DIM}{}{DIM:#}", finding.at),
        (_, false) => writeln!(out, ": {}", finding.services.join(", ")),
        (_, true) => writeln!(out),
    }
}

/// The path or parameter, with its values.
fn subject(finding: &Finding) -> String {
    let name = match finding.of {
        Of::Operation => format!("operation {}", finding.path),
        Of::Parameter => format!("parameter {}", finding.path),
        Of::Path => finding.path.clone(),
    };
    if let Some(difference) = &finding.difference {
        return format!("{name}: {}", fact(difference));
    }
    let values = match finding.values.len() {
        0 => return name,
        many if many > MOST_VALUES && finding.status != Status::Missing => format!("{many} values"),
        _ => finding.values.join(", "),
    };
    format!("{name} = {values}")
}

/// What both documents say: `type number; ours integer`.
fn fact(difference: &Difference) -> String {
    let Difference { arm, fact, from, to } = difference;
    let name = fact.as_str();
    let told = match (to.as_str(), from.as_str()) {
        ("true", _) => format!("{name}; ours is not"),
        (_, "true") => format!("not {name}; ours is"),
        ("", from) => format!("no {name}; ours {from}"),
        (to, "") => format!("{name} {to}; ours none"),
        (to, from) => format!("{name} {to}; ours {from}"),
    };
    match arm.as_str() {
        "" => told,
        arm => format!("with {arm}, {told}"),
    }
}

fn notes(finding: &Finding) -> Vec<String> {
    let mut notes = Vec::new();
    if finding.below > 0 {
        notes.push(format!("and {} below", finding.below));
    }
    let others: Vec<_> = finding.other_roots().into_iter().map(Root::as_str).collect();
    if !others.is_empty() {
        notes.push(format!("also in {}", others.join(", ")));
    }
    let here = finding.also.iter().filter(|(root, _)| *root == finding.root).count();
    if here > 0 {
        notes.push(format!("on {} paths", here + 1));
    }
    notes
}

fn left_out(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<_> = report.left_out().collect();
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{YELLOW}Left out on purpose{YELLOW:#}")?;
    for (number, reason) in report.reasons.entries.iter().enumerate() {
        let excused: Vec<_> = findings.iter().filter(|found| found.excused_by(number)).collect();
        if excused.is_empty() {
            continue;
        }
        excused.iter().try_for_each(|finding| line(finding, out))?;
        let text: Vec<_> = reason.text.split_whitespace().collect();
        writeln!(out, "    {} {DIM}{}{DIM:#}", text.join(" "), reason.at)?;
    }
    Ok(())
}

fn stale(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.stale.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{RED}Reasons that no longer apply{RED:#}")?;
    problem::render_all(&report.stale, out)
}

/// The column heads of each kind.
const COLUMNS: [&str; 4] = ["have", "out", "miss", "ext"];
const WIDTHS: [usize; 4] = [4, 3, 4, 4];

fn table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    heads(report, out)?;
    for (root, tally) in &report.roots {
        row(root.as_str(), tally.as_ref(), out)?;
    }
    row("all", Some(&report.total), out)?;
    writeln!(out, "{DIM}all: a key or value that several bodies share counts once{DIM:#}")
}

/// The two lines above the numbers: each kind stands over its four columns.
fn heads(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let group = WIDTHS.iter().sum::<usize>() + WIDTHS.len() - 1;
    write!(out, "\n{:NAME_WIDTH$}", "")?;
    for (kind, _) in report.total.kinds() {
        write!(out, "   {BOLD}{kind:>group$}{BOLD:#}")?;
    }
    write!(out, "\n{:NAME_WIDTH$}", "")?;
    for _ in report.total.kinds() {
        write!(out, "  ")?;
        for (head, width) in COLUMNS.iter().zip(WIDTHS) {
            write!(out, " {DIM}{head:>width$}{DIM:#}")?;
        }
    }
    writeln!(out)
}

fn row(name: &str, tally: Option<&Tally>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{name:<NAME_WIDTH$}")?;
    match tally {
        Some(tally) => tally.kinds().iter().try_for_each(|(_, counts)| cells(counts, out))?,
        None => write!(out, "   {DIM}not in their document{DIM:#}")?,
    }
    writeln!(out)
}

fn cells(counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
    let numbers = [counts.have, counts.left_out, counts.missing, counts.extensions];
    let styles = [Style::new(), YELLOW, RED, Style::new()];
    write!(out, "  ")?;
    for ((number, style), width) in numbers.iter().zip(styles).zip(WIDTHS) {
        match number {
            0 => write!(out, " {DIM}{:>width$}{DIM:#}", "-")?,
            _ => write!(out, " {style}{number:>width$}{style:#}")?,
        }
    }
    Ok(())
}

fn last_line(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let kinds = report.total.kinds();
    let all: Vec<_> = kinds.iter().map(|(name, of)| counted(of.theirs(), name)).collect();
    // A missing key is also a missing wire path, so it is not counted twice.
    let Tally { paths, values, parameters, .. } = report.total;
    let (operations, _) = report.missing();
    let operations = operations.iter().filter(|found| found.kind == Kind::Operation).count();
    let missing = paths.missing + values.missing + parameters.missing + operations;
    let style = if missing == 0 { GREEN } else { RED };
    write!(out, "\n{style}{missing} missing{style:#} of {}", all.join(", "))?;
    let numbers = kinds.iter().map(|(name, of)| (of.missing, *name));
    let lacking = numbers.chain([(operations, "operations")]).filter(|(number, _)| *number > 0);
    let lacking: Vec<_> = lacking.map(|(number, name)| counted(number, name)).collect();
    if !lacking.is_empty() {
        write!(out, ": {}", lacking.join(", "))?;
    }
    let (_, differing) = report.missing();
    let rest = [
        (differing.len(), "1 fact differs", "facts differ"),
        (report.removed().len(), "1 is gone from theirs", "are gone from theirs"),
        (report.stale.len(), "1 reason no longer applies", "reasons no longer apply"),
    ];
    for (number, one, many) in rest {
        match number {
            0 => {}
            1 => write!(out, "; {RED}{one}{RED:#}")?,
            number => write!(out, "; {RED}{number} {many}{RED:#}")?,
        }
    }
    writeln!(out)
}

/// `1 property`, `2 properties`.
fn counted(number: usize, plural: &str) -> String {
    if number != 1 {
        return format!("{number} {plural}");
    }
    let singular = match plural.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => plural.trim_end_matches('s').to_owned(),
    };
    format!("1 {singular}")
}
