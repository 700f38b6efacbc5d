//! Writes the report as one HTML page without scripts: the summary, then each item with both sides
//! beside each other. [`super::markdown`] writes what fits into a comment.

use std::io::{self, Write};

use super::excerpt::{Line, Row, Rows, pair};
use super::item::{Item, Level};
use super::render::{capital, sorted};
use super::{Report, summary};
use crate::html_text::{escape, with_code};

const STYLE: &str = include_str!("html/style.css");

/// Writes the whole page.
pub(super) fn render(reports: &[&Report], out: &mut dyn Write) -> io::Result<()> {
    let ids = filter_ids(reports);
    head(&ids, out)?;
    for (position, report) in reports.iter().enumerate() {
        let (base, head) = (escape(&report.base), escape(&report.head));
        writeln!(out, "<p><code>{base}</code> to <code>{head}</code></p>")?;
        summary(report, out)?;
        if position == 0 {
            filters(&ids, out)?;
        }
        layers(report, out)?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn layers(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let rows = Rows::new(&report.base_text, &report.head_text);
    for (name, items) in report.layers().into_iter().filter(|(_, items)| !items.is_empty()) {
        let id = name.to_lowercase();
        writeln!(out, "<section class=\"layer of-{id}\">\n<h2>{name}</h2>")?;
        sorted(items).try_for_each(|found| item(found, report, &rows, out))?;
        writeln!(out, "</section>")?;
    }
    causes(report, out)
}

fn head(ids: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    // The page needs no script, so a script that got in anyway must not run.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    writeln!(
        out,
        "<title>Change of the document</title>\n<style>\n{STYLE}</style>\n</head>\n<body>"
    )?;
    // The targets of the filters. They stand before everything that they hide.
    for id in ids {
        writeln!(out, "<span class=\"filter\" id=\"{id}\"></span>")?;
    }
    writeln!(out, "<main>\n<h1>Change of the document</h1>")
}

fn summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<table>\n<tbody>")?;
    for line in summary::lines(report) {
        let (name, level) = (capital(line.name), line.level.as_str());
        let text = escape(&line.text());
        writeln!(out, "<tr><th scope=\"row\">{name}</th><td class=\"{level}\">{text}</td>")?;
        writeln!(out, "<td>{}</td></tr>", escape(&line.counted()))?;
    }
    writeln!(out, "</tbody>\n</table>")
}

/// What a filter shows: all, one layer, or one level.
fn filter_ids(reports: &[&Report]) -> Vec<String> {
    let has_layer = |name: &str| {
        let mut layers = reports.iter().flat_map(|report| report.layers());
        layers.any(|(other, items)| other == name && !items.is_empty())
    };
    let layers = ["Wire", "Stream", "Rust"].into_iter().filter(|name| has_layer(name));
    let layers = layers.map(|name| format!("show-{}", name.to_lowercase()));
    let has = |level: &Level| {
        reports.iter().flat_map(|each| each.items()).any(|item| item.level == *level)
    };
    let levels = Level::ALL.into_iter().filter(has);
    let levels = levels.map(|level| format!("show-{}", level.as_str()));
    ["show-all".to_owned()].into_iter().chain(layers).chain(levels).collect()
}

fn filters(ids: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<nav aria-label=\"Show\">")?;
    for id in ids {
        let word = id.trim_start_matches("show-");
        writeln!(out, "<a href=\"#{id}\">{}</a>", capital(word))?;
    }
    writeln!(out, "</nav>")
}

fn item(item: &Item, report: &Report, rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let level = item.level.as_str();
    writeln!(out, "<article class=\"of-{level}\">")?;
    writeln!(out, "<h3>{}</h3>", with_code(&capital(&item.what)))?;
    writeln!(
        out,
        "<p class=\"rule\"><b class=\"{level}\">{level}</b> <code>{}</code></p>",
        item.rule
    )?;
    match &item.rust {
        Some(rust) => {
            let reason = rust.reason().map(|reason| format!(", because of {}", escape(&reason)));
            writeln!(out, "<p>In {}{}.</p>", rust.crate_name, reason.unwrap_or_default())?;
            sides([None, None], &[pair(rust.base.as_deref(), rust.head.as_deref())], out)?;
        }
        None => {
            writeln!(out, "<p>{}.</p>", with_code(&capital(item.why)))?;
            let places = [&item.base, &item.head];
            let places = places.map(|place| place.as_ref().map(|place| place.at.to_string()));
            sides(places, rows.around(item, [&report.base, &report.head]), out)?;
        }
    }
    details(item, out)?;
    writeln!(out, "</article>")
}

