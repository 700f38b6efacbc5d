//! Prints the results of several servers for a terminal. [`matrix_html`](super::matrix_html) shows the same in a
//! browser.

use std::io::{self, Write};

use chatwire_types::terminal;

use super::cells::{Row, changes, rows};
use crate::{Report, Verdict};

/// Prints a line for each case, with the result of each server, and what changes on the way from the first server to
/// each of the others.
///
/// # Errors
/// Returns an error if `out` fails.
pub fn write_matrix(
    reports: &[Report],
    only_differences: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (letter, report) in letters().zip(reports) {
        writeln!(out, "{letter}  {}", line(&name(report)))?;
    }
    let shown = rows(reports, only_differences);
    let width = shown.iter().map(|row| row.group.len() + row.id.len() + 1).max().unwrap_or(0);
    let heads: Vec<_> =
        letters().take(reports.len()).map(|letter| format!("{letter:11}")).collect();
    writeln!(out, "\n{:width$}  {:6}  {}", "case", "level", heads.join("  ").trim_end())?;
    for row in &shown {
        let case = format!("{}/{}", row.group, row.id);
        let cells: Vec<_> = row.verdicts().map(|verdict| format!("{:11}", cell(verdict))).collect();
        let level = row.level.to_string();
        writeln!(out, "{case:width$}  {level:6}  {}", cells.join("  ").trim_end())?;
    }
    let all = rows(reports, false);
    for (to, letter) in letters().enumerate().take(reports.len()).skip(1) {
        write_changes(&all, to, letter, out)?;
    }
    Ok(())
}

fn write_changes(all: &[Row<'_>], to: usize, letter: char, out: &mut dyn Write) -> io::Result<()> {
    let (lost, gained) = changes(all, to);
    writeln!(out, "\nfrom A to {letter}: {} lost, {} gained", lost.len(), gained.len())?;
    for (sign, rows) in [('-', lost), ('+', gained)] {
        for row in rows {
            writeln!(
                out,
                "  {sign} {}/{} ({}): {}",
                row.group,
                row.id,
                row.level,
                line(row.title)
            )?;
        }
    }
    Ok(())
}

/// The server and its model.
pub(super) fn name(report: &Report) -> String {
    format!("{} ({})", report.server.base_url, report.server.model)
}

/// The names of the columns.
pub(super) fn letters() -> impl Iterator<Item = char> {
    ('A'..='Z').chain(std::iter::repeat('?'))
}

pub(super) fn cell(verdict: Option<Verdict>) -> String {
    verdict.map_or_else(|| "-".to_owned(), |verdict| verdict.to_string())
}

fn line(text: &str) -> String {
    terminal::one_line(text).into_owned()
}
