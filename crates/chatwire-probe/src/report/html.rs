//! Writes a report as one HTML page without a script: a summary, each deviation with its request and answer, and all
//! cases. [`page`](super::page) has the frame, and [`text`](super::text) the same for a terminal.

use std::io::{self, Write};

use super::escape::escaped;
use super::page::write_page;
use crate::{CaseResult, Report, Verdict};

/// Writes the page.
///
/// # Errors
/// Returns an error if `out` fails.
pub fn write_html(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("Probe of {}", report.server.base_url);
    let mut body = |out: &mut dyn Write| {
        write_summary(report, out)?;
        write_causes(report, out)?;
        write_groups(report, out)?;
        write_deviations(report, out)?;
        write_cases(report, out)
    };
    write_page(&title, &mut body, out)
}

const VERDICTS: [Verdict; 4] =
    [Verdict::Pass, Verdict::Deviates, Verdict::Unsupported, Verdict::Skipped];

fn write_summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let server = &report.server;
    writeln!(out, "<ul class=\"tiles\">")?;
    for verdict in VERDICTS {
        let count = report.count(verdict);
        writeln!(out, "<li><b class=\"{verdict}\">{count}</b> {verdict}</li>")?;
    }
    writeln!(out, "</ul>")?;
    let software = server.software.as_deref().map_or(String::new(), |software| {
        format!(" The server calls itself <code>{}</code>.", escaped(software))
    });
    writeln!(
        out,
        "<p>{} cases took {} requests and {:.1} seconds, with the model <code>{}</code>.{software} \
         Made by chatwire-probe {}.</p>",
        report.results.len(),
        report.requests,
        report.seconds,
        escaped(&server.model),
        escaped(&report.version)
    )
}

/// What to repair first, because many other cases need it.
fn write_causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for result in report.causes() {
        let (id, count) = (escaped(&result.id), report.skipped_because_of(&result.id));
        writeln!(
            out,
            "<p><a href=\"#case-{id}\">{id}</a> <span class=\"deviates\">deviates</span>, so that {count} \
             other cases are skipped.</p>"
        )?;
    }
    Ok(())
}

fn write_groups(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h2 id=\"groups\">Groups</h2>")?;
    let heads: String =
        VERDICTS.iter().map(|verdict| format!("<th class=\"number\">{verdict}</th>")).collect();
    open_table("Groups", &format!("<th>group</th>{heads}"), out)?;
    for group in report.groups() {
        let cells = VERDICTS.map(|verdict| {
            let has = |result: &&CaseResult| result.group == group && result.verdict == verdict;
            let count = report.results.iter().filter(has).count();
            let class = if count == 0 { "number".to_owned() } else { format!("number {verdict}") };
            format!("<td class=\"{class}\">{count}</td>")
        });
        let name = escaped(group);
        writeln!(out, "<tr><th><a href=\"#{name}\">{name}</a></th>{}</tr>", cells.concat())?;
    }
    writeln!(out, "</table></div>")
}

/// A table that is wider than the screen scrolls, also by keyboard.
fn open_table(label: &str, heads: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>\n\
         <tr>{heads}</tr>"
    )
}

fn write_deviations(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h2 id=\"deviations\">Deviations</h2>")?;
    let deviations = report.deviations();
    if deviations.is_empty() {
        return writeln!(out, "<p>There are none.</p>");
    }
    deviations.iter().try_for_each(|result| write_deviation(report, result, out))
}

fn write_deviation(report: &Report, result: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    let (group, id) = (escaped(&result.group), escaped(&result.id));
    writeln!(
        out,
        "<details id=\"case-{id}\"><summary><span class=\"deviates\">{}</span> <code>{group}/{id}</code> {}</summary>",
        result.level,
        escaped(&result.title)
    )?;
    writeln!(out, "<dl>")?;
    for finding in &result.findings {
        writeln!(
            out,
            "<dt>at</dt><dd><code>{}</code>: <code>{}</code>, not {}</dd>",
            escaped(&finding.at),
            escaped(&finding.found),
            escaped(&finding.expected)
        )?;
    }
    writeln!(out, "<dt>why</dt><dd>{}</dd>", escaped(&result.why))?;
    if !result.breaks.is_empty() {
        writeln!(out, "<dt>breaks</dt><dd>{}</dd>", escaped(&result.breaks.join(", ")))?;
    }
    if let count @ 1.. = report.skipped_because_of(&result.id) {
        writeln!(out, "<dt>skips</dt><dd>{count} because of it</dd>")?;
    }
    writeln!(out, "<dt>source</dt><dd>{}</dd>\n</dl>", escaped(&result.source))?;
    for exchange in &result.exchanges {
        writeln!(
            out,
            "<div class=\"exchange\"><div>Sent<pre>{}</pre></div><div>Came<pre>{}</pre></div></div>",
            escaped(&exchange.request),
            escaped(&exchange.response)
        )?;
    }
    writeln!(out, "</details>")
}

fn write_cases(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h2 id=\"cases\">All cases</h2>")?;
    for group in report.groups() {
        let name = escaped(group);
        writeln!(out, "<details id=\"{name}\"><summary>{name}</summary>")?;
        open_table(&name, "<th>result</th><th>level</th><th>case</th>", out)?;
        for result in report.results.iter().filter(|result| result.group == group) {
            write_case(result, out)?;
        }
        writeln!(out, "</table></div></details>")?;
    }
    Ok(())
}

fn write_case(result: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    let (id, verdict) = (escaped(&result.id), result.verdict);
    let shown = match verdict {
        Verdict::Deviates => format!("<a href=\"#case-{id}\">{verdict}</a>"),
        _ => verdict.to_string(),
    };
    let reason = match result.reason.as_str() {
        "" => String::new(),
        reason => format!("<br><span class=\"skipped\">{}</span>", escaped(reason)),
    };
    writeln!(
        out,
        "<tr><td class=\"{verdict}\">{shown}</td><td>{}</td><td><code>{id}</code> {}{reason}</td></tr>",
        result.level,
        escaped(&result.title)
    )
}
