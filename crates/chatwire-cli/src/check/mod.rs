//! `chatwire check`: finds payload files, puts each through the types and reports what changed.
//! Finding is in [`files`], the round trip in [`payload`] and [`stream`], the report's looks in
//! [`report`].

mod compare;
mod files;
mod kind;
mod payload;
mod progress;
mod report;
mod stream;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::args::CheckArgs;
use crate::failure::Failure;
use files::Found;
use kind::Kind;
use progress::Progress;
use report::{FileReport, Problem, Report};

pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let found = files::find(&args.paths);
    if found.is_empty() {
        return Err(Failure::new(
            "no payload files there; their names end in .request.json, .response.json, \
             .chunk.json, .error.json or .stream.sse",
        ));
    }
    let mut progress = Progress::new(found.len());
    let mut report = Report::default();
    for file in &found {
        progress.step();
        report.push(check(file));
    }
    progress.clear();
    let mut out = BufWriter::new(io::stdout().lock());
    match args.json {
        true => report.write_json(&mut out)?,
        false => report.write_text(&mut out)?,
    }
    out.flush()?;
    if report.failed() == 0 { Ok(()) } else { Err(Failure::Reported) }
}

/// One file, from its bytes to its report.
fn check(file: &Found) -> FileReport {
    let name = file.path.display().to_string();
    let kind = match (&file.problem, file.kind) {
        (Some(problem), _) => return FileReport::failed(name, None, Problem::unreadable(problem)),
        (None, Some(kind)) => kind,
        (None, None) => return FileReport::failed(name, None, Problem::unreadable(UNKNOWN_KIND)),
    };
    match read(&file.path) {
        Ok(bytes) => check_bytes(name, kind, &bytes),
        Err(error) => FileReport::failed(name, Some(kind), Problem::unreadable(&error)),
    }
}

fn check_bytes(name: String, kind: Kind, bytes: &[u8]) -> FileReport {
    let mut report = FileReport::new(name, kind);
    match kind {
        Kind::Stream => stream::check(bytes, &mut report),
        _ => payload::check(kind, bytes, &mut report),
    }
    report
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| error.to_string())
}

const UNKNOWN_KIND: &str = "its kind is not known: name it NAME.request.json, NAME.response.json, \
                            NAME.chunk.json, NAME.error.json or NAME.stream.sse";

#[cfg(test)]
mod tests;
