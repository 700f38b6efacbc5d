//! Writes the report as text for people: the summary first, then the worst differences.
//! [`super::markdown`] and [`super::html`] write it for a browser, and [`super::json`] for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::item::{Item, Level, Place, RustPart, Usage};
use super::{Report, summary};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// The most items without consequences that a layer shows.
const MOST_BRIEF: usize = 12;
/// The most files that an item names.
const MOST_FILES: usize = 5;
/// The most lines of one file that an item names.
const MOST_LINES: usize = 8;

/// Writes the whole report, with terminal colours.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{GREEN}{:>12}{GREEN:#}  {} with {}", "Comparing", report.base, report.head)?;
    writeln!(out)?;
    for line in summary::lines(report) {
        summary_line(&line, out)?;
    }
    causes(report, out)?;
    stream_files(report, out)?;
    report.layers().into_iter().try_for_each(|(name, items)| layer(name, items, out))
}

fn summary_line(line: &summary::Line, out: &mut dyn Write) -> io::Result<()> {
    let style = if line.level.is_visible() { line.level.style() } else { GREEN };
    let text = line.text();
    let rest = text.strip_prefix(line.verdict).unwrap_or_default();
    let verdict = line.verdict;
    write!(out, "{BOLD}{:>12}{BOLD:#}  {style}{verdict}{style:#}{rest}", capital(line.name))?;
    match line.counts.is_empty() {
        true => writeln!(out),
        false => writeln!(out, " {DIM}({}){DIM:#}", line.counted()),
    }
}

/// Why generated lines changed, a line for each cause.
fn causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for (cause, files) in report.causes.by_cause() {
        let lines: usize = files.iter().map(|(_, lines)| lines).sum();
        let plural = if lines == 1 { "" } else { "s" };
        let cause = cause.sentence_part();
        let name = "Generated";
        writeln!(out, "{BOLD}{name:>12}{BOLD:#}  {lines} line{plural} because of {cause}")?;
        for (path, lines) in files {
            writeln!(out, "{:>12}  {DIM}{path} ({lines}){DIM:#}", "")?;
        }
    }
    Ok(())
}

fn stream_files(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let count = report.stream_files().len();
    let (files, name) = if count == 1 { ("file", "names") } else { ("files", "name") };
    match count {
        0 => Ok(()),
        _ => writeln!(
            out,
            "{:>12}  {count} hand-written {files} of the stream crate {name} what changed",
            ""
        ),
    }
}

fn layer(name: &str, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}{name}{BOLD:#}")?;
    let mut is_first = true;
    for found in sorted(items).filter(|item| item.level.is_visible()) {
        if !is_first {
            writeln!(out)?;
        }
        is_first = false;
        item(found, out)?;
    }
    let without: Vec<_> = sorted(items).filter(|item| !item.level.is_visible()).collect();
    if !is_first && !without.is_empty() {
        writeln!(out)?;
    }
    without.iter().take(MOST_BRIEF).try_for_each(|item| brief(item, out))?;
    match without.len().saturating_sub(MOST_BRIEF) {
        0 => Ok(()),
        more => writeln!(out, "  {DIM}and {more} more; `--format json` lists all{DIM:#}"),
    }
}

/// The items, the worst one first.
pub(super) fn sorted(items: &[Item]) -> impl Iterator<Item = &Item> {
    Level::ALL.into_iter().flat_map(|level| items.iter().filter(move |item| item.level == level))
}

/// An item that messages and programs do not notice, on one line.
fn brief(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let Item { rule, level, what, .. } = item;
    let at = item.place().map(|place| format!(" ({})", place.at)).unwrap_or_default();
    writeln!(out, "  {DIM}{}[{rule}]{DIM:#}: {what}{DIM}{at}{DIM:#}", level.as_str())?;
    match item.concerns_users() {
        true => users(&item.used_by, out),
        false => Ok(()),
    }
}

fn item(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let style = item.level.style();
    let Item { rule, level, direction, what, why, .. } = item;
    writeln!(out, "  {style}{}[{rule}]{style:#}: {what}", level.as_str())?;
    match &item.rust {
        Some(rust) => code(rust, out)?,
        None => writeln!(out, "    {DIM}{}: {why}{DIM:#}", direction.as_str())?,
    }
    if item.is_explained() {
        return Ok(());
    }
    place("base", item.base.as_ref(), out)?;
    place("head", item.head.as_ref(), out)?;
    if !item.operations.is_empty() {
        writeln!(out, "    {DIM}reached by{DIM:#} {}", item.operations.join(", "))?;
    }
    match item.concerns_users() {
        true => users(&item.used_by, out),
        false => Ok(()),
    }
}

/// Both signatures, and what in the document they come from.
fn code(rust: &RustPart, out: &mut dyn Write) -> io::Result<()> {
    let crate_name = &rust.crate_name;
    for (side, code) in [("was", &rust.base), ("is", &rust.head)] {
        if let Some(code) = code {
            writeln!(out, "    {DIM}{crate_name} {side}{DIM:#} {code}")?;
        }
    }
    match rust.reason() {
        Some(reason) => writeln!(out, "    {DIM}because of{DIM:#} {reason}"),
        None => Ok(()),
    }
}

fn place(side: &str, place: Option<&Place>, out: &mut dyn Write) -> io::Result<()> {
    match place {
        Some(place) => writeln!(out, "    {DIM}{side}{DIM:#} {}", place.at),
        None => Ok(()),
    }
}

/// The hand-written files that name it.
fn users(used_by: &[Usage], out: &mut dyn Write) -> io::Result<()> {
    for usage in used_by.iter().take(MOST_FILES) {
        let lines: Vec<_> = usage.lines.iter().take(MOST_LINES).map(usize::to_string).collect();
        let more = if usage.lines.len() > MOST_LINES { ",…" } else { "" };
        writeln!(out, "    {DIM}used by{DIM:#} {}:{}{more}", usage.file, lines.join(","))?;
    }
    match used_by.len().saturating_sub(MOST_FILES) {
        0 => Ok(()),
        more => writeln!(out, "    {DIM}and {more} more files{DIM:#}"),
    }
}

/// A word with a capital letter.
pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}
