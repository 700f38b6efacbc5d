//! `chatwire check`: decodes payload files, encodes them again and reports what changed. [`files`] finds
//! them, [`payload`] and [`stream`] check them, [`report`] prints the result.

mod accumulation;
mod compare;
mod exact;
mod files;
mod index;
mod kind;
mod passed_over;
mod payload;
mod progress;
mod report;
mod stream;

use std::io::{self, BufWriter, Read as _, Write};

use crate::args::{CheckArgs, StdinKind};
use crate::failure::Failure;
use files::File;
use report::Kind;
use report::{FileReport, Look, ProblemKind, Report};

pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let found = files::find(&args.paths);
    let stdin = args.paths.iter().any(|path| path.as_os_str() == files::STDIN);
    if args.kind.is_some() && !stdin {
        return Err(Failure::usage("--kind is about stdin; write `-` as a path"));
    }
    if found.files.is_empty() && !stdin {
        return Err(Failure::new(
            "no payload files found; their names end in .request.json, .response.json, \
             .chunk.json, .error.json or .stream.sse",
        ));
    }
    let progress = progress::bar(found.files.len());
    let mut report = Report::default();
    report.skip(found.skipped);
    if stdin {
        report.push(check_stdin(args.kind));
    }
    for file in progress.wrap_iter(found.files.iter()) {
        report.push(check(file));
    }
    progress.finish_and_clear();
    let mut out = BufWriter::new(io::stdout().lock());
    let look = Look { verbose: args.verbose, coloured: console::colors_enabled() };
    match args.json {
        true => report.write_json(&mut out)?,
        false => report.write_text(&mut out, look)?,
    }
    out.flush()?;
    let expected = if args.expect_malformed { report.failed_as_expected() } else { 0 };
    if report.failed() == expected { Ok(()) } else { Err(Failure::Reported) }
}

/// Checks one file.
fn check(file: &File) -> FileReport {
    let mut report =
        FileReport::new(file.path.display().to_string(), file.service.clone(), file.kind);
    let read = || std::fs::read(&file.path).map_err(|error| error.to_string());
    match (&file.problem, file.kind, read()) {
        (Some(problem), ..) => report.problem(ProblemKind::Unreadable, "", problem.clone()),
        (_, _, Err(problem)) => report.problem(ProblemKind::Unreadable, "", problem),
        (_, Some(kind), Ok(bytes)) => {
            check_bytes(kind, file.kind_is_certain, &bytes, &mut report);
            if file.malformed {
                report.expect_malformed();
            }
        }
        (_, None, Ok(_)) => {}
    }
    report
}

fn check_stdin(kind: Option<StdinKind>) -> FileReport {
    let mut bytes = Vec::new();
    let read = io::stdin().read_to_end(&mut bytes);
    let named = kind.map(Kind::from);
    let kind = named.unwrap_or_else(|| Kind::of_content(&bytes));
    let mut report = FileReport::new("stdin".to_owned(), "stdin".to_owned(), Some(kind));
    match read {
        Err(problem) => report.problem(ProblemKind::Unreadable, "", problem.to_string()),
        Ok(_) if bytes.is_empty() => {
            report.problem(ProblemKind::Unreadable, "", "stdin is empty".to_owned());
        }
        Ok(_) => check_bytes(kind, named.is_some(), &bytes, &mut report),
    }
    report
}

impl From<StdinKind> for Kind {
    fn from(kind: StdinKind) -> Self {
        match kind {
            StdinKind::Request => Self::Request,
            StdinKind::Response => Self::Response,
            StdinKind::Chunk => Self::Chunk,
            StdinKind::Error => Self::Error,
            StdinKind::Stream => Self::Stream,
        }
    }
}

fn check_bytes(kind: Kind, certain: bool, bytes: &[u8], report: &mut FileReport) {
    match kind {
        Kind::Stream => stream::check(bytes, report),
        _ => payload::check(kind, certain, bytes, report),
    }
}

#[cfg(test)]
mod tests;