fn details(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    if item.is_explained() {
        return Ok(());
    }
    if !item.operations.is_empty() {
        let operations =
            item.operations.iter().map(|name| format!("<code>{}</code>", escape(name)));
        writeln!(out, "<p>Reached by {}</p>", operations.collect::<Vec<_>>().join(", "))?;
    }
    if item.used_by.is_empty() || !item.concerns_users() {
        return Ok(());
    }
    let count = item.used_by.len();
    let plural = if count == 1 { "" } else { "s" };
    writeln!(out, "<details>\n<summary>Used by {count} hand-written file{plural}</summary>\n<ul>")?;
    for usage in &item.used_by {
        let lines: Vec<_> = usage.lines.iter().map(usize::to_string).collect();
        writeln!(out, "<li><code>{}</code>: {}</li>", escape(&usage.file), lines.join(", "))?;
    }
    writeln!(out, "</ul>\n</details>")
}

/// Both sides beside each other, each with its place.
fn sides(places: [Option<String>; 2], rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let [base, head] = places;
    let lines = rows.iter().map(|row| (row.base.as_ref(), row.is_changed)).collect::<Vec<_>>();
    let others = rows.iter().map(|row| (row.head.as_ref(), row.is_changed)).collect::<Vec<_>>();
    writeln!(out, "<div class=\"sides\">")?;
    side("Base", base.as_deref(), ("old", "del"), &lines, out)?;
    side("Head", head.as_deref(), ("new", "ins"), &others, out)?;
    writeln!(out, "</div>")
}

fn side(
    name: &str,
    place: Option<&str>,
    (class, tag): (&str, &str),
    lines: &[(Option<&Line>, bool)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let at = place.map(|place| format!(" <code>{}</code>", escape(place)));
    writeln!(out, "<figure class=\"{class}\">")?;
    writeln!(out, "<figcaption>{name}{}</figcaption>", at.unwrap_or_default())?;
    let is_empty = lines.iter().all(|(line, _)| line.is_none());
    if is_empty && place.is_none() {
        writeln!(out, "<p>Not there.</p>")?;
    } else if !lines.is_empty() {
        // Lines that are too long scroll, and the keyboard can scroll them too.
        write!(out, "<pre tabindex=\"0\">")?;
        for (line, is_changed) in lines {
            self::line(*line, *is_changed, tag, out)?;
        }
        writeln!(out, "</pre>")?;
    }
    writeln!(out, "</figure>")
}

fn line(line: Option<&Line>, is_changed: bool, tag: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some(line) = line else {
        return write!(out, "<span class=\"gap\"> </span>");
    };
    let class = if is_changed { "line changed" } else { "line" };
    match line.number {
        Some(number) => write!(out, "<span class=\"{class}\" data-number=\"{number}\">")?,
        None => write!(out, "<span class=\"{class}\">")?,
    }
    for (text, is_marked) in &line.pieces {
        match is_marked {
            true => write!(out, "<{tag}>{}</{tag}>", escape(text))?,
            false => write!(out, "{}", escape(text))?,
        }
    }
    write!(out, "</span>")
}

fn causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let causes = report.causes.by_cause();
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Generated lines</h2>\n<ul>")?;
    for (cause, files) in causes {
        for (path, lines) in files {
            let cause = escape(&cause.sentence_part());
            writeln!(out, "<li><code>{}</code>: {lines} because of {cause}</li>", escape(path))?;
        }
    }
    writeln!(out, "</ul>\n</section>")
}
