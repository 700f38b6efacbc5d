//! Writes the report for people: a few files one by one, many files by service. [`json`](super::json)
//! writes it for programs.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use chatwire::types::terminal::one_line;
use console::{Style, StyledObject};

use super::services::{Finding, Service, services, widespread};
use super::{FileReport, Problem, ProblemKind, Report, count};

/// How much is shown, and whether in color.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::check) struct Look {
    pub(in crate::check) verbose: bool,
    pub(in crate::check) coloured: bool,
}

/// Up to this number, files are shown one by one. More would hide what they have in common.
const FEW_FILES: usize = 20;
/// How many findings of one kind are shown for a service.
const FEW_FINDINGS: usize = 3;
/// How many findings of several services are shown.
const WIDESPREAD: usize = 12;
/// How many problems are shown for a file.
const FEW_PROBLEMS: usize = 10;

impl Report {
    pub(in crate::check) fn write_text(&self, out: &mut dyn Write, look: Look) -> io::Result<()> {
        let few = self.files.len() <= FEW_FILES;
        let mut page = Page { out, look };
        if few || look.verbose {
            self.files.iter().try_for_each(|file| page.file(file))?;
        }
        if !few {
            page.services(&self.files)?;
        }
        if !few && !look.verbose {
            page.failures(&self.files)?;
        }
        page.totals(self)
    }
}

struct Page<'a> {
    out: &'a mut dyn Write,
    look: Look,
}

impl Page<'_> {
    fn file(&mut self, file: &FileReport) -> io::Result<()> {
        let verdict = if file.passed() { self.good("pass") } else { self.bad("FAIL") };
        write!(self.out, "{verdict}  {}", one_line(&file.name))?;
        if let Some(end) = &file.end {
            let colon = if end.detail.is_empty() { "" } else { ": " };
            write!(self.out, "  ({}, {}{colon}{})", end.read, end.name, one_line(&end.detail))?;
        }
        if file.fails_as_expected() {
            write!(self.out, "  {}", self.faint("(as index.json says)"))?;
        }
        writeln!(self.out)?;
        self.problems(&file.problems)?;
        for (note, count) in &file.notes {
            let detail = with_colon(&note.place, &note.example);
            let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
            writeln!(self.out, "      {:<15}  {detail}{times}", note.kind.name())?;
        }
        Ok(())
    }

    fn problems(&mut self, problems: &[Problem]) -> io::Result<()> {
        let shown = if self.look.verbose { problems.len() } else { FEW_PROBLEMS };
        for problem in problems.iter().take(shown) {
            let detail = with_colon(&problem.place, &problem.detail);
            let kind = format!("{:<15}", problem.kind.name());
            writeln!(self.out, "      {}  {detail}", self.bad(kind))?;
        }
        self.folded(problems.len().saturating_sub(shown), "      ")
    }

    fn services(&mut self, files: &[FileReport]) -> io::Result<()> {
        let services = services(files);
        services.iter().try_for_each(|service| self.service(service))?;
        let shared = widespread(files);
        if services.len() == 1 || shared.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{}", self.heading("what most services share"))?;
        let shown = if self.look.verbose { shared.len() } else { WIDESPREAD };
        for finding in shared.iter().take(shown) {
            let detail = with_colon(&finding.note.pattern, &shape_and_example(finding));
            let services = count(finding.services.len(), "service");
            let reach = self.faint(format!("{services}, {}", count(finding.files, "file")));
            writeln!(self.out, "  {:<15}  {detail}  {reach}", finding.note.kind.name())?;
        }
        self.folded(shared.len().saturating_sub(shown), "  ")
    }

    fn service(&mut self, service: &Service<'_>) -> io::Result<()> {
        write!(self.out, "{}: ", self.heading(one_line(service.name)))?;
        write!(self.out, "{}, ", count(service.files, "file"))?;
        match service.failed {
            0 => writeln!(self.out, "{}", self.good("all passed"))?,
            failed => writeln!(self.out, "{}", self.bad(format!("{failed} failed")))?,
        }
        if !service.ends.is_empty() {
            let ends = service.ends.iter().map(|(name, number)| format!("{number} {name}"));
            writeln!(self.out, "  streams: {}", ends.collect::<Vec<_>>().join(", "))?;
        }
        self.findings("unknown, kept", &service.unknown())?;
        self.findings("deviating, kept", &service.deviations())
    }

    fn findings(&mut self, heading: &str, findings: &[&Finding<'_>]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "  {heading}:")?;
        let shown = if self.look.verbose { findings.len() } else { FEW_FINDINGS };
        for finding in findings.iter().take(shown) {
            let detail = with_colon(&finding.note.pattern, &shape_and_example(finding));
            let files = count(finding.files, "file");
            let such_as = if finding.files > 1 { "such as " } else { "" };
            let place = self.faint(format!("{files}, {such_as}{}", file_name(finding.path)));
            let kind = finding.note.kind.name().trim_start_matches("unknown ");
            let kind = if finding.deviates() { "" } else { kind };
            let gap = if kind.is_empty() { 0 } else { UNKNOWN_WIDTH };
            writeln!(self.out, "    {kind:<gap$}{detail}  {place}")?;
        }
        self.folded(findings.len().saturating_sub(shown), "    ")
    }

    fn folded(&mut self, hidden: usize, indent: &str) -> io::Result<()> {
        if hidden == 0 {
            return Ok(());
        }
        let line = format!("{indent}… and {hidden} more, shown by --verbose");
        writeln!(self.out, "{}", self.faint(line))
    }

    /// Files that an index calls malformed are listed apart.
    fn failures(&mut self, files: &[FileReport]) -> io::Result<()> {
        let (expected, others): (Vec<&FileReport>, Vec<&FileReport>) =
            files.iter().filter(|file| !file.passed()).partition(|file| file.fails_as_expected());
        for (heading, files) in [("failed as index.json says", expected), ("failed", others)] {
            if !files.is_empty() {
                writeln!(self.out, "{}", self.heading(heading))?;
            }
            for file in files {
                writeln!(self.out, "{}  {}", self.bad("FAIL"), one_line(&file.name))?;
                self.problems(&file.problems)?;
            }
        }
        Ok(())
    }

    fn totals(&mut self, report: &Report) -> io::Result<()> {
        if !report.skipped.is_empty() {
            let line = skipped(report);
            writeln!(self.out, "{}", self.faint(one_line(&line)))?;
        }
        let counts = ProblemKind::ALL
            .iter()
            .map(|kind| (kind.name(), report.count(*kind)))
            .filter(|(name, number)| ALWAYS_COUNTED.contains(name) || *number > 0)
            .map(|(name, number)| format!("{number} {name}"));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let expected = match report.failed_as_expected() {
            0 => String::new(),
            number => format!(" ({} as index.json says)", count(number, "file")),
        };
        writeln!(self.out, "{counts}{expected}")?;
        let (passed, failed) = (report.passed(), report.failed());
        let failed = format!("{failed} failed");
        let failed = if report.failed() == 0 { failed } else { self.bad(&failed).to_string() };
        writeln!(self.out, "{passed} passed, {failed}")
    }

    fn good<T>(&self, text: T) -> StyledObject<T> {
        self.styled(Style::new().green(), text)
    }

    fn bad<T>(&self, text: T) -> StyledObject<T> {
        self.styled(Style::new().red().bold(), text)
    }

    fn faint<T>(&self, text: T) -> StyledObject<T> {
        self.styled(Style::new().dim(), text)
    }

    fn heading<T>(&self, text: T) -> StyledObject<T> {
        self.styled(Style::new().bold(), text)
    }

    fn styled<T>(&self, style: Style, text: T) -> StyledObject<T> {
        style.force_styling(self.look.coloured).apply_to(text)
    }
}

