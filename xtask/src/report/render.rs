//! Writes the report as text for people: the worst differences first, the verdicts last.
//! [`super::json`] writes it for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::item::{Item, Level, Place};
use super::{Report, rules};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// Writes the whole report, with terminal colours.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{GREEN}{:>12}{GREEN:#}  {} with {}", "Comparing", report.base, report.head)?;
    for (name, items) in report.layers() {
        layer(name, items, out)?;
    }
    writeln!(out)?;
    for (name, items) in report.layers() {
        verdict(name, items, out)?;
    }
    match report.stream_files().len() {
        0 => Ok(()),
        1 => {
            writeln!(out, "{:>12}  1 hand-written file of the stream crate names what changed", "")
        }
        many => writeln!(
            out,
            "{:>12}  {many} hand-written files of the stream crate name what changed",
            ""
        ),
    }
}

fn layer(name: &str, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}{name}{BOLD:#}")?;
    for level in Level::ALL {
        let of_level = items.iter().filter(|item| item.level == level);
        of_level.into_iter().try_for_each(|found| item(found, out))?;
    }
    Ok(())
}

fn item(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let style = item.level.style();
    let Item { rule, level, direction, what, .. } = item;
    let (level, direction) = (level.as_str(), direction.as_str());
    writeln!(out, "  {style}{level}[{rule}]{style:#}: {what}")?;
    writeln!(out, "    {DIM}{direction}: {}{DIM:#}", rules::find(rule).doc)?;
    place("base", item.base.as_ref(), out)?;
    place("head", item.head.as_ref(), out)?;
    if !item.operations.is_empty() {
        writeln!(out, "    {DIM}reached by{DIM:#} {}", item.operations.join(", "))?;
    }
    for usage in &item.used_by {
        let lines: Vec<_> = usage.lines.iter().map(usize::to_string).collect();
        writeln!(out, "    {DIM}used by{DIM:#} {}:{}", usage.file, lines.join(","))?;
    }
    Ok(())
}

fn place(side: &str, place: Option<&Place>, out: &mut dyn Write) -> io::Result<()> {
    match place {
        Some(place) => writeln!(out, "    {DIM}{side}{DIM:#} {}", place.at),
        None => Ok(()),
    }
}

/// The verdict on one layer, with the number of items of each level.
fn verdict(name: &str, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    let worst = items.iter().map(|item| item.level).max().filter(|level| level.is_visible());
    let (style, word) = match worst {
        Some(level) => (level.style(), level.as_str()),
        None => (GREEN, "none"),
    };
    let counts: Vec<_> = Level::ALL.into_iter().filter_map(|level| counted(items, level)).collect();
    let counts =
        if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    writeln!(out, "{BOLD}{name:>12}{BOLD:#}  {style}{word}{style:#}{counts}")
}

fn counted(items: &[Item], level: Level) -> Option<String> {
    let count = items.iter().filter(|item| item.level == level).count();
    (count > 0).then(|| format!("{count} {}", level.as_str()))
}
