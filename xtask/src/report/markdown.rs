//! Writes the report as Markdown for a comment on a pull request: a table, and the items in sections
//! that open on a click. [`super::html`] writes a whole page.

use std::io::{self, Write};

use super::excerpt::{Line, Row, Rows, pair};
use super::item::Item;
use super::render::{capital, sorted};
use super::{Report, summary};

/// The most items of a layer, because a comment has a limit of characters.
const MOST: usize = 30;
/// The most files that an item names.
const MOST_FILES: usize = 5;

/// Writes the whole report.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Change of the document\n")?;
    writeln!(out, "{} compared with {}\n", code(&report.head), code(&report.base))?;
    writeln!(out, "| | verdict | differences |\n| --- | --- | --- |")?;
    for line in summary::lines(report) {
        let verdict = inline(&line.text());
        writeln!(out, "| {} | {verdict} | {} |", capital(line.name), line.counted())?;
    }
    let rows = Rows::new(&report.base_text, &report.head_text);
    for (name, items) in report.layers().into_iter().filter(|(_, items)| !items.is_empty()) {
        layer(name, items, report, &rows, out)?;
    }
    causes(report, out)
}

fn layer(
    name: &str,
    items: &[Item],
    report: &Report,
    rows: &Rows,
    out: &mut dyn Write,
) -> io::Result<()> {
    let open = if items.iter().any(|item| item.concerns_users()) { " open" } else { "" };
    let plural = if items.len() == 1 { "" } else { "s" };
    writeln!(
        out,
        "\n<details{open}><summary>{name}: {} difference{plural}</summary>",
        items.len()
    )?;
    sorted(items).take(MOST).try_for_each(|found| item(found, report, rows, out))?;
    if items.len() > MOST {
        writeln!(out, "\nand {} more", items.len() - MOST)?;
    }
    writeln!(out, "\n</details>")
}

fn item(item: &Item, report: &Report, rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let at = item.place().map(|place| format!(" ({})", code(&place.at.to_string())));
    let at = at.unwrap_or_default();
    writeln!(out, "\n**{}** `{}`: {}{at}", item.level.as_str(), item.rule, inline(&item.what))?;
    if !item.level.is_visible() {
        return Ok(());
    }
    match &item.rust {
        Some(rust) => diff(&[pair(rust.base.as_deref(), rust.head.as_deref())], "rust", out)?,
        None => diff(rows.around(item, [&report.base, &report.head]), "yaml", out)?,
    }
    if item.used_by.is_empty() || item.is_explained() || !item.concerns_users() {
        return Ok(());
    }
    let users = item.used_by.iter().take(MOST_FILES).map(|usage| code(&usage.file));
    let more = item.used_by.len().saturating_sub(MOST_FILES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    writeln!(out, "\nUsed by {}{more}", users.collect::<Vec<_>>().join(", "))
}

/// Both sides in one block: `-` before the older lines, `+` before the newer ones.
fn diff(rows: &[Row], language: &str, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let has_change = rows.iter().any(|row| row.is_changed);
    let mut text = String::new();
    for run in rows.chunk_by(|first, second| first.is_changed == second.is_changed) {
        if run.iter().any(|row| row.is_changed) {
            push('-', run.iter().filter_map(|row| row.base.as_ref()), &mut text);
            push('+', run.iter().filter_map(|row| row.head.as_ref()), &mut text);
        } else {
            push(' ', run.iter().filter_map(|row| row.head.as_ref()), &mut text);
        }
    }
    let fence = fence(&text);
    let language = if has_change { "diff" } else { language };
    writeln!(out, "\n{fence}{language}\n{text}{fence}")
}

fn push<'a>(sign: char, lines: impl Iterator<Item = &'a Line>, text: &mut String) {
    for line in lines {
        text.push(sign);
        text.push_str(&line.text());
        text.push('\n');
    }
}

fn causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let causes = report.causes.by_cause();
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>Generated lines</summary>\n")?;
    for (cause, files) in causes {
        for (path, lines) in files {
            let cause = inline(&cause.sentence_part());
            writeln!(out, "- {}: {lines} because of {cause}", code(path))?;
        }
    }
    writeln!(out, "\n</details>")
}

/// A fence that the text cannot close.
fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// A text as code on one line.
fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.contains('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence of ours, which may quote the document in code. Everything else is escaped, because the
/// document may come from a stranger.
fn inline(text: &str) -> String {
    let text = one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let is_balanced = parts.len() % 2 == 1;
    let part = |(index, part): (usize, &&str)| match index % 2 == 1 && is_balanced {
        // A table ends a cell at each bar, also in code.
        true if part.is_empty() => String::new(),
        true => format!("`{}`", part.replace('|', "\\|")),
        false => escaped(part),
    };
    let parts = parts.iter().enumerate().map(part);
    parts.collect::<Vec<_>>().concat()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // A zero-width space keeps a name from being a mention.
            '@' => safe.push_str("@\u{200b}"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