/// The length of the longest of "key", "value" and "variant", and a gap.
const UNKNOWN_WIDTH: usize = 9;
const ALWAYS_COUNTED: [&str; 3] = ["lost", "refused", "malformed"];

fn skipped(report: &Report) -> String {
    let mut kinds: Vec<_> = report.skipped.iter().collect();
    kinds.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let names = kinds.iter().take(FEW_SKIPPED).map(|(name, number)| format!("{number} {name}"));
    let names = names.collect::<Vec<_>>().join(", ");
    let others = if kinds.len() > FEW_SKIPPED { " and others" } else { "" };
    let total: usize = report.skipped.values().sum();
    format!("skipped, because not a payload: {} ({names}{others})", count(total, "file"))
}

const FEW_SKIPPED: usize = 8;

fn shape_and_example(finding: &Finding<'_>) -> String {
    match finding.deviates() {
        true => format!("{} {}", finding.note.shape, finding.note.example),
        false => finding.note.example.clone(),
    }
}

fn file_name(path: &str) -> impl Display + '_ {
    let name = Path::new(path).file_name().and_then(std::ffi::OsStr::to_str);
    one_line(name.unwrap_or(path))
}

/// Escaped, because both come from a payload.
fn with_colon(place: &str, detail: &str) -> String {
    let colon = if place.is_empty() || detail.is_empty() { "" } else { ": " };
    one_line(&format!("{place}{colon}{detail}")).into_owned()
}
