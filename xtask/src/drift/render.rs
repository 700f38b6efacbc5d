//! Writes the report for people: what changed, what ours lacks, what to paste, and the numbers.
//! [`super::json`] writes it for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::items::{Item, Standing};
use super::paste::Paste;
use super::{Report, words};
use crate::coverage::{Finding, render_line};
use crate::surface::What;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
/// The width of the longest body name.
const NAME_WIDTH: usize = 14;

/// Writes the whole report, with terminal colours.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Report { ours, upstream, lock, .. } = report;
    writeln!(out, "{GREEN}{:>12}{GREEN:#}  {upstream} ({})", "Upstream", edition(&lock.version))?;
    let recorded = match &report.recorded {
        None => "nothing yet; `--write` does it".to_owned(),
        Some(old) if old.title == lock.title => edition(&old.version),
        Some(old) => format!("{} of another document, `{}`", edition(&old.version), old.title),
    };
    writeln!(out, "{GREEN}{:>12}{GREEN:#}  {recorded}", "Recorded")?;
    writeln!(out, "{GREEN}{:>12}{GREEN:#}  {ours}", "Ours")?;
    changed(report, out)?;
    missing(report, out)?;
    pastes(report, out)?;
    last_lines(report, out)
}

fn edition(version: &str) -> String {
    if version.is_empty() { "no version".to_owned() } else { format!("version {version}") }
}

fn changed(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.changed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}Changed upstream since the recorded state{BOLD:#}")?;
    report.changed.iter().try_for_each(|item| line(item, out))
}

fn line(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let (root, name) = words::place(&item.change.place);
    let (sign, told) = words::what(&item.change.what);
    let style = match sign {
        '+' => GREEN,
        '-' => RED,
        _ => YELLOW,
    };
    write!(out, "  {root:<NAME_WIDTH$} {style}{sign}{style:#} {name}")?;
    if !told.is_empty() {
        write!(out, ": {told}")?;
    }
    let roots: Vec<_> = item.also.iter().map(|place| words::place(place).0).collect();
    if !roots.is_empty() {
        write!(out, " {DIM}(also in {}){DIM:#}", roots.join(", "))?;
    }
    match item.standing {
        Standing::Fine => writeln!(out),
        Standing::Lacks => writeln!(out, " {RED}ours lacks it{RED:#}"),
        Standing::LeftOut => writeln!(out, " {DIM}left out on purpose{DIM:#}"),
        Standing::Keeps => writeln!(out, " {RED}ours still has it{RED:#}"),
    }
}

fn missing(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{RED}Upstream has it, ours has not{RED:#}")?;
    report.missing.iter().try_for_each(|(finding, _): &(Finding, _)| render_line(finding, out))
}

fn pastes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let pastes: Vec<&Paste> = report.missing.iter().flat_map(|(_, pastes)| pastes).collect();
    if pastes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}To paste{BOLD:#}")?;
    writeln!(
        out,
        "{DIM}Write each description in your own words; the lint refuses an empty one.{DIM:#}"
    )?;
    for paste in pastes {
        writeln!(out, "\n{DIM}# {}{DIM:#}\n{}", paste.place(), paste.yaml.trim_end())?;
    }
    Ok(())
}

fn last_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.is_clean() {
        return writeln!(out, "\n{GREEN}Nothing new upstream{GREEN:#}");
    }
    if report.recorded.is_some() {
        writeln!(out, "\n{BOLD}Changed upstream{BOLD:#}")?;
    }
    for (kind, counts) in numbers(report) {
        let counts: Vec<_> =
            counts.iter().map(|(place, number)| format!("{number} {place}")).collect();
        let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
        writeln!(out, "  {kind:<NAME_WIDTH$} {counts}")?;
    }
    let style = if report.missing.is_empty() { GREEN } else { RED };
    writeln!(out, "\n{style}{}{style:#} not in ours", report.missing.len())?;
    let write = "cargo xtask drift --upstream FILE --write";
    writeln!(out, "{DIM}When ours is up to date, record the new state: {write}{DIM:#}")
}

/// The kinds of change, each with how many there are in each body. Every path counts.
pub(super) fn numbers(report: &Report) -> Vec<(&'static str, Vec<(String, usize)>)> {
    if report.recorded.is_none() {
        return Vec::new();
    }
    let mut kinds: Vec<(&str, Vec<(String, usize)>)> =
        ["new", "removed", "enum values", "facts"].map(|kind| (kind, Vec::new())).into();
    for item in &report.changed {
        let kind = match &item.change.what {
            What::New(_) => "new",
            What::Removed(_) => "removed",
            What::NewValues(_) | What::RemovedValues(_) => "enum values",
            What::NewForms(_) | What::RemovedForms(_) | What::Changed(_) => "facts",
        };
        let counts = kinds.iter_mut().find(|(name, _)| *name == kind).map(|(_, counts)| counts);
        let Some(counts) = counts else { continue };
        for place in std::iter::once(&item.change.place).chain(&item.also) {
            let (place, _) = words::place(place);
            match counts.iter_mut().find(|(name, _)| *name == place) {
                Some((_, number)) => *number += 1,
                None => counts.push((place, 1)),
            }
        }
    }
    kinds
}
