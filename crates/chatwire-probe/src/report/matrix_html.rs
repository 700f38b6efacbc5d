//! Writes the results of several servers as one HTML page. [`matrix`](super::matrix) prints the same for a terminal.

use std::io::{self, Write};

use super::cells::{Row, changes, rows};
use super::escape::escaped;
use super::matrix::{cell, letters, name};
use super::page::write_page;
use crate::Report;

/// Writes the page.
///
/// # Errors
/// Returns an error if `out` fails.
pub fn write_matrix_html(
    reports: &[Report],
    only_differences: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut body = |out: &mut dyn Write| {
        writeln!(out, "<dl>")?;
        for (letter, report) in letters().zip(reports) {
            writeln!(out, "<dt>{letter}</dt><dd>{}</dd>", escaped(&name(report)))?;
        }
        writeln!(out, "</dl>")?;
        let all = rows(reports, false);
        for (to, letter) in letters().enumerate().take(reports.len()).skip(1) {
            write_changes(&all, to, letter, out)?;
        }
        write_table(&rows(reports, only_differences), reports.len(), out)
    };
    write_page("Chat-completions servers side by side", &mut body, out)
}

fn write_changes(all: &[Row<'_>], to: usize, letter: char, out: &mut dyn Write) -> io::Result<()> {
    let (lost, gained) = changes(all, to);
    writeln!(out, "<h2>From A to {letter}</h2>")?;
    for (what, rows) in [("lost", lost), ("gained", gained)] {
        writeln!(out, "<details><summary>{} {what}</summary>\n<ul>", rows.len())?;
        for row in rows {
            writeln!(
                out,
                "<li><code>{}/{}</code> ({}) {}</li>",
                escaped(row.group),
                escaped(row.id),
                row.level,
                escaped(row.title)
            )?;
        }
        writeln!(out, "</ul></details>")?;
    }
    Ok(())
}

fn write_table(rows: &[Row<'_>], servers: usize, out: &mut dyn Write) -> io::Result<()> {
    let heads: String =
        letters().take(servers).map(|letter| format!("<th>{letter}</th>")).collect();
    writeln!(
        out,
        "<h2>Cases</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Cases\">\
         <table>\n<tr><th>case</th><th>level</th>{heads}</tr>"
    )?;
    for row in rows {
        let cells: String = row
            .verdicts()
            .map(|verdict| {
                let class = verdict.map_or_else(String::new, |verdict| verdict.to_string());
                format!("<td class=\"{class}\">{}</td>", cell(verdict))
            })
            .collect();
        writeln!(
            out,
            "<tr><td title=\"{}\"><code>{}/{}</code></td><td>{}</td>{cells}</tr>",
            escaped(row.title),
            escaped(row.group),
            escaped(row.id),
            row.level
        )?;
    }
    writeln!(out, "</table></div>")
}
